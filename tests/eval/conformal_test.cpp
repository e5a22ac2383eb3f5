#include <labelbeam/eval/conformal.h>

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/binomial.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.h"
#include "chi_square.h"
#include "random_lists.h"

using namespace labelbeam;
using namespace labelbeam::eval;
using labelbeam::eval::testing::draw_truth;
using labelbeam::eval::testing::random_list;
using labelbeam::eval::testing::TestRandom;
using labelbeam::test_support::chi_square_p;

namespace {

struct Rows {
  std::vector<ListedSets> lists;
  std::vector<double> uniforms;
  std::vector<LabelSet> truth;

  std::size_t size() const { return lists.size(); }
};

/// Exchangeable rows. The model is wrong on purpose: the truth comes from other probabilities than
/// the lists say.
Rows random_rows(std::size_t n, TestRandom& random) {
  Rows rows;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t num_sets = 1 + random.below(6);
    rows.lists.push_back(random_list(num_sets, random));
    rows.uniforms.push_back(random.uniform());
    rows.truth.push_back(draw_truth(random_list(num_sets, random), random));
  }
  return rows;
}

std::vector<double> scores_of_truth(ConformityScore score, const Rows& rows) {
  std::vector<double> scores;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    scores.push_back(nonconformity_of(score, rows.lists[i], rows.uniforms[i], rows.truth[i]));
  }
  return scores;
}

/// P(count) of m new rows under the beta-binomial law.
double beta_binomial(unsigned count, unsigned m, double a, double b) {
  return boost::math::binomial_coefficient<double>(m, count) *
         boost::math::beta(a + count, b + (m - count)) / boost::math::beta(a, b);
}

/// The p-value of how often each number of m rows was covered, under the law of rank k of n.
double chance_of(const std::map<unsigned, std::size_t>& counts, unsigned m, std::size_t k,
                 std::size_t n, std::size_t repeats) {
  std::map<unsigned, double> law;
  for (unsigned c = 0; c <= m; ++c) {
    law[c] = beta_binomial(c, m, static_cast<double>(k), static_cast<double>(n + 1 - k));
  }
  return chi_square_p(counts, law, repeats);
}

}  // namespace

TEST_CASE("The threshold is the score of rank ceil((n + 1) coverage)") {
  std::vector<double> scores(19);
  std::iota(scores.rbegin(), scores.rend(), 1.0);  // 19 .. 1
  CHECK(calibrate_conformal(scores, 0.9).rank == 18);
  CHECK(*calibrate_conformal(scores, 0.9).highest == 18.0);
  CHECK(*calibrate_conformal(scores, 0.95).highest == 19.0);
  CHECK(*calibrate_conformal(scores, 0.01).highest == 1.0);
  const ConformalThreshold everything = calibrate_conformal(scores, 0.951);
  CHECK(everything.is_everything());
  CHECK(everything.covers(std::numeric_limits<double>::infinity()));
  CHECK(calibrate_conformal({}, 0.5).is_everything());
  // Products that rounding lifts above a whole number.
  for (std::size_t n = 1; n <= 2000; ++n) {
    for (const std::size_t percent : {80u, 90u, 95u}) {
      const std::size_t exact = ((n + 1) * percent + 99) / 100;
      const std::vector<double> equal(n, 0.0);
      REQUIRE(calibrate_conformal(equal, static_cast<double>(percent) / 100.0).rank == exact);
    }
  }
  CHECK_THROWS_AS(calibrate_conformal(scores, 1.0), std::invalid_argument);
  CHECK_THROWS_AS(calibrate_conformal(scores, 0.0), std::invalid_argument);
  CHECK_THROWS_AS(calibrate_conformal(std::vector<double>{std::nan("")}, 0.5),
                  std::invalid_argument);
}

