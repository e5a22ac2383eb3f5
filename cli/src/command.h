#pragma once

#include <labelbeam/pipeline/manifest.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "console.h"

namespace labelbeam::cli {

/// One call of the program.
struct Session {
  Console console;
  int threads = 0;  ///< 0: as many as LibTorch takes
  std::optional<std::uint64_t> seed;
  std::function<void()> run;        ///< the command that was given
  pipeline::Invocation invocation;  ///< as it was given, but for --out and what is shown of it
};

// Each adds its command to the program: its options, and what sets `Session::run`.
void add_import(CLI::App& program, Session& session);
void add_convert(CLI::App& program, Session& session);
void add_split(CLI::App& program, Session& session);
void add_inspect(CLI::App& program, Session& session);
void add_graph(CLI::App& program, Session& session);
void add_train(CLI::App& program, Session& session);
void add_predict(CLI::App& program, Session& session);
void add_decide(CLI::App& program, Session& session);
void add_evaluate(CLI::App& program, Session& session);
void add_conformal(CLI::App& program, Session& session);
void add_compare(CLI::App& program, Session& session);
void add_rerun(CLI::App& program, Session& session);
void add_completion(CLI::App& program, Session& session);

/// Runs another command within this one, on the same terminal and without showing its result.
/// Throws `CLI::ParseError` for words that are no command, and what the command throws.
void run_command(const Session& session, std::vector<std::string> words);

/// Refuses a minus sign, which CLI11 would turn into a huge number of things.
CLI::Validator not_negative();

/// A command whose options are in `options`; `run` gets them when the command was given.
template <typename Options>
CLI::App& add_command(CLI::App& parent, Session& session, const std::string& name,
                      const std::string& description, std::shared_ptr<Options> options,
                      void (*run)(Session&, const Options&)) {
  CLI::App& command = *parent.add_subcommand(name, description);
  command.callback([&session, options, run] {
    session.run = [&session, options, run] { run(session, *options); };
  });
  return command;
}

}  // namespace labelbeam::cli
