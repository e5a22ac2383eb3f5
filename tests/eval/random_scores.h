#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/score_matrix.h>

#include <cmath>
#include <vector>

#include "random_sets.h"

namespace labelbeam::eval::testing {

struct ScoredRows {
  std::vector<LabelSet> truth;
  ScoreMatrix scores;           ///< in [0, 1]
  std::vector<double> weights;  ///< empty: none
};

/// Rows that cover, by `index`: empty and full rows, labels that are absent or in all rows, equal
/// scores, constant ones, certain ones, and weights, some of them 0.
inline ScoredRows random_scored_rows(std::size_t index, TestRandom& random) {
  const std::size_t L = 2 + random.below(index % 20 == 0 ? 12 : 5);
  const std::size_t n = 1 + random.below(index % 50 == 0 ? 60 : 8);
  ScoredRows rows;
  rows.truth = random.sets(n, L, random.uniform());
  rows.scores = ScoreMatrix(n, L);
  const std::size_t kind = index % 4;  // continuous, on a grid, certain, of one row constant
  for (double& score : rows.scores.values) {
    score = random.uniform();
    if (kind == 1) score = std::round(score * 4.0) / 4.0;
    if (kind == 2) score = std::round(score);
  }
  if (kind == 3) {
    for (double& score : rows.scores.row(random.below(n))) score = 0.5;
  }
  const auto some_label = static_cast<LabelId>(random.below(L));
  switch (index % 7) {
    case 0:
      rows.truth[random.below(n)] = LabelSet();
      break;
    case 1:
      rows.truth[random.below(n)] = full_set(L);
      break;
    case 2:
      for (LabelSet& set : rows.truth) set.erase(some_label);
      break;
    case 3:
      for (LabelSet& set : rows.truth) set.insert(some_label);
      break;
    default:
      break;
  }
  if (index % 31 == 0) rows.truth.assign(n, LabelSet());
  if (index % 37 == 0) rows.truth.assign(n, full_set(L));
  if (index % 3 == 2) {
    for (std::size_t i = 0; i < n; ++i) {
      rows.weights.push_back(i > 0 && random.below(8) == 0 ? 0.0 : 0.1 + 3.0 * random.uniform());
    }
  }
  return rows;
}

}  // namespace labelbeam::eval::testing
