#include <labelbeam/decoders/thresholding.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "catch.h"

using labelbeam::LabelSet;
using labelbeam::LargestGap;
using labelbeam::PredictedCount;
using labelbeam::ScoreMatrix;
using labelbeam::ShareCut;
using labelbeam::Thresholds;
using labelbeam::TopK;
using labelbeam::decoders::apply_score_rule;
using labelbeam::decoders::apply_thresholds;

TEST_CASE("A label is predicted iff its score reaches its own threshold") {
  const std::vector<double> scores{0.5, 0.49, 0.9, 0.0};
  CHECK(apply_thresholds(scores, Thresholds::uniform(4, 0.5)) == LabelSet{0, 2});
  CHECK(apply_thresholds(scores, {{0.6, 0.2, 0.95, 0.0}, false}) == LabelSet{1, 3});
}

TEST_CASE("Top 1 is taken only where no label reaches its threshold, ties to the lowest id") {
  const std::vector<double> scores{0.1, 0.4, 0.4};
  CHECK(apply_thresholds(scores, Thresholds::uniform(3, 0.5)).empty());
  CHECK(apply_thresholds(scores, Thresholds::uniform(3, 0.5, true)) == LabelSet{1});
  CHECK(apply_thresholds(scores, {{0.1, 0.5, 0.5}, true}) == LabelSet{0});
}

TEST_CASE("An infinite threshold never predicts its label but as top 1") {
  const double never = std::numeric_limits<double>::infinity();
  CHECK(apply_thresholds(std::vector<double>{1.0}, {{never}, false}).empty());
  CHECK(apply_thresholds(std::vector<double>{1.0}, {{never}, true}) == LabelSet{0});
}

TEST_CASE("No labels give the empty set") {
  CHECK(apply_thresholds(std::vector<double>{}, Thresholds::uniform(0, 0.5, true)).empty());
}

TEST_CASE("Scores and thresholds that cannot be compared are refused") {
  CHECK_THROWS_WITH(apply_thresholds(std::vector<double>{0.1, 0.2}, Thresholds::uniform(3, 0.5)),
                    contains_text("2 scores, but 3 thresholds"));
  CHECK_THROWS_WITH(
      apply_thresholds(std::vector<double>{0.1, std::nan("")}, Thresholds::uniform(2, 0.5)),
      contains_text("the score of label 1 is nan"));
}

TEST_CASE("The k best labels are taken whatever their scores, ties to the lowest id") {
  const std::vector<double> scores{-3.0, 7.0, 7.0, 2.0};
  CHECK(apply_score_rule(scores, TopK{0}) == LabelSet{});
  CHECK(apply_score_rule(scores, TopK{1}) == LabelSet{1});
  CHECK(apply_score_rule(scores, TopK{3}) == LabelSet{1, 2, 3});
  CHECK(apply_score_rule(scores, TopK{9}) == LabelSet{0, 1, 2, 3});
  CHECK(apply_score_rule(std::vector<double>{}, TopK{2}) == LabelSet{});
}

TEST_CASE("The labels above the largest gap are taken") {
  const auto above = [](const std::vector<double>& scores, bool top1 = false) {
    return apply_score_rule(scores, LargestGap{top1});
  };
  CHECK(above({0.1, 0.9, 0.85, 0.2}) == LabelSet{1, 2});
  CHECK(above({-4.0, -5.0, -11.0}) == LabelSet{0, 1});
  // Of equal gaps the upper one.
  CHECK(above({3.0, 2.0, 1.0}) == LabelSet{0});
  CHECK(above({3.0, 3.0, 1.0}) == LabelSet{0, 1});
  CHECK(above({0.7, 0.7}) == LabelSet{});
  CHECK(above({0.7, 0.7}, true) == LabelSet{0});
  CHECK(above({0.7}) == LabelSet{});
  CHECK(above({}, true) == LabelSet{});
}