TEST_CASE("Scores are those of the papers, other sets last") {
  ListedSets row;
  row.sets = {{0}, {1}};
  row.log_probs = {std::log(0.5), std::log(0.2)};
  row.log_other = std::log(0.3);
  const std::vector<double> lac = nonconformity(ConformityScore::lac, row, 0.7);
  CHECK(lac[0] == Approx(0.5));
  CHECK(lac[1] == Approx(0.8));
  CHECK(lac[2] ==
        Approx(0.8));  // a set that is not listed has at most the least listed probability
  const std::vector<double> aps = nonconformity(ConformityScore::aps, row, 0.5);
  CHECK(aps[0] == Approx(0.25));
  CHECK(aps[1] == Approx(0.6));
  CHECK(aps[2] == Approx(0.85));
  CHECK(nonconformity_of(ConformityScore::aps, row, 0.5, LabelSet{1}) == aps[1]);
  CHECK(nonconformity_of(ConformityScore::aps, row, 0.5, LabelSet{9}) == aps[2]);
  row.log_other = std::log(0.1);
  CHECK(nonconformity(ConformityScore::lac, row, 0.0)[2] == Approx(0.9));
}

TEST_CASE("A region holds exactly the sets whose score reaches no further than the threshold") {
  TestRandom random(1);
  const Rows rows = random_rows(300, random);
  for (const ConformityScore score : {ConformityScore::lac, ConformityScore::aps}) {
    const std::vector<double> scores = scores_of_truth(score, rows);
    for (const double coverage : {0.3, 0.8, 0.95, 0.9999}) {
      const ConformalThreshold threshold = calibrate_conformal(scores, coverage);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const ListedSets& row = rows.lists[i];
        const ConformalRegion region = threshold.region(score, row, rows.uniforms[i]);
        const LabelSet unlisted{777};
        for (std::size_t k = 0; k <= row.sets.size(); ++k) {
          const LabelSet& set = k < row.sets.size() ? row.sets[k] : unlisted;
          const double value = nonconformity_of(score, row, rows.uniforms[i], set);
          REQUIRE(region.covers(row, set) == threshold.covers(value));
        }
      }
    }
  }
}

TEST_CASE("Covered rows follow the exact beta-binomial law whatever the model says") {
  TestRandom random(2);
  const std::size_t n = 29, repeats = 4000;
  const unsigned m = 20;
  const double coverage = 0.8;
  std::map<unsigned, std::size_t> counts, counts_of_wrong_rank;
  std::size_t rank = 0;
  for (std::size_t r = 0; r < repeats; ++r) {
    const Rows rows = random_rows(n + m, random);
    const std::vector<double> scores = scores_of_truth(ConformityScore::aps, rows);
    const std::span<const double> calibration(scores.data(), n);
    const ConformalThreshold threshold = calibrate_conformal(calibration, coverage);
    rank = threshold.rank;
    std::vector<double> sorted(calibration.begin(), calibration.end());
    std::sort(sorted.begin(), sorted.end());
    unsigned covered = 0, wrong_covered = 0;
    for (std::size_t i = n; i < n + m; ++i) {
      const ConformalRegion region =
          threshold.region(ConformityScore::aps, rows.lists[i], rows.uniforms[i]);
      covered += region.covers(rows.lists[i], rows.truth[i]) ? 1 : 0;
      wrong_covered += scores[i] <= sorted[22] ? 1 : 0;  // rank floor(n coverage)
    }
    ++counts[covered];
    ++counts_of_wrong_rank[wrong_covered];
  }
  CHECK(rank == 24);
  CHECK(chance_of(counts, m, rank, n, repeats) > 1e-3);
  CHECK(chance_of(counts_of_wrong_rank, m, rank, n, repeats) < 1e-6);

  double mean = 0.0, square = 0.0;
  for (unsigned c = 0; c <= m; ++c) {
    const double share = static_cast<double>(c) / static_cast<double>(m);
    const double p = beta_binomial(c, m, 24.0, 6.0);
    mean += p * share;
    square += p * share * share;
  }
  const CoverageLaw law = coverage_law({coverage, n, 24, 0.5}, m);
  CHECK(law.mean == Approx(mean).epsilon(1e-12));
  CHECK(law.standard_deviation == Approx(std::sqrt(square - mean * mean)).epsilon(1e-9));
}

