#include <labelbeam/eval/cut_thresholds.h>
#include <labelbeam/eval/optimised_thresholds.h>
#include <labelbeam/eval/roc_thresholds.h>
#include <labelbeam/pipeline/threshold_strategies.h>
#include <labelbeam/random.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "catch.h"

using namespace labelbeam;
using namespace labelbeam::pipeline;

namespace {

/// Scores of some use, with ties.
struct Data {
  ScoreMatrix scores;
  std::vector<LabelSet> sets;
  eval::ValidTruth truth() const { return eval::ValidTruth(sets); }
};

Data sample_data(std::uint64_t seed, std::size_t rows, std::size_t num_labels) {
  CounterRng rng(seed, {});
  Data data{ScoreMatrix(rows, num_labels), std::vector<LabelSet>(rows)};
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t l = 0; l < num_labels; ++l) {
      const bool is_true = rng.uniform() < 0.6 / static_cast<double>(l + 1);
      if (is_true) data.sets[i].insert(static_cast<LabelId>(l));
      const double score = 0.7 * rng.uniform() + (is_true ? 0.3 : 0.0);
      data.scores.row(i)[l] = std::round(100.0 * score) / 100.0;
    }
  }
  return data;
}

TunedStrategy tune(const std::string& text, const Data& data, bool top1 = false) {
  return ThresholdStrategy::parse(text).tune(data.scores, data.truth(), {}, top1);
}

}  // namespace

TEST_CASE("every standard strategy answers a small data set") {
  CHECK(standard_threshold_strategies().size() >= 20);
  std::set<std::string> names;
  for (const ThresholdStrategy& strategy : standard_threshold_strategies()) {
    if (!strategy.calibration) names.insert(strategy.name.substr(0, strategy.name.find(':')));
  }
  CHECK(names.size() >= 20);
  CHECK(names.size() == threshold_strategy_grammar().size());

  const Data tuned_on = sample_data(1, 90, 5);
  const Data other = sample_data(2, 40, 5);
  for (const ThresholdStrategy& strategy : standard_threshold_strategies()) {
    for (const bool top1 : {false, true}) {
      INFO(strategy.text() << " top1 " << top1);
      const TunedStrategy tuned =
          strategy.tune(tuned_on.scores, tuned_on.truth(), eval::Convention{}, top1);
      CHECK(tuned.seconds >= 0.0);
      CHECK(strategy.gives_thresholds() == (tuned.thresholds() != nullptr));
      CHECK(strategy.answers_out_of_fold(tuned_on.scores, tuned_on.truth(), {}, top1).size() == 90);
      if (tuned.thresholds() != nullptr) {
        CHECK(tuned.thresholds()->values.size() == 5);
        CHECK(tuned.thresholds()->top1_if_empty == top1);
        for (const double value : tuned.thresholds()->values) CHECK(std::isfinite(value));
      }
      if (strategy.target) {
        REQUIRE(tuned.validation.has_value());
        CHECK(tuned.validation->metric == *strategy.target);
        CHECK(tuned.validation->value == Approx(eval::evaluate(*strategy.target, tuned_on.sets,
                                                               tuned.apply(tuned_on.scores), 5)
                                                    .value));
      }
      const std::vector<LabelSet> answers = tuned.apply(other.scores);
      REQUIRE(answers.size() == 40);
      std::size_t empty = 0;
      for (const LabelSet& answer : answers) empty += answer.empty() ? 1 : 0;
      CHECK(empty < 40);
      if (top1) CHECK(empty == 0);
      CHECK(strategy.tune(tuned_on.scores, tuned_on.truth(), {}, top1).rule == tuned.rule);
    }
  }
}

