#include <labelbeam/eval/compensated_sum.h>
#include <labelbeam/eval/metrics.h>

#include <array>
#include <cmath>
#include <limits>

#include "catch.h"
#include "random_sets.h"

namespace labelbeam::eval {
namespace {

using testing::full_set;
using testing::TestRandom;

double value_of(const std::string& name, const std::vector<LabelSet>& truth,
                const std::vector<LabelSet>& pred, std::size_t num_labels,
                double zero_division = 0.0) {
  return evaluate(parse_metric(name), truth, pred, num_labels, Convention::sklearn(zero_division))
      .value;
}

TEST_CASE("every metric name reads back as itself") {
  for (const Metric& metric : standard_metrics()) {
    CHECK(parse_metric(metric_name(metric)) == metric);
  }
  for (const char* name : {"subset_accuracy", "hamming_loss", "jaccard_samples", "f1_micro",
                           "precision_macro", "recall_samples", "f1_weighted", "fbeta_samples:2",
                           "fbeta_micro:0.5", "fbeta_macro:2.25"}) {
    CHECK(metric_name(parse_metric(name)) == name);
  }
  CHECK(metric_name(parse_metric("fbeta_samples:1")) == "f1_samples");
  CHECK(parse_metric("fbeta_macro:2").beta == 2.0);
}

TEST_CASE("names that are no metric are refused with what would be one") {
  for (const char* name :
       {"", "f1", "f1_", "f1_binary", "accuracy", "subset_accuracy_samples", "fbeta_samples",
        "fbeta_samples:", "fbeta_samples:0", "fbeta_samples:-1", "fbeta_samples:inf",
        "fbeta_samples:nan", "fbeta_samples:2x", "f1_samples:2", "hamming_loss:1", "_samples",
        "F1_samples", "f1_samples "}) {
    INFO(name);
    CHECK_THROWS_AS(parse_metric(name), std::invalid_argument);
  }
  CHECK_THROWS_WITH(parse_metric("f2_samples"),
                    contains_text("'f2_samples'") && contains_text("fbeta_samples:2"));
}

TEST_CASE("only the Hamming loss is better when lower") {
  for (const Metric& metric : standard_metrics()) {
    CHECK(higher_is_better(metric) == (metric_name(metric) != "hamming_loss"));
  }
}

TEST_CASE("metrics of two rows are as computed by hand") {
  const std::vector<LabelSet> truth = {{0, 1}, {2}};
  const std::vector<LabelSet> pred = {{0}, {2, 3}};
  CHECK(value_of("subset_accuracy", truth, pred, 4) == 0.0);
  CHECK(value_of("hamming_loss", truth, pred, 4) == 0.25);
  CHECK(value_of("jaccard_samples", truth, pred, 4) == 0.5);
  CHECK(value_of("precision_samples", truth, pred, 4) == 0.75);
  CHECK(value_of("recall_samples", truth, pred, 4) == 0.75);
  CHECK(value_of("f1_samples", truth, pred, 4) == Approx(2.0 / 3.0).epsilon(1e-15));
  CHECK(value_of("f1_micro", truth, pred, 4) == Approx(2.0 / 3.0).epsilon(1e-15));
  CHECK(value_of("f1_macro", truth, pred, 4) == 0.5);
  CHECK(value_of("jaccard_macro", truth, pred, 4) == 0.5);
  // 5 * 1 / (4 * 2 + 1) and 5 * 1 / (4 * 1 + 2)
  CHECK(value_of("fbeta_samples:2", truth, pred, 4) ==
        Approx((5.0 / 9.0 + 5.0 / 6.0) / 2.0).epsilon(1e-15));
}

TEST_CASE("what is undefined takes the convention's value and is counted") {
  const std::vector<LabelSet> truth = {{}, {0}, {}, {1}};
  const std::vector<LabelSet> pred = {{}, {}, {1}, {1}};
  for (const double zero_division : {0.0, 1.0}) {
    const Convention convention = Convention::sklearn(zero_division);
    const auto measure = [&](const char* name) {
      return evaluate(parse_metric(name), truth, pred, 3, convention);
    };
    CHECK(measure("precision_samples").undefined == 2);
    CHECK(measure("precision_samples").value == (2.0 * zero_division + 0.0 + 1.0) / 4.0);
    CHECK(measure("recall_samples").undefined == 2);
    CHECK(measure("f1_samples").undefined == 1);
    CHECK(measure("f1_samples").value == (zero_division + 0.0 + 0.0 + 1.0) / 4.0);
    CHECK(measure("jaccard_samples").undefined == 1);
    CHECK(measure("f1_macro").undefined == 1);
    CHECK(measure("precision_macro").undefined == 2);
    CHECK(measure("f1_micro").undefined == 0);
    CHECK(measure("subset_accuracy").undefined == 0);
    CHECK(measure("f1_samples").convention ==
          (zero_division == 0.0 ? "sklearn(zero_division=0)" : "sklearn(zero_division=1)"));
  }
  const std::vector<LabelSet> none(2);
  const MetricValue micro = evaluate(parse_metric("f1_micro"), none, none, 3);
  CHECK(micro.undefined == 1);
  CHECK(micro.value == 0.0);
}

TEST_CASE("evaluate gives the standard metrics in their order") {
  const std::vector<LabelSet> truth = {{0, 1}, {2}};
  const std::vector<MetricValue> values = evaluate(truth, truth, 4);
  REQUIRE(values.size() == 14);
  CHECK(metric_name(values.front().metric) == "subset_accuracy");
  CHECK(values.front().value == 1.0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    CHECK(values[i].metric == standard_metrics()[i]);
    CHECK(values[i].convention == "sklearn(zero_division=0)");
  }
}

TEST_CASE("laws between metrics hold on random sets") {
  TestRandom random(1);
  for (int trial = 0; trial < 500; ++trial) {
    const std::size_t num_labels = 1 + random.below(12);
    const LabelSet truth = random.set(num_labels, random.uniform());
    const LabelSet pred = random.set(num_labels, random.uniform());
    const double zero_division = random.below(2) == 0 ? 0.0 : 1.0;
    const auto one_row = [&](const char* name, const LabelSet& t, const LabelSet& p) {
      return value_of(name, {t}, {p}, num_labels, zero_division);
    };
    const double f1 = one_row("f1_samples", truth, pred);
    CHECK(one_row("jaccard_samples", truth, pred) == Approx(f1 / (2.0 - f1)).margin(1e-15));
    CHECK(one_row("hamming_loss", truth, pred) <= 1.0 - one_row("subset_accuracy", truth, pred));
    CHECK(one_row("precision_samples", truth, pred) == one_row("recall_samples", pred, truth));
    CHECK(one_row("f1_micro", truth, pred) == f1);
    const double precision = one_row("precision_samples", truth, pred);
    const double recall = one_row("recall_samples", truth, pred);
    if (!truth.empty() && !pred.empty()) {
      CHECK(std::min(precision, recall) <= f1 + 1e-15);
      CHECK(f1 <= std::max(precision, recall) + 1e-15);
      CHECK(one_row("fbeta_samples:1000", truth, pred) == Approx(recall).margin(1e-5));
      CHECK(one_row("fbeta_samples:0.001", truth, pred) == Approx(precision).margin(1e-5));
    }
  }
}

TEST_CASE("shards merged in any order give exactly the result of the whole") {
  TestRandom random(2);
  const std::size_t num_labels = 9;
  const std::vector<LabelSet> truth = random.sets(1000, num_labels, 0.3);
  const std::vector<LabelSet> pred = random.sets(1000, num_labels, 0.3);
  MetricAccumulator whole(num_labels);
  std::vector<MetricAccumulator> shards(7, MetricAccumulator(num_labels));
  for (std::size_t i = 0; i < truth.size(); ++i) {
    whole.add(truth[i], pred[i]);
    shards[random.below(shards.size())].add(truth[i], pred[i]);
  }
  MetricAccumulator forwards(num_labels);
  MetricAccumulator backwards(num_labels);
  for (std::size_t s = 0; s < shards.size(); ++s) {
    forwards.merge(shards[s]);
    backwards.merge(shards[shards.size() - 1 - s]);
  }
  CHECK(forwards.num_rows() == 1000);
  for (const Metric& metric : standard_metrics()) {
    INFO(metric_name(metric));
    CHECK(forwards.result(metric).value == whole.result(metric).value);
    CHECK(backwards.result(metric).value == whole.result(metric).value);
    CHECK(backwards.result(metric).undefined == whole.result(metric).undefined);
  }
}

TEST_CASE("weighted shards give exactly the whole, also where only some have weights") {
  TestRandom random(3);
  const std::size_t num_labels = 6;
  MetricAccumulator whole(num_labels);
  MetricAccumulator weighted(num_labels);
  MetricAccumulator unweighted(num_labels);
  for (int i = 0; i < 400; ++i) {
    const LabelSet truth = random.set(num_labels, 0.3);
    const LabelSet pred = random.set(num_labels, 0.3);
    const double weight = i % 2 == 0 ? 1.0 : 5.0 * random.uniform();
    whole.add(truth, pred, weight);
    (i % 2 == 0 ? unweighted : weighted).add(truth, pred, weight);
  }
  MetricAccumulator into_weighted = weighted;
  into_weighted.merge(unweighted);
  MetricAccumulator into_unweighted = unweighted;
  into_unweighted.merge(weighted);
  for (const Metric& metric : standard_metrics()) {
    INFO(metric_name(metric));
    CHECK(into_weighted.result(metric).value == whole.result(metric).value);
    CHECK(into_unweighted.result(metric).value == whole.result(metric).value);
  }
}

TEST_CASE("a row of weight two counts as the row twice") {
  MetricAccumulator twice(3);
  MetricAccumulator heavy(3);
  const std::array<LabelSet, 2> truth = {LabelSet{0, 1}, LabelSet{2}};
  const std::array<LabelSet, 2> pred = {LabelSet{0}, LabelSet{1, 2}};
  twice.add(truth[0], pred[0]);
  twice.add(truth[0], pred[0]);
  twice.add(truth[1], pred[1]);
  heavy.add(truth[0], pred[0], 2.0);
  heavy.add(truth[1], pred[1], 1.0);
  for (const Metric& metric : standard_metrics()) {
    CHECK(heavy.result(metric).value == Approx(twice.result(metric).value).epsilon(1e-15));
  }
}

TEST_CASE("an accumulator merged into itself holds its rows twice") {
  MetricAccumulator rows(2);
  rows.add({0}, {0, 1});
  rows.merge(rows);
  CHECK(rows.num_rows() == 2);
  CHECK(rows.label_counts()[1].predicted == 2.0);
  CHECK(rows.result(parse_metric("precision_micro")).value == 0.5);
}

TEST_CASE("the metric of each label and its counts are kept") {
  MetricAccumulator rows(3);
  rows.add({0, 1}, {0});
  rows.add({0}, {0, 1});
  const std::vector<MetricValue> f1 = rows.label_results(parse_metric("f1_macro"));
  REQUIRE(f1.size() == 3);
  CHECK(f1[0].value == 1.0);
  CHECK(f1[1].value == 0.0);
  CHECK(f1[1].undefined == 0);
  CHECK(f1[2].undefined == 1);
  CHECK(rows.label_counts()[0].true_positives == 2.0);
  CHECK(rows.label_counts()[1].predicted == 1.0);
  CHECK(rows.label_counts()[1].actual == 1.0);
  CHECK_THROWS_AS(rows.label_results(parse_metric("hamming_loss")), std::invalid_argument);
}

TEST_CASE("the largest label space is counted") {
  MetricAccumulator rows(kMaxLabels);
  const LabelSet everything = full_set(kMaxLabels);
  rows.add(everything, everything);
  CHECK(rows.result(parse_metric("subset_accuracy")).value == 1.0);
  CHECK(rows.result(parse_metric("f1_micro")).value == 1.0);
}

TEST_CASE("wrong sizes, labels, weights and conventions are refused") {
  const std::vector<LabelSet> two(2);
  const std::vector<LabelSet> three(3);
  CHECK_THROWS_WITH(evaluate(two, three, 4), contains_text("2 rows of truth but 3 predictions"));
  CHECK_THROWS_AS(evaluate({}, {}, 4), std::invalid_argument);
  CHECK_THROWS_AS(MetricAccumulator(0), std::invalid_argument);
  CHECK_THROWS_AS(MetricAccumulator(kMaxLabels + 1), std::invalid_argument);
  CHECK_THROWS_AS(Convention::sklearn(0.5), std::invalid_argument);
  CHECK_THROWS_AS(MetricAccumulator(3, Convention{2.0}), std::invalid_argument);
  CHECK_THROWS_AS(MetricAccumulator(3, Convention{0.0, Tool::mulan}), std::invalid_argument);
  MetricAccumulator rows(3);
  CHECK_THROWS_AS(rows.result(parse_metric("f1_micro")), std::invalid_argument);
  CHECK_THROWS_WITH(rows.add({3}, {}), contains_text("the truth has label 3"));
  CHECK_THROWS_WITH(rows.add({}, {0, 3}), contains_text("the prediction has label 3"));
  CHECK_THROWS_AS(rows.add({}, {}, -1.0), std::invalid_argument);
  CHECK_THROWS_AS(rows.add({}, {}, std::nan("")), std::invalid_argument);
  CHECK(rows.num_rows() == 0);
  CHECK_THROWS_AS(rows.merge(MetricAccumulator(4)), std::invalid_argument);
  CHECK_THROWS_AS(rows.merge(MetricAccumulator(3, Convention::sklearn(1))), std::invalid_argument);
  rows.add({1}, {1}, 0.0);
  CHECK_THROWS_WITH(rows.result(parse_metric("f1_samples")), contains_text("weight 0"));
  CHECK_THROWS_AS(rows.result({MetricKind::f_beta, Average::samples, 0.0}), std::invalid_argument);
}

TEST_CASE("set NLL is the mean of minus the log probabilities") {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  CHECK(mean_set_nll(std::array{-1.0, -2.0, -6.0}) == 3.0);
  CHECK(mean_set_nll(std::array{-1.0, -kInfinity, -kInfinity}) == kInfinity);
  CHECK_THROWS_AS(mean_set_nll({}), std::invalid_argument);
  CHECK_THROWS_AS(mean_set_nll(std::array{0.5}), std::invalid_argument);
  CHECK_THROWS_AS(mean_set_nll(std::array{std::nan("")}), std::invalid_argument);
}

TEST_CASE("compensated sums keep what plain sums lose") {
  CompensatedSum sum;
  for (const double term : {1.0, 1e100, 1.0, -1e100}) sum.add(term);
  CHECK(sum.value() == 2.0);
  CompensatedSum tenths;
  for (int i = 0; i < 1000000; ++i) tenths.add(0.1);
  CHECK(tenths.value() == 100000.0);
}

}  // namespace
}  // namespace labelbeam::eval
