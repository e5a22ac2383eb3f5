#include <fmt/format.h>
#include <labelbeam/pipeline/evaluate_files.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <stdexcept>

#include "command.h"
#include "data_arguments.h"
#include "exit_code.h"

namespace labelbeam::cli {
namespace {

/// `f1_micro>=0.5`: a value that must be reached.
struct Gate {
  std::string metric;
  bool at_least = true;
  double bound = 0.0;
  std::string text;
};

/// As the tables print it: `fbeta_samples:1` is f1_samples. Other figures have one name.
std::string canonical_name(const std::string& name) {
  try {
    return eval::metric_name(eval::parse_metric(name));
  } catch (const std::invalid_argument&) {
    return name;
  }
}

Gate parse_gate(const std::string& text) {
  const std::size_t at = text.find_first_of("<>");
  Gate gate;
  gate.text = text;
  bool is_valid = at != std::string::npos && text.size() > at + 2 && text[at + 1] == '=';
  if (is_valid) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + at + 2, end, gate.bound);
    is_valid = error == std::errc() && stop == end;
  }
  if (!is_valid) {
    throw std::invalid_argument(
        fmt::format("--require takes METRIC>=NUMBER or METRIC<=NUMBER, got \"{}\"", text));
  }
  gate.metric = canonical_name(text.substr(0, at));
  gate.at_least = text[at] == '>';
  return gate;
}

double value_of(const pipeline::FileEvaluation& evaluation, const Gate& gate) {
  for (const eval::MetricValue& value : evaluation.metrics) {
    if (eval::metric_name(value.metric) == gate.metric) return value.value;
  }
  for (const eval::NamedValue& figure : evaluation.figures) {
    if (figure.name == gate.metric) return figure.value;
  }
  throw std::invalid_argument(fmt::format(
      "--require: {} is no metric of these predictions, see the names in the table", gate.metric));
}

void check_gates(const pipeline::FileEvaluation& evaluation, const std::vector<Gate>& gates) {
  for (const Gate& gate : gates) {
    const double value = value_of(evaluation, gate);
    if (gate.at_least ? value >= gate.bound : value <= gate.bound) continue;
    throw GateFailed(
        fmt::format("{} is required, but {} is {:.6g}", gate.text, gate.metric, value));
  }
}

eval::Convention read_convention(const std::string& name, double zero_division) {
  if (name == "sklearn") return eval::Convention::sklearn(zero_division);
  if (zero_division != 0.0) {
    throw std::invalid_argument("--zero-division goes with --convention sklearn only");
  }
  return eval::Convention::parse(name);
}

struct EvaluateArguments {
  std::string truth;
  std::string predictions;
  pipeline::EvaluateOptions options;
  std::string convention = "sklearn";
  double zero_division = 0.0;
  std::vector<std::string> required;
};

void evaluate(Session& session, const EvaluateArguments& arguments) {
  std::vector<Gate> gates;
  for (const std::string& text : arguments.required) gates.push_back(parse_gate(text));
  pipeline::EvaluateOptions options = arguments.options;
  options.convention = read_convention(arguments.convention, arguments.zero_division);
  const pipeline::FileEvaluation evaluation =
      pipeline::evaluate_files(arguments.truth, arguments.predictions, options);
  for (const Gate& gate : gates) value_of(evaluation, gate);  // a wrong name before any output
  session.console.result(to_text(evaluation), to_json(evaluation));
  check_gates(evaluation, gates);
}

}  // namespace

void add_evaluate(CLI::App& program, Session& session) {
  auto arguments = std::make_shared<EvaluateArguments>();
  CLI::App& command = add_command(program, session, "evaluate", "Metrics of a predictions file",
                                  arguments, evaluate);
  command.add_option("--truth", arguments->truth, "File of rows with their labels")
      ->required()
      ->type_name("FILE");
  command.add_option("--pred", arguments->predictions, "Predictions, a JSON object a line")
      ->required()
      ->type_name("FILE");
  command
      .add_option("--labels", arguments->options.labels_file,
                  "All labels, a name a line or a JSON array; default: those of both files")
      ->type_name("FILE");
  command
      .add_option("--convention", arguments->convention,
                  "Whose special cases hold: scikit-learn's or those of another tool")
      ->check(CLI::IsMember({"sklearn", "mulan", "meka", "pyramid", "boomer", "xmc", "semeval"}))
      ->capture_default_str();
  command
      .add_option("--zero-division", arguments->zero_division,
                  "What 0/0 counts as under the convention of scikit-learn, 0 or 1")
      ->check(CLI::IsMember({"0", "1"}))
      ->capture_default_str();
  command
      .add_option("--require", arguments->required,
                  "Exit with code 1 unless METRIC>=NUMBER (or <=) holds")
      ->allow_extra_args(false)
      ->type_name("TEXT");
  add_read_options(command, arguments->options.read);
}

}  // namespace labelbeam::cli
