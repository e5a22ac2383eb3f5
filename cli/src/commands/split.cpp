#include <fmt/format.h>
#include <labelbeam/pipeline/data_folder.h>
#include <labelbeam/split.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "command.h"
#include "data_arguments.h"
#include "signals.h"

namespace labelbeam::cli {
namespace {

struct SplitArguments {
  std::string in;
  std::string out;
  ReadOptions read;
  SplitOptions split;
};

void split(Session& session, const SplitArguments& arguments) {
  SplitOptions options = arguments.split;
  options.seed = session.seed.value_or(options.seed);
  const Dataset all = read_dataset(arguments.in, arguments.read);
  const SplitDataset data = split_by_group(all, options);
  remove_parts_of(arguments.out);
  pipeline::write_data_folder(
      arguments.out, data,
      {std::filesystem::path(arguments.in).filename().string(), "a file, split by hash", false,
       nlohmann::json{{"train", options.train},
                      {"valid", options.valid},
                      {"test", options.test},
                      {"seed", options.seed}}
           .dump()});
  const nlohmann::ordered_json json = {{"command", "split"},
                                       {"in", arguments.in},
                                       {"out", arguments.out},
                                       {"rows",
                                        {{"train", data.train.rows.size()},
                                         {"valid", data.valid.rows.size()},
                                         {"test", data.test.rows.size()}}},
                                       {"labels", all.labels.size()},
                                       {"seed", options.seed}};
  session.console.result(fmt::format("Wrote {} rows of train, {} of valid and {} of test to {}.\n",
                                     data.train.rows.size(), data.valid.rows.size(),
                                     data.test.rows.size(), arguments.out),
                         json.dump(2) + '\n');
}

}  // namespace

void add_split(CLI::App& program, Session& session) {
  auto arguments = std::make_shared<SplitArguments>();
  CLI::App& command = add_command(
      program, session, "split",
      "Share rows out to train, valid and test, by a hash of their group or id", arguments, split);
  command.add_option("IN", arguments->in, "File of rows")->required()->type_name("");
  command.add_option("--out", arguments->out, "Folder for the three files; made if needed")
      ->required()
      ->type_name("DIR");
  command.add_option("--train", arguments->split.train, "Share of train")->capture_default_str();
  command.add_option("--valid", arguments->split.valid, "Share of valid")->capture_default_str();
  command.add_option("--test", arguments->split.test, "Share of test")->capture_default_str();
  add_read_options(command, arguments->read);
}

}  // namespace labelbeam::cli
