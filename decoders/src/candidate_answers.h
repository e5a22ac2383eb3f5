#pragma once

#include <labelbeam/decoders/size_marginals.h>
#include <labelbeam/set_distribution.h>

#include <vector>

namespace labelbeam::decoders {

/// Answers worth comparing under any utility: the empty set, the sets, and of each size up to twice
/// that of the largest set the F1-optimal answer and the most probable labels by the weights.
/// Distinct; fewer labels first, then the lower ids. `marginals`: those of `distribution`.
std::vector<LabelSet> candidate_answers(const SetDistribution& distribution,
                                        const SizeMarginals& marginals);

}  // namespace labelbeam::decoders
