#include <labelbeam/eval/optimised_thresholds.h>

#include <cmath>

#include "catch.h"
#include "smoothed_f_beta.h"
#include "tuning_data.h"

namespace labelbeam::eval {
namespace {

using namespace testing;

const CrossValidation kOnce{1, 1};

Data noisy_data(TestRandom& random, std::size_t rows, std::size_t num_labels) {
  Data data{ScoreMatrix(rows, num_labels), random.sets(rows, num_labels, 0.3)};
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t l = 0; l < num_labels; ++l) {
      const bool is_true = data.truth[i].contains(static_cast<LabelId>(l));
      // Labels differ in offset and scale, so that one threshold does not fit them all.
      const auto scale = static_cast<double>(l + 1);
      data.scores.row(i)[l] = scale * (random.uniform() + (is_true ? 0.5 : 0.0)) - 1.0;
    }
  }
  return data;
}

TEST_CASE("cyclic optimisation ends where no single threshold can be improved") {
  TestRandom random(51);
  for (int trial = 0; trial < 200; ++trial) {
    const Data data = random_data(random);
    for (const char* name : {"f1_micro", "fbeta_micro:2", "f1_macro"}) {
      const Metric metric = parse_metric(name);
      PerLabelOptions options = unguarded();
      options.convention = Convention::sklearn(trial % 2);
      const ValidTruth truth(data.truth);
      const TunedThresholds tuned = tune_cyclic(data.scores, truth, metric, options, kOnce);
      REQUIRE(tuned.validation.has_value());
      const double reached = tuned.validation->value;
      const auto value = [&](const Thresholds& thresholds) {
        return score_of(thresholds, data.scores, data.truth, metric, options.convention);
      };
      INFO("trial " << trial << " " << name);
      CHECK(reached == value(tuned.thresholds));
      CHECK(reached >=
            tune_global(data.scores, truth, metric, options.convention).validation->value - 1e-12);
      for (std::size_t l = 0; l < data.scores.num_labels; ++l) {
        for (const double candidate : candidates(data.scores.values)) {
          Thresholds moved = tuned.thresholds;
          moved.values[l] = candidate;
          CHECK(value(moved) <= reached + 1e-12);
        }
      }
    }
  }
}

TEST_CASE("cyclic optimisation of macro-F is the optimum, and of micro-F beats one threshold") {
  TestRandom random(52);
  const Data data = noisy_data(random, 200, 4);
  const ValidTruth truth(data.truth);
  const Metric macro = parse_metric("f1_macro");
  CHECK(tune_cyclic(data.scores, truth, macro, {}, kOnce).validation->value ==
        Approx(tune_per_label(data.scores, truth).validation->value).margin(1e-12));
  const Metric micro = parse_metric("f1_micro");
  CHECK(tune_cyclic(data.scores, truth, micro, {}, kOnce).validation->value >
        tune_global(data.scores, truth, micro).validation->value + 0.05);
}

TEST_CASE("cyclic optimisation averages over folds, and depends on their seed alone") {
  TestRandom random(53);
  const Data data = noisy_data(random, 120, 3);
  const ValidTruth truth(data.truth);
  const Metric micro = parse_metric("f1_micro");
  const auto thresholds = [&](const CrossValidation& folds) {
    return tune_cyclic(data.scores, truth, micro, {}, folds).thresholds;
  };
  CHECK(thresholds({5, 1}) == thresholds({5, 1}));
  CHECK(thresholds({5, 1}) != thresholds({5, 2}));
  CHECK(thresholds({5, 1}) != thresholds(kOnce));
  const ThresholdSpread spread = spread_over_folds(
      data.scores, truth, {5, 1}, [&](const ScoreMatrix& scores, TuningTruth of_fold) {
        return tune_cyclic(scores, of_fold, micro, unguarded(), kOnce).thresholds;
      });
  const Thresholds mean = tune_cyclic(data.scores, truth, micro, unguarded(), {5, 1}).thresholds;
  for (std::size_t l = 0; l < 3; ++l) {
    CHECK(mean.values[l] >= spread.lowest[l] - 1e-12);
    CHECK(mean.values[l] <= spread.highest[l] + 1e-12);
  }
}

