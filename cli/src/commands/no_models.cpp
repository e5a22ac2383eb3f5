#include <fmt/format.h>

#include "command.h"
#include "exit_code.h"

namespace labelbeam::cli {
namespace {

void add_missing(CLI::App& program, Session& session, const std::string& name) {
  CLI::App& command =
      *program.add_subcommand(name, "Not in this build, which was made without LibTorch");
  command.allow_extras();
  command.callback([&session, name] {
    session.run = [name] {
      throw NotBuilt(fmt::format(
          "this build has no models: {} needs a build with LibTorch (LABELBEAM_MODELS=ON)", name));
    };
  });
}

}  // namespace

void add_train(CLI::App& program, Session& session) { add_missing(program, session, "train"); }
void add_predict(CLI::App& program, Session& session) { add_missing(program, session, "predict"); }
void add_compare(CLI::App& program, Session& session) { add_missing(program, session, "compare"); }
void add_rerun(CLI::App& program, Session& session) { add_missing(program, session, "rerun"); }

}  // namespace labelbeam::cli
