#include <fmt/format.h>
#include <fmt/ranges.h>
#include <labelbeam/decoders/thresholding.h>
#include <labelbeam/eval/cut_thresholds.h>
#include <labelbeam/eval/optimised_thresholds.h>
#include <labelbeam/eval/roc_thresholds.h>
#include <labelbeam/pipeline/threshold_strategies.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <set>
#include <stdexcept>
#include <utility>

namespace labelbeam::pipeline {
namespace {

using eval::Average;
using eval::CurvePoint;
using eval::Metric;
using eval::MetricKind;

constexpr std::array<std::string_view, 40> kStandard = {"fixed",
                                                        "global:subset_accuracy",
                                                        "global:hamming_loss",
                                                        "global:jaccard_samples",
                                                        "global:f1_samples",
                                                        "global:f1_micro",
                                                        "global:f1_macro",
                                                        "global:fbeta_samples:2",
                                                        "per_label",
                                                        "per_label:2",
                                                        "shrunk",
                                                        "scut_fbr:0",
                                                        "scut_fbr:1",
                                                        "rcut:f1_samples",
                                                        "pcut:f1_macro",
                                                        "mcut",
                                                        "class_means",
                                                        "youden",
                                                        "nearest_corner",
                                                        "equal_error",
                                                        "sensitivity:0.8",
                                                        "specificity:0.9",
                                                        "break_even",
                                                        "cost:1:2",
                                                        "f_limit:2",
                                                        "half_f:f1_macro",
                                                        "half_f:f1_micro",
                                                        "cyclic:f1_macro",
                                                        "cyclic:f1_micro",
                                                        "basin:f1_micro",
                                                        "basin:f1_samples",
                                                        "basin:fbeta_samples:2",
                                                        "expected_count",
                                                        "predicted_count",
                                                        "temperature+f_limit:2",
                                                        "platt+fixed",
                                                        "beta+fixed",
                                                        "isotonic+fixed",
                                                        "platt+global:f1_micro",
                                                        "isotonic+global:f1_samples"};

constexpr char kThen = '+';  // after a calibration

/// What follows a name.
enum class Parameters {
  numbers,  ///< each after a colon
  beta,     ///< of the macro F-beta that is the target; 1 where it is missing
  metric,   ///< any
  f_beta,   ///< micro or macro
  f_beta_samples_too,
};

/// What a strategy is tuned on.
struct TuningRows {
  const ScoreMatrix& scores;
  eval::TuningTruth truth;
  eval::Convention convention;
  bool top1_if_empty;

  eval::PerLabelOptions options(double beta = 1.0) const {
    eval::PerLabelOptions options;
    options.beta = beta;
    options.convention = convention;
    options.top1_if_empty = top1_if_empty;
    return options;
  }
};

using Strategy = ThresholdStrategy;
using Tune = TunedStrategy (*)(const Strategy& strategy, const TuningRows& rows);
using MakeRule = ScoreRule (*)(const Strategy& strategy, std::size_t num_labels,
                               bool top1_if_empty);
using IsValid = bool (*)(const std::vector<double>& numbers);

/// One name of the grammar.
struct Entry {
  std::string_view grammar;  ///< the name, and its parameters in capitals
  Parameters parameters;
  IsValid is_valid;    ///< of the numbers
  Tune tune;           ///< null where nothing is tuned:
  MakeRule make_rule;  ///< then this makes the rule
  bool needs_probabilities = false;

