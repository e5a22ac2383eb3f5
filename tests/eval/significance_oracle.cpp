// Prints random truth and answers with our intervals and p-values of them, a JSON object a line,
// for compare_significance_with_scipy.py to check. Arguments: the number of cases and a seed.

#include <labelbeam/eval/resampling.h>
#include <labelbeam/eval/significance.h>

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <vector>

#include "noisy_answers.h"
#include "random_sets.h"

namespace {

using labelbeam::LabelId;
using labelbeam::LabelSet;
using labelbeam::eval::ConfidenceInterval;
using labelbeam::eval::Metric;
using labelbeam::eval::ResampledAnswer;
using labelbeam::eval::testing::noisy_answers;
using labelbeam::eval::testing::TestRandom;

constexpr std::size_t kLabels = 5;

nlohmann::json json_sets(const std::vector<LabelSet>& sets) {
  nlohmann::json result = nlohmann::json::array();
  for (const LabelSet& set : sets) {
    result.push_back(std::vector<LabelId>(set.begin(), set.end()));
  }
  return result;
}

ResampledAnswer resampled(const std::vector<LabelSet>& truth, const std::vector<LabelSet>& answers,
                          const std::vector<Metric>& metrics) {
  return ResampledAnswer(truth, std::vector<std::vector<LabelSet>>{answers}, kLabels, metrics);
}

nlohmann::json interval_case(std::uint64_t seed, const std::vector<Metric>& metrics,
                             TestRandom& random) {
  const std::vector<LabelSet> truth = random.sets(20 + random.below(30), kLabels, 0.35);
  const std::vector<LabelSet> answers = noisy_answers(truth, kLabels, 0.2, random);
  const ResampledAnswer answer = resampled(truth, answers, metrics);
  const auto replicates =
      labelbeam::eval::bootstrap({&answer, 1}, {.num_resamples = 500, .seed = seed});
  nlohmann::json result = {{"truth", json_sets(truth)}, {"answers", json_sets(answers)}};
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    const ConfidenceInterval found = labelbeam::eval::bca_interval(
        answer.values()[m], replicates[0][m], answer.jackknife(m), 0.9);
    result["intervals"][metric_name(metrics[m])] = {{"replicates", replicates[0][m]},
                                                    {"bca", found.is_bca},
                                                    {"lower", found.interval.lower},
                                                    {"upper", found.interval.upper}};
  }
  return result;
}

nlohmann::json permutation_case(const std::vector<Metric>& metrics, TestRandom& random) {
  const std::vector<LabelSet> truth = random.sets(4 + random.below(4), kLabels, 0.35);
  const std::vector<LabelSet> answers = noisy_answers(truth, kLabels, 0.2, random);
  const std::vector<LabelSet> others = noisy_answers(truth, kLabels, 0.35, random);
  const std::vector<double> p = labelbeam::eval::permutation_p(resampled(truth, answers, metrics),
                                                               resampled(truth, others, metrics));
  nlohmann::json result = {
      {"truth", json_sets(truth)}, {"answers", json_sets(answers)}, {"others", json_sets(others)}};
  for (std::size_t m = 0; m < metrics.size(); ++m) result["p"][metric_name(metrics[m])] = p[m];
  return result;
}

/// A mean of row differences, some of them 0.
nlohmann::json mean_case(std::uint64_t seed, TestRandom& random) {
  std::vector<double> differences(5 + random.below(7));
  for (double& difference : differences) {
    difference = random.below(6) == 0 ? 0.0 : 3.0 * random.uniform() - 1.0;
  }
  const double mean = std::accumulate(differences.begin(), differences.end(), 0.0) /
                      static_cast<double>(differences.size());
  const std::vector<double> replicates = labelbeam::eval::bootstrap_means(
      std::vector<std::vector<double>>{differences}, {.num_resamples = 500, .seed = seed})[0];
  const ConfidenceInterval found = labelbeam::eval::bca_interval(
      mean, replicates, labelbeam::eval::mean_jackknife(differences), 0.9);
  return {{"differences", differences},    {"p", labelbeam::eval::sign_flip_p(differences)},
          {"replicates", replicates},      {"bca", found.is_bca},
          {"lower", found.interval.lower}, {"upper", found.interval.upper}};
}

nlohmann::json mcnemar_case(TestRandom& random) {
  const std::size_t only_a = random.below(300);
  const std::size_t only_b = random.below(4) == 0 ? only_a : random.below(300);
  return {{"mcnemar", labelbeam::eval::mcnemar_p(only_a, only_b)},
          {"only_a", only_a},
          {"only_b", only_b}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return EXIT_FAILURE;
  const std::size_t count = std::strtoul(argv[1], nullptr, 10);
  TestRandom random(std::strtoul(argv[2], nullptr, 10));
  std::vector<Metric> metrics;
  for (const char* name : {"subset_accuracy", "hamming_loss", "f1_micro", "precision_micro"}) {
    metrics.push_back(labelbeam::eval::parse_metric(name));
  }
  for (std::size_t index = 0; index < count; ++index) {
    std::cout << interval_case(index, metrics, random) << '\n'
              << permutation_case(metrics, random) << '\n'
              << mean_case(index, random) << '\n'
              << mcnemar_case(random) << '\n';
  }
  return EXIT_SUCCESS;
}
