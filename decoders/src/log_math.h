#pragma once

#include <cmath>
#include <limits>
#include <utility>

namespace labelbeam::decoders {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kMinusInfinity = -kInfinity;

/// log(exp(a) + exp(b)).
inline double log_add(double a, double b) {
  if (a < b) std::swap(a, b);
  return b == kMinusInfinity ? a : a + std::log1p(std::exp(b - a));
}

}  // namespace labelbeam::decoders
