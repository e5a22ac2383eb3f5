#include <memory>

#include "bash_completion.h"
#include "command.h"

namespace labelbeam::cli {
namespace {

struct CompletionArguments {
  const CLI::App* program = nullptr;
};

void complete(Session& session, const CompletionArguments& arguments) {
  session.console.write(bash_completion(*arguments.program));
}

}  // namespace

void add_completion(CLI::App& program, Session& session) {
  CLI::App& completion = *program.add_subcommand("completion", "Print a script for a shell");
  completion.require_subcommand(1);
  auto arguments = std::make_shared<CompletionArguments>();
  arguments->program = &program;
  add_command(completion, session, "bash", "For bash: source <(labelbeam completion bash)",
              arguments, complete);
}

}  // namespace labelbeam::cli
