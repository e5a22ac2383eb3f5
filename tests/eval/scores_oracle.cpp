// Prints random truth and scores with our metrics of them, a JSON object a line, for
// compare_scores_with_sklearn.py to check. Arguments: the number of matrices and a seed.

#include <labelbeam/eval/probability_metrics.h>
#include <labelbeam/eval/propensity.h>
#include <labelbeam/eval/ranking_metrics.h>

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "random_scores.h"
#include "random_sets.h"

namespace {

using labelbeam::LabelId;
using labelbeam::LabelSet;
using labelbeam::eval::LabelAreas;
using labelbeam::eval::LabelProbabilityMetrics;
using labelbeam::eval::NamedValue;
using labelbeam::eval::testing::random_scored_rows;
using labelbeam::eval::testing::ScoredRows;
using labelbeam::eval::testing::TestRandom;

// NaN becomes null.
nlohmann::json json_values(const std::vector<NamedValue>& values) {
  nlohmann::json result;
  for (const NamedValue& value : values) result[value.name] = {value.value, value.undefined};
  return result;
}

nlohmann::json measured(const ScoredRows& rows, double zero_division, TestRandom& random) {
  const std::size_t num_labels = rows.scores.num_labels;
  labelbeam::eval::RankingOptions options;
  options.convention = labelbeam::eval::Convention::sklearn(zero_division);
  labelbeam::eval::RankingAccumulator ranking(num_labels, options);
  labelbeam::eval::ProbabilityAccumulator probability(num_labels);
  std::vector<std::uint64_t> label_rows;
  for (std::size_t l = 0; l < num_labels; ++l) label_rows.push_back(random.below(500));
  labelbeam::eval::PropensityAccumulator propensity(
      labelbeam::eval::inverse_propensities(label_rows, 500));
  nlohmann::json result = {{"num_labels", num_labels},
                           {"zero_division", zero_division},
                           {"weights", rows.weights},
                           {"label_rows", label_rows}};
  for (std::size_t i = 0; i < rows.truth.size(); ++i) {
    const double weight = rows.weights.empty() ? 1.0 : rows.weights[i];
    const auto scores = rows.scores.row(i);
    ranking.add(rows.truth[i], scores, weight);
    probability.add(rows.truth[i], scores, weight);
    propensity.add(rows.truth[i], scores, weight);
    result["truth"].push_back(std::vector<LabelId>(rows.truth[i].begin(), rows.truth[i].end()));
    result["scores"].push_back(std::vector<double>(scores.begin(), scores.end()));
  }
  result["ranking"] = json_values(ranking.results());
  result["probability"] = json_values(probability.results());
  result["propensity"] = json_values(propensity.results());
  for (const LabelAreas& label : ranking.label_areas()) {
    result["roc_auc"].push_back(label.roc_auc);
    result["average_precision"].push_back(label.average_precision);
  }
  const std::vector<LabelProbabilityMetrics> labels = probability.label_results();
  for (std::size_t l = 0; l < num_labels; ++l) {
    result["brier"].push_back(labels[l].brier_score_loss);
    result["log_loss"].push_back(labels[l].log_loss);
    result["calibration_error"].push_back(labels[l].expected_calibration_error);
    nlohmann::json curve = nlohmann::json::array();
    for (const auto& bin : probability.reliability(static_cast<LabelId>(l))) {
      curve.push_back({bin.frequency, bin.confidence});
    }
    result["reliability"].push_back(curve);
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return EXIT_FAILURE;
  const std::size_t count = std::strtoul(argv[1], nullptr, 10);
  TestRandom random(std::strtoul(argv[2], nullptr, 10));
  for (std::size_t index = 0; index < count; ++index) {
    const ScoredRows rows = random_scored_rows(index, random);
    std::cout << measured(rows, index / 4 % 2 == 0 ? 0.0 : 1.0, random) << '\n';
  }
  return EXIT_SUCCESS;
}