TEST_CASE("a calibrated strategy decides on calibrated scores") {
  const Data tuned_on = sample_data(3, 200, 4);
  const Data other = sample_data(4, 50, 4);
  for (const eval::CalibrationMethod method : eval::calibration_methods()) {
    const eval::ScoreCalibration maps =
        eval::calibrate_scores(method, tuned_on.scores, tuned_on.truth());
    for (const std::string inner : {"fixed", "global:f1_micro", "predicted_count"}) {
      const std::string text = eval::to_string(method) + "+" + inner;
      const ThresholdStrategy strategy = ThresholdStrategy::parse(text);
      CHECK(strategy.text() == text);
      CHECK(strategy.is_tuned());
      CHECK(is_threshold_strategy(text));
      const TunedStrategy tuned =
          strategy.tune(tuned_on.scores, tuned_on.truth(), eval::Convention{}, false);
      CHECK(tuned.thresholds() == nullptr);
      const TunedStrategy by_hand = ThresholdStrategy::parse(inner).tune(
          maps.apply(tuned_on.scores), tuned_on.truth(), eval::Convention{}, false);
      CHECK(tuned.rule == by_hand.rule);
      CHECK(tuned.apply(other.scores) == by_hand.apply(maps.apply(other.scores)));
    }
  }
  CHECK_THROWS_AS(ThresholdStrategy::parse("plat+fixed"), std::invalid_argument);
  CHECK_THROWS_AS(ThresholdStrategy::parse("platt+"), std::invalid_argument);
  CHECK_THROWS_AS(ThresholdStrategy::parse("platt+platt+fixed"), std::invalid_argument);
}

TEST_CASE("every standard strategy survives a single row, no truth, and constant scores") {
  for (const ThresholdStrategy& strategy : standard_threshold_strategies()) {
    INFO(strategy.text());
    for (const auto& [rows, labels] : {std::pair{1, 1}, {1, 4}, {3, 1}, {25, 3}}) {
      Data data = sample_data(3, static_cast<std::size_t>(rows), static_cast<std::size_t>(labels));
      CHECK_NOTHROW(strategy.tune(data.scores, data.truth(), {}, true).apply(data.scores));
      data.sets.assign(data.sets.size(), LabelSet());
      CHECK_NOTHROW(strategy.tune(data.scores, data.truth(), {}, false).apply(data.scores));
      std::ranges::fill(data.scores.values, 0.5);
      CHECK_NOTHROW(strategy.tune(data.scores, data.truth(), {}, false).apply(data.scores));
    }
  }
}

TEST_CASE("only strategies that say so need probabilities") {
  Data data = sample_data(4, 60, 4);
  for (double& score : data.scores.values) score = 20.0 * score - 10.0;
  std::set<std::string> refusing;
  for (const ThresholdStrategy& strategy : standard_threshold_strategies()) {
    INFO(strategy.text());
    if (strategy.needs_probabilities()) {
      if (!strategy.calibration) refusing.insert(strategy.text());
      CHECK_THROWS_WITH(strategy.tune(data.scores, data.truth(), {}, false),
                        contains_text(strategy.text() + " needs probabilities, but row 0"));
    } else {
      CHECK_NOTHROW(strategy.tune(data.scores, data.truth(), {}, false).apply(data.scores));
    }
  }
  CHECK(refusing == std::set<std::string>{"fixed", "cost:1:2", "f_limit:2", "half_f:f1_macro",
                                          "half_f:f1_micro", "expected_count"});
  CHECK(tune("fixed:0.5", data).thresholds()->values[0] == 0.5);
}

TEST_CASE("strategies are found by the texts they print") {
  std::set<std::string> texts;
  std::set<std::pair<std::string, std::string>> keys;
  for (const ThresholdStrategy& strategy : standard_threshold_strategies()) {
    const ThresholdStrategy again = ThresholdStrategy::parse(strategy.text());
    CHECK(again.name == strategy.name);
    CHECK(again.target == strategy.target);
    CHECK(again.numbers == strategy.numbers);
    CHECK(is_threshold_strategy(strategy.text()));
    texts.insert(strategy.text());
    keys.insert({strategy.name, strategy.target ? eval::metric_name(*strategy.target) : ""});
  }
  CHECK(texts.size() == standard_threshold_strategies().size());
  CHECK(keys.size() == texts.size());
  for (const std::string text : {"fixed:0.25", "fixed:-3", "global:fbeta_macro:0.5", "per_label:2",
                                 "shrunk:0.5", "scut_fbr:1:0.3", "basin:fbeta_micro:2",
                                 "cyclic:fbeta_macro:2", "cost:0:1", "sensitivity:1"}) {
    CHECK(ThresholdStrategy::parse(text).text() == text);
  }
  CHECK(ThresholdStrategy::parse("per_label:1").text() == "per_label");
  CHECK(ThresholdStrategy::parse("per_label:2").target == eval::parse_metric("fbeta_macro:2"));
}

