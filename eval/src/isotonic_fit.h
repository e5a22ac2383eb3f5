#pragma once

#include <labelbeam/eval/score_calibration.h>

#include <span>
#include <vector>

namespace labelbeam::eval {

/// The never falling outputs of least squared error, by pooling adjacent violators (Ayer et al.
/// 1955; Zadrozny & Elkan 2002). `inputs`, `outcomes`: [n], n >= 1.
IsotonicMap fit_isotonic(std::span<const double> inputs, const std::vector<bool>& outcomes);

}  // namespace labelbeam::eval
