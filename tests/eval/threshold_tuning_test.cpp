#include <labelbeam/eval/threshold_tuning.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "catch.h"
#include "random_sets.h"
#include "tuning_data.h"

namespace labelbeam::eval {
namespace {

using namespace testing;

std::vector<Metric> tunable_metrics() {
  std::vector<Metric> metrics = standard_metrics();
  for (const char* name : {"f1_weighted", "fbeta_samples:2", "fbeta_micro:0.5", "fbeta_macro:2"}) {
    metrics.push_back(parse_metric(name));
  }
  return metrics;
}

TEST_CASE("the global threshold is as good as the best of all thresholds, for every metric") {
  TestRandom random(11);
  for (int trial = 0; trial < 300; ++trial) {
    const Data data = random_data(random);
    const Convention convention = Convention::sklearn(trial % 2);
    const bool top1 = random.below(2) == 0;
    for (const Metric& metric : tunable_metrics()) {
      const TunedThresholds tuned =
          tune_global(data.scores, ValidTruth(data.truth), metric, convention, top1);
      INFO("trial " << trial << " " << metric_name(metric) << " top1 " << top1);
      CHECK(tuned.thresholds.values.size() == data.scores.num_labels);
      CHECK(tuned.thresholds.top1_if_empty == top1);
      CHECK(std::isfinite(tuned.thresholds.values[0]));
      REQUIRE(tuned.validation.has_value());
      CHECK(tuned.validation->metric == metric);
      CHECK(tuned.validation->value ==
            score_of(tuned.thresholds, data.scores, data.truth, metric, convention));
      CHECK(tuned.validation->value ==
            Approx(brute_force_global(data.scores, data.truth, metric, convention, top1))
                .margin(1e-12));
    }
  }
}

TEST_CASE("thresholds lie in the middle of the gap, and the highest of equals is taken") {
  ScoreMatrix scores(4, 1);
  scores.values = {0.9, 0.7, 0.3, 0.1};
  const Metric accuracy = parse_metric("subset_accuracy");
  const auto threshold = [&](const std::vector<LabelSet>& truth) {
    return tune_global(scores, ValidTruth(truth), accuracy).thresholds.values[0];
  };
  CHECK(threshold({{0}, {0}, {}, {}}) == 0.5);
  CHECK(threshold({{}, {}, {}, {}}) == Approx(1.0));
  CHECK(threshold({{0}, {0}, {0}, {0}}) == Approx(0.0).margin(1e-15));
  // After the first and after the third cell, three rows of four are right.
  CHECK(threshold({{0}, {}, {0}, {}}) == Approx(0.8));

  ScoreMatrix constant(2, 1);
  constant.values = {0.4, 0.4};
  const std::vector<LabelSet> none(2);
  const std::vector<LabelSet> all(2, LabelSet{0});
  CHECK(tune_global(constant, ValidTruth(none), accuracy).thresholds.values[0] == 0.9);
  CHECK(tune_global(constant, ValidTruth(all), accuracy).thresholds.values[0] == Approx(-0.1));
}

TEST_CASE("scores that are neighbouring doubles are parted") {
  const double low = 0.3;
  const double high = std::nextafter(low, 1.0);
  ScoreMatrix scores(2, 1);
  scores.values = {low, high};
  const std::vector<LabelSet> truth = {{}, {0}};
  CHECK(tune_global(scores, ValidTruth(truth), parse_metric("subset_accuracy")).validation->value ==
        1.0);
}

TEST_CASE("top-1 takes part in the sweep") {
  ScoreMatrix scores(2, 2);
  scores.values = {0.2, 0.1, 0.9, 0.8};
  const std::vector<LabelSet> truth = {{0}, {0}};
  const Metric accuracy = parse_metric("subset_accuracy");
  // With top-1 a threshold above 0.8 gets both rows right; without it none does.
  CHECK(tune_global(scores, ValidTruth(truth), accuracy, {}, true).validation->value == 1.0);
  CHECK(tune_global(scores, ValidTruth(truth), accuracy, {}, false).validation->value == 0.5);
}

TEST_CASE("a threshold a label is as good as the best of all thresholds for that label") {
  TestRandom random(12);
  for (int trial = 0; trial < 600; ++trial) {
    const Data data = random_data(random);
    PerLabelOptions options;
    options.beta = trial % 3 == 0 ? 2.0 : 1.0;
    options.min_positives = 0;
    options.convention = Convention::sklearn(trial % 2);
    const TunedThresholds tuned = tune_per_label(data.scores, ValidTruth(data.truth), options);
    CHECK(tuned.pooled_labels.empty());
    CHECK(tuned.warnings.empty());

    const Metric macro{MetricKind::f_beta, Average::macro, options.beta};
    double best_sum = 0.0;
    for (std::size_t l = 0; l < data.scores.num_labels; ++l) {
      const Data column = column_of(data, l);
      best_sum += brute_force_global(column.scores, column.truth, macro, options.convention, false);
    }
    REQUIRE(tuned.validation.has_value());
    CHECK(tuned.validation->value ==
          Approx(best_sum / static_cast<double>(data.scores.num_labels)).margin(1e-12));
    CHECK(tuned.validation->metric == macro);
  }
}

TEST_CASE("labels with few positives get the pooled threshold, with a warning") {
  TestRandom random(13);
  const std::size_t rows = 60;
  ScoreMatrix scores(rows, 3);
  for (double& score : scores.values) score = random.uniform();
  std::vector<LabelSet> truth(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    if (i < 30) truth[i].insert(0);
    if (i < 20) truth[i].insert(1);
    if (i < 19) truth[i].insert(2);
  }
  const TunedThresholds tuned = tune_per_label(scores, ValidTruth(truth));
  CHECK(tuned.pooled_labels == std::vector<LabelId>{2});
  REQUIRE(tuned.warnings.size() == 1);
  CHECK_THAT(tuned.warnings[0], contains_text("1 of 3 labels have fewer than 20 positive rows"));
  CHECK(tuned.thresholds.values[2] ==
        tune_global(scores, ValidTruth(truth), parse_metric("f1_micro")).thresholds.values[0]);
  const TunedThresholds own = tune_per_label(scores, ValidTruth(truth), unguarded());
  CHECK(own.thresholds.values[0] == tuned.thresholds.values[0]);
  CHECK(own.thresholds.values[1] == tuned.thresholds.values[1]);
}

TEST_CASE("class means are the midpoints of the mean scores, pooled where a class is missing") {
  ScoreMatrix scores(3, 3);
  scores.values = {0.9, 0.2, 0.1,  //
                   0.7, 0.4, 0.3,  //
                   0.2, 0.6, 0.2};
  const std::vector<LabelSet> truth = {{0}, {0}, {1}};
  const TunedThresholds tuned = class_means(scores, ValidTruth(truth), unguarded());
  CHECK(tuned.thresholds.values[0] == Approx((0.8 + 0.2) / 2.0));
  CHECK(tuned.thresholds.values[1] == Approx((0.6 + 0.3) / 2.0));
  const double positives = (0.9 + 0.7 + 0.6) / 3.0;
  const double negatives = (0.2 + 0.2 + 0.4 + 0.1 + 0.3 + 0.2) / 6.0;
  CHECK(tuned.thresholds.values[2] == Approx((positives + negatives) / 2.0));
  CHECK(tuned.pooled_labels == std::vector<LabelId>{2});
  CHECK(tuned.warnings.size() == 1);
  CHECK_FALSE(tuned.validation.has_value());
}

TEST_CASE("class means of one class predict nothing or everything") {
  TestRandom random(14);
  ScoreMatrix scores(5, 3);
  for (double& score : scores.values) score = random.uniform();
  const std::vector<LabelSet> none(5);
  const std::vector<LabelSet> all(5, testing::full_set(3));
  CHECK(apply_thresholds(class_means(scores, ValidTruth(none)).thresholds, scores) == none);
  CHECK(apply_thresholds(class_means(scores, ValidTruth(all)).thresholds, scores) == all);
}

TEST_CASE("class means warn where negatives score higher than positives") {
  ScoreMatrix scores(2, 1);
  scores.values = {0.2, 0.8};
  const std::vector<LabelSet> truth = {{0}, {}};
  PerLabelOptions options = unguarded();
  options.top1_if_empty = true;
  const TunedThresholds tuned = class_means(scores, ValidTruth(truth), options);
  CHECK(tuned.thresholds.values[0] == 0.5);
  CHECK(tuned.thresholds.top1_if_empty);
  REQUIRE(tuned.warnings.size() == 1);
  CHECK_THAT(tuned.warnings[0], contains_text("score their negative rows higher"));
}

TEST_CASE("class means of few positives are pooled, with a warning") {
  TestRandom random(15);
  ScoreMatrix scores(40, 2);
  for (double& score : scores.values) score = random.uniform();
  std::vector<LabelSet> truth(40);
  for (std::size_t i = 0; i < 20; ++i) truth[i].insert(0);
  for (std::size_t i = 0; i < 19; ++i) truth[i].insert(1);
  const TunedThresholds tuned = class_means(scores, ValidTruth(truth));
  CHECK(tuned.pooled_labels == std::vector<LabelId>{1});
  REQUIRE(tuned.warnings.size() == 1);
  CHECK(tuned.thresholds.values[0] ==
        class_means(scores, ValidTruth(truth), unguarded()).thresholds.values[0]);
}

TEST_CASE("the spread of thresholds is over runs that each leave out a fold") {
  TestRandom random(16);
  const std::size_t rows = 23;
  ScoreMatrix scores(rows, 2);
  for (double& score : scores.values) score = random.uniform();
  const ValidTruth truth(random.sets(rows, 2, 0.4));
  std::vector<Thresholds> seen;
  std::vector<std::size_t> sizes;
  std::multiset<double> tuned_on;
  const auto tune = [&](const ScoreMatrix& of_fold, TuningTruth fold_truth) {
    CHECK(fold_truth.rows().size() == of_fold.num_rows);
    sizes.push_back(of_fold.num_rows);
    for (std::size_t i = 0; i < of_fold.num_rows; ++i) tuned_on.insert(of_fold.row(i)[0]);
    seen.push_back({{of_fold.row(0)[0], 0.25}, false});
    return seen.back();
  };
  const ThresholdSpread spread = spread_over_folds(scores, truth, {4, 3}, tune);
  std::sort(sizes.begin(), sizes.end());
  CHECK(sizes == std::vector<std::size_t>{17, 17, 17, 18});
  // Every row is left out once.
  for (std::size_t i = 0; i < rows; ++i) CHECK(tuned_on.count(scores.row(i)[0]) == 3);
  double mean = 0.0;
  double lowest = 1.0;
  double highest = 0.0;
  for (const Thresholds& run : seen) {
    mean += run.values[0] / 4.0;
    lowest = std::min(lowest, run.values[0]);
    highest = std::max(highest, run.values[0]);
  }
  double squares = 0.0;
  for (const Thresholds& run : seen) squares += (run.values[0] - mean) * (run.values[0] - mean);
  CHECK(spread.deviations[0] == Approx(std::sqrt(squares / 3.0)));
  CHECK(spread.lowest == std::vector<double>{lowest, 0.25});
  CHECK(spread.highest == std::vector<double>{highest, 0.25});
  CHECK(spread.deviations[1] == Approx(0.0).margin(1e-15));
  CHECK_THROWS_WITH(spread_over_folds(scores, truth, {1, 1}, tune),
                    contains_text("at least 2 folds"));
}

TEST_CASE("a fixed threshold is the same for every label") {
  const TunedThresholds tuned = fixed(3, 0.25, true);
  CHECK(tuned.thresholds == Thresholds::uniform(3, 0.25, true));
  CHECK_FALSE(tuned.validation.has_value());
  CHECK_THROWS_AS(fixed(0), std::invalid_argument);
  CHECK_THROWS_AS(fixed(2, std::nan("")), std::invalid_argument);
}

TEST_CASE("thresholds are not tuned on data that do not fit together") {
  const Metric metric = parse_metric("f1_micro");
  ScoreMatrix scores(2, 2);
  const std::vector<LabelSet> truth(2);
  CHECK_THROWS_WITH(tune_global(scores, ValidTruth(std::vector<LabelSet>(3)), metric),
                    contains_text("2 rows of scores but 3 rows of truth"));
  CHECK_THROWS_WITH(tune_global(scores, ValidTruth({{}, {2}}), metric),
                    contains_text("row 1 of the truth has label 2"));
  CHECK_THROWS_AS(tune_global(ScoreMatrix(), ValidTruth(), metric), std::invalid_argument);
  CHECK_THROWS_AS(
      tune_global(scores, ValidTruth(truth), {MetricKind::f_beta, Average::micro, -1.0}),
      std::invalid_argument);
  CHECK_THROWS_AS(tune_global(scores, ValidTruth(truth), metric, Convention{0.5}),
                  std::invalid_argument);
  PerLabelOptions options;
  options.beta = 0.0;
  CHECK_THROWS_AS(tune_per_label(scores, ValidTruth(truth), options), std::invalid_argument);
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    scores.values[3] = bad;
    CHECK_THROWS_WITH(tune_global(scores, ValidTruth(truth), metric),
                      contains_text("row 1 has a score"));
    CHECK_THROWS_AS(tune_per_label(scores, ValidTruth(truth)), std::invalid_argument);
    CHECK_THROWS_AS(class_means(scores, ValidTruth(truth)), std::invalid_argument);
  }
  scores.values.pop_back();
  CHECK_THROWS_WITH(class_means(scores, ValidTruth(truth)), contains_text("hold 3 values"));
}

}  // namespace
TEST_CASE("Out of fold, every row is decided once by what was tuned without it") {
  constexpr std::size_t kRows = 23;
  ScoreMatrix scores(kRows, 1);
  std::vector<LabelSet> truth(kRows);
  for (std::size_t i = 0; i < kRows; ++i) {
    scores.row(i)[0] = static_cast<double>(i);
    if (i % 3 == 0) truth[i].insert(0);
  }
  std::vector<int> held_out(kRows, 0);
  const ValidTruth valid(truth);
  const std::vector<LabelSet> answers = answers_out_of_fold(
      scores, valid, {.folds = 4, .seed = 9},
      [&](const ScoreMatrix& tuned, TuningTruth tuned_truth, const ScoreMatrix& others) {
        CHECK(tuned.num_rows + others.num_rows == kRows);
        for (std::size_t i = 0; i < tuned.num_rows; ++i) {
          const auto row = static_cast<std::size_t>(tuned.row(i)[0]);
          CHECK(tuned_truth.rows()[i] == truth[row]);
          for (std::size_t j = 0; j < others.num_rows; ++j)
            CHECK(others.row(j)[0] != tuned.row(i)[0]);
        }
        std::vector<LabelSet> decided;
        for (std::size_t j = 0; j < others.num_rows; ++j) {
          const auto row = static_cast<std::size_t>(others.row(j)[0]);
          ++held_out[row];
          decided.push_back(row % 2 == 0 ? LabelSet{0} : LabelSet{});
        }
        return decided;
      });
  for (std::size_t i = 0; i < kRows; ++i) {
    CHECK(held_out[i] == 1);
    CHECK(answers[i].empty() == (i % 2 == 1));
  }
  CHECK_THROWS_AS(answers_out_of_fold(scores, valid, {.folds = 1},
                                      [](const ScoreMatrix&, TuningTruth, const ScoreMatrix&) {
                                        return std::vector<LabelSet>{};
                                      }),
                  std::invalid_argument);
}

}  // namespace labelbeam::eval
