#pragma once

#include <cmath>

namespace labelbeam::decoders {

/// P(both) from the marginals, with their complements where those are known better. Of the two
/// forms of the quadratic's root and of its discriminant, the ones that subtract nothing.
inline double plackett_both(double p, double not_p, double q, double not_q, double odds_ratio) {
  const double d = odds_ratio - 1.0;
  const double s = 1.0 + (p + q) * d;
  if (d >= 0.0) {
    const double discriminant = 1.0 + 2.0 * d * (p * not_q + q * not_p) + d * d * (p - q) * (p - q);
    return 2.0 * odds_ratio * p * q / (s + std::sqrt(discriminant));
  }
  const double root = std::sqrt(s * s - 4.0 * odds_ratio * d * p * q);
  return s >= 0.0 ? 2.0 * odds_ratio * p * q / (s + root) : (root - s) / (-2.0 * d);
}

}  // namespace labelbeam::decoders
