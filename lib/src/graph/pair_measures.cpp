#include <fmt/format.h>
#include <labelbeam/graph/pair_measures.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace labelbeam {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kSmallExpectedCell = 5.0;

struct NamedMeasure {
  PairMeasure measure;
  std::string_view name;
};
constexpr std::array<NamedMeasure, 9> kMeasures{{
    {PairMeasure::support, "support"},
    {PairMeasure::confidence, "confidence"},
    {PairMeasure::reverse_confidence, "reverse_confidence"},
    {PairMeasure::lift, "lift"},
    {PairMeasure::pmi, "pmi"},
    {PairMeasure::npmi, "npmi"},
    {PairMeasure::phi, "phi"},
    {PairMeasure::jaccard, "jaccard"},
    {PairMeasure::log_likelihood_ratio, "llr"},
}};

double ratio_or(double numerator, double denominator, double otherwise) {
  return denominator == 0.0 ? otherwise : numerator / denominator;
}

double lift(const PairTable& t) { return ratio_or(t.both * t.total, t.first * t.second, 1.0); }

double npmi(const PairTable& t) {
  if (t.first == 0.0 || t.second == 0.0) return 0.0;
  if (t.both == 0.0) return -1.0;
  return std::clamp(ratio_or(std::log(lift(t)), -std::log(t.both / t.total), 0.0), -1.0, 1.0);
}

double phi(const PairTable& t) {
  const double variances = (t.first * (t.total - t.first)) * (t.second * (t.total - t.second));
  const double covariance = t.both * t.total - t.first * t.second;
  return std::clamp(ratio_or(covariance, std::sqrt(variances), 0.0), -1.0, 1.0);
}

std::array<double, 4> expected_cells(const PairTable& t) {
  return PairTable{t.expected(), t.first, t.second, t.total}.cells();
}

double log_likelihood_ratio(const PairTable& t) {
  const auto observed = t.cells();
  const auto expected = expected_cells(t);
  // Each term is O log(O / E) - (O - E): these sum to the same, are all >= 0, and keep their digits
  // where O is near E.
  double sum = 0.0;
  for (std::size_t cell = 0; cell < 4; ++cell) {
    const double excess = t.both - t.expected();
    const double difference = cell == 0 || cell == 3 ? excess : -excess;
    if (!(expected[cell] > 0.0)) continue;
    const double relative = difference / expected[cell];
    // Of fractional counts an empty cell may have what rounding leaves.
    const bool is_empty = observed[cell] <= 0.0 || relative <= -1.0;
    sum += is_empty ? expected[cell] : observed[cell] * std::log1p(relative) - difference;
  }
  return 2.0 * std::max(sum, 0.0);
}

Interval wilson(double count, double total, double z) {
  if (total == 0.0) return {0.0, 1.0};
  const double share = count / total;
  const double z2 = z * z / total;
  const double center = (share + z2 / 2.0) / (1.0 + z2);
  const double half = z * std::sqrt((share * (1.0 - share) + z2 / 4.0) / total) / (1.0 + z2);
  return {std::max(center - half, 0.0), std::min(center + half, 1.0)};
}

PairTable with_half_in_each_cell(const PairTable& t) {
  return {t.both + 0.5, t.first + 1.0, t.second + 1.0, t.total + 2.0};
}

/// Variance of a function of the cells' shares with this gradient.
double delta_variance(const PairTable& t, const std::array<double, 4>& gradient) {
  const auto cells = t.cells();
  double mean = 0.0;
  double square = 0.0;
  for (std::size_t cell = 0; cell < 4; ++cell) {
    const double share = cells[cell] / t.total;
    mean += share * gradient[cell];
    square += share * gradient[cell] * gradient[cell];
  }
  return std::max(square - mean * mean, 0.0) / t.total;
}

std::array<double, 4> pmi_gradient(const PairTable& t) {
  const double in_first = t.total / t.first;
  const double in_second = t.total / t.second;
  return {t.total / t.both - in_first - in_second, -in_first, -in_second, 0.0};
}

std::array<double, 4> npmi_gradient(const PairTable& t) {
  const double information = -std::log(t.both / t.total);
  auto gradient = pmi_gradient(t);
  for (double& slope : gradient) slope /= information;
  gradient[0] += std::log(lift(t)) / (information * information) * (t.total / t.both);
  return gradient;
}

std::array<double, 4> phi_gradient(const PairTable& t) {
  const double a = t.first / t.total;
  const double b = t.second / t.total;
  const double scale = std::sqrt(a * (1.0 - a) * b * (1.0 - b));
  const double half_phi = phi(t) / 2.0;
  return {(1.0 - a - b) / scale - half_phi * (1.0 / a + 1.0 / b),
          -b / scale - half_phi * (1.0 / a + 1.0 / (1.0 - b)),
          -a / scale - half_phi * (1.0 / (1.0 - a) + 1.0 / b),
          -half_phi * (1.0 / (1.0 - a) + 1.0 / (1.0 - b))};
}

Interval around(double value, double variance, double z) {
  const double half = z * std::sqrt(variance);
  return {value - half, value + half};
}

bool is_whole(const PairTable& t) {
  return t.both == std::floor(t.both) && t.first == std::floor(t.first) &&
         t.second == std::floor(t.second) && t.total == std::floor(t.total);
}

double log_binomial(double n, double k) {
  // std::lgamma writes a variable that all threads share.
  using boost::math::lgamma;
  return lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0);
}

