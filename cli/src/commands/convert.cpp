#include <fmt/format.h>
#include <labelbeam/writers/dataset_writer.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "command.h"
#include "data_arguments.h"
#include "signals.h"

namespace labelbeam::cli {
namespace {

struct ConvertArguments {
  std::string in;
  std::string out;
  ReadOptions read;
  RowFormat to = RowFormat::automatic;
};

void convert(Session& session, const ConvertArguments& arguments) {
  refuse_to_overwrite("OUT", arguments.out, {arguments.in, arguments.read.labels_file});
  const Dataset data = read_dataset(arguments.in, arguments.read);
  WriteOptions write;
  write.format = arguments.to;
  write.label_separator = arguments.read.label_separator;
  write.label_prefix = arguments.read.label_prefix;
  remove_parts_of(folder_of(arguments.out));
  write_dataset(arguments.out, data, write);
  const std::vector<std::uint64_t> counts = label_counts(data);
  const auto unused = std::count(counts.begin(), counts.end(), std::uint64_t{0});
  const nlohmann::ordered_json json = {
      {"command", "convert"},     {"in", arguments.in},           {"out", arguments.out},
      {"rows", data.rows.size()}, {"labels", data.labels.size()}, {"labels_without_rows", unused}};
  session.console.result(
      fmt::format("Wrote {} rows with {} labels{} to {}.\n", data.rows.size(), data.labels.size(),
                  unused == 0 ? "" : fmt::format(", {} of them in no row,", unused), arguments.out),
      json.dump(2) + '\n');
}

}  // namespace

void add_convert(CLI::App& program, Session& session) {
  auto arguments = std::make_shared<ConvertArguments>();
  CLI::App& command = add_command(
      program, session, "convert",
      "Write rows in another format, as the names of the files say; .gz and .zst compress",
      arguments, convert);
  command.add_option("IN", arguments->in, "File of rows; - is standard input, with --format")
      ->required()
      ->type_name("");
  command.add_option("OUT", arguments->out, "The new file; its name says the format, or --to")
      ->required()
      ->type_name("");
  add_format_option(command, "--to", arguments->to, "Format of OUT");
  add_read_options(command, arguments->read);
}

}  // namespace labelbeam::cli