TEST_CASE("half of the optimal F is half of what the best threshold reaches") {
  TestRandom random(54);
  std::size_t compared = 0;
  for (int trial = 0; trial < 300; ++trial) {
    Data data = random_data(random);
    for (double& score : data.scores.values) score = std::clamp(score, 0.0, 1.0);
    const double beta = trial % 2 == 0 ? 1.0 : 2.0;
    const Metric macro{MetricKind::f_beta, Average::macro, beta};
    const Metric micro{MetricKind::f_beta, Average::micro, beta};
    const ValidTruth truth(data.truth);
    std::size_t true_cells = 0;
    for (const LabelSet& set : data.truth) true_cells += set.size();
    const TunedThresholds own = tune_half_f(data.scores, truth, macro, unguarded());
    const TunedThresholds one = tune_half_f(data.scores, truth, micro, unguarded());
    if (true_cells == 0) {
      CHECK(apply_thresholds(own.thresholds, data.scores) == data.truth);
      CHECK(apply_thresholds(one.thresholds, data.scores) == data.truth);
      continue;
    }
    const double pooled =
        brute_force_global(data.scores, data.truth, micro, {}, false) / (1.0 + beta * beta);
    CHECK(one.thresholds.values[0] == Approx(pooled).margin(1e-12));
    for (std::size_t l = 0; l < data.scores.num_labels; ++l) {
      const Data column = column_of(data, l);
      const bool absent =
          std::ranges::all_of(column.truth, [](const LabelSet& set) { return set.empty(); });
      const double optimum = brute_force_global(column.scores, column.truth, macro, {}, false);
      CHECK(own.thresholds.values[l] ==
            Approx(absent ? pooled : optimum / (1.0 + beta * beta)).margin(1e-12));
      ++compared;
    }
  }
  CHECK(compared > 400);
}

TEST_CASE("half of the optimal F is the best threshold of calibrated probabilities") {
  // Every label is true with the probability that is its score: by theory the optimum is F*/2.
  TestRandom random(55);
  Data data{ScoreMatrix(20000, 1), std::vector<LabelSet>(20000)};
  for (std::size_t i = 0; i < data.truth.size(); ++i) {
    data.scores.values[i] = std::pow(random.uniform(), 2.0);
    if (random.uniform() < data.scores.values[i]) data.truth[i].insert(0);
  }
  const ValidTruth truth(data.truth);
  const double best = tune_per_label(data.scores, truth).thresholds.values[0];
  CHECK(tune_half_f(data.scores, truth, parse_metric("f1_macro")).thresholds.values[0] ==
        Approx(best).margin(0.03));
}

