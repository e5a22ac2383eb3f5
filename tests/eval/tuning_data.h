#pragma once

#include <labelbeam/eval/threshold_tuning.h>

#include <algorithm>
#include <limits>
#include <set>
#include <vector>

#include "random_sets.h"

/// Small data to tune on, and the slow ways to the same results.
namespace labelbeam::eval::testing {

inline std::vector<LabelSet> apply_thresholds(const Thresholds& thresholds,
                                              const ScoreMatrix& scores) {
  std::vector<LabelSet> sets;
  for (std::size_t i = 0; i < scores.num_rows; ++i) {
    LabelSet set;
    std::size_t best = 0;
    for (std::size_t l = 0; l < scores.num_labels; ++l) {
      if (scores.row(i)[l] >= thresholds.values[l]) set.insert(static_cast<LabelId>(l));
      if (scores.row(i)[l] > scores.row(i)[best]) best = l;
    }
    if (set.empty() && thresholds.top1_if_empty) set.insert(static_cast<LabelId>(best));
    sets.push_back(set);
  }
  return sets;
}

inline double score_of(const Thresholds& thresholds, const ScoreMatrix& scores,
                       const std::vector<LabelSet>& truth, const Metric& metric,
                       const Convention& convention) {
  return evaluate(metric, truth, apply_thresholds(thresholds, scores), scores.num_labels,
                  convention)
      .value;
}

/// Every threshold that can make a difference: each distinct score, and one above all.
inline std::vector<double> candidates(const std::vector<double>& scores) {
  std::set<double> distinct(scores.begin(), scores.end());
  distinct.insert(std::numeric_limits<double>::infinity());
  return {distinct.begin(), distinct.end()};
}

inline double brute_force_global(const ScoreMatrix& scores, const std::vector<LabelSet>& truth,
                                 const Metric& metric, const Convention& convention, bool top1) {
  const double sign = higher_is_better(metric) ? 1.0 : -1.0;
  double best = -std::numeric_limits<double>::infinity();
  for (const double candidate : candidates(scores.values)) {
    const Thresholds thresholds = Thresholds::uniform(scores.num_labels, candidate, top1);
    best = std::max(best, sign * score_of(thresholds, scores, truth, metric, convention));
  }
  return sign * best;
}

inline PerLabelOptions unguarded() {
  PerLabelOptions options;
  options.min_positives = 0;
  return options;
}

struct Data {
  ScoreMatrix scores;
  std::vector<LabelSet> truth;
};

/// Small data with ties, constant scores, and labels that are never or always true.
inline Data random_data(TestRandom& random) {
  const std::size_t rows = 1 + random.below(8);
  const std::size_t num_labels = 1 + random.below(5);
  Data data{ScoreMatrix(rows, num_labels), random.sets(rows, num_labels, random.uniform())};
  const std::size_t shape = random.below(4);
  for (double& score : data.scores.values) {
    if (shape == 0) score = random.uniform();
    if (shape == 1) score = static_cast<double>(random.below(4)) / 4.0;
    if (shape == 2) score = 0.25;
    if (shape == 3) score = 10.0 * random.uniform() - 5.0;
  }
  if (random.below(5) == 0) data.truth.assign(rows, LabelSet());
  if (random.below(5) == 0) data.truth.assign(rows, full_set(num_labels));
  return data;
}

/// One label of the data, as the only one.
inline Data column_of(const Data& data, std::size_t label) {
  Data column{ScoreMatrix(data.scores.num_rows, 1), std::vector<LabelSet>(data.scores.num_rows)};
  for (std::size_t i = 0; i < data.scores.num_rows; ++i) {
    column.scores.values[i] = data.scores.row(i)[label];
    if (data.truth[i].contains(static_cast<LabelId>(label))) column.truth[i].insert(0);
  }
  return column;
}

}  // namespace labelbeam::eval::testing
