#pragma once

#include <labelbeam/decoders/size_marginals.h>
#include <labelbeam/set_distribution.h>

namespace labelbeam::decoders {

/// The value of F-beta and Jaccard where both the truth and the answer are empty.
enum class EmptyConvention {
  one,   ///< a perfect answer
  zero,  ///< scikit-learn's zero_division=0
};

/// The answer of a rule, and what it expects of it.
struct Decision {
  LabelSet labels;
  double expected_utility = 0.0;  ///< under the weights (or marginals) that the rule used
  double margin = 0.0;     ///< expected utility above that of the best other answer (see each rule)
  bool certified = false;  ///< no mass that was not found can make another answer better

  bool operator==(const Decision&) const = default;
};

// The rules see a distribution through the weights of its sets, `decide_hamming` through its
// marginals. A distribution without sets gets the empty answer with utility 0. Equally good
// answers: the one with fewer labels where sizes are compared, then the one with the lower ids.

/// The most probable set: maximises expected subset accuracy. Utility: its weight.
Decision decide_subset_accuracy(const SetDistribution& distribution);

/// The labels whose marginal (`estimate`) is above 1/2: minimises expected Hamming loss.
/// Utility: 1 - expected Hamming loss; 0 for a distribution without marginals.
Decision decide_hamming(const SetDistribution& distribution);

/// The answer P of largest expected F-beta, (1 + b^2) |T ∩ P| / (b^2 |T| + |P|), exact.
///
/// General F-measure maximiser (Dembczynski et al. 2011; Waegeman et al. 2014): for each size k the
/// k labels of largest sum over s of (1 + b^2) P(i in Y, |Y| = s) / (b^2 s + k). Sizes whose best
/// conceivable value is below the best found are skipped. Throws `std::invalid_argument` unless
/// `beta` is finite and >= 0.
Decision decide_fbeta(const SizeMarginals& marginals, double beta, EmptyConvention convention);

/// The same from a distribution's weights. For independent labels prefer
/// `independent_size_marginals`, which sees all sets instead of the n best.
Decision decide_fbeta(const SetDistribution& distribution, double beta, EmptyConvention convention);

/// The most labels, over the sets of a distribution, for which `decide_jaccard` is exact.
inline constexpr std::size_t kMaxExactJaccard = 16;

/// The answer P of largest expected Jaccard index, |T ∩ P| / |T ∪ P|.
///
/// Candidates are the sets, the F1-optimal set of each size and the most probable labels of each
/// size; the best is improved by adding, dropping and swapping labels. Where the sets have at most
/// `kMaxExactJaccard` labels in all, branch and bound then makes it exact; beyond that F1 / 2 <= J
/// <= F1 bounds the loss. Independent labels are seen through their n best sets.
Decision decide_jaccard(const SetDistribution& distribution, EmptyConvention convention);

}  // namespace labelbeam::decoders
