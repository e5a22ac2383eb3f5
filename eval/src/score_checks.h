#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/score_matrix.h>

#include <cstdint>
#include <span>
#include <string_view>

namespace labelbeam::eval {

/// Throws `std::invalid_argument`, naming `who`, unless there are rows and labels, as many rows of
/// truth as of scores, truth ids below L, and finite scores.
void check_scores(std::string_view who, const ScoreMatrix& scores, std::span<const LabelSet> truth);

/// Throws `std::invalid_argument` for a label >= L.
void check_labels(std::string_view who, const LabelSet& set, std::size_t num_labels,
                  std::string_view what);

/// Throws `std::invalid_argument` unless L is 1 to `kMaxLabels`.
void check_num_labels(std::string_view who, std::size_t num_labels);

/// Throws `std::invalid_argument` for a weight that is negative or not finite.
void check_weight(std::string_view who, double weight);

/// Throws `std::invalid_argument` unless there are L scores, all of them finite, the truth has ids
/// below L, and the weight is finite and not negative.
void check_scored_row(std::string_view who, const LabelSet& truth, std::span<const double> scores,
                      std::size_t num_labels, double weight);

/// Throws `std::invalid_argument` unless the matrix holds the values that its shape says, and there
/// are as many rows of truth and of weights (or no weights).
void check_matrix(std::string_view who, const ScoreMatrix& scores, std::size_t truth_rows,
                  std::size_t weight_rows);

/// Throws `std::invalid_argument` if there are no rows, or their weights add up to 0 or to more
/// than a double holds.
void check_total_weight(std::string_view who, std::uint64_t num_rows, double total);

}  // namespace labelbeam::eval
