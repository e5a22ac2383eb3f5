#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/thresholds.h>

#include <span>
#include <vector>

namespace labelbeam {

// What the scores of one row, [L] and none of them NaN, say of its labels.

/// The label of highest score, the lowest id of equals. `scores` must not be empty.
LabelId best_label(std::span<const double> scores);

/// [L]: labels by falling score, equal ones by rising id.
std::vector<LabelId> ranked_labels(std::span<const double> scores);

/// The labels whose score reaches its threshold; see `Thresholds`. Both must be of L labels.
LabelSet labels_above(std::span<const double> scores, const Thresholds& thresholds);

}  // namespace labelbeam
