#pragma once

#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>

namespace labelbeam::eval {

/// The temperature in [0.001, 1000] at which a log loss that is convex in the inverse temperature
/// is least; 1 where it is flat. `slope(inverse)`: its derivative there.
template <typename Slope>
double fit_temperature(Slope slope) {
  constexpr double kLow = 1e-3;
  constexpr double kHigh = 1e3;
  const double at_low = slope(kLow);
  const double at_high = slope(kHigh);
  if (at_low == 0.0 && at_high == 0.0) return 1.0;  // nothing depends on it
  if (at_low >= 0.0) return 1.0 / kLow;
  if (at_high <= 0.0) return 1.0 / kHigh;
  // The root is sought on a logarithmic scale: it is most often near 1.
  std::uintmax_t evaluations = 200;
  const auto bracket = boost::math::tools::toms748_solve(
      [&](double log_inverse) { return slope(std::exp(log_inverse)); }, std::log(kLow),
      std::log(kHigh), at_low, at_high, boost::math::tools::eps_tolerance<double>(48), evaluations);
  return std::exp(-(bracket.first + bracket.second) / 2.0);
}

}  // namespace labelbeam::eval
