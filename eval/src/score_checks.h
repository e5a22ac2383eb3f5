#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/score_matrix.h>

#include <span>
#include <string_view>

namespace labelbeam::eval {

/// Throws `std::invalid_argument`, naming `who`, unless there are rows and labels, as many rows of
/// truth as of scores, truth ids below L, and finite scores.
void check_scores(std::string_view who, const ScoreMatrix& scores, std::span<const LabelSet> truth);

}  // namespace labelbeam::eval
