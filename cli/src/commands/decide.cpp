#include <fmt/format.h>
#include <fmt/ranges.h>
#include <labelbeam/output_file.h>
#include <labelbeam/pipeline/decide_files.h>
#include <labelbeam/pipeline/threshold_strategies.h>
#include <labelbeam/writers/predictions.h>

#include <memory>
#include <stdexcept>

#include "command.h"
#include "data_arguments.h"
#include "signals.h"

namespace labelbeam::cli {
namespace {

struct DecideArguments {
  std::string predictions;
  std::string out;
  std::string thresholds_out;
  std::string decision;
  double zero_division = 0.0;
  pipeline::DecideOptions options;
};

pipeline::DecideOptions options_of(const DecideArguments& arguments) {
  pipeline::DecideOptions options = arguments.options;
  options.convention = eval::Convention::sklearn(arguments.zero_division);
  if (!arguments.decision.empty()) {
    options.decision = arguments.decision;
  } else if (!options.thresholds_file.empty()) {
    options.decision = "thresholds";
  }
  return options;
}

void decide(Session& session, const DecideArguments& arguments) {
  if (session.console.json && arguments.out.empty()) {
    throw std::invalid_argument("--json needs --out: the predictions take standard output");
  }
  const pipeline::DecideOptions options = options_of(arguments);
  const std::vector<std::string> inputs{arguments.predictions, options.thresholds_file,
                                        options.support_truth, options.valid_truth,
                                        options.valid_predictions};
  refuse_to_overwrite("--out", arguments.out, inputs);
  refuse_to_overwrite("--thresholds-out", arguments.thresholds_out, inputs);
  if (is_same_path(arguments.out, arguments.thresholds_out)) {
    throw std::invalid_argument("--thresholds-out names the file of --out");
  }
  const pipeline::DecidedFile decided = pipeline::decide_file(arguments.predictions, options);
  const pipeline::DecideSummary& summary = decided.summary;
  if (!arguments.thresholds_out.empty() && summary.thresholds_json.empty()) {
    throw std::invalid_argument(
        fmt::format("--thresholds-out: {} puts no threshold on a label, so that there is none to "
                    "write; name it with --decision each time",
                    options.decision));
  }
  for (const std::string& warning : summary.warnings) session.console.warn(warning);
  if (!arguments.thresholds_out.empty()) {
    remove_parts_of(folder_of(arguments.thresholds_out));
    write_file_atomically(arguments.thresholds_out, summary.thresholds_json);
  }
  const std::string text =
      fmt::format("{}: {} rows, {:.3f} labels a row, {} rows without a label", options.decision,
                  summary.rows, summary.cardinality, summary.empty);
  if (arguments.out.empty()) {
    for (const Prediction& prediction : decided.predictions) {
      session.console.write(to_json_line(prediction) + '\n');
    }
    session.console.note(text);
    return;
  }
  remove_parts_of(folder_of(arguments.out));
  write_predictions(arguments.out, decided.predictions);
  session.console.result(text + '\n', to_json(summary, options));
}

pipeline::DecideFrom parse_from(const std::string& name) {
  return name == "scores" ? pipeline::DecideFrom::scores : pipeline::DecideFrom::sets;
}

void add_threshold_options(CLI::App& command, DecideArguments& arguments) {
  const std::string group = "Thresholds";
  command.add_option("--threshold", arguments.options.fixed_threshold, "The threshold of fixed")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--thresholds", arguments.options.thresholds_file,
                  "File of thresholds: {\"thresholds\": {label: number}, \"default\": number}")
      ->type_name("FILE")
      ->group(group);
  command
      .add_flag("--top1", arguments.options.top1_if_empty,
                "Where no label reaches its threshold, take the best-scored one")
      ->group(group);
  command
      .add_option("--valid-truth", arguments.options.valid_truth,
                  "Rows that a strategy is tuned on, with their labels")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--valid-pred", arguments.options.valid_predictions, "Their predictions")
      ->type_name("FILE")
      ->group(group);
  command
      .add_option("--thresholds-out", arguments.thresholds_out,
                  "Also write the thresholds to a file that --thresholds reads")
      ->type_name("FILE")
      ->group(group);
}

}  // namespace

void add_decide(CLI::App& program, Session& session) {
  auto arguments = std::make_shared<DecideArguments>();
  CLI::App& command =
      add_command(program, session, "decide",
                  "Decide anew for predictions that have scores or sets: by a rule, or by "
                  "thresholds",
                  arguments, decide);
  command.add_option("--pred", arguments->predictions, "Predictions, a JSON object a line")
      ->required()
      ->type_name("FILE");
  command
      .add_option("--decision", arguments->decision,
                  "Rules: subset_accuracy (default), hamming_loss, f1_samples, "
                  "fbeta_samples:BETA, jaccard_samples, precision@K, recall@K, ndcg@K, support; "
                  "rules for the file as a whole: f1_macro, f1_micro, fbeta_macro:BETA, "
                  "fbeta_micro:BETA; strategies on scores: " +
                      fmt::format("{}", fmt::join(pipeline::threshold_strategy_grammar(), ", ")))
      ->type_name("NAME");
  command.add_option("--out", arguments->out, "The new file; default: standard output")
      ->type_name("FILE");
  command
      .add_option_function<std::string>(
          "--from",
          [arguments](const std::string& name) { arguments->options.from = parse_from(name); },
          "What to decide from; default: rules from sets where there are any, thresholds from "
          "scores")
      ->check(CLI::IsMember({"scores", "sets"}));
  command
      .add_option("--num-sets", arguments->options.num_sets,
                  "Most probable sets that a rule on scores looks at")
      ->capture_default_str()
      ->check(not_negative())
      ->type_name("N");
  command
      .add_option("--support", arguments->options.support_truth,
                  "Rows whose label sets are the only answers of support")
      ->type_name("FILE");
  command.add_option("--zero-division", arguments->zero_division, "What 0/0 counts as, 0 or 1")
      ->check(CLI::IsMember({"0", "1"}))
      ->capture_default_str();
  add_threshold_options(command, *arguments);
  add_read_options(command, arguments->options.read);
}

}  // namespace labelbeam::cli
