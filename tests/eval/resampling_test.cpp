#include <labelbeam/eval/resampling.h>

#include <cmath>
#include <cstdint>
#include <map>

#include "catch.h"
#include "chi_square.h"
#include "noisy_answers.h"
#include "random_sets.h"

namespace labelbeam::eval {
namespace {

using testing::noisy_answers;
using testing::TestRandom;
using Seeds = std::vector<std::vector<LabelSet>>;

std::vector<Metric> every_metric() {
  std::vector<Metric> metrics = standard_metrics();
  for (const char* name :
       {"fbeta_samples:2", "fbeta_micro:0.5", "f1_weighted", "recall_weighted", "jaccard_weighted"})
    metrics.push_back(parse_metric(name));
  return metrics;
}

/// The mean over seeds of a metric, by `evaluate`.
double evaluated(const Metric& metric, const std::vector<LabelSet>& truth, const Seeds& answers,
                 std::size_t num_labels, const Convention& convention = {}) {
  double sum = 0.0;
  for (const std::vector<LabelSet>& answer : answers) {
    sum += evaluate(metric, truth, answer, num_labels, convention).value;
  }
  return sum / static_cast<double>(answers.size());
}

/// Row i as often as counts[i] says.
std::vector<LabelSet> expanded(const std::vector<LabelSet>& rows,
                               const std::vector<double>& counts) {
  std::vector<LabelSet> result;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (double k = 0; k < counts[i]; ++k) result.push_back(rows[i]);
  }
  return result;
}

struct SeededRows {
  std::size_t num_labels = 0;
  std::vector<LabelSet> truth;
  Seeds answers;
};

SeededRows random_rows(std::size_t rows, std::size_t num_labels, std::size_t seeds,
                       TestRandom& random) {
  SeededRows result{num_labels, random.sets(rows, num_labels, num_labels > 20 ? 0.03 : 0.3), {}};
  const double noise = 0.8 / static_cast<double>(num_labels);
  for (std::size_t s = 0; s < seeds; ++s)
    result.answers.push_back(noisy_answers(result.truth, num_labels, noise, random));
  return result;
}

TEST_CASE("a metric of resampled rows is evaluate's of the rows written out") {
  TestRandom random(1);
  const std::vector<Metric> metrics = every_metric();
  for (const Convention& convention :
       {Convention{}, Convention::sklearn(1.0), Convention::pyramid(), Convention::meka()}) {
    for (const std::size_t num_labels : {1U, 5U, 40U}) {
      for (int repeat = 0; repeat < 5; ++repeat) {
        const SeededRows rows =
            random_rows(1 + random.below(20), num_labels, 1 + random.below(3), random);
        const ResampledAnswer answer(rows.truth, rows.answers, num_labels, metrics, convention);
        std::vector<double> counts(rows.truth.size());
        for (double& count : counts) count = static_cast<double>(random.below(4));
        counts[random.below(counts.size())] += 1.0;
        Seeds drawn;
        for (const auto& of_seed : rows.answers) drawn.push_back(expanded(of_seed, counts));
        const std::vector<LabelSet> truth = expanded(rows.truth, counts);
        const std::vector<double> values = answer.values(counts);
        const std::vector<double> plain = answer.values();
        for (std::size_t m = 0; m < metrics.size(); ++m) {
          INFO(metric_name(metrics[m]) << " " << convention.name());
          CHECK(std::abs(values[m] - evaluated(metrics[m], truth, drawn, num_labels, convention)) <=
                1e-12);
          CHECK(std::abs(plain[m] - evaluated(metrics[m], rows.truth, rows.answers, num_labels,
                                              convention)) <= 1e-12);
        }
      }
    }
  }
}

TEST_CASE("a metric asked for alone has the value it has among others") {
  TestRandom random(2);
  const SeededRows rows = random_rows(30, 9, 2, random);
  const std::vector<Metric> metrics = every_metric();
  const std::vector<double> together =
      ResampledAnswer(rows.truth, rows.answers, 9, metrics).values();
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    const ResampledAnswer alone(rows.truth, rows.answers, 9, {metrics[m]});
    CHECK(std::abs(alone.values()[0] - together[m]) <= 1e-12);
  }
}

TEST_CASE("the jackknife is evaluate's without each row") {
  TestRandom random(3);
  const std::vector<Metric> metrics = every_metric();
  for (const std::size_t num_labels : {1U, 6U}) {
    const SeededRows rows = random_rows(12, num_labels, 2, random);
    const ResampledAnswer answer(rows.truth, rows.answers, num_labels, metrics);
    for (std::size_t m = 0; m < metrics.size(); ++m) {
      const std::vector<double> values = answer.jackknife(m);
      REQUIRE(values.size() == 12);
      for (std::size_t i = 0; i < 12; ++i) {
        std::vector<double> counts(12, 1.0);
        counts[i] = 0.0;
        Seeds left;
        for (const auto& of_seed : rows.answers) left.push_back(expanded(of_seed, counts));
        INFO(metric_name(metrics[m]));
        CHECK(std::abs(values[i] - evaluated(metrics[m], expanded(rows.truth, counts), left,
                                             num_labels)) <= 1e-12);
      }
    }
  }
}

