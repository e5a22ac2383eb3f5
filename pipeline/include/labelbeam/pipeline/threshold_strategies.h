#pragma once

#include <labelbeam/eval/metrics.h>
#include <labelbeam/eval/protocol.h>
#include <labelbeam/eval/score_calibration.h>
#include <labelbeam/eval/threshold_tuning.h>
#include <labelbeam/label_set.h>
#include <labelbeam/score_matrix.h>
#include <labelbeam/score_rules.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The table of threshold strategies: ways from the scores of the independent baseline to label
/// sets. docs/thresholds.md says what each is good for.
namespace labelbeam::pipeline {

/// What a strategy chose.
struct TunedStrategy {
  ScoreRule rule;
  std::optional<eval::ScoreCalibration> calibration;  ///< of the scores, before the rule
  std::optional<eval::MetricValue> validation;        ///< what it maximised, on the rows it saw
  std::vector<LabelId> pooled_labels;                 ///< labels with the pooled threshold
  std::vector<std::string> warnings;                  ///< in full sentences
  double seconds = 0.0;                               ///< that tuning took

  /// Null where the choice is no threshold a label, on the scores as they are.
  const Thresholds* thresholds() const {
    return calibration ? nullptr : std::get_if<Thresholds>(&rule);
  }
  /// The answers for a collection: [n]. `scores`: [n, L].
  std::vector<LabelSet> apply(const ScoreMatrix& scores) const;
};

/// A way of deciding from scores.
struct ThresholdStrategy {
  /// With its calibration and numbers, without its metric: "sensitivity:0.8", "platt+global".
  std::string name;
  std::optional<eval::Metric> target;  ///< the metric tuned for, if any; unique with `name`
  std::vector<double> numbers;         ///< those in the name
  /// The scores are calibrated before, on the rows to tune on.
  std::optional<eval::CalibrationMethod> calibration;

  /// `[CALIBRATION+]NAME[:PARAMETER...]`, see `threshold_strategy_grammar`; CALIBRATION is
  /// temperature, platt, beta or isotonic. Else `std::invalid_argument` that lists them.
  static ThresholdStrategy parse(std::string_view text);
  /// The text that `parse` reads.
  std::string text() const;
  /// Whether data with truth are looked at.
  bool is_tuned() const;
  /// Whether the scores must be in [0, 1].
  bool needs_probabilities() const;

  /// The choice of a strategy that is not tuned; `std::logic_error` for another.
  ScoreRule untuned_rule(std::size_t num_labels, bool top1_if_empty) const;
  /// `scores`: [n, L] of the rows to tune on; `truth`: [n]. Throws as the functions of `eval`, and
  /// `std::invalid_argument` for scores outside [0, 1] where they must be probabilities.
  TunedStrategy tune(const ScoreMatrix& scores, eval::TuningTruth truth,
                     const eval::Convention& convention, bool top1_if_empty) const;
  /// Whether its choice is a threshold a label, on the scores as they are.
  bool gives_thresholds() const;
  /// The answers for the rows tuned on, each by what was tuned without its fold; of a single row,
  /// by what was tuned on it. What the strategy is worth, for choosing among strategies.
  std::vector<LabelSet> answers_out_of_fold(const ScoreMatrix& scores, eval::TuningTruth truth,
                                            const eval::Convention& convention, bool top1_if_empty,
                                            const eval::CrossValidation& folds = {}) const;
  /// How far the thresholds move from fold to fold; none where there are no thresholds a label, or
  /// fewer than two rows.
  std::optional<eval::ThresholdSpread> spread(const ScoreMatrix& scores, eval::TuningTruth truth,
                                              const eval::Convention& convention,
                                              bool top1_if_empty,
                                              const eval::CrossValidation& folds = {}) const;
};

/// Whether the text before the first colon is the name of a strategy.
bool is_threshold_strategy(std::string_view text);

/// Every form that `ThresholdStrategy::parse` reads, such as "global:METRIC".
const std::vector<std::string>& threshold_strategy_grammar();

/// Every strategy of the comparison, in the order of its table.
const std::vector<ThresholdStrategy>& standard_threshold_strategies();

}  // namespace labelbeam::pipeline
