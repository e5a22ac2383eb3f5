#include <labelbeam/label_ranking.h>

#include <limits>
#include <vector>

#include "catch.h"

using namespace labelbeam;

TEST_CASE("Labels are ranked by falling score, equal ones by id") {
  const std::vector<double> scores{0.2, 0.9, 0.2, -std::numeric_limits<double>::infinity(), 0.9};
  CHECK(ranked_labels(scores) == std::vector<LabelId>{1, 4, 0, 2, 3});
  CHECK(best_label(scores) == 1);
  CHECK(ranked_labels({}).empty());
}

TEST_CASE("A score that equals its threshold reaches it") {
  const std::vector<double> scores{0.5, 0.4, 0.7};
  CHECK(labels_above(scores, {{0.5, 0.5, 0.8}, false}) == LabelSet{0});
  CHECK(labels_above(scores, {{0.6, 0.5, 0.8}, false}).empty());
  CHECK(labels_above(scores, {{0.6, 0.5, 0.8}, true}) == LabelSet{2});
  CHECK(labels_above({}, {{}, true}).empty());
}