TEST_CASE("bootstrap replicates do not depend on threads, other answers or how many there are") {
  TestRandom random(4);
  const SeededRows rows = random_rows(25, 6, 2, random);
  const std::vector<Metric> metrics = every_metric();
  const ResampledAnswer answer(rows.truth, rows.answers, 6, metrics);
  const SeededRows others = random_rows(25, 6, 1, random);
  const std::vector<ResampledAnswer> both = {
      answer, ResampledAnswer(others.truth, others.answers, 6, metrics)};
  const auto alone = bootstrap({&answer, 1}, {.num_resamples = 37, .seed = 9});
  const auto threads = bootstrap(both, {.num_resamples = 50, .seed = 9, .num_threads = 3});
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    REQUIRE(alone[0][m].size() == 37);
    for (std::size_t b = 0; b < 37; ++b) CHECK(alone[0][m][b] == threads[0][m][b]);
  }
  CHECK(bootstrap({&answer, 1}, {.num_resamples = 37, .seed = 10}) != alone);
}

TEST_CASE("resamples draw as many rows as there are, each equally likely") {
  // Five of twelve rows are right, so that a replicate's number of right rows is Binomial(12,
  // 5/12).
  std::vector<LabelSet> truth(12, LabelSet{0});
  std::vector<LabelSet> answers(12, LabelSet{1});
  for (std::size_t i : {0U, 3U, 4U, 7U, 11U}) answers[i] = LabelSet{0};
  const ResampledAnswer answer(truth, Seeds{answers}, 2, {parse_metric("subset_accuracy")});
  const auto replicates = bootstrap({&answer, 1});
  std::map<int, std::size_t> counts;
  for (const double value : replicates[0][0]) {
    ++counts[static_cast<int>(std::lround(12.0 * value))];
  }
  std::map<int, double> expected;
  double probability = std::pow(7.0 / 12.0, 12);
  for (int k = 0; k <= 12; ++k) {
    expected[k] = probability;
    probability *= (12.0 - k) / (k + 1.0) * (5.0 / 7.0);
  }
  CHECK(test_support::chi_square_p(counts, expected, 10000) > 0.001);
}

/// The share of all 2^n ways of swapping rows whose difference is at least the observed one.
double enumerated_p(const Metric& metric, const SeededRows& a, const Seeds& b) {
  const auto difference = [&](const Seeds& x, const Seeds& y) {
    return std::abs(evaluated(metric, a.truth, x, a.num_labels) -
                    evaluated(metric, a.truth, y, a.num_labels));
  };
  const std::size_t rows = a.truth.size();
  const double observed = difference(a.answers, b);
  std::size_t hits = 0;
  for (std::size_t mask = 0; mask < (std::size_t{1} << rows); ++mask) {
    Seeds x = a.answers;
    Seeds y = b;
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t s = 0; (mask >> i & 1) != 0 && s < x.size(); ++s)
        std::swap(x[s][i], y[s][i]);
    }
    if (difference(x, y) >= observed - 1e-12) ++hits;
  }
  return static_cast<double>(hits) / std::pow(2.0, static_cast<double>(rows));
}

TEST_CASE("the permutation test of a few rows is the enumeration of all swaps") {
  TestRandom random(5);
  const std::vector<Metric> metrics = every_metric();
  for (const std::size_t num_rows : {1U, 2U, 5U, 8U}) {
    const SeededRows a = random_rows(num_rows, 4, 2, random);
    Seeds b;
    for (std::size_t s = 0; s < 2; ++s) b.push_back(noisy_answers(a.truth, 4, 0.4, random));
    const std::vector<double> p = permutation_p(ResampledAnswer(a.truth, a.answers, 4, metrics),
                                                ResampledAnswer(a.truth, b, 4, metrics));
    for (std::size_t m = 0; m < metrics.size(); ++m) {
      INFO(metric_name(metrics[m]) << " of " << num_rows << " rows");
      CHECK(p[m] == enumerated_p(metrics[m], a, b));
    }
  }
}

