#include <fmt/format.h>
#include <labelbeam/eval/compensated_sum.h>
#include <labelbeam/eval/significance.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numeric>
#include <optional>
#include <stdexcept>

namespace labelbeam::eval {
namespace {

const boost::math::normal kNormal;
// Values of a metric that are equal but for rounding count as equal.
constexpr double kRounding = 1e-12;

/// `sorted` at position q (n - 1), between neighbours linearly.
double quantile(std::span<const double> sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  if (below + 1 >= sorted.size()) return sorted.back();
  const double part = position - static_cast<double>(below);
  return sorted[below] + part * (sorted[below + 1] - sorted[below]);
}

/// The normal quantile of the estimate's place among the replicates; none at either end.
std::optional<double> bias_correction(double estimate, std::span<const double> sorted) {
  const auto first = std::lower_bound(sorted.begin(), sorted.end(), estimate - kRounding);
  const auto last = std::upper_bound(sorted.begin(), sorted.end(), estimate + kRounding);
  const auto below = static_cast<double>(first - sorted.begin());
  const auto not_above = static_cast<double>(last - sorted.begin());
  const double share = (below + not_above) / (2.0 * static_cast<double>(sorted.size()));
  if (share <= 0.0 || share >= 1.0) return std::nullopt;
  return boost::math::quantile(kNormal, share);
}

std::optional<double> acceleration(std::span<const double> jackknife) {
  if (jackknife.empty()) return std::nullopt;
  CompensatedSum sum;
  for (const double value : jackknife) sum.add(value);
  const double mean = sum.value() / static_cast<double>(jackknife.size());
  CompensatedSum squares;
  CompensatedSum cubes;
  double largest = 0.0;
  for (const double value : jackknife) {
    const double deviation = mean - value;
    squares.add(deviation * deviation);
    cubes.add(deviation * deviation * deviation);
    largest = std::max(largest, std::abs(value));
  }
  // Deviations that are rounding only have no skewness.
  const double rounding = 1e-15 * largest;
  if (squares.value() <= rounding * rounding * static_cast<double>(jackknife.size())) {
    return std::nullopt;
  }
  return cubes.value() / (6.0 * std::pow(squares.value(), 1.5));
}

/// The level of the replicates' quantile that stands for the normal quantile z.
std::optional<double> corrected(double z0, double a, double z) {
  const double denominator = 1.0 - a * (z0 + z);
  if (denominator <= 0.0) return std::nullopt;
  return boost::math::cdf(kNormal, z0 + (z0 + z) / denominator);
}

}  // namespace

ConfidenceInterval bca_interval(double estimate, std::span<const double> replicates,
                                std::span<const double> jackknife, double level) {
  if (replicates.empty()) throw std::invalid_argument("bca_interval: there are no replicates");
  if (!(level > 0.0 && level < 1.0)) {
    throw std::invalid_argument(
        fmt::format("bca_interval: the level must be between 0 and 1, got {}", level));
  }
  const auto is_finite = [](double value) { return std::isfinite(value); };
  if (!std::isfinite(estimate) || !std::all_of(replicates.begin(), replicates.end(), is_finite) ||
      !std::all_of(jackknife.begin(), jackknife.end(), is_finite)) {
    throw std::invalid_argument("bca_interval: a value is not finite");
  }
  std::vector<double> sorted(replicates.begin(), replicates.end());
  std::sort(sorted.begin(), sorted.end());
  const double tail = (1.0 - level) / 2.0;
  const std::optional<double> z0 = bias_correction(estimate, sorted);
  const std::optional<double> a = acceleration(jackknife);
  if (z0 && a && sorted.front() < sorted.back()) {
    const double z = boost::math::quantile(kNormal, tail);
    const std::optional<double> lower = corrected(*z0, *a, z);
    const std::optional<double> upper = corrected(*z0, *a, -z);
    if (lower && upper) return {{quantile(sorted, *lower), quantile(sorted, *upper)}, true};
  }
  return {{quantile(sorted, tail), quantile(sorted, 1.0 - tail)}, false};
}

double bootstrap_p(double difference, std::span<const double> replicates) {
  if (replicates.empty()) throw std::invalid_argument("bootstrap_p: there are no replicates");
  const auto hits = std::count_if(replicates.begin(), replicates.end(), [&](double replicate) {
    return std::abs(replicate - difference) >= std::abs(difference) - kRounding;
  });
  return static_cast<double>(hits + 1) / static_cast<double>(replicates.size() + 1);
}

double mcnemar_p(std::uint64_t only_a, std::uint64_t only_b) {
  const std::uint64_t rows = only_a + only_b;
  if (rows == 0) return 1.0;
  const boost::math::binomial coins(static_cast<double>(rows), 0.5);
  return std::min(1.0,
                  2.0 * boost::math::cdf(coins, static_cast<double>(std::min(only_a, only_b))));
}

std::vector<double> holm(std::span<const double> p) {
  for (const double value : p) {
    if (!(value >= 0.0 && value <= 1.0)) {
      throw std::invalid_argument(fmt::format("holm: a p-value must be in [0, 1], got {}", value));
    }
  }
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double largest = 0.0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    largest = std::max(largest, static_cast<double>(p.size() - k) * p[order[k]]);
    adjusted[order[k]] = std::min(1.0, largest);
  }
  return adjusted;
}

}  // namespace labelbeam::eval