TEST_CASE("a strategy that there is not is refused with the names of those there are") {
  for (const std::string text : {"", "FIXED", "f1_micro", ":", "per label"}) {
    INFO(text);
    CHECK_FALSE(is_threshold_strategy(text));
    CHECK_THROWS_WITH(ThresholdStrategy::parse(text),
                      contains_text("the strategies are fixed[:VALUE], global:METRIC, ") &&
                          contains_text("predicted_count"));
  }
  for (const std::string text : {"global",
                                 "global:",
                                 "global:accuracy",
                                 "per_label:f1",
                                 "per_label:0",
                                 "per_label:",
                                 "fixed:",
                                 "fixed:x",
                                 "fixed:1:2",
                                 "fixed:inf",
                                 "mcut:1",
                                 "youden:f1_micro",
                                 "sensitivity",
                                 "sensitivity:1.1",
                                 "sensitivity:nan",
                                 "specificity:-0.1",
                                 "cost:1",
                                 "cost:0:0",
                                 "cost:-1:2",
                                 "cost:1:2:3",
                                 "f_limit",
                                 "f_limit:0",
                                 "half_f:f1_samples",
                                 "cyclic:hamming_loss",
                                 "basin:f1_weighted",
                                 "scut_fbr",
                                 "scut_fbr:2",
                                 "scut_fbr:0:2",
                                 "rcut",
                                 "pcut:",
                                 "expected_count:1"}) {
    INFO(text);
    CHECK_THROWS_WITH(ThresholdStrategy::parse(text), contains_text("is not of the form"));
  }
}

TEST_CASE("a strategy is what the evaluation room tunes") {
  const Data data = sample_data(5, 80, 3);
  const eval::ValidTruth truth = data.truth();
  const ScoreMatrix& scores = data.scores;
  const eval::Convention convention = eval::Convention::sklearn(1.0);
  const auto rule = [&](const char* text) {
    return ThresholdStrategy::parse(text).tune(scores, truth, convention, true).rule;
  };
  const auto thresholds = [&](const char* text) { return std::get<Thresholds>(rule(text)); };
  eval::PerLabelOptions options;
  options.convention = convention;
  options.top1_if_empty = true;
  CHECK(thresholds("fixed") == Thresholds::uniform(3, 0.5, true));
  CHECK(thresholds("cost:1:4") == Thresholds::uniform(3, 0.2, true));
  CHECK(thresholds("f_limit:2") == Thresholds::uniform(3, 0.2, true));
  const eval::Metric micro = eval::parse_metric("f1_micro");
  CHECK(thresholds("global:f1_micro") ==
        eval::tune_global(scores, truth, micro, convention, true).thresholds);
  CHECK(thresholds("class_means") == eval::class_means(scores, truth, options).thresholds);
  CHECK(thresholds("per_label") == eval::tune_per_label(scores, truth, options).thresholds);
  CHECK(thresholds("shrunk") == eval::tune_shrunk(scores, truth, options).thresholds);
  CHECK(thresholds("scut_fbr:1:0.6") ==
        eval::tune_scut_fbr(scores, truth, eval::FbrFallback::top_score, 0.6, options).thresholds);
  CHECK(thresholds("scut_fbr:0") ==
        eval::tune_scut_fbr(scores, truth, eval::FbrFallback::nothing, {}, options).thresholds);
  CHECK(thresholds("specificity:0.9") ==
        eval::tune_curve_point(scores, truth, eval::CurvePoint::specificity, 0.9, options)
            .thresholds);
  CHECK(
      thresholds("break_even") ==
      eval::tune_curve_point(scores, truth, eval::CurvePoint::break_even, 0.0, options).thresholds);
  CHECK(thresholds("half_f:f1_micro") ==
        eval::tune_half_f(scores, truth, micro, options).thresholds);
  CHECK(thresholds("cyclic:f1_micro") ==
        eval::tune_cyclic(scores, truth, micro, options).thresholds);
  CHECK(thresholds("basin:f1_micro") ==
        eval::tune_smoothed(scores, truth, micro, options).thresholds);
  CHECK(rule("rcut:f1_micro") == eval::tune_top_k(scores, truth, micro, convention, true).rule);
  CHECK(rule("pcut:f1_micro") == eval::tune_shares(scores, truth, micro, convention, true).rule);
  CHECK(rule("predicted_count") == eval::fit_predicted_count(scores, truth, true).rule);
  CHECK(rule("expected_count") == ScoreRule(PredictedCount{0.0, {1.0, 1.0, 1.0}, true}));
  CHECK(rule("mcut") == ScoreRule(LargestGap{true}));
  options.beta = 2.0;
  CHECK(thresholds("per_label:2") == eval::tune_per_label(scores, truth, options).thresholds);
  CHECK(thresholds("shrunk:2") == eval::tune_shrunk(scores, truth, options).thresholds);

  std::set<std::string> untuned;
  for (const ThresholdStrategy& strategy : standard_threshold_strategies()) {
    if (!strategy.is_tuned()) untuned.insert(strategy.text());
  }
  CHECK(untuned ==
        std::set<std::string>{"fixed", "mcut", "cost:1:2", "f_limit:2", "expected_count"});
  CHECK_THROWS_AS(ThresholdStrategy::parse("youden").untuned_rule(3, false), std::logic_error);
}

