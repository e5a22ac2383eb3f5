#include <labelbeam/eval/comparison_statistics.h>
#include <labelbeam/eval/significance.h>

#include <cmath>
#include <string>

#include "catch.h"
#include "noisy_answers.h"
#include "random_sets.h"

namespace labelbeam::eval {
namespace {

using testing::noisy_answers;
using testing::TestRandom;
using Seeds = std::vector<std::vector<LabelSet>>;

constexpr std::size_t kLabels = 6;
constexpr std::size_t kRows = 150;

/// A report whose figures are those of its answers.
struct Compared {
  ComparisonReport report;
  std::vector<LabelSet> truth;
  std::vector<Seeds> answers;

  TestAnswers test_answers() const { return {truth, kLabels, answers}; }
  ComparisonStatistics statistics(ResamplingOptions options = {.num_resamples = 1000}) const {
    return comparison_statistics(report, test_answers(), options);
  }
  /// `valid`: every metric of it; the noise decides what test will say.
  void add(const std::string& system, double valid, const Seeds& seeds) {
    ResultRow& row = report.results.emplace_back();
    row.system = system;
    row.decision = "d" + std::to_string(report.results.size());
    row.convention = Convention{}.name();
    for (std::size_t s = 0; s < seeds.size(); ++s) {
      SeedResult& seed = row.seeds.emplace_back();
      seed.seed = s + 1;
      for (const MetricValue& value : evaluate(truth, seeds[s], kLabels)) {
        seed.metrics[metric_name(value.metric)] = value.value;
        seed.metrics_valid[metric_name(value.metric)] =
            higher_is_better(value.metric) ? valid : 1.0 - valid;
      }
    }
    average_seeds(row);
    answers.push_back(seeds);
  }
};

Seeds noisy_seeds(const std::vector<LabelSet>& truth, double noise, std::size_t count,
                  TestRandom& random) {
  Seeds seeds;
  for (std::size_t s = 0; s < count; ++s) {
    seeds.push_back(noisy_answers(truth, kLabels, noise, random));
  }
  return seeds;
}

Compared three_systems(std::size_t seeds) {
  TestRandom random(seeds);
  Compared compared;
  compared.truth = random.sets(kRows, kLabels, 0.3);
  compared.report.systems = {{"sigmoid", ""}, {"decoder", ""}, {"joint", ""}};
  compared.add("sigmoid", 0.6, noisy_seeds(compared.truth, 0.12, seeds, random));
  // Best of its system on test, but not on valid: it must not be the opponent.
  compared.add("sigmoid", 0.5, noisy_seeds(compared.truth, 0.01, seeds, random));
  compared.add("decoder", 0.9, noisy_seeds(compared.truth, 0.3, seeds, random));
  compared.add("joint", 0.4, noisy_seeds(compared.truth, 0.04, seeds, random));
  return compared;
}

TEST_CASE("the best system on test is tested against the next, both as valid chose them") {
  for (const std::size_t seeds : {1U, 3U}) {
    const Compared compared = three_systems(seeds);
    const ComparisonStatistics found = compared.statistics();
    CHECK(found.warnings.empty());
    REQUIRE(found.metrics.size() == standard_metrics().size());
    std::vector<double> p;
    for (std::size_t m = 0; m < found.metrics.size(); ++m) {
      const MetricStatistics& item = found.metrics[m];
      const Metric metric = standard_metrics()[m];
      INFO(item.metric);
      CHECK(item.metric == metric_name(metric));
      REQUIRE(item.test.has_value());
      CHECK(item.test->system == "joint");
      CHECK(item.test->opponent == "sigmoid");
      const ResampledAnswer joint(compared.truth, compared.answers[3], kLabels, {metric});
      const ResampledAnswer sigmoid(compared.truth, compared.answers[0], kLabels, {metric});
      const double lead = std::abs(joint.values()[0] - sigmoid.values()[0]);
      CHECK(item.test->difference == Approx(lead));
      CHECK(item.test->interval.lower < lead);
      CHECK(item.test->interval.upper > lead);
      CHECK(item.test->p_permutation ==
            permutation_p(joint, sigmoid, {.num_resamples = 1000}).front());
      CHECK(item.test->p_mcnemar.has_value() == (item.metric == "subset_accuracy"));
      p.push_back(item.test->p_permutation);

      REQUIRE(item.intervals.size() == 3);
      const double test = compared.report.results[0].metrics.at(item.metric);
      CHECK(item.intervals.at("sigmoid").lower < test);
      CHECK(item.intervals.at("sigmoid").upper > test);
      CHECK(item.seed_sd.size() == (seeds == 1 ? 0 : 3));
    }
    const std::vector<double> adjusted = holm(p);
    for (std::size_t m = 0; m < p.size(); ++m) {
      CHECK(found.metrics[m].test->p_adjusted == adjusted[m]);
    }
  }
}

TEST_CASE("better is said of clear differences only") {
  const Compared compared = three_systems(2);
  for (const MetricStatistics& item : compared.statistics({.num_resamples = 4000}).metrics) {
    if (item.metric == "subset_accuracy" || item.metric == "hamming_loss") {
      CHECK(is_better(*item.test));
    }
  }
  Compared same = three_systems(1);
  same.report.results[3] = same.report.results[0];
  same.report.results[3].system = "joint";
  same.answers[3] = same.answers[0];
  for (const MetricStatistics& item : same.statistics().metrics) {
    CHECK(item.test->difference == 0.0);
    CHECK(item.test->p_permutation == 1.0);
    CHECK(item.test->p_bootstrap == 1.0);
    CHECK_FALSE(is_better(*item.test));
    if (item.test->p_mcnemar) CHECK(*item.test->p_mcnemar == 1.0);
  }
  // The difference is constant over resamples, which BCa has no interval for.
  CHECK_FALSE(same.statistics().warnings.empty());
  PairedTest edge;
  edge.difference = 0.1;
  edge.p_adjusted = 0.01;
  CHECK_FALSE(is_better(edge));
  edge.p_adjusted = 0.0099;
  CHECK(is_better(edge));
  edge.difference = 0.0;
  CHECK_FALSE(is_better(edge));
}

TEST_CASE("the standard deviation over seeds is that of the listed values") {
  const Compared compared = three_systems(3);
  const ComparisonStatistics found = compared.statistics();
  const std::vector<SeedResult>& seeds = compared.report.results[3].seeds;
  double values[3];
  for (std::size_t s = 0; s < 3; ++s) values[s] = seeds[s].metrics.at("f1_micro");
  const double mean = (values[0] + values[1] + values[2]) / 3.0;
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  for (const MetricStatistics& item : found.metrics) {
    if (item.metric == "f1_micro")
      CHECK(item.seed_sd.at("joint") == Approx(std::sqrt(squares / 2)));
  }
}

TEST_CASE("a row counts in McNemar's test for the system that is right with more seeds") {
  Compared compared;
  compared.truth.assign(9, LabelSet{0});
  compared.report.systems = {{"sigmoid", ""}, {"joint", ""}};
  const LabelSet right{0};
  const LabelSet wrong{1};
  // By row: both seeds against none (4 times), one against none, one against two, equals.
  const std::vector<LabelSet> first = {right, right, right, right, right,
                                       right, wrong, right, wrong};
  const std::vector<LabelSet> second = {right, right, right, right, wrong,
                                        wrong, wrong, wrong, wrong};
  const std::vector<LabelSet> third = {wrong, wrong, wrong, wrong, wrong,
                                       right, wrong, wrong, wrong};
  const std::vector<LabelSet> fourth = {wrong, wrong, wrong, wrong, wrong,
                                        right, wrong, right, wrong};
  compared.add("joint", 0.5, {first, second});
  compared.add("sigmoid", 0.5, {third, fourth});
  const ComparisonStatistics found = compared.statistics({.num_resamples = 200});
  CHECK(found.metrics[0].test->system == "joint");
  CHECK(*found.metrics[0].test->p_mcnemar == Approx(mcnemar_p(5, 1)));
}

TEST_CASE("one system has intervals and no test") {
  Compared compared = three_systems(1);
  compared.report.results.resize(1);
  compared.report.systems.resize(1);
  compared.answers.resize(1);
  for (const MetricStatistics& item : compared.statistics().metrics) {
    CHECK(item.intervals.size() == 1);
    CHECK_FALSE(item.test.has_value());
  }
  CHECK(comparison_statistics({}, {}).metrics.empty());
}

TEST_CASE("statistics do not depend on the number of threads") {
  const Compared compared = three_systems(2);
  const ComparisonStatistics one = compared.statistics({.num_resamples = 500, .num_threads = 1});
  const ComparisonStatistics three = compared.statistics({.num_resamples = 500, .num_threads = 3});
  for (std::size_t m = 0; m < one.metrics.size(); ++m) {
    CHECK(one.metrics[m].intervals == three.metrics[m].intervals);
    CHECK(one.metrics[m].test->interval == three.metrics[m].test->interval);
    CHECK(one.metrics[m].test->p_permutation == three.metrics[m].test->p_permutation);
  }
}

TEST_CASE("answers that are not those of the results are refused") {
  Compared compared = three_systems(1);
  compared.answers[0][0][0] = compared.answers[0][0][0].contains(1) ? LabelSet{} : LabelSet{1};
  CHECK_THROWS_AS(compared.statistics(), std::invalid_argument);
  compared = three_systems(1);
  compared.answers.pop_back();
  CHECK_THROWS_AS(compared.statistics(), std::invalid_argument);
  compared = three_systems(1);
  compared.answers[3].push_back(compared.answers[3][0]);
  CHECK_THROWS_AS(compared.statistics(), std::invalid_argument);
  compared = three_systems(1);
  compared.truth.pop_back();
  CHECK_THROWS_AS(compared.statistics(), std::invalid_argument);
  CHECK_THROWS_AS(three_systems(1).statistics({.num_resamples = 0}), std::invalid_argument);
}

}  // namespace
}  // namespace labelbeam::eval
