#include "comparison_strategies.h"

#include <algorithm>
#include <utility>

namespace labelbeam::pipeline {
namespace {

ScoreMatrix stacked(const ScoreMatrix& first, const ScoreMatrix& second) {
  ScoreMatrix both(first.num_rows + second.num_rows, first.num_labels);
  std::copy(first.values.begin(), first.values.end(), both.values.begin());
  std::copy(second.values.begin(), second.values.end(),
            both.values.begin() + static_cast<std::ptrdiff_t>(first.values.size()));
  return both;
}

std::vector<LabelSet> stacked(const std::vector<LabelSet>& first,
                              const std::vector<LabelSet>& second) {
  std::vector<LabelSet> both = first;
  both.insert(both.end(), second.begin(), second.end());
  return both;
}

eval::StrategyOutcome& outcome_of(const std::string& system, const ThresholdStrategy& strategy,
                                  std::vector<eval::StrategyOutcome>& outcomes) {
  const std::string text = strategy.text();
  for (eval::StrategyOutcome& outcome : outcomes) {
    if (outcome.system == system && outcome.strategy == text) return outcome;
  }
  eval::StrategyOutcome& outcome = outcomes.emplace_back();
  outcome.system = system;
  outcome.strategy = text;
  outcome.metric = strategy.target ? eval::metric_name(*strategy.target) : "f1_micro";
  return outcome;
}

}  // namespace

StrategyJudge::StrategyJudge(std::string system, std::size_t seed_index, std::size_t num_seeds,
                             const ScoredParts& parts, bool top1_if_empty)
    : system_(std::move(system)),
      is_first_(seed_index == 0),
      share_(1.0 / static_cast<double>(num_seeds)),
      parts_(parts),
      top1_if_empty_(top1_if_empty),
      fitted_and_valid_(stacked(parts.train, parts.valid)),
      fitted_and_valid_truth_(stacked(parts.train_truth.rows(), parts.valid_truth.rows())) {}

void StrategyJudge::judge(const ThresholdStrategy& strategy, const TunedStrategy& on_valid,
                          std::vector<eval::StrategyOutcome>& outcomes) const {
  eval::StrategyOutcome& outcome = outcome_of(system_, strategy, outcomes);
  const eval::Metric metric = eval::parse_metric(outcome.metric);
  const eval::Convention convention;
  const auto measure = [&](const TunedStrategy& tuned, const ScoreMatrix& scores,
                           std::span<const LabelSet> truth) {
    return eval::evaluate(metric, truth, tuned.apply(scores), scores.num_labels).value;
  };
  const auto add = [&](const char* tuned_on, const TunedStrategy& tuned, const ScoreMatrix& scores,
                       std::span<const LabelSet> truth) {
    auto at =
        std::find_if(outcome.protocols.begin(), outcome.protocols.end(),
                     [&](const eval::ProtocolScore& score) { return score.tuned_on == tuned_on; });
    if (at == outcome.protocols.end()) {
      at = outcome.protocols.insert(at, {tuned_on, 0.0, 0.0});
    }
    at->tuned += share_ * measure(tuned, scores, truth);
    at->test += share_ * measure(tuned, parts_.test, parts_.test_truth);
  };
  add(strategy.is_tuned() ? "valid" : "nothing", on_valid, parts_.valid, parts_.valid_truth);
  outcome.seconds += share_ * on_valid.seconds;
  if (strategy.is_tuned()) {
    add("train and valid",
        strategy.tune(fitted_and_valid_, fitted_and_valid_truth_, convention, top1_if_empty_),
        fitted_and_valid_, fitted_and_valid_truth_);
    add("test (oracle)",
        strategy.tune(parts_.test, eval::oracle_truth(parts_.test_truth), convention,
                      top1_if_empty_),
        parts_.test, parts_.test_truth);
  }
  if (!is_first_ || on_valid.thresholds() == nullptr) return;
  outcome.thresholds = on_valid.thresholds()->values;
  if (const auto spread =
          strategy.spread(parts_.valid, parts_.valid_truth, convention, top1_if_empty_)) {
    outcome.deviations = spread->deviations;
  }
}

}  // namespace labelbeam::pipeline