  std::string_view name() const { return grammar.substr(0, grammar.find_first_of(":[")); }
};

TunedStrategy chosen(eval::TunedThresholds tuned) {
  return {std::move(tuned.thresholds), std::nullopt, std::move(tuned.validation),
          std::move(tuned.pooled_labels), std::move(tuned.warnings)};
}
TunedStrategy chosen(eval::TunedRule tuned) {
  return {std::move(tuned.rule), std::nullopt, std::move(tuned.validation), {}, {}};
}

bool no_numbers(const std::vector<double>& numbers) { return numbers.empty(); }
bool at_most_one(const std::vector<double>& numbers) { return numbers.size() <= 1; }
bool one_rate(const std::vector<double>& numbers) {
  return numbers.size() == 1 && numbers[0] >= 0.0 && numbers[0] <= 1.0;
}
bool one_positive(const std::vector<double>& numbers) {
  return numbers.size() == 1 && numbers[0] > 0.0;
}
bool two_costs(const std::vector<double>& numbers) {
  return numbers.size() == 2 && numbers[0] >= 0.0 && numbers[1] >= 0.0 &&
         numbers[0] + numbers[1] > 0.0;
}
bool fallback_and_floor(const std::vector<double>& numbers) {
  return (numbers.size() == 1 || (numbers.size() == 2 && numbers[1] >= 0.0 && numbers[1] <= 1.0)) &&
         (numbers[0] == 0.0 || numbers[0] == 1.0);
}

template <CurvePoint point>
TunedStrategy tune_point(const Strategy& strategy, const TuningRows& rows) {
  const double target = strategy.numbers.empty() ? 0.0 : strategy.numbers[0];
  return chosen(eval::tune_curve_point(rows.scores, rows.truth, point, target, rows.options()));
}

TunedStrategy tune_fbr(const Strategy& strategy, const TuningRows& rows) {
  const std::vector<double>& numbers = strategy.numbers;
  return chosen(eval::tune_scut_fbr(
      rows.scores, rows.truth,
      numbers[0] == 0.0 ? eval::FbrFallback::nothing : eval::FbrFallback::top_score,
      numbers.size() > 1 ? std::optional(numbers[1]) : std::nullopt, rows.options()));
}

constexpr bool kProbabilities = true;

const std::vector<Entry>& table() {
  using P = Parameters;
  static const std::vector<Entry> entries = {
      {"fixed[:VALUE]", P::numbers, at_most_one, nullptr,
       [](const Strategy& strategy, std::size_t num_labels, bool top1) -> ScoreRule {
         const double value = strategy.numbers.empty() ? 0.5 : strategy.numbers[0];
         return eval::fixed(num_labels, value, top1).thresholds;
       }},
      {"global:METRIC", P::metric, no_numbers,
       [](const Strategy& strategy, const TuningRows& rows) {
         return chosen(eval::tune_global(rows.scores, rows.truth, *strategy.target, rows.convention,
                                         rows.top1_if_empty));
       },
       nullptr},
      {"per_label[:BETA]", P::beta, no_numbers,
       [](const Strategy& strategy, const TuningRows& rows) {
         return chosen(
             eval::tune_per_label(rows.scores, rows.truth, rows.options(strategy.target->beta)));
       },
       nullptr},
      {"shrunk[:BETA]", P::beta, no_numbers,
       [](const Strategy& strategy, const TuningRows& rows) {
         return chosen(
             eval::tune_shrunk(rows.scores, rows.truth, rows.options(strategy.target->beta)));
       },
       nullptr},
      {"scut_fbr:0|1[:FLOOR]", P::numbers, fallback_and_floor, tune_fbr, nullptr},
      {"rcut:METRIC", P::metric, no_numbers,
       [](const Strategy& strategy, const TuningRows& rows) {
         return chosen(eval::tune_top_k(rows.scores, rows.truth, *strategy.target, rows.convention,
                                        rows.top1_if_empty));
       },
       nullptr},
      {"pcut:METRIC", P::metric, no_numbers,
       [](const Strategy& strategy, const TuningRows& rows) {
         return chosen(eval::tune_shares(rows.scores, rows.truth, *strategy.target, rows.convention,
                                         rows.top1_if_empty));
       },
       nullptr},
      {"mcut", P::numbers, no_numbers, nullptr,
       [](const Strategy&, std::size_t, bool top1) -> ScoreRule { return LargestGap{top1}; }},
      {"class_means", P::numbers, no_numbers,
       [](const Strategy&, const TuningRows& rows) {
         return chosen(eval::class_means(rows.scores, rows.truth, rows.options()));
       },
       nullptr},
      {"youden", P::numbers, no_numbers, tune_point<CurvePoint::youden>, nullptr},
      {"nearest_corner", P::numbers, no_numbers, tune_point<CurvePoint::nearest_corner>, nullptr},
      {"equal_error", P::numbers, no_numbers, tune_point<CurvePoint::equal_error>, nullptr},
      {"sensitivity:RATE", P::numbers, one_rate, tune_point<CurvePoint::sensitivity>, nullptr},
      {"specificity:RATE", P::numbers, one_rate, tune_point<CurvePoint::specificity>, nullptr},
      {"break_even", P::numbers, no_numbers, tune_point<CurvePoint::break_even>, nullptr},
      {"cost:FALSE_POSITIVE:FALSE_NEGATIVE", P::numbers, two_costs, nullptr,
       [](const Strategy& strategy, std::size_t num_labels, bool top1) -> ScoreRule {
         return Thresholds::uniform(
             num_labels, eval::cost_threshold(strategy.numbers[0], strategy.numbers[1]), top1);
       },
       kProbabilities},
      {"f_limit:BETA", P::numbers, one_positive, nullptr,
       [](const Strategy& strategy, std::size_t num_labels, bool top1) -> ScoreRule {
         return Thresholds::uniform(num_labels, eval::largest_f_threshold(strategy.numbers[0]),
                                    top1);
       },
       kProbabilities},
      {"half_f:METRIC", P::f_beta, no_numbers,
       [](const Strategy& strategy, const TuningRows& rows) {
         return chosen(
             eval::tune_half_f(rows.scores, rows.truth, *strategy.target, rows.options()));
       },
       nullptr, kProbabilities},
      {"cyclic:METRIC", P::f_beta, no_numbers,
       [](const Strategy& strategy, const TuningRows& rows) {
         return chosen(
             eval::tune_cyclic(rows.scores, rows.truth, *strategy.target, rows.options()));
       },
       nullptr},
      {"basin:METRIC", P::f_beta_samples_too, no_numbers,
       [](const Strategy& strategy, const TuningRows& rows) {
         return chosen(
             eval::tune_smoothed(rows.scores, rows.truth, *strategy.target, rows.options()));
       },
       nullptr},
      {"expected_count", P::numbers, no_numbers, nullptr,
       [](const Strategy&, std::size_t num_labels, bool top1) -> ScoreRule {
         return PredictedCount{0.0, std::vector<double>(num_labels, 1.0), top1};
       },
       kProbabilities},
      {"predicted_count", P::numbers, no_numbers,
       [](const Strategy&, const TuningRows& rows) {
         return chosen(eval::fit_predicted_count(rows.scores, rows.truth, rows.top1_if_empty));
       },
       nullptr},
  };
  return entries;
}

std::string_view before_colon(std::string_view text) { return text.substr(0, text.find(':')); }

/// "platt" of "platt+fixed"; none where no calibration is named.
std::optional<eval::CalibrationMethod> calibration_of(std::string_view text) {
  for (const eval::CalibrationMethod method : eval::calibration_methods()) {
    if (text.starts_with(eval::to_string(method) + kThen)) return method;
  }
  return std::nullopt;
}

std::string_view without_calibration(std::string_view text) {
  return calibration_of(text) ? text.substr(text.find(kThen) + 1) : text;
}

const Entry* find_entry(std::string_view text) {
  const std::string_view name = before_colon(without_calibration(text));
  const auto found =
      std::ranges::find_if(table(), [&](const Entry& entry) { return entry.name() == name; });
  return found == table().end() ? nullptr : &*found;
}

const Entry& entry_of(const Strategy& strategy) {
  const Entry* entry = find_entry(strategy.name);
  if (entry == nullptr) {
    throw std::logic_error(fmt::format("ThresholdStrategy: no name \"{}\"", strategy.name));
  }
  return *entry;
}

std::optional<double> parse_number(std::string_view text) {
  double number = 0.0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

/// The numbers of "A:B:C"; none if one of them is not a number.
std::optional<std::vector<double>> parse_numbers(std::string_view text) {
  std::vector<double> numbers;
  while (true) {
    const std::string_view part = before_colon(text);
    const std::optional<double> number = parse_number(part);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
    if (part.size() == text.size()) return numbers;
    text.remove_prefix(part.size() + 1);
  }
}

std::optional<Metric> parse_target(std::string_view text, Parameters parameters) {
  Metric metric;
  try {
    metric = eval::parse_metric(text);
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
  if (parameters == Parameters::metric) return metric;
  const bool fits =
      metric.kind == MetricKind::f_beta &&
      (metric.average == Average::micro || metric.average == Average::macro ||
       (parameters == Parameters::f_beta_samples_too && metric.average == Average::samples));
  return fits ? std::optional(metric) : std::nullopt;
}

/// None where the parameters, what follows the colon after the name (if there is one), do not fit.
std::optional<Strategy> parse_parameters(const Entry& entry,
                                         std::optional<std::string_view> parameters) {
  Strategy strategy;
  strategy.name = entry.name();
  switch (entry.parameters) {
    case Parameters::numbers: {
      if (parameters) {
        std::optional<std::vector<double>> numbers = parse_numbers(*parameters);
        if (!numbers) return std::nullopt;
        strategy.numbers = std::move(*numbers);
      }
      if (!entry.is_valid(strategy.numbers)) return std::nullopt;
      for (const double number : strategy.numbers) strategy.name += fmt::format(":{}", number);
      return strategy;
    }
    case Parameters::beta: {
      const std::optional<double> beta = parameters ? parse_number(*parameters) : 1.0;
      if (!beta || *beta <= 0.0) return std::nullopt;
      strategy.target = Metric{MetricKind::f_beta, Average::macro, *beta};
      return strategy;
    }
    default:
      if (parameters) strategy.target = parse_target(*parameters, entry.parameters);
      return strategy.target ? std::optional(strategy) : std::nullopt;
  }
}

}  // namespace

std::vector<LabelSet> TunedStrategy::apply(const ScoreMatrix& scores) const {
  return decoders::apply_score_rule(calibration ? calibration->apply(scores) : scores, rule);
}

ThresholdStrategy ThresholdStrategy::parse(std::string_view text) {
  if (const Entry* entry = find_entry(text)) {
    const std::size_t colon = text.find(':');
    const auto parameters =
        colon == std::string_view::npos ? std::nullopt : std::optional(text.substr(colon + 1));
    if (std::optional<Strategy> strategy = parse_parameters(*entry, parameters)) {
      strategy->calibration = calibration_of(text);
      if (strategy->calibration)
        strategy->name = eval::to_string(*strategy->calibration) + kThen + strategy->name;
      return *strategy;
    }
    throw std::invalid_argument(
        fmt::format("the threshold strategy \"{}\" is not of the form {}{}", text, entry->grammar,
                    entry->parameters == Parameters::f_beta ? " with micro or macro F-beta"
                    : entry->parameters == Parameters::f_beta_samples_too
                        ? " with micro, macro or samples F-beta"
                        : ""));
  }
  throw std::invalid_argument(
      fmt::format("there is no threshold strategy \"{}\": the strategies are {}", text,
                  fmt::join(threshold_strategy_grammar(), ", ")));
}

std::string ThresholdStrategy::text() const {
  switch (entry_of(*this).parameters) {
    case Parameters::numbers:
      return name;
    case Parameters::beta:
      return target->beta == 1.0 ? name : fmt::format("{}:{}", name, target->beta);
    default:
      return fmt::format("{}:{}", name, eval::metric_name(*target));
  }
}

bool ThresholdStrategy::is_tuned() const { return calibration || entry_of(*this).tune != nullptr; }

bool ThresholdStrategy::needs_probabilities() const {
  return calibration || entry_of(*this).needs_probabilities || name == "fixed";
}

ScoreRule ThresholdStrategy::untuned_rule(std::size_t num_labels, bool top1_if_empty) const {
  const Entry& entry = entry_of(*this);
  if (is_tuned()) throw std::logic_error(text() + " is tuned");
  return entry.make_rule(*this, num_labels, top1_if_empty);
}

TunedStrategy ThresholdStrategy::tune(const ScoreMatrix& scores, eval::TuningTruth truth,
                                      const eval::Convention& convention,
                                      bool top1_if_empty) const {
  const auto start = std::chrono::steady_clock::now();
  const Entry& entry = entry_of(*this);
  if (needs_probabilities()) eval::check_probabilities(text(), scores);
  TunedStrategy tuned;
  std::optional<eval::ScoreCalibration> maps;
  if (calibration) maps = eval::calibrate_scores(*calibration, scores, truth);
  if (entry.tune == nullptr) {
    tuned.rule = entry.make_rule(*this, scores.num_labels, top1_if_empty);
  } else if (maps) {
    tuned = entry.tune(*this, {maps->apply(scores), truth, convention, top1_if_empty});
  } else {
    tuned = entry.tune(*this, {scores, truth, convention, top1_if_empty});
  }
  if (maps)
    tuned.warnings.insert(tuned.warnings.begin(), maps->warnings.begin(), maps->warnings.end());
  tuned.calibration = std::move(maps);
  tuned.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return tuned;
}

bool ThresholdStrategy::gives_thresholds() const {
  static const std::set<std::string_view> others = {"rcut", "pcut", "mcut", "expected_count",
                                                    "predicted_count"};
  return !calibration && !others.contains(entry_of(*this).name());
}

std::vector<LabelSet> ThresholdStrategy::answers_out_of_fold(
    const ScoreMatrix& scores, eval::TuningTruth truth, const eval::Convention& convention,
    bool top1_if_empty, const eval::CrossValidation& folds) const {
  if (!is_tuned() || scores.num_rows < 2) {
    return tune(scores, truth, convention, top1_if_empty).apply(scores);
  }
  return eval::answers_out_of_fold(
      scores, truth, folds,
      [&](const ScoreMatrix& tuned_on, eval::TuningTruth of_fold, const ScoreMatrix& held_out) {
        return tune(tuned_on, of_fold, convention, top1_if_empty).apply(held_out);
      });
}

std::optional<eval::ThresholdSpread> ThresholdStrategy::spread(
    const ScoreMatrix& scores, eval::TuningTruth truth, const eval::Convention& convention,
    bool top1_if_empty, const eval::CrossValidation& folds) const {
  if (!gives_thresholds() || scores.num_rows < 2) return std::nullopt;
  return eval::spread_over_folds(
      scores, truth, folds, [&](const ScoreMatrix& of_fold, eval::TuningTruth fold_truth) {
        return std::get<Thresholds>(tune(of_fold, fold_truth, convention, top1_if_empty).rule);
      });
}

bool is_threshold_strategy(std::string_view text) { return find_entry(text) != nullptr; }

const std::vector<std::string>& threshold_strategy_grammar() {
  static const std::vector<std::string> forms = [] {
    std::vector<std::string> texts;
    for (const Entry& entry : table()) texts.emplace_back(entry.grammar);
    return texts;
  }();
  return forms;
}

const std::vector<ThresholdStrategy>& standard_threshold_strategies() {
  static const std::vector<ThresholdStrategy> strategies = [] {
    std::vector<ThresholdStrategy> parsed;
    for (const std::string_view text : kStandard) parsed.push_back(Strategy::parse(text));
    return parsed;
  }();
  return strategies;
}

}  // namespace labelbeam::pipeline
