#include "score_checks.h"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace labelbeam::eval {

void check_matrix(std::string_view who, const ScoreMatrix& scores, std::size_t truth_rows,
                  std::size_t weight_rows) {
  if (scores.values.size() != scores.num_rows * scores.num_labels) {
    throw std::invalid_argument(fmt::format("{}: the scores are [{}, {}], but hold {} values", who,
                                            scores.num_rows, scores.num_labels,
                                            scores.values.size()));
  }
  if (truth_rows != scores.num_rows) {
    throw std::invalid_argument(fmt::format("{}: {} rows of scores but {} rows of truth", who,
                                            scores.num_rows, truth_rows));
  }
  if (weight_rows != 0 && weight_rows != scores.num_rows) {
    throw std::invalid_argument(
        fmt::format("{}: {} rows of scores but {} weights", who, scores.num_rows, weight_rows));
  }
}

void check_scores(std::string_view who, const ScoreMatrix& scores,
                  std::span<const LabelSet> truth) {
  if (scores.num_rows == 0 || scores.num_labels == 0) {
    throw std::invalid_argument(fmt::format("{}: the scores are [{}, {}], but need rows and labels",
                                            who, scores.num_rows, scores.num_labels));
  }
  check_matrix(who, scores, truth.size(), 0);
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

void check_labels(std::string_view who, const LabelSet& set, std::size_t num_labels,
                  std::string_view what) {
  if (!set.empty() && set.ids().back() >= num_labels) {
    throw std::invalid_argument(fmt::format("{}: {} has label {}, but there are {}", who, what,
                                            set.ids().back(), num_labels));
  }
}

void check_num_labels(std::string_view who, std::size_t num_labels) {
  if (num_labels == 0 || num_labels > kMaxLabels) {
    throw std::invalid_argument(fmt::format("{}: the number of labels must be 1 to {}, got {}", who,
                                            kMaxLabels, num_labels));
  }
}

void check_weight(std::string_view who, double weight) {
  if (!std::isfinite(weight) || weight < 0.0) {
    throw std::invalid_argument(
        fmt::format("{}: a weight must be finite and at least 0, got {}", who, weight));
  }
}

void check_scored_row(std::string_view who, const LabelSet& truth, std::span<const double> scores,
                      std::size_t num_labels, double weight) {
  if (scores.size() != num_labels) {
    throw std::invalid_argument(fmt::format("{}: a row has {} scores, but there are {} labels", who,
                                            scores.size(), num_labels));
  }
  check_labels(who, truth, num_labels, "the truth");
  for (std::size_t l = 0; l < scores.size(); ++l) {
    if (!std::isfinite(scores[l])) {
      throw std::invalid_argument(
          fmt::format("{}: a score must be finite, but that of label {} is {}", who, l, scores[l]));
    }
  }
  check_weight(who, weight);
}

void check_total_weight(std::string_view who, std::uint64_t num_rows, double total) {
  if (num_rows == 0) {
    throw std::invalid_argument(fmt::format("{}: there are no rows to take it over", who));
  }
  if (total == 0.0) {
    throw std::invalid_argument(fmt::format("{}: every row has weight 0", who));
  }
  if (!std::isfinite(total)) {
    throw std::invalid_argument(
        fmt::format("{}: the weights add up to more than a double holds", who));
  }
}

}  // namespace labelbeam::eval
