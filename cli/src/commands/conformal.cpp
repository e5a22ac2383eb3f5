#include <labelbeam/output_file.h>
#include <labelbeam/pipeline/conformal_files.h>

#include <memory>
#include <stdexcept>

#include "command.h"
#include "data_arguments.h"
#include "signals.h"

namespace labelbeam::cli {
namespace {

struct ConformalArguments {
  std::string truth;
  std::string predictions;
  std::string score = "aps";
  std::string out;
  pipeline::ConformalOptions options;
};

void check(const Session& session, const ConformalArguments& arguments) {
  if (arguments.options.apply_file.empty()) {
    if (!arguments.out.empty()) throw std::invalid_argument("--out goes with --apply only");
    if (!arguments.options.apply_truth.empty()) {
      throw std::invalid_argument("--truth-of goes with --apply only");
    }
  } else if (session.console.json && arguments.out.empty()) {
    throw std::invalid_argument(
        "--json with --apply needs --out: the regions take standard output");
  }
}

void conformal(Session& session, const ConformalArguments& arguments) {
  check(session, arguments);
  refuse_to_overwrite("--out", arguments.out,
                      {arguments.truth, arguments.predictions, arguments.options.apply_file,
                       arguments.options.apply_truth});
  pipeline::ConformalOptions options = arguments.options;
  options.score = eval::parse_conformity_score(arguments.score);
  options.seed = session.seed.value_or(options.seed);
  const pipeline::ConformalResult result =
      pipeline::conformal_files(arguments.truth, arguments.predictions, options);
  for (const std::string& warning : result.warnings) session.console.warn(warning);
  if (options.apply_file.empty()) {
    session.console.result(to_text(result), to_json(result));
    return;
  }
  if (arguments.out.empty()) {
    for (const pipeline::RowRegions& row : result.regions) {
      session.console.write(to_json_line(row) + '\n');
    }
    return;
  }
  remove_parts_of(folder_of(arguments.out));
  OutputFile file(arguments.out);
  for (const pipeline::RowRegions& row : result.regions) file.write(to_json_line(row) + '\n');
  file.commit();
  session.console.result(to_text(result), to_json(result));
}

}  // namespace

void add_conformal(CLI::App& program, Session& session) {
  auto arguments = std::make_shared<ConformalArguments>();
  CLI::App& command = add_command(
      program, session, "conformal",
      "Regions of label sets that hold the truth with a stated probability", arguments, conformal);
  command.add_option("--truth", arguments->truth, "Calibration rows with their labels")
      ->required()
      ->type_name("FILE");
  command
      .add_option("--pred", arguments->predictions,
                  "Their predictions with sets, a JSON object a line (predict --n-best)")
      ->required()
      ->type_name("FILE");
  command
      .add_option("--coverage", arguments->options.coverage,
                  "Shares of rows whose region must hold the truth")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->capture_default_str()
      ->type_name("P,...");
  command
      .add_option(
          "--score", arguments->score,
          "In what order sets enter a region: aps, by the mass ahead of them, with a random "
          "share of their own; lac, by their probability")
      ->check(CLI::IsMember({"aps", "lac"}))
      ->capture_default_str();
  command
      .add_option("--halves", arguments->options.num_halves,
                  "Measure coverage on N random halves of the calibration rows")
      ->check(not_negative())
      ->type_name("N");
  command
      .add_option("--apply", arguments->options.apply_file, "Predictions that regions are made for")
      ->type_name("FILE");
  command.add_option("--out", arguments->out, "File of their regions; default: standard output")
      ->type_name("FILE");
  command
      .add_option("--truth-of", arguments->options.apply_truth,
                  "The labels of the rows of --apply, to measure their coverage")
      ->type_name("FILE");
  add_read_options(command, arguments->options.read);
}

}  // namespace labelbeam::cli
