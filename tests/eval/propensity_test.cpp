#include <labelbeam/eval/propensity.h>

#include <cmath>
#include <vector>

#include "catch.h"
#include "named_values.h"
#include "random_sets.h"

namespace labelbeam::eval {
namespace {

using testing::figure;
using testing::identical;
using testing::TestRandom;

TEST_CASE("inverse propensities follow their model") {
  const std::vector<std::uint64_t> rows = {0, 10, 1000};
  const std::vector<double> inverse = inverse_propensities(rows, 1000);
  const double c = (std::log(1000.0) - 1.0) * std::pow(2.5, 0.55);
  for (std::size_t l = 0; l < rows.size(); ++l) {
    CHECK(inverse[l] ==
          Approx(1.0 + c * std::pow(static_cast<double>(rows[l]) + 1.5, -0.55)).epsilon(1e-15));
  }
  CHECK(inverse[0] > inverse[1]);
  CHECK(inverse[1] > inverse[2]);
  CHECK(inverse[2] > 1.0);
  // A label in one row of a corpus of N = e^2 rows, with A = B = 1: 1 + 2 / 2.
  CHECK(inverse_propensities(std::vector<std::uint64_t>{1}, 7, {1.0, 1.0})[0] ==
        Approx(1.0 + (std::log(7.0) - 1.0)).epsilon(1e-15));
}

TEST_CASE("propensity-scored metrics are ratios of sums over the corpus, not means of ratios") {
  PropensityAccumulator rows({2.0, 4.0, 1.0}, {1, 2});
  rows.add({0, 1}, std::vector{0.9, 0.5, 0.7});  // finds 0 at 1, then 2
  rows.add({2}, std::vector{0.1, 0.2, 0.9});     // finds 2 at 1
  const std::vector<NamedValue> values = rows.results();
  CHECK(figure(values, "propensity_scored_precision_at_1").value == (2.0 + 1.0) / (4.0 + 1.0));
  CHECK(figure(values, "propensity_scored_precision_at_2").value == (2.0 + 1.0) / (6.0 + 1.0));
  const double second = 1.0 / std::log2(3.0);
  CHECK(figure(values, "propensity_scored_ndcg_at_2").value ==
        Approx((2.0 + 1.0) / (4.0 + 2.0 * second + 1.0)).epsilon(1e-15));
  CHECK(figure(values, "propensity_scored_ndcg_at_2").convention == "xmc");
}

TEST_CASE("the best ranking scores 1, and equal propensities leave only the counts") {
  TestRandom random(41);
  for (int trial = 0; trial < 100; ++trial) {
    const std::size_t L = 1 + random.below(8);
    std::vector<double> inverse(L);
    for (double& value : inverse) value = 1.0 + 5.0 * random.uniform();
    PropensityAccumulator best(inverse);
    PropensityAccumulator uniform(std::vector<double>(L, 3.0));
    double hits = 0.0;
    double most = 0.0;
    for (int i = 0; i < 10; ++i) {
      const LabelSet truth = random.set(L, 0.5);
      std::vector<double> scores(L);
      for (std::size_t l = 0; l < L; ++l) {
        scores[l] = truth.contains(static_cast<LabelId>(l)) ? inverse[l] : 0.0;
      }
      best.add(truth, scores);
      for (double& score : scores) score = random.uniform();
      uniform.add(truth, scores);
      std::size_t top = 0;
      for (std::size_t l = 1; l < L; ++l) top = scores[l] > scores[top] ? l : top;
      hits += truth.contains(static_cast<LabelId>(top)) ? 1.0 : 0.0;
      most += truth.empty() ? 0.0 : 1.0;
    }
    if (most == 0.0) continue;
    for (const NamedValue& value : best.results()) CHECK(value.value == Approx(1.0).epsilon(1e-15));
    CHECK(figure(uniform.results(), "propensity_scored_precision_at_1").value ==
          Approx(hits / most).epsilon(1e-15));
  }
}

TEST_CASE("a corpus without labels is undefined") {
  PropensityAccumulator rows({2.0, 4.0}, {1});
  rows.add({}, std::vector{0.9, 0.5});
  CHECK(figure(rows.results(), "propensity_scored_precision_at_1").value == 0.0);
  CHECK(figure(rows.results(), "propensity_scored_ndcg_at_1").undefined == 1);
}

TEST_CASE("shards of propensity-scored rows in any order give exactly the whole") {
  TestRandom random(42);
  const std::vector<double> inverse = {1.5, 2.5, 9.0, 1.1};
  PropensityAccumulator whole(inverse);
  std::vector<PropensityAccumulator> shards(3, PropensityAccumulator(inverse));
  for (int i = 0; i < 200; ++i) {
    const LabelSet truth = random.set(4, 0.4);
    std::vector<double> scores(4);
    for (double& score : scores) score = random.uniform();
    const double weight = 3.0 * random.uniform();
    whole.add(truth, scores, weight);
    shards[random.below(3)].add(truth, scores, weight);
  }
  PropensityAccumulator merged(inverse);
  for (std::size_t s = shards.size(); s > 0; --s) merged.merge(shards[s - 1]);
  CHECK(identical(merged.results(), whole.results()));
}

TEST_CASE("propensities that make no sense are refused") {
  const std::vector<std::uint64_t> rows = {1, 5};
  CHECK_THROWS_WITH(inverse_propensities(rows, 2), contains_text("at least 3 training rows"));
  CHECK_THROWS_WITH(inverse_propensities(rows, 4), contains_text("5 of 4"));
  CHECK_THROWS_AS(inverse_propensities(rows, 10, {0.0, 1.5}), std::invalid_argument);
  CHECK_THROWS_AS(inverse_propensities(rows, 10, {0.5, std::nan("")}), std::invalid_argument);
  CHECK_THROWS_AS(PropensityAccumulator({}), std::invalid_argument);
  CHECK_THROWS_AS(PropensityAccumulator({0.0}), std::invalid_argument);
  CHECK_THROWS_AS(PropensityAccumulator({1.0}, {0}), std::invalid_argument);
  PropensityAccumulator two({1.0, 2.0});
  CHECK_THROWS_WITH(two.results(), contains_text("no rows"));
  CHECK_THROWS_AS(two.add({}, std::vector{0.5}), std::invalid_argument);
  CHECK_THROWS_AS(two.add({}, std::vector{0.5, std::nan("")}), std::invalid_argument);
  CHECK_THROWS_AS(two.merge(PropensityAccumulator({1.0, 3.0})), std::invalid_argument);
}

}  // namespace
}  // namespace labelbeam::eval
