#pragma once

#include <labelbeam/decoders/size_marginals.h>
#include <labelbeam/set_distribution.h>

#include <cstddef>
#include <functional>
#include <span>
#include <unordered_set>
#include <vector>

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

/// A decision whose labels come in an order.
struct RankedDecision : Decision {
  std::vector<LabelId> ranking;  ///< `labels`, best first

  bool operator==(const RankedDecision&) const = default;
};

// The rules see a distribution through the weights of its sets, `decide_hamming` and
// `decide_precision_at` through its marginals. A distribution without sets (marginals) gets the
// empty answer with utility 0. Equally good answers: the one with fewer labels where sizes are
// compared, then the one with the lower ids.
//
// Answers are sets of any of the L labels, L being the number of marginals. The margin is over all
// of them unless a rule says else; where there is no other answer it is the expected utility.
//
// Certificates. Let F be the mass found (the sum of exp(log_prob)) and R the residual. The true
// probabilities of valid sets are those found plus extra mass of at most R in all, so for any
// utility in [0, 1] every answer gains between 0 and R from it, before normalising. No answer
// overtakes one that leads all others by margin * F >= R. Normalising, also by p(valid), changes
// no comparison. The rules on weights certify by margin >= R / F (`SizeMarginals::unseen`), and
// never where weights are not the probabilities normalised (samples) or L is not known; the others
// say how. Ties with the answer are not ruled out. Truth is what the distribution describes: the
// model's p(set | valid, x).

/// The most probable set: maximises expected subset accuracy. Utility: its weight; margin: to the
/// next set found. Certified as `SetDistribution::certified` is.
Decision decide_subset_accuracy(const SetDistribution& distribution);

/// The most probable of the sets that are in `support`, such as those that training data hold.
/// Utility, margin: as above, over `support`.
///
/// Where no set found is in `support`: the set of `support` that would be most probable if labels
/// were independent with the marginals' estimates, with utility and margin 0 and not certified. (A
/// search under `ConstraintOptions::predicate` looks for sets of `support` instead.) Ties: fewer
/// labels, then the lower ids. An empty `support` leaves the empty answer.
Decision decide_support(const SetDistribution& distribution,
                        const std::unordered_set<LabelSet>& support);

/// The labels whose marginal (`estimate`) is above 1/2: minimises expected Hamming loss.
/// Utility: 1 - expected Hamming loss; margin: the least |2p - 1| / L. Certified where every
/// marginal's bounds are on one side of 1/2.
Decision decide_hamming(const SetDistribution& distribution);

/// The answer P of largest expected F-beta, (1 + b^2) |T ∩ P| / (b^2 |T| + |P|), exact.
///
/// General F-measure maximiser (Dembczynski et al. 2011; Waegeman et al. 2014): for each size k the
/// k labels of largest sum over s of (1 + b^2) P(i in Y, |Y| = s) / (b^2 s + k). Sizes whose best
/// conceivable value is not above the runner-up are skipped. Throws `std::invalid_argument` unless
/// `beta` is finite and >= 0.
Decision decide_fbeta(const SizeMarginals& marginals, double beta, EmptyConvention convention);

/// The same from a distribution's weights. For independent labels prefer
/// `independent_size_marginals`, which sees all sets instead of the n best.
Decision decide_fbeta(const SetDistribution& distribution, double beta, EmptyConvention convention);

/// The most labels, over the sets of a distribution, for which `decide_jaccard` is exact.
inline constexpr std::size_t kMaxExactJaccard = 16;

/// The answer P of largest expected Jaccard index, |T ∩ P| / |T ∪ P|.
///
/// Candidates are those of `decide_utility`; the best is improved by adding, dropping and swapping
/// labels. Where the sets have at most `kMaxExactJaccard` labels in all, branch and bound then
/// makes answer and margin exact. Beyond that F1 / 2 <= J <= F1 bounds the loss, the margin is over
/// the answers looked at, and nothing is certified. Independent labels are seen through their n
/// best sets.
Decision decide_jaccard(const SetDistribution& distribution, EmptyConvention convention);

/// What an answer is worth if `truth` is the truth: in [0, 1], higher is better.
using Utility = std::function<double(const LabelSet& truth, const LabelSet& answer)>;

/// The best of `candidates` by expected utility, the first of equals: O(candidates x sets) calls.
/// Margin and certificate are over the candidates. Throws `std::invalid_argument` for no candidate
/// and for a utility outside [0, 1].
Decision decide_utility(const SetDistribution& distribution, const Utility& utility,
                        std::span<const LabelSet> candidates);

/// The same over the empty set, the distribution's sets, and of each size up to twice that of the
/// largest set the F1-optimal answer and the most probable labels. Never certified: other answers
/// were not looked at.
Decision decide_utility(const SetDistribution& distribution, const Utility& utility);

// Rules for the k best labels: answers of exactly min(k, L) labels. They throw
// `std::invalid_argument` for k = 0.

/// Maximises expected precision@k, |T ∩ P| / k: the k labels of largest marginal (`estimate`).
/// Certified where no label left out has an upper bound above the lower bound of one taken.
RankedDecision decide_precision_at(const SetDistribution& distribution, std::size_t k);

/// Maximises expected recall@k, |T ∩ P| / |T| and 0 for an empty truth: the k labels of largest
/// E[1(i in Y) / |Y|].
RankedDecision decide_recall_at(const SizeMarginals& marginals, std::size_t k);
RankedDecision decide_recall_at(const SetDistribution& distribution, std::size_t k);

/// Maximises expected nDCG@k, DCG_k = the sum of 1 / log2(r + 1) over ranks r <= k of true labels,
/// over that of an ideal ranking, IDCG_k(|T|), and 0 for an empty truth: the k labels of largest
/// E[1(i in Y) / IDCG_k(|Y|)], in that order. Margin: to the best other ranking.
RankedDecision decide_ndcg_at(const SizeMarginals& marginals, std::size_t k);
RankedDecision decide_ndcg_at(const SetDistribution& distribution, std::size_t k);

}  // namespace labelbeam::decoders
