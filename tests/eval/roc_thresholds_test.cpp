#include <labelbeam/eval/roc_thresholds.h>

#include <cmath>
#include <map>

#include "catch.h"
#include "tuning_data.h"

namespace labelbeam::eval {
namespace {

using namespace testing;

struct Rates {
  double sensitivity = 0.0;
  double specificity = 0.0;
  double surplus = 0.0;  ///< predicted minus positive
};

/// Of the one label of `column`, counted row by row.
Rates rates_of(const Data& column, double threshold) {
  double tp = 0.0, fp = 0.0, positives = 0.0, negatives = 0.0;
  for (std::size_t i = 0; i < column.truth.size(); ++i) {
    const bool is_true = !column.truth[i].empty();
    (is_true ? positives : negatives) += 1.0;
    if (column.scores.values[i] >= threshold) (is_true ? tp : fp) += 1.0;
  }
  return {tp / positives, (negatives - fp) / negatives, tp + fp - positives};
}

bool has_both_classes(const Data& column) {
  std::size_t positives = 0;
  for (const LabelSet& set : column.truth) positives += set.size();
  return positives > 0 && positives < column.truth.size();
}

constexpr double kTarget = 0.7;

/// Lower is better.
double loss(CurvePoint point, const Rates& rates) {
  switch (point) {
    case CurvePoint::youden:
      return -(rates.sensitivity + rates.specificity);
    case CurvePoint::nearest_corner:
      return std::pow(1.0 - rates.sensitivity, 2) + std::pow(1.0 - rates.specificity, 2);
    case CurvePoint::equal_error:
      return std::abs((1.0 - rates.specificity) - (1.0 - rates.sensitivity));
    case CurvePoint::sensitivity:
      return rates.sensitivity < kTarget - 1e-9 ? 10.0 : -rates.specificity;
    case CurvePoint::specificity:
      return rates.specificity < kTarget - 1e-9 ? 10.0 : -rates.sensitivity;
    case CurvePoint::break_even:
      return std::abs(rates.surplus);
  }
  return 0.0;
}

const std::vector<CurvePoint> kPoints = {CurvePoint::youden,      CurvePoint::nearest_corner,
                                         CurvePoint::equal_error, CurvePoint::sensitivity,
                                         CurvePoint::specificity, CurvePoint::break_even};

TEST_CASE("a point of a label's curve is the best of all its thresholds, the highest of equals") {
  TestRandom random(31);
  std::size_t compared = 0;
  for (int trial = 0; trial < 400; ++trial) {
    const Data data = random_data(random);
    for (const CurvePoint point : kPoints) {
      const TunedThresholds tuned =
          tune_curve_point(data.scores, ValidTruth(data.truth), point, kTarget, unguarded());
      CHECK_FALSE(tuned.validation.has_value());
      for (std::size_t l = 0; l < data.scores.num_labels; ++l) {
        const Data column = column_of(data, l);
        if (!has_both_classes(column)) continue;
        double best = std::numeric_limits<double>::infinity();
        double best_threshold = 0.0;
        std::vector<double> thresholds = candidates(column.scores.values);
        for (auto at = thresholds.rbegin(); at != thresholds.rend(); ++at) {
          const double value = loss(point, rates_of(column, *at));
          if (value >= best - 1e-9) continue;
          best = value;
          best_threshold = *at;
        }
        INFO("trial " << trial << " label " << l << " point " << static_cast<int>(point));
        CHECK(loss(point, rates_of(column, tuned.thresholds.values[l])) ==
              Approx(best).margin(1e-12));
        CHECK(apply_thresholds(Thresholds{{tuned.thresholds.values[l]}}, column.scores) ==
              apply_thresholds(Thresholds{{best_threshold}}, column.scores));
        ++compared;
      }
    }
  }
  CHECK(compared > 2000);
}

TEST_CASE("the points of a curve by hand") {
  ScoreMatrix scores(6, 1);
  scores.values = {0.9, 0.8, 0.7, 0.6, 0.5, 0.4};
  const ValidTruth truth({{0}, {}, {0}, {0}, {}, {}});
  const auto threshold = [&](CurvePoint point, double target = 0.0) {
    return tune_curve_point(scores, truth, point, target, unguarded()).thresholds.values[0];
  };
  CHECK(threshold(CurvePoint::youden) == Approx(0.55));       // 1 and 2/3
  CHECK(threshold(CurvePoint::break_even) == Approx(0.65));   // 3 predicted, 3 true
  CHECK(threshold(CurvePoint::equal_error) == Approx(0.65));  // 2/3 and 2/3
  CHECK(threshold(CurvePoint::sensitivity, 1.0) == Approx(0.55));
  CHECK(threshold(CurvePoint::sensitivity, 0.3) == Approx(0.85));
  CHECK(threshold(CurvePoint::specificity, 1.0) == Approx(0.85));
  CHECK(threshold(CurvePoint::specificity, 0.6) == Approx(0.55));
  CHECK(threshold(CurvePoint::sensitivity, 0.0) > 0.9);
}

TEST_CASE("labels without a curve get the point of the pooled curve, with a warning") {
  TestRandom random(32);
  ScoreMatrix scores(60, 3);
  for (double& score : scores.values) score = 8.0 * random.uniform() - 4.0;
  std::vector<LabelSet> truth(60, LabelSet{2});
  for (std::size_t i = 0; i < 30; ++i) truth[i].insert(0);
  for (std::size_t i = 10; i < 29; ++i) truth[i].insert(1);
  Data pool{ScoreMatrix(180, 1), std::vector<LabelSet>(180)};
  pool.scores.values = scores.values;
  for (std::size_t i = 0; i < 60; ++i) {
    for (const LabelId label : truth[i]) pool.truth[3 * i + label].insert(0);
  }
  for (const CurvePoint point : kPoints) {
    const TunedThresholds tuned = tune_curve_point(scores, ValidTruth(truth), point, kTarget);
    CHECK(tuned.pooled_labels == std::vector<LabelId>{1, 2});
    REQUIRE(tuned.warnings.size() == 1);
    CHECK_THAT(tuned.warnings[0], contains_text("2 of 3 labels have fewer than 20 positive rows"));
    const double pooled =
        tune_curve_point(pool.scores, ValidTruth(pool.truth), point, kTarget).thresholds.values[0];
    CHECK(tuned.thresholds.values[1] == pooled);
    CHECK(tuned.thresholds.values[2] == pooled);
    CHECK(tuned.thresholds.values[0] != pooled);
  }
}

TEST_CASE("where all cells are of one class, nothing or everything is predicted") {
  TestRandom random(33);
  ScoreMatrix scores(5, 3);
  for (double& score : scores.values) score = random.uniform();
  for (const CurvePoint point : kPoints) {
    for (const std::vector<LabelSet>& truth :
         {std::vector<LabelSet>(5), std::vector<LabelSet>(5, full_set(3))}) {
      const TunedThresholds tuned =
          tune_curve_point(scores, ValidTruth(truth), point, kTarget, unguarded());
      CHECK(apply_thresholds(tuned.thresholds, scores) == truth);
    }
  }
}

TEST_CASE("a curve has no point at a rate that is none") {
  ScoreMatrix scores(2, 1);
  const ValidTruth truth(std::vector<LabelSet>(2));
  for (const double target : {-0.1, 1.1, std::nan("")}) {
    CHECK_THROWS_WITH(tune_curve_point(scores, truth, CurvePoint::sensitivity, target),
                      contains_text("is in [0, 1]"));
  }
}

}  // namespace
}  // namespace labelbeam::eval
