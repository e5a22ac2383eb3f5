#pragma once

#include <boost/math/special_functions/gamma.hpp>
#include <cstddef>
#include <map>

namespace labelbeam::test_support {

/// P(a chi-square variable of this many degrees of freedom is at least `statistic`).
inline double chi_square_p(double statistic, std::size_t degrees) {
  if (degrees == 0) return 1.0;
  return boost::math::gamma_q(static_cast<double>(degrees) / 2.0, statistic / 2.0);
}

/// The p-value of `counts` under `probabilities`; what is rarer than 5 in `n` is taken together.
/// Returns 0 where something impossible was counted.
template <typename Key>
double chi_square_p(const std::map<Key, std::size_t>& counts,
                    const std::map<Key, double>& probabilities, std::size_t n) {
  double statistic = 0.0;
  std::size_t cells = 0;
  double rare_expected = 0.0;
  double rare_count = 0.0;
  std::size_t counted = 0;
  for (const auto& [key, probability] : probabilities) {
    const auto at = counts.find(key);
    const double count = at == counts.end() ? 0.0 : static_cast<double>(at->second);
    if (at != counts.end()) ++counted;
    const double expected = probability * static_cast<double>(n);
    if (expected < 5.0) {
      rare_expected += expected;
      rare_count += count;
      continue;
    }
    statistic += (count - expected) * (count - expected) / expected;
    ++cells;
  }
  if (counted < counts.size()) return 0.0;
  if (rare_expected >= 5.0) {
    statistic += (rare_count - rare_expected) * (rare_count - rare_expected) / rare_expected;
    ++cells;
  }
  return cells > 1 ? chi_square_p(statistic, cells - 1) : 1.0;
}

}  // namespace labelbeam::test_support
