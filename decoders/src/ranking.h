#pragma once

#include <labelbeam/set_distribution.h>

#include <cstddef>
#include <vector>

namespace labelbeam::decoders {

/// Makes the weights sum to 1; returns what they summed to.
double normalise_weights(std::vector<ScoredSet>& sets);

/// Keeps the `num_sets` sets of largest `log_prob` (0: all), best first and ties by the sets' own
/// order, and sets the residual and the weights: the probabilities normalised over what is kept.
/// `valid` must be set before.
void rank_sets(SetDistribution& distribution, std::size_t num_sets);

/// The same for all sets and the weights they have, which estimate p(set | x): those are
/// normalised.
void rank_weighted_sets(SetDistribution& distribution);

}  // namespace labelbeam::decoders
