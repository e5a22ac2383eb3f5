#include <fmt/format.h>
#include <labelbeam/error.h>

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "command.h"
#include "exit_code.h"
#include "signals.h"

namespace labelbeam::cli {

CLI::Validator not_negative() {
  return CLI::Validator(
      [](const std::string& text) {
        return text.starts_with('-') ? "must not be negative, got " + text : std::string();
      },
      "", "not negative");
}

namespace {

/// The options that every command takes, behind its own.
void add_global_options(CLI::App& app, Session& session) {
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    add_global_options(*command, session);
  }
  const std::string group = "For every command";
  app.add_flag("--json", session.console.json, "Print one JSON document instead of text")
      ->group(group);
  app.add_flag("--quiet", session.console.quiet, "Neither progress nor notes")->group(group);
  app.add_option("--seed", session.seed, "Seed of everything random")
      ->check(not_negative())
      ->type_name("N")
      ->group(group);
  app.add_option("--threads", session.threads, "Processor cores to use; default: all")
      ->check(CLI::Range(0, 4096))
      ->type_name("N")
      ->group(group);
  app.set_help_flag("--help,-h", "Print this help")->group(group);
}

void build(CLI::App& program, Session& session) {
  program.set_version_flag("--version", "labelbeam " LABELBEAM_VERSION);
  program.require_subcommand(1);
  add_import(program, session);
  add_convert(program, session);
  add_split(program, session);
  add_inspect(program, session);
  add_graph(program, session);
  add_train(program, session);
  add_predict(program, session);
  add_decide(program, session);
  add_evaluate(program, session);
  add_conformal(program, session);
  add_compare(program, session);
  add_rerun(program, session);
  add_completion(program, session);
  add_global_options(program, session);
}

/// The options that decide what a command does: neither where its results go nor how they are
/// shown.
void note_options(const CLI::App& app, pipeline::Invocation& invocation) {
  constexpr std::array kLeftOut = {"help", "json", "out", "quiet"};
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0 || option->get_lnames().empty()) continue;
    const std::string& name = option->get_lnames().front();
    if (std::find(kLeftOut.begin(), kLeftOut.end(), name) != kLeftOut.end()) continue;
    const bool is_flag = option->get_items_expected_max() == 0;
    invocation.options[name] = is_flag ? std::vector<std::string>{} : option->results();
  }
}

pipeline::Invocation invocation_of(const CLI::App& program) {
  pipeline::Invocation invocation;
  note_options(program, invocation);
  for (const CLI::App* app = &program; !app->get_subcommands().empty();) {
    app = app->get_subcommands().front();
    invocation.command += (invocation.command.empty() ? "" : " ") + app->get_name();
    note_options(*app, invocation);
  }
  return invocation;
}

/// `labelbeam import debtags`: as far as the arguments were understood.
std::string command_line(const CLI::App& program) {
  std::string line = program.get_name();
  for (const CLI::App* app = &program; !app->get_subcommands().empty();) {
    app = app->get_subcommands().front();
    line += ' ' + app->get_name();
  }
  return line;
}

int report_usage(Session& session, const std::string& command, const std::string& message) {
  session.console.error(fmt::format("{} (see {} --help)", message, command));
  return kUsage;
}

/// What is wrong with the arguments.
std::string complaint(const CLI::App& program, const CLI::ParseError& error) {
  const std::vector<std::string> unknown = program.remaining(true);
  if (error.get_name() == "RequiredError" && !unknown.empty() &&
      !unknown.front().starts_with('-')) {
    return fmt::format("there is no command \"{}\"", unknown.front());
  }
  return error.what();
}

/// What LibTorch throws carries the frames of the stack behind its first line.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

int run(Session& session, const std::string& command) {
  Console& console = session.console;
  try {
    session.run();
    return kSuccess;
  } catch (const GateFailed& error) {
    console.error(error.what());
    return kGateFailed;
  } catch (const NotBuilt& error) {
    console.error(error.what());
    return kUsage;
  } catch (const Interrupted& error) {
    console.error(error.what());
    return kSignalBase + stop_signal();
  } catch (const MissingFileError& error) {
    console.error(error.what());
    return kMissingInput;
  } catch (const DataError& error) {
    console.error(error.what());
    return kBadData;
  } catch (const WriteError& error) {
    console.error(error.what());
    return kCannotWrite;
  } catch (const std::invalid_argument& error) {
    return report_usage(session, command, error.what());
  } catch (const std::bad_alloc&) {
    console.error("there is not enough memory");
  } catch (const std::exception& error) {
    console.error("internal error: " + first_line(error.what()));
  }
  return kInternal;
}

}  // namespace

void run_command(const Session& session, std::vector<std::string> words) {
  Session inner;
  inner.console.quiet = session.console.quiet;
  inner.console.silent = true;
  CLI::App program("", "labelbeam");
  build(program, inner);
  std::reverse(words.begin(), words.end());  // as CLI11 wants them
  program.parse(std::move(words));
  inner.invocation = invocation_of(program);
  inner.run();
}

namespace {

int parse_and_run(int argc, char** argv) {
  Session session;
  CLI::App program("Multi-label classification by generating the label set", "labelbeam");
  build(program, session);
  try {
    program.parse(argc, argv);
    session.invocation = invocation_of(program);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) {
      return report_usage(session, command_line(program), complaint(program, error));
    }
    const bool is_version = dynamic_cast<const CLI::CallForVersion*>(&error) != nullptr;
    session.run = [&session, &program, is_version] {
      session.console.write(is_version ? program.version() + '\n' : program.help());
    };
  }
  return run(session, command_line(program));
}

}  // namespace
}  // namespace labelbeam::cli

int main(int argc, char** argv) {
  labelbeam::cli::guard_standard_streams();
  labelbeam::cli::take_signals();
  return labelbeam::cli::parse_and_run(argc, argv);
}