TEST_CASE("Every label is given to its share of the rows, equal scores together") {
  ScoreMatrix scores(4, 3);
  scores.values = {0.9, 5.0, 0.5,  //
                   0.8, 5.0, 0.5,  //
                   0.7, 1.0, 0.5,  //
                   0.6, 0.0, 0.9};
  const auto shares = [&](std::vector<double> of_labels, bool top1 = false) {
    return apply_score_rule(scores, ShareCut{std::move(of_labels), top1});
  };
  CHECK(shares({0.5, 0.5, 0.25}) == std::vector<LabelSet>{{0, 1}, {0, 1}, LabelSet{}, LabelSet{2}});
  // 1 of the 2 equal rows of label 1, and 2 of the 3 of label 2: the nearest count.
  CHECK(shares({0.0, 0.25, 0.625}) == std::vector<LabelSet>{{1, 2}, {1, 2}, {2}, {2}});
  CHECK(shares({0.0, 0.2, 0.6}) == std::vector<LabelSet>{{}, {}, {}, {2}});
  CHECK(shares({0.37, 0.0, 0.0}) == std::vector<LabelSet>{{0}, {}, {}, {}});
  CHECK(shares({0.38, 0.0, 0.0}) == std::vector<LabelSet>{{0}, {0}, {}, {}});
  CHECK(shares({7.0, 0.0, 0.0}) == std::vector<LabelSet>{{0}, {0}, {0}, {0}});
  CHECK(shares({0.25, 0.0, 0.0}, true) == std::vector<LabelSet>{{0}, {1}, {1}, {2}});
  CHECK(apply_score_rule(ScoreMatrix(0, 3), ShareCut{{1.0, 1.0, 1.0}}).empty());
}

TEST_CASE("As many labels are taken as the ranked scores predict") {
  const std::vector<double> scores{0.2, 0.9, 0.5, 0.1};
  const auto count = [&](double intercept, std::vector<double> weights, bool top1 = false) {
    return apply_score_rule(scores, PredictedCount{intercept, std::move(weights), top1}).size();
  };
  CHECK(count(0.0, {1.0, 1.0, 1.0, 1.0}) == 2);  // 1.7 expected
  CHECK(count(0.0, {1.0}) == 1);
  CHECK(count(0.0, {0.0, 5.0}) == 3);  // halves up
  CHECK(count(-0.01, {0.0, 5.0}) == 2);
  CHECK(count(99.0, {}) == 4);
  CHECK(count(-99.0, {}) == 0);
  CHECK(count(-99.0, {}, true) == 1);
  CHECK(apply_score_rule(scores, PredictedCount{2.0, {}}) == LabelSet{1, 2});
  CHECK(apply_score_rule(std::vector<double>{}, PredictedCount{2.0, {}, true}) == LabelSet{});
}

TEST_CASE("A rule on rows answers a collection row by row") {
  ScoreMatrix scores(2, 2);
  scores.values = {0.5, 0.4, 0.1, 0.2};
  CHECK(apply_score_rule(scores, Thresholds::uniform(2, 0.5)) ==
        std::vector<LabelSet>{LabelSet{0}, LabelSet{}});
  CHECK(apply_score_rule(scores, Thresholds::uniform(2, 0.5, true)) ==
        std::vector<LabelSet>{LabelSet{0}, LabelSet{1}});
  CHECK(apply_score_rule(scores, TopK{1}) == std::vector<LabelSet>{LabelSet{0}, LabelSet{1}});
  CHECK(labelbeam::decoders::is_for_collections(ShareCut{}));
  CHECK_FALSE(labelbeam::decoders::is_for_collections(TopK{}));
}

TEST_CASE("Rules on scores refuse what does not fit") {
  const std::vector<double> scores{0.5, 0.5};
  CHECK_THROWS_WITH(apply_score_rule(scores, ShareCut{{0.5, 0.5}}),
                    contains_text("rows of a collection"));
  CHECK_THROWS_WITH(apply_score_rule(scores, PredictedCount{0.0, {1.0, 1.0, 1.0}}),
                    contains_text("weighs 3 scores, but there are 2"));
  CHECK_THROWS_WITH(apply_score_rule(ScoreMatrix(1, 2), ShareCut{{0.5}}),
                    contains_text("2 labels have scores, but 1 shares"));
  CHECK_THROWS_AS(apply_score_rule(scores, Thresholds::uniform(3, 0.5)), std::invalid_argument);
  ScoreMatrix bad(2, 2);
  bad.values[3] = std::nan("");
  for (const labelbeam::ScoreRule& rule :
       {labelbeam::ScoreRule(TopK{1}), labelbeam::ScoreRule(ShareCut{{0.5, 0.5}})}) {
    CHECK_THROWS_WITH(apply_score_rule(bad, rule), contains_text("label 1 is nan"));
  }
}
