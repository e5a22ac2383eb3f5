// Prints random truth and predictions with our metrics of them, a JSON object a line, for
// compare_with_sklearn.py to check. Arguments: the number of matrices and a seed.

#include <labelbeam/eval/confusion_metrics.h>
#include <labelbeam/eval/metrics.h>
#include <labelbeam/eval/set_figures.h>

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "random_sets.h"

namespace {

using labelbeam::LabelId;
using labelbeam::LabelSet;
using labelbeam::eval::Convention;
using labelbeam::eval::Metric;
using labelbeam::eval::MetricAccumulator;
using labelbeam::eval::MetricValue;
using labelbeam::eval::NamedValue;
using labelbeam::eval::testing::full_set;
using labelbeam::eval::testing::TestRandom;

struct Case {
  std::size_t num_labels = 0;
  std::vector<LabelSet> truth;
  std::vector<LabelSet> pred;
  std::vector<double> weights;  // empty: none
};

void flip_labels(LabelSet& set, std::size_t num_labels, double noise, TestRandom& random) {
  for (std::size_t l = 0; l < num_labels; ++l) {
    if (random.uniform() >= noise) continue;
    const auto label = static_cast<LabelId>(l);
    if (!set.erase(label)) set.insert(label);
  }
}

void erase_label(std::vector<LabelSet>& sets, LabelId label) {
  for (LabelSet& set : sets) set.erase(label);
}

Case random_case(std::size_t index, TestRandom& random) {
  Case result;
  result.num_labels = index % 10 == 0 ? 1 : (index % 97 == 0 ? 130 : 2 + random.below(9));
  const std::size_t rows = index % 50 == 0 ? 200 : 1 + random.below(12);
  const std::size_t L = result.num_labels;
  result.truth = random.sets(rows, L, random.uniform() * random.uniform());
  result.pred = result.truth;
  for (LabelSet& set : result.pred) flip_labels(set, L, random.uniform() * 0.5, random);
  const auto some_label = static_cast<LabelId>(random.below(L));
  switch (index % 9) {
    case 0:
      result.pred.assign(rows, LabelSet());
      break;
    case 1:
      result.truth.assign(rows, LabelSet());
      break;
    case 2:
      result.pred.assign(rows, full_set(L));
      break;
    case 3:
      result.truth[random.below(rows)] = full_set(L);
      break;
    case 4:
      result.pred = result.truth;
      break;
    case 5:
      erase_label(result.truth, some_label);
      break;
    case 6:
      erase_label(result.truth, some_label);
      erase_label(result.pred, some_label);
      break;
    case 7:
      for (LabelSet& set : result.truth) set.insert(some_label);
      break;
    default:
      break;
  }
  if (index % 11 == 0) {
    result.truth.assign(rows, LabelSet());
    result.pred.assign(rows, LabelSet());
  }
  if (index % 11 == 3) {
    for (std::size_t i = 0; i < rows; ++i) {
      result.weights.push_back(i > 0 && random.below(8) == 0 ? 0.0 : 0.1 + 3.0 * random.uniform());
    }
  }
  return result;
}

nlohmann::json json_sets(const std::vector<LabelSet>& sets) {
  nlohmann::json result = nlohmann::json::array();
  for (const LabelSet& set : sets) {
    result.push_back(std::vector<LabelId>(set.begin(), set.end()));
  }
  return result;
}

std::vector<Metric> all_metrics() {
  std::vector<Metric> metrics = labelbeam::eval::standard_metrics();
  for (const char* name :
       {"fbeta_samples:2", "fbeta_micro:0.5", "fbeta_macro:2", "fbeta_weighted:2", "f1_weighted",
        "jaccard_weighted", "precision_weighted", "recall_weighted"}) {
    metrics.push_back(labelbeam::eval::parse_metric(name));
  }
  return metrics;
}

nlohmann::json measured(const Case& item, double zero_division) {
  MetricAccumulator rows(item.num_labels, Convention::sklearn(zero_division));
  for (std::size_t i = 0; i < item.truth.size(); ++i) {
    rows.add(item.truth[i], item.pred[i], item.weights.empty() ? 1.0 : item.weights[i]);
  }
  nlohmann::json result = {{"num_labels", item.num_labels},
                           {"zero_division", zero_division},
                           {"weights", item.weights},
                           {"truth", json_sets(item.truth)},
                           {"pred", json_sets(item.pred)}};
  for (const Metric& metric : all_metrics()) {
    const MetricValue value = rows.result(metric);
    result["metrics"][metric_name(metric)] = {value.value, value.undefined};
  }
  for (const NamedValue& figure : confusion_metrics(rows.label_confusions(), rows.convention())) {
    result["figures"][figure.name] = {figure.value, figure.undefined};
  }
  for (const NamedValue& figure : set_figures(rows)) {
    result["figures"][figure.name] = {figure.value, figure.undefined};
  }
  for (const MetricValue& value : rows.label_results(labelbeam::eval::parse_metric("f1_macro"))) {
    result["label_f1"].push_back(value.value);
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return EXIT_FAILURE;
  const std::size_t count = std::strtoul(argv[1], nullptr, 10);
  TestRandom random(std::strtoul(argv[2], nullptr, 10));
  for (std::size_t index = 0; index < count; ++index) {
    std::cout << measured(random_case(index, random), index / 2 % 2 == 0 ? 0.0 : 1.0) << '\n';
  }
  return EXIT_SUCCESS;
}