TEST_CASE("drawn permutations give the enumeration's p but for sampling error") {
  TestRandom random(6);
  const SeededRows a = random_rows(14, 5, 1, random);
  const Seeds b = {noisy_answers(a.truth, 5, 0.45, random)};
  for (const char* name : {"f1_micro", "f1_samples"}) {
    const Metric metric = parse_metric(name);
    const ResampledAnswer first(a.truth, a.answers, 5, {metric});
    const ResampledAnswer second(a.truth, b, 5, {metric});
    const double p = permutation_p(first, second, {.num_resamples = 500, .seed = 3})[0];
    const double exact = enumerated_p(metric, a, b);
    CHECK(exact > 0.0);
    CHECK(std::abs(p - exact) <= 4.0 * std::sqrt(exact * (1.0 - exact) / 500.0) + 1.0 / 500.0);
    CHECK(permutation_p(first, second, {.num_resamples = 500, .seed = 3, .num_threads = 3})[0] ==
          p);
    CHECK(permutation_p(second, first, {.num_resamples = 500, .seed = 3})[0] == Approx(p));
    // (hits + 1) / (num_resamples + 1): not enumerated
    CHECK(std::abs(p * 501.0 - std::round(p * 501.0)) < 1e-9);
  }
}

TEST_CASE("p-values of exchangeable answers are uniform, and of a better one small") {
  TestRandom random(7);
  constexpr std::size_t kTrials = 400;
  const std::vector<Metric> metrics = {parse_metric("f1_samples"), parse_metric("f1_micro"),
                                       parse_metric("f1_macro")};
  std::vector<std::vector<double>> p(metrics.size());
  for (std::size_t trial = 0; trial < kTrials; ++trial) {
    const SeededRows a = random_rows(50, 6, 1, random);
    const Seeds b = {noisy_answers(a.truth, 6, 0.8 / 6, random)};
    const std::vector<double> found = permutation_p(ResampledAnswer(a.truth, a.answers, 6, metrics),
                                                    ResampledAnswer(a.truth, b, 6, metrics),
                                                    {.num_resamples = 299, .seed = trial});
    for (std::size_t m = 0; m < metrics.size(); ++m) p[m].push_back(found[m]);
  }
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    for (const double level : {0.05, 0.1, 0.25, 0.5, 0.75}) {
      double below = 0.0;
      for (const double value : p[m]) below += value <= level ? 1.0 / kTrials : 0.0;
      INFO(metric_name(metrics[m]) << " at " << level);
      CHECK(std::abs(below - level) <= 4.0 * std::sqrt(level * (1.0 - level) / kTrials));
    }
  }
  const SeededRows a = random_rows(300, 6, 1, random);
  const Seeds worse = {noisy_answers(a.truth, 6, 0.35, random)};
  for (const double value : permutation_p(ResampledAnswer(a.truth, a.answers, 6, metrics),
                                          ResampledAnswer(a.truth, worse, 6, metrics))) {
    CHECK(value == Approx(1.0 / 10001.0));
  }
}

/// The values a row of a metric that is a mean over rows.
std::vector<double> row_values(const Metric& metric, const SeededRows& rows,
                               const std::vector<LabelSet>& answers) {
  std::vector<double> values;
  for (std::size_t i = 0; i < rows.truth.size(); ++i) {
    values.push_back(
        evaluate(metric, {&rows.truth[i], 1}, {&answers[i], 1}, rows.num_labels).value);
  }
  return values;
}

TEST_CASE("means of rows are resampled as the metrics that are means of rows") {
  TestRandom random(8);
  const Metric metric = parse_metric("f1_samples");
  for (const std::size_t num_rows : {7U, 40U}) {  // every permutation, and drawn ones
    const SeededRows a = random_rows(num_rows, 5, 1, random);
    const Seeds b = {noisy_answers(a.truth, 5, 0.3, random)};
    const std::vector<double> own = row_values(metric, a, a.answers[0]);
    const std::vector<double> other = row_values(metric, a, b[0]);
    const std::vector<ResampledAnswer> both = {ResampledAnswer(a.truth, a.answers, 5, {metric}),
                                               ResampledAnswer(a.truth, b, 5, {metric})};
    const ResamplingOptions options{.num_resamples = 300, .seed = 5};
    const auto expected = bootstrap(both, options);
    const auto found = bootstrap_means(std::vector<std::vector<double>>{own, other}, options);
    for (std::size_t s = 0; s < 2; ++s) {
      REQUIRE(found[s].size() == 300);
      for (std::size_t r = 0; r < 300; ++r)
        CHECK(std::abs(found[s][r] - expected[s][0][r]) <= 1e-12);
    }
    const std::vector<double> jackknife = mean_jackknife(other);
    for (std::size_t i = 0; i < num_rows; ++i)
      CHECK(std::abs(jackknife[i] - both[1].jackknife(0)[i]) <= 1e-12);
    std::vector<double> differences;
    for (std::size_t i = 0; i < num_rows; ++i) differences.push_back(own[i] - other[i]);
    CHECK(sign_flip_p(differences, options) == permutation_p(both[0], both[1], options)[0]);
  }
}

