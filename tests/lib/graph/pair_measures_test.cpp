#include <labelbeam/graph/label_counts.h>
#include <labelbeam/graph/pair_measures.h>
#include <labelbeam/random.h>

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/hypergeometric.hpp>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <vector>

#include "catch.h"
#include "infinity.h"

using namespace labelbeam;
using labelbeam::test_support::kInfinity;

namespace {

PairTable random_table(CounterRng& random, std::uint64_t largest_total) {
  const std::uint64_t n = 1 + random.below(largest_total);
  const std::uint64_t a = random.below(n + 1);
  const std::uint64_t b = random.below(n + 1);
  const std::uint64_t least = a + b > n ? a + b - n : 0;
  const std::uint64_t ab = least + random.below(std::min(a, b) - least + 1);
  return {static_cast<double>(ab), static_cast<double>(a), static_cast<double>(b),
          static_cast<double>(n)};
}

double value(PairMeasure measure, const PairTable& table) { return pair_measure(measure, table); }

/// The delta method with a numeric gradient, as an oracle of the variance.
double numeric_variance(PairMeasure measure, const PairTable& table) {
  const auto cells = table.cells();
  double mean = 0.0;
  double square = 0.0;
  for (std::size_t cell = 0; cell < 4; ++cell) {
    const auto shifted = [&](double step) {
      auto c = cells;
      c[cell] += step;
      return value(measure, {c[0], c[0] + c[1], c[0] + c[2], c[0] + c[1] + c[2] + c[3]});
    };
    const double step = 1e-5 * cells[cell];
    const double slope = (shifted(step) - shifted(-step)) / (2.0 * step);  // of counts
    mean += cells[cell] * slope;
    square += cells[cell] * slope * slope;
  }
  return square - mean * mean / table.total;
}

double fisher_by_boost(const PairTable& t) {
  const boost::math::hypergeometric tail(static_cast<unsigned>(t.first),
                                         static_cast<unsigned>(t.second),
                                         static_cast<unsigned>(t.total));
  const double one_side = t.both < t.expected() ? cdf(tail, t.both)
                          : t.both == boost::math::support(tail).first
                              ? 1.0
                              : cdf(boost::math::complement(tail, t.both - 1.0));
  return std::min(2.0 * one_side, 1.0);
}

}  // namespace

TEST_CASE("Measures of a table are those worked out by hand") {
  const PairTable t{20, 40, 50, 200};
  CHECK(t.expected() == 10.0);
  CHECK(t.cells() == std::array<double, 4>{20, 20, 30, 130});
  CHECK(value(PairMeasure::support, t) == Approx(0.1).epsilon(1e-14));
  CHECK(value(PairMeasure::confidence, t) == Approx(0.5).epsilon(1e-14));
  CHECK(value(PairMeasure::reverse_confidence, t) == Approx(0.4).epsilon(1e-14));
  CHECK(value(PairMeasure::lift, t) == Approx(2.0).epsilon(1e-14));
  CHECK(value(PairMeasure::pmi, t) == Approx(std::log(2.0)).epsilon(1e-14));
  CHECK(value(PairMeasure::npmi, t) == Approx(std::log(2.0) / std::log(10.0)).epsilon(1e-14));
  CHECK(value(PairMeasure::jaccard, t) == Approx(20.0 / 70.0).epsilon(1e-14));
  CHECK(value(PairMeasure::phi, t) == Approx(2000.0 / std::sqrt(40. * 160. * 50. * 150.)));
  const double g = 2 * (20 * std::log(20. / 10) + 20 * std::log(20. / 30) +
                        30 * std::log(30. / 40) + 130 * std::log(130. / 120));
  CHECK(value(PairMeasure::log_likelihood_ratio, t) == Approx(g).epsilon(1e-12));
}

