#pragma once

#include <span>
#include <vector>

namespace labelbeam::eval {

/// The weights w of least mean log loss of sigmoid(w . x) within bounds: a convex problem, solved
/// by sequential quadratic programming (Kraft 1994).
struct LogisticProblem {
  std::vector<double> inputs;   ///< [n, k], row-major
  std::vector<double> targets;  ///< [n], in [0, 1]
  std::vector<double> start;    ///< [k]
  std::vector<double> lower;    ///< [k]
  std::vector<double> upper;    ///< [k]
};

std::vector<double> fit_logistic(const LogisticProblem& problem);

}  // namespace labelbeam::eval
