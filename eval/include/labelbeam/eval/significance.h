#pragma once

#include <labelbeam/set_distribution.h>

#include <cstdint>
#include <span>
#include <vector>

namespace labelbeam::eval {

struct ConfidenceInterval {
  Interval interval;
  bool is_bca = true;  ///< else the percentile interval, because BCa was not defined
};

/// The bias-corrected and accelerated bootstrap interval (Efron 1987): the quantiles of the
/// replicates at Phi(z0 + (z0 + z) / (1 - a (z0 + z))), z the normal quantiles of the level. z0 is
/// the normal quantile of the share of replicates below the estimate (half of those equal to it, to
/// 1e-12), a the skewness sum d^3 / (6 (sum d^2)^1.5) of the jackknife's deviations d = mean -
/// value. Quantiles interpolate linearly between replicates.
///
/// Where this is not defined (all replicates on one side of the estimate, a jackknife that is
/// constant or empty, a denominator that is not positive) it is the percentile interval.
///
/// `estimate`: on the rows as they are; `replicates`: any order; `jackknife`: [n]. Throws
/// `std::invalid_argument` without replicates, for a value that is not finite, or a level that is
/// not between 0 and 1.
ConfidenceInterval bca_interval(double estimate, std::span<const double> replicates,
                                std::span<const double> jackknife, double level = 0.95);

/// Two-sided p-value of the paired bootstrap test that a difference is 0, from its replicates d*:
/// (1 + number of |d* - d| >= |d|) / (1 + number of replicates), the replicates being shifted to
/// where the null hypothesis holds (Efron and Tibshirani 1993, chapter 16; Berg-Kirkpatrick,
/// Burkett and Klein 2012). Throws `std::invalid_argument` without replicates.
double bootstrap_p(double difference, std::span<const double> replicates);

/// Two-sided p-value of McNemar's exact test: of the rows on which just one of two systems is
/// right, how many each has; under the null hypothesis Binomial(only_a + only_b, 1/2) (McNemar
/// 1947). 1 where there is no such row.
double mcnemar_p(std::uint64_t only_a, std::uint64_t only_b);

/// p-values adjusted for testing all of them together, Holm's step-down procedure (1979): the k-th
/// smallest of m becomes the largest of (m - j + 1) p_j over j <= k, at most 1. [m], in the order
/// given. Throws `std::invalid_argument` for a value that is not in [0, 1].
std::vector<double> holm(std::span<const double> p);

}  // namespace labelbeam::eval
