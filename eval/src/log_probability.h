#pragma once

#include <algorithm>
#include <cmath>

namespace labelbeam::eval {

/// The probability whose logarithm rounding may have left a little above 0.
inline double probability(double log_prob) { return std::min(std::exp(log_prob), 1.0); }

}  // namespace labelbeam::eval