TEST_CASE("Measures keep to their ranges and agree with one another on random tables") {
  CounterRng random(11);
  for (int round = 0; round < 3000; ++round) {
    const PairTable t = random_table(random, 60);
    const PairTable swapped{t.both, t.second, t.first, t.total};
    for (const PairMeasure measure :
         {PairMeasure::support, PairMeasure::lift, PairMeasure::npmi, PairMeasure::phi,
          PairMeasure::jaccard, PairMeasure::log_likelihood_ratio}) {
      REQUIRE_FALSE(std::isnan(value(measure, t)));
      REQUIRE(value(measure, t) == Approx(value(measure, swapped)).epsilon(1e-9).margin(1e-12));
    }
    REQUIRE(value(PairMeasure::confidence, t) == value(PairMeasure::reverse_confidence, swapped));
    REQUIRE(std::abs(value(PairMeasure::phi, t)) <= 1.0);
    REQUIRE(std::abs(value(PairMeasure::npmi, t)) <= 1.0);
    REQUIRE(value(PairMeasure::pmi, t) == std::log(value(PairMeasure::lift, t)));
    // phi from its definition as a correlation, G^2 from its definition over cells.
    const double a = t.first / t.total;
    const double b = t.second / t.total;
    if (a > 0 && a < 1 && b > 0 && b < 1) {
      const double correlation = (t.both / t.total - a * b) / std::sqrt(a * (1 - a) * b * (1 - b));
      REQUIRE(value(PairMeasure::phi, t) == Approx(correlation).margin(1e-12));
    }
    const auto cells = t.cells();
    const std::array<double, 4> expected{a * b, a * (1 - b), (1 - a) * b, (1 - a) * (1 - b)};
    double g = 0.0;
    for (std::size_t i = 0; i < 4; ++i) {
      if (cells[i] > 0) g += 2.0 * cells[i] * std::log(cells[i] / (expected[i] * t.total));
    }
    REQUIRE(value(PairMeasure::log_likelihood_ratio, t) == Approx(g).margin(1e-9));
  }
}

TEST_CASE("Labels that never meet have PMI -inf and NPMI -1, and labels without sets are neutral") {
  CHECK(value(PairMeasure::pmi, {0, 5, 5, 50}) == -kInfinity);
  CHECK(value(PairMeasure::npmi, {0, 5, 5, 50}) == -1.0);
  CHECK(value(PairMeasure::npmi, {5, 5, 5, 50}) == Approx(1.0));
  const PairTable none{0, 0, 5, 50};
  CHECK(value(PairMeasure::lift, none) == 1.0);
  CHECK(value(PairMeasure::npmi, none) == 0.0);
  CHECK(value(PairMeasure::phi, none) == 0.0);
  CHECK(independence_p_value(none) == 1.0);
  CHECK(independence_p_value({50, 50, 50, 50}) == 1.0);
}

TEST_CASE("Wilson's interval is the published one") {
  // 15 of 148: Newcombe 1998, Statistics in Medicine 17, table I, method 3: .0624 to .1605.
  const auto interval = pair_interval(PairMeasure::confidence, {15, 148, 20, 300});
  CHECK(interval->lower == Approx(0.0624).margin(5e-5));
  CHECK(interval->upper == Approx(0.1605).margin(5e-5));
  CHECK(pair_interval(PairMeasure::confidence, {0, 0, 20, 300}) == Interval{0.0, 1.0});
}

TEST_CASE("Intervals by the delta method agree with a numeric gradient") {
  CounterRng random(5);
  for (int round = 0; round < 200; ++round) {
    const PairTable t = random_table(random, 500);
    const PairTable adjusted{t.both + 0.5, t.first + 1, t.second + 1, t.total + 2};
    for (const PairMeasure measure : {PairMeasure::pmi, PairMeasure::npmi, PairMeasure::phi}) {
      const double z = 1.959963984540054;
      const double half = z * std::sqrt(std::max(numeric_variance(measure, adjusted), 0.0));
      const double center = value(measure, adjusted);
      const double floor = measure == PairMeasure::pmi ? -kInfinity : -1.0;
      const double ceiling = measure == PairMeasure::pmi ? kInfinity : 1.0;
      const auto interval = pair_interval(measure, t);
      REQUIRE(interval->lower == Approx(std::max(center - half, floor)).margin(1e-5));
      REQUIRE(interval->upper == Approx(std::min(center + half, ceiling)).margin(1e-5));
    }
    const auto lift = pair_interval(PairMeasure::lift, t);
    const auto pmi = pair_interval(PairMeasure::pmi, t);
    REQUIRE(std::log(lift->lower) == Approx(pmi->lower).margin(1e-9));
    REQUIRE(std::log(lift->upper) == Approx(pmi->upper).margin(1e-9));
  }
  CHECK_FALSE(pair_interval(PairMeasure::log_likelihood_ratio, {1, 2, 3, 9}));
  CHECK_THROWS_AS(pair_interval(PairMeasure::phi, {1, 2, 3, 9}, 1.0), std::invalid_argument);
}