TEST_CASE("thresholds of theory") {
  CHECK(cost_threshold(1.0, 1.0) == 0.5);
  CHECK(cost_threshold(1.0, 4.0) == 0.2);
  CHECK(cost_threshold(0.0, 4.0) == 0.0);
  CHECK(largest_f_threshold(1.0) == 0.5);
  CHECK(largest_f_threshold(2.0) == 0.2);
  for (const double bad : {-1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    CHECK_THROWS_AS(cost_threshold(bad, 1.0), std::invalid_argument);
    CHECK_THROWS_AS(largest_f_threshold(bad), std::invalid_argument);
  }
  CHECK_THROWS_AS(cost_threshold(0.0, 0.0), std::invalid_argument);
}

TEST_CASE("the slope of smoothed F-beta is its derivative") {
  TestRandom random(56);
  for (const char* name : {"f1_micro", "fbeta_macro:2", "fbeta_samples:0.5"}) {
    Data data = noisy_data(random, 30, 3);
    data.truth[4] = {};
    for (LabelSet& set : data.truth) set.erase(2);
    SmoothedFBeta objective(data.scores, data.truth, parse_metric(name), 0.3);
    std::vector<double> at = {0.1, 0.4, -0.2};
    std::vector<double> slope(3);
    objective.value(at, slope);
    for (std::size_t l = 0; l < 3; ++l) {
      constexpr double kStep = 1e-5;
      std::vector<double> above = at, below = at;
      above[l] += kStep;
      below[l] -= kStep;
      const double difference =
          (objective.value(above, {}) - objective.value(below, {})) / (2.0 * kStep);
      CHECK(slope[l] == Approx(difference).margin(1e-8));
    }
  }
}

TEST_CASE("smoothed F-beta is F-beta where answers are sure") {
  TestRandom random(57);
  const Data data = noisy_data(random, 40, 3);
  std::vector<LabelSet> truth = data.truth;
  for (LabelSet& set : truth) set.insert(0);
  for (const char* name : {"f1_micro", "fbeta_macro:2", "f1_samples"}) {
    const Metric metric = parse_metric(name);
    SmoothedFBeta objective(data.scores, truth, metric, 1e-9);
    const Thresholds thresholds{{0.1, 0.2, 0.3}};
    CHECK(objective.value(thresholds.values, {}) ==
          Approx(score_of(thresholds, data.scores, truth, metric, {})).margin(1e-9));
  }
}

TEST_CASE("basin hopping is never worse than one threshold, and better where labels differ") {
  TestRandom random(58);
  for (int trial = 0; trial < 40; ++trial) {
    const Data data = random_data(random);
    PerLabelOptions options = unguarded();
    options.top1_if_empty = trial % 2 == 0;
    for (const char* name : {"f1_micro", "f1_samples", "fbeta_macro:2"}) {
      const Metric metric = parse_metric(name);
      const ValidTruth truth(data.truth);
      const TunedThresholds tuned = tune_smoothed(data.scores, truth, metric, options);
      CHECK(tuned.validation->value ==
            score_of(tuned.thresholds, data.scores, data.truth, metric, {}));
      CHECK(tuned.validation->value >=
            tune_global(data.scores, truth, metric, {}, options.top1_if_empty).validation->value);
    }
  }
  const Data data = noisy_data(random, 200, 4);
  const ValidTruth truth(data.truth);
  for (const char* name : {"f1_micro", "f1_samples", "fbeta_macro:2"}) {
    const Metric metric = parse_metric(name);
    CHECK(tune_smoothed(data.scores, truth, metric).validation->value >
          tune_global(data.scores, truth, metric).validation->value + 0.05);
  }
  // Close to the exact optimum where there is one.
  const Metric macro = parse_metric("f1_macro");
  CHECK(tune_smoothed(data.scores, truth, macro).validation->value >
        tune_per_label(data.scores, truth).validation->value - 0.02);
}

TEST_CASE("basin hopping is the same every time, and moves with the scores") {
  TestRandom random(59);
  const Data data = noisy_data(random, 100, 3);
  const ValidTruth truth(data.truth);
  const Metric micro = parse_metric("f1_micro");
  const TunedThresholds tuned = tune_smoothed(data.scores, truth, micro);
  CHECK(tune_smoothed(data.scores, truth, micro).thresholds == tuned.thresholds);
  ScoreMatrix moved = data.scores;
  for (double& score : moved.values) score = 64.0 * score;
  const TunedThresholds of_moved = tune_smoothed(moved, truth, micro);
  CHECK(of_moved.validation->value == tuned.validation->value);
  for (std::size_t l = 0; l < 3; ++l) {
    CHECK(of_moved.thresholds.values[l] == Approx(64.0 * tuned.thresholds.values[l]));
  }
}

TEST_CASE("rare labels keep the pooled threshold in every search") {
  TestRandom random(60);
  Data data = noisy_data(random, 100, 3);
  for (std::size_t i = 0; i < 100; ++i) {
    data.truth[i].erase(1);
    if (i < 19) data.truth[i].insert(1);
  }
  const ValidTruth truth(data.truth);
  const Metric micro = parse_metric("f1_micro");
  const double pooled = tune_global(data.scores, truth, micro).thresholds.values[0];
  for (const TunedThresholds& tuned :
       {tune_cyclic(data.scores, truth, micro), tune_smoothed(data.scores, truth, micro)}) {
    CHECK(tuned.pooled_labels == std::vector<LabelId>{1});
    CHECK(tuned.warnings.size() == 1);
    CHECK(tuned.thresholds.values[1] == pooled);
    CHECK(tuned.thresholds.values[0] != pooled);
  }
  for (double& score : data.scores.values) score = 0.5 + score / 10.0;
  const TunedThresholds half = tune_half_f(data.scores, truth, parse_metric("f1_macro"));
  CHECK(half.pooled_labels == std::vector<LabelId>{1});
  CHECK(half.thresholds.values[1] == tune_half_f(data.scores, truth, micro).thresholds.values[1]);
}

TEST_CASE("searches refuse what they cannot do") {
  ScoreMatrix scores(2, 2);
  const ValidTruth truth(std::vector<LabelSet>(2));
  for (const char* name : {"f1_weighted", "jaccard_micro", "subset_accuracy"}) {
    CHECK_THROWS_WITH(tune_cyclic(scores, truth, parse_metric(name)), contains_text("F-beta"));
    CHECK_THROWS_WITH(tune_smoothed(scores, truth, parse_metric(name)), contains_text("F-beta"));
    CHECK_THROWS_WITH(tune_half_f(scores, truth, parse_metric(name)), contains_text("F-beta"));
  }
  const Metric micro = parse_metric("f1_micro");
  BasinHopping search;
  search.width = 0.0;
  CHECK_THROWS_WITH(tune_smoothed(scores, truth, micro, {}, search), contains_text("width"));
  search = {};
  search.evaluations = 0;
  CHECK_THROWS_WITH(tune_smoothed(scores, truth, micro, {}, search), contains_text("evaluations"));
  scores.values[3] = 1.5;
  CHECK_THROWS_WITH(tune_half_f(scores, truth, micro),
                    contains_text("row 1 has the score 1.5, which is outside [0, 1]"));
}

}  // namespace
}  // namespace labelbeam::eval
