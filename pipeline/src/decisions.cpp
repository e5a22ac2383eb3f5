#include <fmt/format.h>
#include <labelbeam/decoders/decision.h>
#include <labelbeam/decoders/thresholding.h>
#include <labelbeam/pipeline/decisions.h>

#include <array>
#include <stdexcept>

namespace labelbeam::pipeline {
namespace {

using eval::Average;
using eval::MetricKind;

constexpr std::array<std::string_view, 5> kRuleNames = {
    "subset_accuracy", "hamming_loss", "f1_samples", "fbeta_samples:2", "jaccard_samples"};

constexpr std::array<std::string_view, 9> kStrategyTexts = {"fixed",
                                                            "global:subset_accuracy",
                                                            "global:hamming_loss",
                                                            "global:jaccard_samples",
                                                            "global:f1_samples",
                                                            "global:f1_micro",
                                                            "global:f1_macro",
                                                            "per_label",
                                                            "class_means"};

bool has_rule(const eval::Metric& target) {
  switch (target.kind) {
    case MetricKind::subset_accuracy:
    case MetricKind::hamming_loss:
      return true;
    case MetricKind::jaccard:
    case MetricKind::f_beta:
      return target.average == Average::samples;
    case MetricKind::precision:
    case MetricKind::recall:
      return false;
  }
  return false;
}

decoders::EmptyConvention empty_convention(const eval::Convention& convention) {
  return convention.zero_division == 0.0 ? decoders::EmptyConvention::zero
                                         : decoders::EmptyConvention::one;
}

template <typename Item, std::size_t N>
std::vector<Item> parse_all(const std::array<std::string_view, N>& texts) {
  std::vector<Item> items;
  for (const std::string_view text : texts) items.push_back(Item::parse(text));
  return items;
}

}  // namespace

Rule Rule::parse(std::string_view name) {
  std::optional<eval::Metric> target;
  try {
    target = eval::parse_metric(name);
  } catch (const std::invalid_argument&) {
    // Reported below, with the names that would do.
  }
  if (!target || !has_rule(*target)) {
    throw std::invalid_argument(fmt::format(
        "there is no decision rule \"{}\": the rules are subset_accuracy, hamming_loss, "
        "f1_samples, fbeta_samples:BETA and jaccard_samples",
        name));
  }
  return Rule(*target);
}

Rule::Rule(const eval::Metric& target) : target_(target) {
  if (!has_rule(target)) {
    throw std::invalid_argument(
        fmt::format("Rule: no decision rule serves {}", eval::metric_name(target)));
  }
}

LabelSet Rule::decide(const DocumentDistribution& document,
                      const eval::Convention& convention) const {
  const SetDistribution& sets = document.sets;
  const decoders::EmptyConvention empty = empty_convention(convention);
  switch (target_.kind) {
    case MetricKind::hamming_loss:
      return decoders::decide_hamming(sets).labels;
    case MetricKind::jaccard:
      return decoders::decide_jaccard(sets, empty).labels;
    case MetricKind::f_beta:
      return document.size_marginals
                 ? decoders::decide_fbeta(*document.size_marginals, target_.beta, empty).labels
                 : decoders::decide_fbeta(sets, target_.beta, empty).labels;
    default:
      return decoders::decide_subset_accuracy(sets).labels;
  }
}

const std::vector<Rule>& standard_rules() {
  static const std::vector<Rule> rules = parse_all<Rule>(kRuleNames);
  return rules;
}

ThresholdStrategy ThresholdStrategy::parse(std::string_view text) {
  if (text == "fixed" || text == "class_means") return {std::string(text), std::nullopt};
  if (text == "per_label") return {std::string(text), eval::parse_metric("f1_macro")};
  constexpr std::string_view kGlobal = "global:";
  if (!text.starts_with(kGlobal)) {
    throw std::invalid_argument(
        fmt::format("there is no threshold strategy \"{}\": the strategies are fixed, "
                    "global:METRIC, per_label and class_means",
                    text));
  }
  return {"global", eval::parse_metric(text.substr(kGlobal.size()))};
}

std::string ThresholdStrategy::text() const {
  return name == "global" ? fmt::format("global:{}", eval::metric_name(target.value())) : name;
}

eval::TunedThresholds ThresholdStrategy::tune(const ScoreMatrix& scores,
                                              std::span<const LabelSet> truth,
                                              const eval::Convention& convention,
                                              bool top1_if_empty) const {
  if (name == "fixed") return eval::fixed(scores.num_labels, 0.5, top1_if_empty);
  if (name == "class_means") return eval::class_means(scores, truth, top1_if_empty);
  if (name == "per_label") {
    eval::PerLabelOptions options;
    options.convention = convention;
    options.top1_if_empty = top1_if_empty;
    return eval::tune_per_label(scores, truth, options);
  }
  return eval::tune_global(scores, truth, target.value(), convention, top1_if_empty);
}

const std::vector<ThresholdStrategy>& standard_threshold_strategies() {
  static const std::vector<ThresholdStrategy> strategies =
      parse_all<ThresholdStrategy>(kStrategyTexts);
  return strategies;
}

std::vector<LabelSet> apply_thresholds(const ScoreMatrix& scores, const Thresholds& thresholds) {
  std::vector<LabelSet> sets(scores.num_rows);
  for (std::size_t i = 0; i < scores.num_rows; ++i) {
    sets[i] = decoders::apply_thresholds(scores.row(i), thresholds);
  }
  return sets;
}

}  // namespace labelbeam::pipeline
