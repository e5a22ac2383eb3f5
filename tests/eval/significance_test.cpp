#include <labelbeam/eval/resampling.h>
#include <labelbeam/eval/significance.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "catch.h"
#include "noisy_answers.h"
#include "random_sets.h"

namespace labelbeam::eval {
namespace {

using testing::noisy_answers;
using testing::TestRandom;

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

double normal_quantile(double p) {
  double low = -40.0;
  double high = 40.0;
  for (int step = 0; step < 200; ++step) {
    const double middle = 0.5 * (low + high);
    (normal_cdf(middle) < p ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

/// Efron's (1987) interval of 95 %, each step written out.
Interval direct_bca(double estimate, std::vector<double> replicates,
                    const std::vector<double>& jackknife) {
  const auto count = static_cast<double>(replicates.size());
  double below = 0.0;
  for (const double value : replicates) {
    below += std::abs(value - estimate) <= 1e-12 ? 0.5 : value < estimate ? 1.0 : 0.0;
  }
  const double z0 = normal_quantile(below / count);
  const double mean = std::accumulate(jackknife.begin(), jackknife.end(), 0.0) /
                      static_cast<double>(jackknife.size());
  double squares = 0.0;
  double cubes = 0.0;
  for (const double value : jackknife) {
    squares += std::pow(mean - value, 2);
    cubes += std::pow(mean - value, 3);
  }
  const double a = cubes / (6.0 * std::pow(squares, 1.5));
  std::sort(replicates.begin(), replicates.end());
  const auto end = [&](double level) {
    const double z = normal_quantile(level);
    const double at = normal_cdf(z0 + (z0 + z) / (1.0 - a * (z0 + z))) * (count - 1.0);
    const double left = std::floor(at);
    const double first = replicates[static_cast<std::size_t>(left)];
    const double second = replicates[static_cast<std::size_t>(std::min(left + 1.0, count - 1.0))];
    return first + (at - left) * (second - first);
  };
  return {end(0.025), end(0.975)};
}

TEST_CASE("the BCa interval is Efron's, written out") {
  TestRandom random(1);
  for (const char* name : {"f1_micro", "f1_macro", "subset_accuracy", "recall_samples"}) {
    const std::vector<LabelSet> truth = random.sets(40, 5, 0.3);
    const std::vector<std::vector<LabelSet>> answers = {noisy_answers(truth, 5, 0.15, random)};
    const ResampledAnswer answer(truth, answers, 5, {parse_metric(name)});
    const std::vector<double> replicates = bootstrap({&answer, 1}, {.num_resamples = 999})[0][0];
    const ConfidenceInterval found =
        bca_interval(answer.values()[0], replicates, answer.jackknife(0));
    const Interval expected = direct_bca(answer.values()[0], replicates, answer.jackknife(0));
    CHECK(found.is_bca);
    CHECK(std::abs(found.interval.lower - expected.lower) <= 1e-12);
    CHECK(std::abs(found.interval.upper - expected.upper) <= 1e-12);
    CHECK(found.interval.lower < answer.values()[0]);
    CHECK(found.interval.upper > answer.values()[0]);
  }
}

TEST_CASE("replicates that equal the estimate but for rounding are equal to it") {
  const std::vector<double> jackknife = {-1.0, 1.0, -2.0, 2.0};
  std::vector<double> replicates(101);
  std::vector<double> rounded(101);
  for (std::size_t b = 0; b < replicates.size(); ++b) {
    replicates[b] = 0.1 * static_cast<double>(b / 20);
    rounded[b] = replicates[b] * (1.0 - 1e-15);
  }
  const Interval exact = bca_interval(replicates[50], replicates, jackknife).interval;
  const Interval moved = bca_interval(replicates[50], rounded, jackknife).interval;
  CHECK(std::abs(exact.lower - moved.lower) <= 1e-12);
  CHECK(std::abs(exact.upper - moved.upper) <= 1e-12);
}

TEST_CASE("the BCa interval corrects bias and skewness") {
  std::vector<double> replicates(1001);
  for (std::size_t b = 0; b < replicates.size(); ++b)
    replicates[b] = 0.001 * static_cast<double>(b);
  const std::vector<double> symmetric = {-1.0, 1.0, -2.0, 2.0};
  const std::vector<double> skewed = {0.0, 0.0, 0.0, 4.0};  // mean - value is skewed to the left
  const Interval middle = bca_interval(0.5, replicates, symmetric).interval;
  CHECK(middle.lower == Approx(0.025));
  CHECK(middle.upper == Approx(0.975));
  // Most replicates are below the estimate, so that the interval moves up.
  CHECK(bca_interval(0.6, replicates, symmetric).interval.lower > 0.05);
  CHECK(bca_interval(0.5, replicates, skewed).interval.upper < 0.96);
  CHECK(bca_interval(0.5, replicates, symmetric, 0.5).interval.lower == Approx(0.25));
}

TEST_CASE("where BCa is not defined the interval is the percentile interval and says so") {
  std::vector<double> replicates(41);
  for (std::size_t b = 0; b < replicates.size(); ++b) replicates[b] = static_cast<double>(b);
  const std::vector<double> jackknife = {1.0, 2.0, 4.0};
  const auto is_percentile = [](const ConfidenceInterval& found, double lower, double upper) {
    return !found.is_bca && found.interval.lower == Approx(lower) &&
           found.interval.upper == Approx(upper);
  };
  CHECK(is_percentile(bca_interval(-1.0, replicates, jackknife), 1.0, 39.0));
  CHECK(is_percentile(bca_interval(99.0, replicates, jackknife), 1.0, 39.0));
  CHECK(is_percentile(bca_interval(20.0, replicates, std::vector<double>{}), 1.0, 39.0));
  CHECK(is_percentile(bca_interval(20.0, replicates, std::vector<double>(5, 0.3)), 1.0, 39.0));
  CHECK(is_percentile(bca_interval(1.0, std::vector<double>(20, 1.0), jackknife), 1.0, 1.0));
  CHECK_THROWS_AS(bca_interval(1.0, {}, jackknife), std::invalid_argument);
  CHECK_THROWS_AS(bca_interval(1.0, replicates, jackknife, 1.0), std::invalid_argument);
  CHECK_THROWS_AS(bca_interval(std::nan(""), replicates, jackknife), std::invalid_argument);
}

TEST_CASE("95 % intervals hold the true value about 95 times in 100") {
  // The population is 200 rows, each as likely as another: its metrics are known.
  TestRandom random(2);
  const std::vector<LabelSet> population = random.sets(200, 4, 0.4);
  const std::vector<LabelSet> predicted = noisy_answers(population, 4, 0.2, random);
  const std::vector<Metric> metrics = {parse_metric("subset_accuracy"), parse_metric("f1_micro"),
                                       parse_metric("precision_macro")};
  constexpr std::size_t kTrials = 300;
  std::vector<double> coverage(metrics.size());
  std::vector<double> narrow_coverage(metrics.size());
  for (std::size_t trial = 0; trial < kTrials; ++trial) {
    std::vector<LabelSet> truth;
    std::vector<std::vector<LabelSet>> answers(1);
    for (int i = 0; i < 100; ++i) {
      const std::size_t row = random.below(population.size());
      truth.push_back(population[row]);
      answers[0].push_back(predicted[row]);
    }
    const ResampledAnswer answer(truth, answers, 4, metrics);
    const auto replicates = bootstrap({&answer, 1}, {.num_resamples = 400, .seed = trial});
    for (std::size_t m = 0; m < metrics.size(); ++m) {
      const double known = evaluate(metrics[m], population, predicted, 4).value;
      const auto holds = [&](double level) {
        const Interval found =
            bca_interval(answer.values()[m], replicates[0][m], answer.jackknife(m), level).interval;
        return found.lower <= known && known <= found.upper ? 1.0 / kTrials : 0.0;
      };
      coverage[m] += holds(0.95);
      narrow_coverage[m] += holds(0.8);
    }
  }
  const double error = 4.0 * std::sqrt(0.95 * 0.05 / kTrials);
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    INFO(metric_name(metrics[m]));
    CHECK(std::abs(coverage[m] - 0.95) <= error);
    CHECK(std::abs(narrow_coverage[m] - 0.95) > error);  // the check can fail
  }
}

TEST_CASE("the bootstrap test counts replicates as far from the estimate as the estimate from 0") {
  const std::vector<double> replicates = {0.1, 0.2, 0.3, 0.4, 0.41, 0.0, -0.1, 0.2, 0.2};
  CHECK(bootstrap_p(0.2, replicates) == Approx(5.0 / 10.0));
  CHECK(bootstrap_p(-0.2, std::vector<double>{-0.2, -0.3, -0.39}) == Approx(1.0 / 4.0));
  CHECK(bootstrap_p(0.0, replicates) == 1.0);
  CHECK_THROWS_AS(bootstrap_p(0.2, {}), std::invalid_argument);
}

double choose(std::uint64_t n, std::uint64_t k) {
  double product = 1.0;
  for (std::uint64_t i = 1; i <= k; ++i) {
    product *= static_cast<double>(n - k + i) / static_cast<double>(i);
  }
  return product;
}

TEST_CASE("McNemar's p is the share of coin tosses no likelier than the one seen") {
  for (std::uint64_t a = 0; a <= 12; ++a) {
    for (std::uint64_t b = 0; b <= 12; ++b) {
      double hits = 0.0;
      for (std::uint64_t k = 0; k <= a + b; ++k) {
        if (choose(a + b, k) <= choose(a + b, a) * (1.0 + 1e-9)) hits += choose(a + b, k);
      }
      CHECK(mcnemar_p(a, b) == Approx(hits / std::pow(2.0, a + b)).epsilon(1e-12));
    }
  }
  CHECK(mcnemar_p(0, 0) == 1.0);
  CHECK(mcnemar_p(2000, 1000) < 1e-70);
}

/// Closed testing: a hypothesis falls where Bonferroni rejects every intersection it is part of.
std::vector<double> closed_testing(const std::vector<double>& p) {
  std::vector<double> adjusted(p.size(), 0.0);
  for (std::size_t subset = 1; subset < (std::size_t{1} << p.size()); ++subset) {
    double smallest = 1.0;
    double members = 0.0;
    for (std::size_t i = 0; i < p.size(); ++i) {
      if ((subset >> i & 1) == 0) continue;
      smallest = std::min(smallest, p[i]);
      members += 1.0;
    }
    for (std::size_t i = 0; i < p.size(); ++i) {
      if ((subset >> i & 1) != 0) {
        adjusted[i] = std::max(adjusted[i], std::min(1.0, members * smallest));
      }
    }
  }
  return adjusted;
}

TEST_CASE("Holm's adjusted p-values are those of closed testing with Bonferroni") {
  TestRandom random(3);
  for (int repeat = 0; repeat < 200; ++repeat) {
    std::vector<double> p(1 + random.below(8));
    for (double& value : p) value = random.uniform() * random.uniform() * random.uniform();
    if (repeat % 4 == 0) p.back() = p.front();
    if (repeat % 7 == 0) p.front() = repeat % 2;
    const std::vector<double> expected = closed_testing(p);
    const std::vector<double> found = holm(p);
    REQUIRE(found.size() == p.size());
    for (std::size_t i = 0; i < p.size(); ++i)
      CHECK(found[i] == Approx(expected[i]).epsilon(1e-12));
  }
  CHECK(holm({}).empty());
  CHECK_THROWS_AS(holm(std::vector<double>{0.5, 1.5}), std::invalid_argument);
  CHECK_THROWS_AS(holm(std::vector<double>{std::nan("")}), std::invalid_argument);
}

}  // namespace
}  // namespace labelbeam::eval