TEST_CASE("strategies that are not tuned do not look at truth") {
  const Data data = sample_data(6, 50, 3);
  Data other = data;
  std::ranges::reverse(other.sets);
  for (const ThresholdStrategy& strategy : standard_threshold_strategies()) {
    if (strategy.is_tuned()) continue;
    CHECK(strategy.tune(data.scores, data.truth(), {}, false).rule ==
          strategy.tune(other.scores, other.truth(), {}, false).rule);
    CHECK(strategy.untuned_rule(3, false) ==
          strategy.tune(data.scores, data.truth(), {}, false).rule);
  }
}

TEST_CASE("per-label strategies pool rare labels and say so") {
  Data data = sample_data(7, 120, 3);
  for (std::size_t i = 0; i < 120; ++i) {
    data.sets[i].erase(2);
    if (i % 10 == 0) data.sets[i].insert(2);
  }
  for (const char* text :
       {"per_label", "shrunk", "scut_fbr:0", "scut_fbr:1", "class_means", "youden",
        "nearest_corner", "equal_error", "sensitivity:0.8", "specificity:0.9", "break_even",
        "half_f:f1_macro", "cyclic:f1_macro", "cyclic:f1_micro", "basin:f1_micro"}) {
    INFO(text);
    const TunedStrategy tuned = tune(text, data);
    CHECK(tuned.pooled_labels == std::vector<LabelId>{2});
    REQUIRE_FALSE(tuned.warnings.empty());
    CHECK_THAT(tuned.warnings[0], contains_text("1 of 3 labels have fewer than 20 positive rows"));
  }
}

TEST_CASE("the spread of a strategy is that of its thresholds") {
  const Data data = sample_data(8, 120, 3);
  const auto spread = [&](const char* text) {
    return ThresholdStrategy::parse(text).spread(data.scores, data.truth(), {}, false);
  };
  const auto youden = spread("youden");
  REQUIRE(youden.has_value());
  const eval::ThresholdSpread expected = eval::spread_over_folds(
      data.scores, data.truth(), {}, [](const ScoreMatrix& scores, eval::TuningTruth truth) {
        return eval::tune_curve_point(scores, truth, eval::CurvePoint::youden).thresholds;
      });
  CHECK(youden->deviations == expected.deviations);
  CHECK(youden->lowest == expected.lowest);
  CHECK(spread("fixed")->deviations == std::vector<double>(3, 0.0));
  CHECK_FALSE(spread("rcut:f1_samples").has_value());
  CHECK_FALSE(spread("mcut").has_value());
}
