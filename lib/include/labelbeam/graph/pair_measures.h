#pragma once

#include <labelbeam/set_distribution.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace labelbeam {

/// The 2 x 2 table of two labels, by its margins. n sets in all, a with the first label, b with the
/// second, ab with both; max(0, a + b - n) <= ab <= min(a, b).
struct PairTable {
  double both = 0.0;    ///< ab
  double first = 0.0;   ///< a
  double second = 0.0;  ///< b
  double total = 0.0;   ///< n, above 0

  /// a b / n: what independent labels would share.
  double expected() const { return first * second / total; }
  /// Both, only the first, only the second, neither.
  std::array<double, 4> cells() const {
    return {both, first - both, second - both, total - first - second + both};
  }

  bool operator==(const PairTable&) const = default;
};

/// How strongly two labels depend on each other. Where a formula has no value (0/0) the labels
/// count as independent.
enum class PairMeasure {
  support,              ///< ab / n
  confidence,           ///< ab / a, of the second label given the first
  reverse_confidence,   ///< ab / b
  lift,                 ///< ab n / (a b); 1 where independent
  pmi,                  ///< log lift, nats (Church and Hanks 1990); -inf for ab = 0
  npmi,                 ///< pmi / -log(ab / n), in [-1, 1] (Bouma 2009); -1 for ab = 0
  phi,                  ///< correlation of the two indicators, in [-1, 1]
  jaccard,              ///< ab / (a + b - ab)
  log_likelihood_ratio  ///< G^2 = 2 sum O log(O / E) over the cells (Dunning 1993); 0: independent
};

/// "support", ..., "llr". Throws `std::invalid_argument` for any other name.
PairMeasure parse_pair_measure(std::string_view name);
std::string pair_measure_name(PairMeasure measure);
/// All of them, in the order of `PairMeasure`.
std::vector<std::string> pair_measure_names();

double pair_measure(PairMeasure measure, const PairTable& table);

/// Interval of a measure of the population at a two-sided confidence level in (0, 1).
///
/// Support, confidences and Jaccard are shares of n, a, b or a + b - ab sets: Wilson (1927). Lift
/// and PMI (on the log scale), NPMI and phi: the delta method for a multinomial table, with 1/2
/// added to each cell so that no cell is zero, cut off at the ends of the measure's range. None for
/// the log-likelihood ratio. Throws `std::invalid_argument` for another level.
std::optional<Interval> pair_interval(PairMeasure measure, const PairTable& table,
                                      double level = 0.95);

/// Log odds ratio of the table with 1/2 added to each cell, and its standard error (Haldane 1956,
/// Anscombe 1956, Gart 1966).
struct LogOddsRatio {
  double value = 0.0;
  double std_error = 0.0;
};
LogOddsRatio log_odds_ratio(const PairTable& table);

/// p-value of independence, two-sided: Fisher's exact test (twice the tail on the side of the
/// count, at most 1) where all counts are whole and some expected cell is below 5, else G^2 against
/// chi-square(1).
double independence_p_value(const PairTable& table);

/// Draws the count of both towards independence: ab' = E (ab + k) / (E + k) with E = a b / n, so
/// that lift' is the posterior mean of a lift with prior Gamma(k, k) (DuMouchel 1999, with one
/// component). k = 0 changes nothing, k = infinity gives E. Throws `std::invalid_argument` for
/// k < 0.
PairTable shrink_towards_independence(const PairTable& table, double strength);

}  // namespace labelbeam