TEST_CASE("Intervals at 95 percent cover the true lift and phi about that often") {
  // p = .3, .4 and .2 for both: lift 5/3, phi .356.
  CounterRng random(8);
  int lift_covered = 0;
  int phi_covered = 0;
  constexpr int kRounds = 1000;
  for (int round = 0; round < kRounds; ++round) {
    std::array<double, 4> cells{};
    const std::vector<double> shares{0.2, 0.1, 0.2, 0.5};
    for (int i = 0; i < 200; ++i) ++cells[random.categorical(shares)];
    const PairTable t{cells[0], cells[0] + cells[1], cells[0] + cells[2], 200};
    const auto covers = [&](PairMeasure measure, double truth) {
      const auto interval = pair_interval(measure, t);
      return interval->lower <= truth && truth <= interval->upper;
    };
    lift_covered += covers(PairMeasure::lift, 5.0 / 3.0) ? 1 : 0;
    phi_covered += covers(PairMeasure::phi, 0.08 / std::sqrt(0.21 * 0.24)) ? 1 : 0;
  }
  // 950 +- 4 standard deviations, and a little for the approximation.
  CHECK(std::abs(lift_covered - 950) < 35);
  CHECK(std::abs(phi_covered - 950) < 35);
}

TEST_CASE("The log odds ratio is that of the table with a half in each cell") {
  const LogOddsRatio odds = log_odds_ratio({9, 19, 29, 100});
  CHECK(odds.value == Approx(std::log(9.5 * 61.5 / (10.5 * 20.5))));
  CHECK(odds.std_error == Approx(std::sqrt(1 / 9.5 + 1 / 10.5 + 1 / 20.5 + 1 / 61.5)));
}

TEST_CASE("p-values are Fisher's where a cell is small, and those of G^2 elsewhere") {
  CounterRng random(2);
  for (int round = 0; round < 2000; ++round) {
    const PairTable t = random_table(random, round % 2 == 0 ? 40 : 3000);
    const auto cells = PairTable{t.expected(), t.first, t.second, t.total}.cells();
    const double p = independence_p_value(t);
    if (*std::min_element(cells.begin(), cells.end()) < 5.0) {
      REQUIRE(p == Approx(fisher_by_boost(t)).epsilon(1e-8));
    } else {
      const double g = value(PairMeasure::log_likelihood_ratio, t);
      const double tail =
          cdf(boost::math::complement(boost::math::chi_squared(1.0), std::max(g, 0.0)));
      REQUIRE(p == Approx(tail).epsilon(1e-8));
    }
  }
}

TEST_CASE("Fractional counts are tested by G^2 however small they are") {
  const PairTable t{1.5, 2, 3, 40};
  const double g = value(PairMeasure::log_likelihood_ratio, t);
  CHECK(independence_p_value(t) ==
        Approx(cdf(boost::math::complement(boost::math::chi_squared(1.0), g))));
}

TEST_CASE("Of fractional counts a cell that has only rounding is empty") {
  CounterRng random(8);
  for (int round = 0; round < 300; ++round) {
    // Sets of 0, of 1 and of both, none without either.
    LabelCounts counts(2);
    for (int row = 0; row < 50; ++row) {
      const double first = random.uniform();
      const double both = round % 2 == 0 ? 1e-4 * random.uniform() : random.uniform();
      counts.add(LabelSet{0}, first);
      counts.add(LabelSet{1}, 1.0 - first);
      counts.add(LabelSet{0, 1}, both);
    }
    const PairTable t{counts.count(0, 1), counts.count(0), counts.count(1), counts.total()};
    const double neither = t.cells()[3];
    const PairTable exact{t.both, t.first, t.second, t.total - neither};
    const double g = value(PairMeasure::log_likelihood_ratio, exact);
    CHECK(g > 1.0);
    CHECK(value(PairMeasure::log_likelihood_ratio, t) == Approx(g).epsilon(1e-9));
  }
}

TEST_CASE("Shrinkage moves the count of both between what was seen and what was expected") {
  const PairTable t{3, 3, 30, 900};  // E = 0.1
  CHECK(shrink_towards_independence(t, 0.0) == t);
  CHECK(value(PairMeasure::lift, shrink_towards_independence(t, 1.0)) ==
        Approx((3 + 1.0) / (0.1 + 1.0)));
  CHECK(shrink_towards_independence(t, kInfinity).both == Approx(0.1));
  CHECK_THROWS_AS(shrink_towards_independence(t, -1.0), std::invalid_argument);
}

TEST_CASE("Measures have names") {
  const std::vector<std::string> names{"support", "confidence", "reverse_confidence",
                                       "lift",    "pmi",        "npmi",
                                       "phi",     "jaccard",    "llr"};
  CHECK(pair_measure_names() == names);
  for (const std::string& name : names) CHECK(pair_measure_name(parse_pair_measure(name)) == name);
  CHECK_THROWS_AS(parse_pair_measure("Lift"), std::invalid_argument);
}
