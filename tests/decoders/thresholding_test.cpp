#include <labelbeam/decoders/thresholding.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "catch.h"

using labelbeam::LabelSet;
using labelbeam::Thresholds;
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
