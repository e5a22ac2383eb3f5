#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/score_matrix.h>

#include <random>
#include <vector>

namespace labelbeam::eval::bench {

inline constexpr std::size_t kNumLabels = 28;

/// About three of 28 labels a row.
inline std::vector<LabelSet> random_sets(std::size_t rows, unsigned seed) {
  std::mt19937 random(seed);
  std::bernoulli_distribution has_label(0.1);
  std::vector<LabelSet> sets(rows);
  for (LabelSet& set : sets) {
    for (std::size_t l = 0; l < kNumLabels; ++l) {
      if (has_label(random)) set.insert(static_cast<LabelId>(l));
    }
  }
  return sets;
}

inline ScoreMatrix random_scores(std::size_t rows, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> score(0.0, 1.0);
  ScoreMatrix scores(rows, kNumLabels);
  for (double& value : scores.values) value = score(random);
  return scores;
}

}  // namespace labelbeam::eval::bench
