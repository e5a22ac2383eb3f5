#pragma once

#include <labelbeam/set_distribution.h>

namespace labelbeam::decoders {

/// Keeps the `num_sets` sets of largest `log_prob` (0: all), best first and ties by the sets' own
/// order, and sets the residual and the weights: the probabilities normalised over what is kept.
/// `valid` must be set before.
void rank_sets(SetDistribution& distribution, std::size_t num_sets);

/// The same for all sets and the weights they have, which estimate p(set | x): those are
/// normalised.
void rank_weighted_sets(SetDistribution& distribution);

}  // namespace labelbeam::decoders
