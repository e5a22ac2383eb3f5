#include <labelbeam/eval/set_figures.h>

#include <cmath>
#include <string>
#include <vector>

#include "catch.h"
#include "named_values.h"
#include "random_sets.h"

namespace labelbeam::eval {
namespace {

using testing::figure;
using testing::TestRandom;

TEST_CASE("figures of sets are as counted by hand") {
  MetricAccumulator rows(3, Convention::mulan());
  rows.add({}, {});
  rows.add({}, {0, 1});
  rows.add({0, 1, 2}, {});
  rows.add({1}, {1}, 2.0);
  const std::vector<NamedValue> values = set_figures(rows);
  CHECK(figure(values, "zero_one_loss").value == 0.4);
  CHECK(figure(values, "label_cardinality_error").value == 1.0);
  CHECK(figure(values, "label_cardinality_bias").value == -0.2);
  CHECK(figure(values, "empty_set_precision").value == 0.5);
  CHECK(figure(values, "empty_set_recall").value == 0.5);
  CHECK(figure(values, "empty_set_recall").convention == "mulan");
}

TEST_CASE("where no row is empty, the figures of the empty set are the convention's") {
  for (const double zero_division : {0.0, 1.0}) {
    MetricAccumulator rows(3, Convention::sklearn(zero_division));
    rows.add({0}, {1});
    for (const char* name : {"empty_set_precision", "empty_set_recall"}) {
      CHECK(figure(set_figures(rows), name).value == zero_division);
      CHECK(figure(set_figures(rows), name).undefined == 1);
    }
  }
}

TEST_CASE("laws of the figures of sets hold on random rows") {
  TestRandom random(9);
  for (int trial = 0; trial < 200; ++trial) {
    const std::size_t num_labels = 1 + random.below(8);
    MetricAccumulator rows(num_labels);
    for (std::size_t i = 0; i < 1 + random.below(10); ++i) {
      const double weight = random.below(3) == 0 ? random.uniform() + 0.1 : 1.0;
      rows.add(random.set(num_labels, 0.3), random.set(num_labels, 0.3), weight);
    }
    const std::vector<NamedValue> values = set_figures(rows);
    const double zero_one = figure(values, "zero_one_loss").value;
    const double hamming = rows.result(parse_metric("hamming_loss")).value;
    CHECK(zero_one ==
          Approx(1.0 - rows.result(parse_metric("subset_accuracy")).value).margin(1e-15));
    CHECK(hamming <= zero_one + 1e-15);
    CHECK(zero_one <= hamming * static_cast<double>(num_labels) + 1e-14);
    CHECK(std::abs(figure(values, "label_cardinality_bias").value) <=
          figure(values, "label_cardinality_error").value + 1e-15);
    CHECK(figure(values, "label_cardinality_error").value <=
          hamming * static_cast<double>(num_labels) + 1e-14);
  }
}

TEST_CASE("unseen sets are those that no training row has") {
  const std::vector<LabelSet> train = {{0}, {0, 1}, {0}};
  UnseenSets rows(train, Convention::sklearn(1));
  rows.add({0}, {0});
  rows.add({1}, {1});
  rows.add({}, {1}, 2.0);
  CHECK(figure(rows.results(), "unseen_set_rate").value == 0.75);
  CHECK(figure(rows.results(), "unseen_set_accuracy").value == Approx(1.0 / 3.0).epsilon(1e-15));
  UnseenSets seen(train, Convention::sklearn(1));
  seen.add({0, 1}, {});
  CHECK(figure(seen.results(), "unseen_set_rate").value == 0.0);
  CHECK(figure(seen.results(), "unseen_set_accuracy").value == 1.0);
  CHECK(figure(seen.results(), "unseen_set_accuracy").undefined == 1);
}

TEST_CASE("shards of unseen sets give exactly the whole") {
  TestRandom random(4);
  const std::vector<LabelSet> train = random.sets(20, 4, 0.3);
  UnseenSets whole(train);
  std::vector<UnseenSets> shards(4, UnseenSets(train));
  for (int i = 0; i < 300; ++i) {
    const LabelSet truth = random.set(4, 0.5);
    const LabelSet pred = random.below(2) == 0 ? truth : random.set(4, 0.5);
    const double weight = random.uniform() * 3.0;
    whole.add(truth, pred, weight);
    shards[random.below(4)].add(truth, pred, weight);
  }
  UnseenSets merged(train);
  for (std::size_t s = shards.size(); s > 0; --s) merged.merge(shards[s - 1]);
  for (const char* name : {"unseen_set_rate", "unseen_set_accuracy"}) {
    CHECK(figure(merged.results(), name).value == figure(whole.results(), name).value);
  }
}

TEST_CASE("figures of no rows, no weight, or of shards that differ are refused") {
  CHECK_THROWS_WITH(set_figures(MetricAccumulator(3)), contains_text("no rows"));
  MetricAccumulator weightless(3);
  weightless.add({0}, {0}, 0.0);
  CHECK_THROWS_WITH(set_figures(weightless), contains_text("weight 0"));
  MetricAccumulator too_heavy(3);
  for (int i = 0; i < 3; ++i) too_heavy.add({0}, {0}, 1e308);
  CHECK_THROWS_WITH(set_figures(too_heavy), contains_text("more than a double holds"));

  const std::vector<LabelSet> train = {{0}};
  UnseenSets rows(train);
  CHECK_THROWS_WITH(rows.results(), contains_text("no rows"));
  CHECK_THROWS_AS(rows.add({}, {}, std::nan("")), std::invalid_argument);
  CHECK_THROWS_AS(rows.merge(UnseenSets(std::vector<LabelSet>{{1}})), std::invalid_argument);
  CHECK_THROWS_AS(rows.merge(UnseenSets(train, Convention::meka())), std::invalid_argument);
  CHECK_THROWS_AS(UnseenSets(train, Convention{0.5}), std::invalid_argument);
}

}  // namespace
}  // namespace labelbeam::eval
