#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/thresholds.h>

#include <span>

namespace labelbeam::decoders {

/// The labels whose score reaches its threshold (score >= threshold); where none does and
/// `top1_if_empty` is set, the label of highest score, ties to the lowest id.
///
/// `scores`: [L]. Throws `std::invalid_argument` unless there are as many thresholds as scores and
/// no score is NaN.
LabelSet apply_thresholds(std::span<const double> scores, const Thresholds& thresholds);

}  // namespace labelbeam::decoders
