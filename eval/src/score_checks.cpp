#include "score_checks.h"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace labelbeam::eval {

void check_scores(std::string_view who, const ScoreMatrix& scores,
                  std::span<const LabelSet> truth) {
  if (scores.num_rows == 0 || scores.num_labels == 0) {
    throw std::invalid_argument(fmt::format("{}: the scores are [{}, {}], but need rows and labels",
                                            who, scores.num_rows, scores.num_labels));
  }
  if (scores.values.size() != scores.num_rows * scores.num_labels) {
    throw std::invalid_argument(fmt::format("{}: the scores are [{}, {}], but hold {} values", who,
                                            scores.num_rows, scores.num_labels,
                                            scores.values.size()));
  }
  if (truth.size() != scores.num_rows) {
    throw std::invalid_argument(fmt::format("{}: {} rows of scores but {} rows of truth", who,
                                            scores.num_rows, truth.size()));
  }
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (!truth[i].empty() && truth[i].ids().back() >= scores.num_labels) {
      throw std::invalid_argument(
          fmt::format("{}: row {} of the truth has label {}, but there are {}", who, i,
                      truth[i].ids().back(), scores.num_labels));
    }
    for (const double score : scores.row(i)) {
      if (!std::isfinite(score)) {
        throw std::invalid_argument(
            fmt::format("{}: row {} has a score that is not finite", who, i));
      }
    }
  }
}

}  // namespace labelbeam::eval
