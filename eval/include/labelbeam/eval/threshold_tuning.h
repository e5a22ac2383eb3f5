#pragma once

#include <labelbeam/eval/metrics.h>
#include <labelbeam/eval/protocol.h>
#include <labelbeam/label_set.h>
#include <labelbeam/score_matrix.h>
#include <labelbeam/thresholds.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Strategies that choose the thresholds of the independent baseline. They see the scores and the
/// truth of the rows they are tuned on, never of test, and nothing else.
///
/// Where a threshold is put: a label is predicted iff its score reaches the threshold, so that only
/// the gap between two neighbouring distinct scores matters. A threshold is the middle of its gap;
/// beyond the highest or lowest score it is half the neighbouring gap away (0.5 where all scores
/// are equal). Equal scores are never parted. Of equally good gaps (to 1e-12) the highest is taken.
///
/// All throw `std::invalid_argument` if the numbers of rows differ, there are no rows or labels, a
/// truth id is >= L, or a score is not finite.
namespace labelbeam::eval {

/// What a strategy chose.
struct TunedThresholds {
  Thresholds thresholds;
  std::optional<MetricValue> validation;  ///< what it maximised, on the rows it saw; none: nothing
  std::vector<LabelId> pooled_labels;     ///< labels with too little support: the pooled threshold
  std::vector<std::string> warnings;      ///< in full sentences, for the report
};

/// The same threshold for every label, tuned on nothing.
/// Throws `std::invalid_argument` if L = 0 or the value is not finite.
TunedThresholds fixed(std::size_t num_labels, double value = 0.5, bool top1_if_empty = false);

/// The one threshold that is best for a metric: an exact sweep over all distinct scores,
/// O(n L log(n L)).
/// `scores`: [n, L]; `truth`: [n]. Under `top1_if_empty` a row in which no label reaches the
/// threshold gets its best-scored label (the lowest id of equals), also during the sweep.
TunedThresholds tune_global(const ScoreMatrix& scores, TuningTruth truth, const Metric& metric,
                            const Convention& convention = {}, bool top1_if_empty = false);

struct PerLabelOptions {
  double beta = 1.0;                 ///< of the F-beta that each label's threshold maximises
  std::uint64_t min_positives = 20;  ///< labels with fewer get the pooled threshold
  Convention convention;             ///< what 0/0 counts as
  bool top1_if_empty = false;  ///< applies to the result; what a sweep sees, its function says
};

/// A threshold a label that maximises the F-beta of that label (SCut; Yang 2001), with a guard: a
/// label with few positives gets the threshold that is best for micro F-beta over all labels.
/// `scores`: [n, L]; `truth`: [n]. `validation` is macro F-beta. The sweeps do not see
/// `top1_if_empty`. O(n L log(n L)).
TunedThresholds tune_per_label(const ScoreMatrix& scores, TuningTruth truth,
                               const PerLabelOptions& options = {});

/// A threshold a label: the midpoint of the mean score of its positives and of its negatives.
/// `scores`: [n, L]; `truth`: [n]; of `options` the beta and the convention are unused. A label
/// with too few positives, or without negatives, gets the midpoint of the pooled means; where the
/// pool has only one class too, nothing or everything is predicted.
TunedThresholds class_means(const ScoreMatrix& scores, TuningTruth truth,
                            const PerLabelOptions& options = {});

/// Rows that take turns at being left out. Random parts, by the seed alone; with fewer rows than
/// folds every row is a fold.
struct CrossValidation {
  std::size_t folds = 5;
  std::uint64_t seed = 1;
};

/// The answers of rows that are tuned on, each as it is decided by what was tuned without its fold:
/// what a strategy is worth on rows that it has not seen. `decide(scores, truth, held_out)` tunes
/// on the first two and answers for the third. [n]; the truth is not looked at otherwise. Throws
/// `std::invalid_argument` for fewer than 2 folds or rows.
std::vector<LabelSet> answers_out_of_fold(
    const ScoreMatrix& scores, TuningTruth truth, const CrossValidation& folds,
    const std::function<std::vector<LabelSet>(const ScoreMatrix& scores, TuningTruth truth,
                                              const ScoreMatrix& held_out)>& decide);

/// How far each label's threshold moves when it is tuned without each of the folds in turn: [L]
struct ThresholdSpread {
  std::vector<double> deviations;  ///< standard deviation over the runs
  std::vector<double> lowest;
  std::vector<double> highest;
};

/// The spread of a strategy's thresholds. `tune` gives a threshold for each of the L labels.
/// Throws `std::invalid_argument` for fewer than 2 folds or rows too.
ThresholdSpread spread_over_folds(
    const ScoreMatrix& scores, TuningTruth truth, const CrossValidation& folds,
    const std::function<Thresholds(const ScoreMatrix&, TuningTruth)>& tune);

}  // namespace labelbeam::eval
