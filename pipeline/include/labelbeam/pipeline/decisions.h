#pragma once

#include <labelbeam/decoders/size_marginals.h>
#include <labelbeam/eval/metrics.h>
#include <labelbeam/eval/threshold_tuning.h>
#include <labelbeam/label_set.h>
#include <labelbeam/score_matrix.h>
#include <labelbeam/set_distribution.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The table of decision rules and threshold strategies: the one place where their names are bound
/// to functions.
namespace labelbeam::pipeline {

/// What a decision rule reads of one document.
struct DocumentDistribution {
  SetDistribution sets;
  /// Exact P(i in Y, |Y| = s) where the model offers it (independent labels); else it is taken from
  /// the weights of `sets`.
  std::optional<decoders::SizeMarginals> size_marginals;
};

/// A decision rule: the answer with the best expected value of a metric. Named after that metric.
class Rule {
 public:
  /// `subset_accuracy`, `hamming_loss`, `f1_samples`, `fbeta_samples:BETA`, `jaccard_samples`; else
  /// `std::invalid_argument` that lists them.
  static Rule parse(std::string_view name);
  explicit Rule(const eval::Metric& target);

  std::string name() const { return eval::metric_name(target_); }
  const eval::Metric& target() const { return target_; }
  /// `convention` says what F-beta and Jaccard of two empty sets are worth.
  LabelSet decide(const DocumentDistribution& document, const eval::Convention& convention) const;

 private:
  eval::Metric target_;
};

/// Every rule of the comparison, in the order of its table.
const std::vector<Rule>& standard_rules();

/// A way of choosing thresholds from validation scores.
struct ThresholdStrategy {
  std::string name;                    ///< `fixed`, `global`, `per_label`, `class_means`
  std::optional<eval::Metric> target;  ///< the metric tuned for, if any

  /// `fixed`, `global:METRIC`, `per_label`, `class_means`; else `std::invalid_argument`.
  static ThresholdStrategy parse(std::string_view text);
  /// The text that `parse` reads.
  std::string text() const;
  /// Whether validation data are looked at (`fixed` looks at none).
  bool is_tuned() const { return name != "fixed"; }

  /// `scores`: [n, L] of validation rows; `truth`: [n].
  eval::TunedThresholds tune(const ScoreMatrix& scores, std::span<const LabelSet> truth,
                             const eval::Convention& convention, bool top1_if_empty) const;
};

/// Every strategy of the comparison, in the order of its table.
const std::vector<ThresholdStrategy>& standard_threshold_strategies();

/// `apply_thresholds` on every row.
std::vector<LabelSet> apply_thresholds(const ScoreMatrix& scores, const Thresholds& thresholds);

}  // namespace labelbeam::pipeline
