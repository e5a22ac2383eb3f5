#include <labelbeam/pipeline/inspect.h>

#include <memory>

#include "command.h"
#include "data_arguments.h"

namespace labelbeam::cli {
namespace {

struct InspectArguments {
  std::string path;
  pipeline::InspectOptions options;
};

void inspect(Session& session, const InspectArguments& arguments) {
  const pipeline::DataStatistics statistics = pipeline::inspect(arguments.path, arguments.options);
  session.console.result(to_text(statistics), to_json(statistics));
}

}  // namespace

void add_inspect(CLI::App& program, Session& session) {
  auto arguments = std::make_shared<InspectArguments>();
  CLI::App& command = add_command(
      program, session, "inspect",
      "What a data folder or a file of rows holds: labels, sets, lengths", arguments, inspect);
  command
      .add_option("PATH", arguments->path, "Folder with train, valid and test, or a file of rows")
      ->required()
      ->type_name("");
  command.add_option("--top", arguments->options.top, "Entries of each list; 0: all")
      ->capture_default_str()
      ->check(not_negative())
      ->type_name("N");
  add_read_options(command, arguments->options.read);
}

}  // namespace labelbeam::cli
