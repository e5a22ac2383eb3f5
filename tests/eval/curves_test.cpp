#include <labelbeam/eval/curves.h>
#include <labelbeam/eval/ranking_metrics.h>

#include <cmath>

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

TEST_CASE("a pooled ROC curve has a point at every distinct score") {
  ScoreMatrix scores(1, 4);
  scores.values = {0.9, 0.5, 0.5, 0.1};
  const std::vector<LabelSet> truth = {{0, 2}};
  const std::vector<RocCurve> curves = roc_curves(scores, truth);
  REQUIRE(curves.size() == 1);  // no label has both classes
  CHECK(curves[0].average == RocAverage::micro);
  CHECK(curves[0].area == 0.875);
  REQUIRE(curves[0].points.size() == 4);
  CHECK(curves[0].points[0].true_positive_rate == 0.0);
  CHECK(curves[0].points[1].true_positive_rate == 0.5);
  CHECK(curves[0].points[1].false_positive_rate == 0.0);
  CHECK(curves[0].points[2].true_positive_rate == 1.0);
  CHECK(curves[0].points[2].false_positive_rate == 0.5);
  CHECK(curves[0].points[3].false_positive_rate == 1.0);
  CHECK(roc_curves(scores, std::vector<LabelSet>(1)).empty());
  CHECK_THROWS_AS(roc_curves(scores, truth, 2), std::invalid_argument);
}

TEST_CASE("the macro ROC curve is the mean of the labels' curves at equal false positive rates") {
  ScoreMatrix scores(3, 3);
  scores.values = {0.9, 0.1, 0.5,  //
                   0.6, 0.8, 0.5,  //
                   0.2, 0.3, 0.5};
  // Label 0 is ranked perfectly; label 1 has one of two negatives above its positive; label 2 has
  // one class only and is left out.
  const std::vector<LabelSet> truth = {{0}, {}, {1}};
  const std::vector<RocCurve> curves = roc_curves(scores, truth, 6);
  REQUIRE(curves.size() == 2);
  CHECK(curves[1].average == RocAverage::macro);
  CHECK(curves[1].area == Approx((1.0 + 0.5) / 2.0));
  const std::vector<double> rates = {0.0, 0.5, 0.5, 1.0, 1.0, 1.0};
  REQUIRE(curves[1].points.size() == rates.size());
  for (std::size_t k = 0; k < rates.size(); ++k) {
    CHECK(curves[1].points[k].true_positive_rate == Approx(rates[k]));
    CHECK(curves[1].points[k].false_positive_rate ==
          Approx(k == 0 ? 0.0 : static_cast<double>(k - 1) / 4.0));
  }
}

TEST_CASE("areas below ROC curves are those of the ranking metrics, and curves only rise") {
  testing::TestRandom random(6);
  ScoreMatrix scores(100, 7);
  for (double& score : scores.values) score = std::floor(20.0 * random.uniform());
  const std::vector<LabelSet> truth = random.sets(100, 7, 0.3);
  const std::vector<RocCurve> curves = roc_curves(scores, truth, 11);
  RankingOptions options;
  options.areas = true;
  REQUIRE(curves.size() == 2);
  for (const RocCurve& curve : curves) {
    CHECK(curve.points.size() == 11);
    CHECK(curve.points.back().false_positive_rate == 1.0);
    CHECK(curve.points.back().true_positive_rate == 1.0);
    for (std::size_t k = 1; k < curve.points.size(); ++k) {
      CHECK(curve.points[k].true_positive_rate >= curve.points[k - 1].true_positive_rate);
      CHECK(curve.points[k].false_positive_rate >= curve.points[k - 1].false_positive_rate);
    }
  }
  for (const NamedValue& figure : evaluate_ranking(scores, truth, options)) {
    if (figure.name == "roc_auc_micro") CHECK(curves[0].area == Approx(figure.value));
    if (figure.name == "roc_auc_macro") CHECK(curves[1].area == Approx(figure.value));
  }
}

TEST_CASE("set sizes are counted up to the largest set") {
  const std::vector<LabelSet> sets = {{}, {1}, {2, 3, 4}, {0}};
  CHECK(set_size_counts(sets) == std::vector<std::uint64_t>{1, 2, 0, 1});
  CHECK(set_size_counts({}).empty());
}

}  // namespace
}  // namespace labelbeam::eval
