#pragma once

#include <labelbeam/set_semantics.h>

#include <span>

namespace labelbeam::decoders {

/// Throws `std::invalid_argument` for no label, a value outside [0, 1], or `EmptySet::learn`.
void check_independent(std::span<const double> probs, EmptySet empty_set);

/// log P(no label).
double log_empty_prob(std::span<const double> probs);

}  // namespace labelbeam::decoders
