#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/set_semantics.h>

#include <cstddef>
#include <span>

namespace labelbeam::decoders {

/// Throws `std::invalid_argument` for no label, a value outside [0, 1], or `EmptySet::learn`.
void check_label_probs(std::span<const double> probs, EmptySet empty_set);

/// Throws `std::invalid_argument` for a label that is not below the number of labels.
void check_label_ids(const LabelSet& labels, std::size_t num_labels);

/// log P(no label) where labels are independent.
double log_empty_prob(std::span<const double> probs);

/// log P(not empty) from log P(no label), or 0 where the empty set is allowed.
double log_not_empty(double log_empty, EmptySet empty_set);

}  // namespace labelbeam::decoders