TEST_CASE("Equal scores and truth that is never listed only raise coverage") {
  TestRandom random(3);
  const std::size_t n = 19, m = 10;
  double covered = 0.0;
  for (int r = 0; r < 500; ++r) {
    std::vector<double> scores(n + m);
    for (double& score : scores) score = static_cast<double>(random.below(3));
    const ConformalThreshold threshold =
        calibrate_conformal(std::span<const double>(scores.data(), n), 0.7);
    for (std::size_t i = n; i < n + m; ++i) covered += threshold.covers(scores[i]) ? 1.0 : 0.0;
  }
  CHECK(covered / (500.0 * m) > 0.75);

  Rows lost = random_rows(200, random);
  for (LabelSet& set : lost.truth) set = LabelSet{5000};
  for (const ConformityScore score : {ConformityScore::lac, ConformityScore::aps}) {
    const ConformalThreshold threshold = calibrate_conformal(scores_of_truth(score, lost), 0.9);
    const RegionFigures figures =
        measure_regions(score, threshold, lost.lists, lost.uniforms, lost.truth);
    CHECK(figures.covered >= 0.9);
    CHECK(figures.other_share == figures.covered);
  }
}

TEST_CASE("A level that the rows are too few for makes every region everything") {
  TestRandom random(4);
  const Rows rows = random_rows(8, random);
  const ConformalThreshold threshold =
      calibrate_conformal(scores_of_truth(ConformityScore::lac, rows), 0.9);
  REQUIRE(threshold.is_everything());
  const RegionFigures figures =
      measure_regions(ConformityScore::lac, threshold, rows.lists, rows.uniforms, rows.truth);
  CHECK(figures.covered == 1.0);
  CHECK(figures.other_share == 1.0);
  CHECK(figures.empty_share == 0.0);
  CHECK(coverage_law(threshold, 5).mean == 1.0);
}

TEST_CASE("Halves of the same rows keep the level, and do not depend on the order of calls") {
  TestRandom random(5);
  const Rows rows = random_rows(401, random);
  for (const ConformityScore score : {ConformityScore::lac, ConformityScore::aps}) {
    for (const double coverage : {0.8, 0.9, 0.95}) {
      const HalvesCoverage halves =
          measure_halves(score, coverage, rows.lists, rows.uniforms, rows.truth, 100, 7);
      CHECK(halves.passed);
      CHECK(halves.num_calibration == 200);
      CHECK(halves.lower_limit < halves.law.mean);
      CHECK(halves.law.mean >= coverage);
      const HalvesCoverage again =
          measure_halves(score, coverage, rows.lists, rows.uniforms, rows.truth, 100, 7);
      CHECK(again.mean.covered == halves.mean.covered);
      CHECK(again.mean.mean_sets == halves.mean.mean_sets);
    }
  }
  CHECK_THROWS_AS(
      measure_halves(ConformityScore::aps, 0.9, rows.lists, rows.uniforms, rows.truth, 0, 7),
      std::invalid_argument);
}

TEST_CASE("The randomness of a row depends on its id and the seed alone") {
  CHECK(row_uniform(1, "a") == row_uniform(1, "a"));
  CHECK(row_uniform(1, "a") != row_uniform(2, "a"));
  CHECK(row_uniform(1, "a") != row_uniform(1, "b"));
  double sum = 0.0;
  for (int i = 0; i < 4000; ++i) sum += row_uniform(3, std::to_string(i));
  CHECK(sum / 4000.0 == Approx(0.5).margin(0.02));
}

TEST_CASE("Conformity scores have names") {
  CHECK(parse_conformity_score("lac") == ConformityScore::lac);
  CHECK(to_string(ConformityScore::aps) == "aps");
  CHECK_THROWS_AS(parse_conformity_score("raps"), std::invalid_argument);
}
