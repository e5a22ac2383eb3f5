#include <labelbeam/eval/curves.h>

#include "catch.h"
#include "random_sets.h"

namespace labelbeam::eval {
namespace {

TEST_CASE("reliability bins hold the mean probability, the share of true cells and their number") {
  ScoreMatrix probabilities(2, 3);
  probabilities.values = {0.1, 0.15, 1.0,  //
                          0.9, 0.5,  0.0};
  const std::vector<LabelSet> truth = {{1, 2}, {0}};
  const std::vector<ReliabilityBin> bins = reliability_bins(probabilities, truth, 2);
  REQUIRE(bins.size() == 2);
  CHECK(bins[0].count == 3);
  CHECK(bins[0].confidence == Approx(0.25 / 3.0));
  CHECK(bins[0].frequency == Approx(1.0 / 3.0));
  CHECK(bins[1].count == 3);
  CHECK(bins[1].confidence == Approx(0.8));
  CHECK(bins[1].frequency == Approx(2.0 / 3.0));
  CHECK(reliability_bins(probabilities, truth, 1000).size() == 6);
}

TEST_CASE("reliability needs probabilities and bins") {
  ScoreMatrix scores(1, 1);
  const std::vector<LabelSet> truth(1);
  scores.values = {1.5};
  CHECK_THROWS_WITH(reliability_bins(scores, truth), contains_text("not in 0 to 1"));
  scores.values = {0.5};
  CHECK_THROWS_AS(reliability_bins(scores, truth, 0), std::invalid_argument);
}

TEST_CASE("precision and recall are taken at every distinct score") {
  ScoreMatrix scores(1, 4);
  scores.values = {0.9, 0.5, 0.5, 0.1};
  const std::vector<LabelSet> truth = {{0, 2}};
  const std::vector<PrecisionRecallPoint> points = precision_recall_points(scores, truth);
  REQUIRE(points.size() == 3);
  CHECK(points[0].recall == 0.5);
  CHECK(points[0].precision == 1.0);
  CHECK(points[1].recall == 1.0);
  CHECK(points[1].precision == Approx(2.0 / 3.0));
  CHECK(points[2].recall == 1.0);
  CHECK(points[2].precision == 0.5);
  CHECK(precision_recall_points(scores, std::vector<LabelSet>(1)).empty());
}

TEST_CASE("a long precision-recall curve is thinned and keeps its ends") {
  testing::TestRandom random(5);
  ScoreMatrix scores(100, 10);
  for (double& score : scores.values) score = random.uniform();
  const std::vector<LabelSet> truth = random.sets(100, 10, 0.3);
  const auto all = precision_recall_points(scores, truth, 100000);
  const auto few = precision_recall_points(scores, truth, 50);
  CHECK(all.size() == 1000);
  REQUIRE(few.size() == 50);
  CHECK(few.front().recall == all.front().recall);
  CHECK(few.back().recall == 1.0);
  CHECK(few.back().precision == all.back().precision);
  CHECK_THROWS_AS(precision_recall_points(scores, truth, 1), std::invalid_argument);
}

TEST_CASE("set sizes are counted up to the largest set") {
  const std::vector<LabelSet> sets = {{}, {1}, {2, 3, 4}, {0}};
  CHECK(set_size_counts(sets) == std::vector<std::uint64_t>{1, 2, 0, 1});
  CHECK(set_size_counts({}).empty());
}

}  // namespace
}  // namespace labelbeam::eval
