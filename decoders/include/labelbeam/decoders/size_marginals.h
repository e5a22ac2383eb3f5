#pragma once

#include <labelbeam/set_distribution.h>
#include <labelbeam/set_semantics.h>

#include <cstddef>
#include <span>
#include <vector>

namespace labelbeam::decoders {

/// P(i in Y, |Y| = s) for the labels that can occur, and P(Y empty): all that the expected F-beta
/// of an answer depends on.
struct SizeMarginals {
  std::vector<LabelId> labels;  ///< [M] ascending: the labels of non-zero probability
  std::size_t max_size = 0;     ///< S: the largest size with a column
  std::vector<double> joint;    ///< [M, S] row-major; column s - 1 is size s
  double empty = 0.0;           ///< P(Y empty)
  std::size_t num_labels = 0;   ///< L, those of probability 0 included
  /// Mass that was not seen, as a multiple of what was: what all of the above may lack. 0: exact;
  /// infinite: not known.
  double unseen = 0.0;

  std::span<const double> row(std::size_t i) const {
    return {joint.data() + i * max_size, max_size};
  }
};

/// From the weights of a distribution: exact for its sets, which stand for all of them. L is the
/// number of marginals, or where there are none as large as the sets need. `unseen` is the residual
/// over the mass found; infinite without marginals or sets, and where the weights are not the
/// probabilities normalised.
SizeMarginals size_marginals(const SetDistribution& distribution);

/// From independent probabilities [L], over all 2^L sets and not an n-best list.
///
/// Every leave-one-out size distribution by divide and conquer, adding labels and never dividing
/// one out, so that all terms are positive and nothing cancels: O(L S log L). Sizes are cut where
/// the mass above is below 1e-18. `EmptySet::forbid` conditions on not being empty. Throws
/// `std::invalid_argument` as `independent_distribution` does.
SizeMarginals independent_size_marginals(std::span<const double> probs,
                                         EmptySet empty_set = EmptySet::allow);

}  // namespace labelbeam::decoders
