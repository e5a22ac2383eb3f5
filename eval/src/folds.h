#pragma once

#include <labelbeam/eval/threshold_tuning.h>

#include <cstddef>
#include <span>
#include <vector>

namespace labelbeam::eval {

/// Some rows of scores and truth.
struct ScoredRows {
  ScoreMatrix scores;
  std::vector<LabelSet> truth;
  std::vector<std::size_t> rows;  ///< their places among all
};

/// One fold held out, and the rows that are tuned on.
struct Fold {
  ScoredRows tuned;
  ScoredRows held_out;
};

/// How many folds there can be: none where a fold would leave nothing to tune on.
std::size_t num_folds(const CrossValidation& options, std::size_t num_rows);

/// Fold `index` of a seeded random partition into `num_folds(options, n)` parts of sizes that
/// differ by at most 1. Rows keep their order.
Fold make_fold(const ScoreMatrix& scores, std::span<const LabelSet> truth,
               const CrossValidation& options, std::size_t index);

}  // namespace labelbeam::eval
