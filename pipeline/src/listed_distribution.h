#pragma once

#include <labelbeam/label_vocab.h>
#include <labelbeam/readers/predictions.h>
#include <labelbeam/set_distribution.h>

#include <cstddef>
#include <string>

namespace labelbeam::pipeline {

/// Why expected counts need sets, for `require_sets`.
inline constexpr const char* kCountsNeedSets = "expected counts are of set distributions";

/// Throws `DataError`, ending in `need`, for a row of a predictions file that lists no sets.
void require_sets(const Prediction& row, const std::string& file, std::size_t line,
                  const std::string& need);

/// What to do with a row of a predictions file that has no answer.
std::string hint_to_decide(const Prediction& row);

/// The probability of the sets that a row does not list, within [0, 1]: its residual, else what its
/// sets leave of 1.
double residual_of(const Prediction& row);

/// The sets that a row lists as a distribution, without marginals: weights are their probabilities,
/// normalised over the sets listed, and `weight_sum` is what they sum to. `labels` must have the
/// labels of the sets.
SetDistribution listed_distribution(const Prediction& row, const LabelVocab& labels);

/// The same; labels that are new are added to the vocabulary.
SetDistribution add_listed_distribution(const Prediction& row, LabelVocab& labels);

}  // namespace labelbeam::pipeline