TEST_CASE("the sign-flip test of a few rows is the enumeration of all signs") {
  TestRandom random(9);
  for (std::size_t num_rows = 1; num_rows <= 12; ++num_rows) {
    std::vector<double> differences;
    for (std::size_t i = 0; i < num_rows; ++i) differences.push_back(random.uniform() - 0.3);
    if (num_rows > 4) differences[2] = 0.0;
    double observed = 0.0;
    for (const double difference : differences) observed += difference;
    std::size_t hits = 0;
    for (std::size_t mask = 0; mask < (std::size_t{1} << num_rows); ++mask) {
      double sum = 0.0;
      for (std::size_t i = 0; i < num_rows; ++i)
        sum += (mask >> i & 1) != 0 ? -differences[i] : differences[i];
      if (std::abs(sum) >= std::abs(observed) - 1e-12) ++hits;
    }
    const double expected =
        static_cast<double>(hits) / std::pow(2.0, static_cast<double>(num_rows));
    CHECK(sign_flip_p(differences) == expected);
    for (double& difference : differences) difference = -difference;
    CHECK(sign_flip_p(differences) == expected);
  }
  const std::vector<double> clear(1000, 0.5);
  CHECK(sign_flip_p(clear) == Approx(1.0 / 10001.0));
}

TEST_CASE("means of no rows, or of unequal ones, are refused") {
  using Columns = std::vector<std::vector<double>>;
  CHECK(bootstrap_means({}).empty());
  CHECK_THROWS_AS(bootstrap_means(Columns{{}}), std::invalid_argument);
  CHECK_THROWS_AS(bootstrap_means(Columns{{1.0, 2.0}, {1.0}}), std::invalid_argument);
  CHECK_THROWS_AS(bootstrap_means(Columns{{1.0}}, {.num_resamples = 0}), std::invalid_argument);
  CHECK_THROWS_AS(mean_jackknife(std::vector<double>{1.0}), std::invalid_argument);
  CHECK_THROWS_AS(sign_flip_p({}), std::invalid_argument);
  CHECK_THROWS_AS(sign_flip_p(std::vector<double>{1.0}, {.num_resamples = 0}),
                  std::invalid_argument);
}

TEST_CASE("answers that nothing can be resampled from are refused") {
  const std::vector<LabelSet> truth = {{0}, {1}};
  const Seeds answers = {{{0}, {0}}};
  const std::vector<Metric> metrics = {parse_metric("f1_macro")};
  const auto make = [&](const std::vector<LabelSet>& t, const Seeds& a, std::size_t labels) {
    return ResampledAnswer(t, a, labels, metrics);
  };
  CHECK_THROWS_AS(make({}, {{}}, 2), std::invalid_argument);
  CHECK_THROWS_AS(make(truth, {}, 2), std::invalid_argument);
  CHECK_THROWS_AS(make(truth, {{{0}}}, 2), std::invalid_argument);
  CHECK_THROWS_AS(make(truth, answers, 1), std::invalid_argument);
  CHECK_THROWS_AS(make(truth, answers, 0), std::invalid_argument);
  CHECK_THROWS_AS(ResampledAnswer(truth, answers, 2, {}), std::invalid_argument);
  const ResampledAnswer good = make(truth, answers, 2);
  CHECK_THROWS_AS(good.values(std::vector<double>{1.0}), std::invalid_argument);
  CHECK_THROWS_AS(good.values(std::vector<double>{0.0, 0.0}), std::invalid_argument);
  CHECK_THROWS_AS(good.values(std::vector<double>{1.0, -1.0}), std::invalid_argument);
  CHECK_THROWS_AS(good.jackknife(1), std::invalid_argument);
  CHECK_THROWS_AS(make({{0}}, {{{0}}}, 2).jackknife(0), std::invalid_argument);
  CHECK_THROWS_AS(bootstrap({&good, 1}, {.num_resamples = 0}), std::invalid_argument);
  const std::vector<ResampledAnswer> unequal = {good, make({{0}}, {{{0}}}, 2)};
  CHECK_THROWS_AS(bootstrap(unequal), std::invalid_argument);
  CHECK_THROWS_AS(permutation_p(good, unequal[1]), std::invalid_argument);
  CHECK_THROWS_AS(permutation_p(good, make(truth, answers, 3)), std::invalid_argument);
  CHECK_THROWS_AS(permutation_p(good, make(truth, {answers[0], answers[0]}, 2)),
                  std::invalid_argument);
}

}  // namespace
}  // namespace labelbeam::eval
