#include "folds.h"

#include <labelbeam/random.h>

#include <algorithm>
#include <numeric>

namespace labelbeam::eval {
namespace {

constexpr std::uint64_t kFoldStream = 0x666f6c64;

ScoredRows select(const ScoreMatrix& scores, std::span<const LabelSet> truth,
                  const std::vector<std::size_t>& rows) {
  ScoredRows selected{ScoreMatrix(rows.size(), scores.num_labels), {}, rows};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::ranges::copy(scores.row(rows[i]), selected.scores.row(i).begin());
    selected.truth.push_back(truth[rows[i]]);
  }
  return selected;
}

}  // namespace

std::size_t num_folds(const CrossValidation& options, std::size_t num_rows) {
  const std::size_t folds = std::min(options.folds, num_rows);
  return folds < 2 ? 0 : folds;
}

Fold make_fold(const ScoreMatrix& scores, std::span<const LabelSet> truth,
               const CrossValidation& options, std::size_t index) {
  const std::size_t folds = num_folds(options, truth.size());
  std::vector<std::size_t> place(truth.size());
  std::iota(place.begin(), place.end(), std::size_t{0});
  CounterRng(options.seed, {kFoldStream}).shuffle(std::span(place));
  std::vector<std::size_t> tuned;
  std::vector<std::size_t> held_out;
  for (std::size_t i = 0; i < place.size(); ++i) {
    (place[i] % folds == index ? held_out : tuned).push_back(i);
  }
  return {select(scores, truth, tuned), select(scores, truth, held_out)};
}

}  // namespace labelbeam::eval
