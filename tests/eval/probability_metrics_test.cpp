#include <labelbeam/eval/curves.h>
#include <labelbeam/eval/probability_metrics.h>

#include <cmath>
#include <vector>

#include "catch.h"
#include "named_values.h"
#include "random_scores.h"

namespace labelbeam::eval {
namespace {

using testing::figure;
using testing::identical;
using testing::random_scored_rows;
using testing::ScoredRows;
using testing::TestRandom;

TEST_CASE("probability metrics of two rows are as computed by hand") {
  ProbabilityAccumulator rows(2, 2);
  rows.add({0}, std::vector{0.75, 0.25});
  rows.add({}, std::vector{0.75, 0.5}, 3.0);
  const std::vector<LabelProbabilityMetrics> labels = rows.label_results();
  CHECK(labels[0].brier_score_loss == (0.0625 + 3.0 * 0.5625) / 4.0);
  CHECK(labels[1].brier_score_loss == (0.0625 + 3.0 * 0.25) / 4.0);
  CHECK(labels[0].log_loss ==
        Approx(-(std::log(0.75) + 3.0 * std::log(0.25)) / 4.0).epsilon(1e-15));
  CHECK(labels[0].expected_calibration_error == 0.5);  // one bin: 0.25 true, 0.75 said
  CHECK(labels[1].expected_calibration_error == (0.25 + 3.0 * 0.5) / 4.0);
  const std::vector<NamedValue> values = rows.results();
  CHECK(figure(values, "expected_calibration_error_macro").value == (0.5 + 0.4375) / 2.0);
  CHECK(figure(values, "brier_score_loss_weighted").value == labels[0].brier_score_loss);
  // Pooled, below 0.5: 0 true of 0.25 said; above it: 1 true of 0.75 + 3 * 0.75 + 3 * 0.5 said.
  CHECK(figure(values, "expected_calibration_error_micro").value == (0.25 + 3.5) / 8.0);
  const std::vector<ReliabilityBin> curve = rows.reliability(1);
  REQUIRE(curve.size() == 2);
  CHECK(curve[0].confidence == 0.25);
  CHECK(curve[1].confidence == 0.5);
  CHECK(curve[1].count == 1);
}

TEST_CASE("a truth of probability 0 is clipped and counted") {
  ProbabilityAccumulator rows(2);
  rows.add({0}, std::vector{0.0, 1.0});
  rows.add({0}, std::vector{1.0, 0.0});
  CHECK(figure(rows.results(), "log_loss_macro").undefined == 2);
  CHECK(rows.label_results()[0].clipped == 1);
  CHECK(rows.label_results()[0].log_loss ==
        Approx((-std::log(0x1.0p-52) - std::log1p(-0x1.0p-52)) / 2.0).epsilon(1e-15));
}

TEST_CASE("reliability of labels pools to the reliability of all") {
  TestRandom random(31);
  for (std::size_t trial = 0; trial < 50; ++trial) {
    ScoredRows rows = random_scored_rows(trial, random);
    ProbabilityAccumulator all(rows.scores.num_labels);
    for (std::size_t i = 0; i < rows.truth.size(); ++i) all.add(rows.truth[i], rows.scores.row(i));
    std::uint64_t cells = 0;
    double gap = 0.0;
    for (const ReliabilityBin& bin : reliability_bins(rows.scores, rows.truth)) {
      cells += bin.count;
      gap += static_cast<double>(bin.count) * std::abs(bin.frequency - bin.confidence);
    }
    CHECK(figure(all.results(), "expected_calibration_error_micro").value ==
          Approx(gap / static_cast<double>(cells)).margin(1e-14));
    // Pooling can only cancel gaps.
    CHECK(figure(all.results(), "expected_calibration_error_micro").value <=
          figure(all.results(), "expected_calibration_error_macro").value + 1e-14);
  }
}

TEST_CASE("shards of probabilities in any order give exactly the whole") {
  TestRandom random(32);
  ProbabilityAccumulator whole(4);
  std::vector<ProbabilityAccumulator> shards(3, ProbabilityAccumulator(4));
  for (int i = 0; i < 300; ++i) {
    const LabelSet truth = random.set(4, 0.4);
    std::vector<double> p(4);
    for (double& value : p) value = random.uniform();
    const double weight = random.below(2) == 0 ? 1.0 : 3.0 * random.uniform();
    whole.add(truth, p, weight);
    shards[random.below(3)].add(truth, p, weight);
  }
  ProbabilityAccumulator merged(4);
  for (std::size_t s = shards.size(); s > 0; --s) merged.merge(shards[s - 1]);
  CHECK(identical(merged.results(), whole.results()));
  const std::vector<NamedValue> once = whole.results();
  whole.merge(whole);
  CHECK(identical(whole.results(), once));
}

TEST_CASE("what is no probability, no row or no bin is refused") {
  ProbabilityAccumulator rows(2);
  CHECK_THROWS_WITH(rows.results(), contains_text("no rows"));
  CHECK_THROWS_WITH(rows.add({}, std::vector{0.5, 1.5}), contains_text("in [0, 1], got 1.5"));
  CHECK_THROWS_AS(rows.add({}, std::vector{0.5, -0.1}), std::invalid_argument);
  CHECK_THROWS_AS(rows.add({}, std::vector{0.5, std::nan("")}), std::invalid_argument);
  CHECK_THROWS_AS(rows.add({}, std::vector{0.5}), std::invalid_argument);
  CHECK_THROWS_AS(rows.reliability(2), std::invalid_argument);
  CHECK_THROWS_AS(rows.merge(ProbabilityAccumulator(2, 5)), std::invalid_argument);
  CHECK_THROWS_AS(ProbabilityAccumulator(2, 0), std::invalid_argument);
  CHECK_THROWS_AS(ProbabilityAccumulator(0), std::invalid_argument);
  CHECK_THROWS_AS(evaluate_probabilities(ScoreMatrix(2, 2), std::vector<LabelSet>(1)),
                  std::invalid_argument);
  CHECK(rows.num_rows() == 0);
}

}  // namespace
}  // namespace labelbeam::eval