/// P(X >= both) for a hypergeometric X with the table's margins, for `both` at or above its mean.
/// Where it is below, the caller swaps the second label for its complement.
double upper_tail(const PairTable& t) {
  const double log_first = log_binomial(t.first, t.both) +
                           log_binomial(t.total - t.first, t.second - t.both) -
                           log_binomial(t.total, t.second);
  double term = 1.0;
  double sum = 0.0;
  const double largest = std::min(t.first, t.second);
  for (double x = t.both; x <= largest && term > 1e-17 * sum; ++x) {
    sum += term;
    term *= (t.first - x) * (t.second - x) / ((x + 1.0) * (t.total - t.first - t.second + x + 1.0));
  }
  return std::min(std::exp(log_first) * sum, 1.0);
}

}  // namespace

PairMeasure parse_pair_measure(std::string_view name) {
  for (const NamedMeasure& each : kMeasures) {
    if (each.name == name) return each.measure;
  }
  throw std::invalid_argument(fmt::format("there is no measure of label pairs \"{}\"", name));
}

std::string pair_measure_name(PairMeasure measure) {
  for (const NamedMeasure& each : kMeasures) {
    if (each.measure == measure) return std::string(each.name);
  }
  throw std::invalid_argument("there is no such measure of label pairs");
}

std::vector<std::string> pair_measure_names() {
  std::vector<std::string> names;
  for (const NamedMeasure& each : kMeasures) names.emplace_back(each.name);
  return names;
}

double pair_measure(PairMeasure measure, const PairTable& table) {
  switch (measure) {
    case PairMeasure::support:
      return table.both / table.total;
    case PairMeasure::confidence:
      return ratio_or(table.both, table.first, table.second / table.total);
    case PairMeasure::reverse_confidence:
      return ratio_or(table.both, table.second, table.first / table.total);
    case PairMeasure::lift:
      return lift(table);
    case PairMeasure::pmi:
      return std::log(lift(table));
    case PairMeasure::npmi:
      return npmi(table);
    case PairMeasure::phi:
      return phi(table);
    case PairMeasure::jaccard:
      return ratio_or(table.both, table.first + table.second - table.both, 0.0);
    case PairMeasure::log_likelihood_ratio:
      return log_likelihood_ratio(table);
  }
  throw std::invalid_argument("there is no such measure of label pairs");
}

std::optional<Interval> pair_interval(PairMeasure measure, const PairTable& table, double level) {
  if (!(level > 0.0 && level < 1.0)) {
    throw std::invalid_argument(
        fmt::format("pair_interval: the level must lie between 0 and 1, got {}", level));
  }
  const double z = boost::math::quantile(boost::math::normal(), 0.5 + level / 2.0);
  const PairTable t = with_half_in_each_cell(table);
  const double log_lift = std::log(lift(t));
  switch (measure) {
    case PairMeasure::support:
      return wilson(table.both, table.total, z);
    case PairMeasure::confidence:
      return wilson(table.both, table.first, z);
    case PairMeasure::reverse_confidence:
      return wilson(table.both, table.second, z);
    case PairMeasure::jaccard:
      return wilson(table.both, table.first + table.second - table.both, z);
    case PairMeasure::lift: {
      const Interval logs = around(log_lift, delta_variance(t, pmi_gradient(t)), z);
      return Interval{std::exp(logs.lower), std::exp(logs.upper)};
    }
    case PairMeasure::pmi:
      return around(log_lift, delta_variance(t, pmi_gradient(t)), z);
    case PairMeasure::npmi:
    case PairMeasure::phi: {
      const bool is_phi = measure == PairMeasure::phi;
      const Interval free =
          around(is_phi ? phi(t) : npmi(t),
                 delta_variance(t, is_phi ? phi_gradient(t) : npmi_gradient(t)), z);
      return Interval{std::max(free.lower, -1.0), std::min(free.upper, 1.0)};
    }
    case PairMeasure::log_likelihood_ratio:
      return std::nullopt;
  }
  throw std::invalid_argument("there is no such measure of label pairs");
}

LogOddsRatio log_odds_ratio(const PairTable& table) {
  const auto cells = with_half_in_each_cell(table).cells();
  const double variance = 1.0 / cells[0] + 1.0 / cells[1] + 1.0 / cells[2] + 1.0 / cells[3];
  return {std::log(cells[0] * cells[3] / (cells[1] * cells[2])), std::sqrt(variance)};
}

double independence_p_value(const PairTable& table) {
  const auto expected = expected_cells(table);
  const double smallest = *std::min_element(expected.begin(), expected.end());
  if (smallest < kSmallExpectedCell && is_whole(table)) {
    const PairTable t = table.both >= table.expected()
                            ? table
                            : PairTable{table.first - table.both, table.first,
                                        table.total - table.second, table.total};
    return std::min(2.0 * upper_tail(t), 1.0);
  }
  // A square of a standard normal: P(chi-square(1) >= x) = erfc(sqrt(x / 2)).
  return std::erfc(std::sqrt(log_likelihood_ratio(table) / 2.0));
}

PairTable shrink_towards_independence(const PairTable& table, double strength) {
  if (!(strength >= 0.0)) {
    throw std::invalid_argument(
        fmt::format("the strength of shrinkage must be at least 0, got {}", strength));
  }
  PairTable result = table;
  const double expected = table.expected();
  if (strength == kInfinity) {
    result.both = expected;
  } else if (strength > 0.0 && expected > 0.0) {
    result.both = expected * (table.both + strength) / (expected + strength);
  }
  return result;
}

}  // namespace labelbeam
