#pragma once

#include <labelbeam/eval/threshold_tuning.h>

/// Thresholds at a point of each label's own ROC or precision-recall curve.
namespace labelbeam::eval {

/// Where on the curve: a function of a label's counts at a threshold. Each is found exactly, by a
/// sweep over all gaps.
enum class CurvePoint {
  youden,          ///< largest sensitivity + specificity - 1 (Youden 1950)
  nearest_corner,  ///< least distance to sensitivity 1, specificity 1
  equal_error,     ///< least |false positive rate - false negative rate|
  sensitivity,     ///< largest specificity at which the sensitivity is at least the target
  specificity,     ///< largest sensitivity at which the specificity is at least the target
  break_even,      ///< least |predicted - positive|: precision and recall are equal where it is 0
};

/// A threshold a label at a point of its curve. A label with too few positives, or without
/// negatives, gets the threshold of that point on the curve of all cells together; where those are
/// of one class too, nothing or everything is predicted.
///
/// `scores`: [n, L], any real numbers; `truth`: [n]; `target`: of `sensitivity` and `specificity`,
/// in [0, 1], unused by the others; of `options` the beta and the convention are unused.
/// `validation` is empty. O(n L log(n L)). Throws as the other strategies, and for a target outside
/// [0, 1].
TunedThresholds tune_curve_point(const ScoreMatrix& scores, TuningTruth truth, CurvePoint point,
                                 double target = 0.0, const PerLabelOptions& options = {});

}  // namespace labelbeam::eval
