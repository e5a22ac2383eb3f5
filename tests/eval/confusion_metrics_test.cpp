#include <labelbeam/eval/confusion_metrics.h>

#include <cmath>
#include <string>

#include "catch.h"
#include "named_values.h"
#include "random_sets.h"

namespace labelbeam::eval {
namespace {

using testing::figure;
using testing::identical;
using testing::TestRandom;

TEST_CASE("the metrics of a label's confusion are as computed by hand") {
  const ConfusionMetrics metrics = confusion_metrics({50, 10, 5, 35});
  CHECK(metrics.specificity == Approx(50.0 / 60.0).epsilon(1e-15));
  CHECK(metrics.balanced_accuracy == Approx((35.0 / 40.0 + 50.0 / 60.0) / 2.0).epsilon(1e-15));
  CHECK(metrics.g_mean == Approx(std::sqrt(35.0 / 40.0 * 50.0 / 60.0)).epsilon(1e-15));
  CHECK(metrics.matthews_corrcoef ==
        Approx((35.0 * 50.0 - 10.0 * 5.0) / std::sqrt(40.0 * 60.0 * 45.0 * 55.0)).epsilon(1e-14));
}

TEST_CASE("a label of one class has the metric of that class, and is counted") {
  for (const double zero_division : {0.0, 1.0}) {
    const Convention convention = Convention::sklearn(zero_division);
    const ConfusionMetrics never = confusion_metrics({3, 1, 0, 0}, convention);
    CHECK(never.balanced_accuracy == 0.75);
    CHECK(never.g_mean == std::sqrt(0.75 * zero_division));
    CHECK(never.recall_undefined);
    CHECK(never.matthews_corrcoef == 0.0);
    CHECK(never.correlation_undefined);
    const ConfusionMetrics always = confusion_metrics({0, 0, 1, 3}, convention);
    CHECK(always.specificity == zero_division);
    CHECK(always.specificity_undefined);
    CHECK(always.balanced_accuracy == 0.75);
  }
  // Nothing is absent and nothing is said to be: 1 in Mulan, whose one-sided 0/0 is 0.
  CHECK(confusion_metrics({0, 0, 0, 2}, Convention::mulan()).specificity == 1.0);
  CHECK(confusion_metrics({0, 0, 1, 2}, Convention::mulan()).specificity == 0.0);
}

TEST_CASE("laws of confusion metrics hold on random rows") {
  TestRandom random(5);
  for (int trial = 0; trial < 200; ++trial) {
    const std::size_t num_labels = 1 + random.below(6);
    MetricAccumulator rows(num_labels);
    MetricAccumulator swapped(num_labels);
    for (std::size_t i = 0; i < 1 + random.below(20); ++i) {
      const LabelSet truth = random.set(num_labels, 0.4);
      const LabelSet pred = random.set(num_labels, 0.4);
      const double weight = random.below(3) == 0 ? random.uniform() + 0.1 : 1.0;
      rows.add(truth, pred, weight);
      swapped.add(pred, truth, weight);
    }
    for (const LabelConfusion& label : rows.label_confusions()) {
      const ConfusionMetrics metrics = confusion_metrics(label);
      CHECK(metrics.matthews_corrcoef <= 1.0);
      CHECK(metrics.matthews_corrcoef >= -1.0);
      if (!metrics.recall_undefined && !metrics.specificity_undefined) {
        CHECK(metrics.g_mean <= metrics.balanced_accuracy + 1e-15);
      }
    }
    const std::vector<NamedValue> values = confusion_metrics(rows.label_confusions());
    const std::vector<NamedValue> other = confusion_metrics(swapped.label_confusions());
    CHECK(figure(values, "matthews_corrcoef_macro").value ==
          Approx(figure(other, "matthews_corrcoef_macro").value).margin(1e-14));
    CHECK(figure(values, "matthews_corrcoef_micro").value ==
          Approx(figure(other, "matthews_corrcoef_micro").value).margin(1e-14));
  }
}

TEST_CASE("confusions of weighted shards are exactly those of the whole") {
  TestRandom random(6);
  MetricAccumulator whole(4);
  std::vector<MetricAccumulator> shards(3, MetricAccumulator(4));
  for (int i = 0; i < 300; ++i) {
    const LabelSet truth = random.set(4, 0.3);
    const LabelSet pred = random.set(4, 0.3);
    const double weight = random.below(4) == 0 ? 1.0 : random.uniform() * 7.0;
    whole.add(truth, pred, weight);
    shards[random.below(3)].add(truth, pred, weight);
  }
  MetricAccumulator merged(4);
  for (std::size_t s = shards.size(); s > 0; --s) merged.merge(shards[s - 1]);
  const std::vector<NamedValue> expected = confusion_metrics(whole.label_confusions());
  const std::vector<NamedValue> values = confusion_metrics(merged.label_confusions());
  CHECK(identical(values, expected));
}

TEST_CASE("confusion metrics of nothing are refused") {
  CHECK_THROWS_AS(confusion_metrics(std::vector<LabelConfusion>{}), std::invalid_argument);
  CHECK_THROWS_AS(confusion_metrics(LabelConfusion{}), std::invalid_argument);
  CHECK_THROWS_AS(confusion_metrics(LabelConfusion{1, 1, 1, 1}, Convention{0.5}),
                  std::invalid_argument);
}

}  // namespace
}  // namespace labelbeam::eval
