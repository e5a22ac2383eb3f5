#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace labelbeam::eval {

/// log(1 + exp(x)), where neither end overflows.
inline double softplus(double x) {
  return x > 0.0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}

inline double sigmoid(double x) {
  if (x >= 0.0) return 1.0 / (1.0 + std::exp(-x));
  const double odds = std::exp(x);
  return odds / (1.0 + odds);
}

/// log p and log(1 - p), of a probability taken as no closer to 0 and 1 than 2^-52.
struct LogProbabilities {
  double of_true;
  double of_false;

  explicit LogProbabilities(double probability) {
    constexpr double kLeast = std::numeric_limits<double>::epsilon();
    const double p = std::clamp(probability, kLeast, 1.0 - kLeast);
    of_true = std::log(p);
    of_false = std::log1p(-p);
  }
  double log_odds() const { return of_true - of_false; }
};

}  // namespace labelbeam::eval
