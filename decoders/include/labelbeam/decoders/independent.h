#pragma once

#include <labelbeam/set_distribution.h>
#include <labelbeam/set_semantics.h>

#include <cstddef>
#include <span>

namespace labelbeam::decoders {

struct IndependentOptions {
  /// Most probable sets that are returned, if there are as many of non-zero probability; >= 1.
  std::size_t num_sets = 16;
  /// `forbid` conditions the distribution on not being empty; `learn` is not accepted.
  EmptySet empty_set = EmptySet::allow;
};

/// The model of independent labels as a `SetDistribution`, so that rules serve it as they serve a
/// search: p(set) = prod over its labels of p_l times prod over the others of (1 - p_l).
///
/// `probs`: [L]. The sets come in exact order, by best-first search over flips of single labels
/// away from the most probable set (a flip costs |logit p_l|); equally probable sets that do not
/// all fit are cut deterministically. `log_prob` and the marginals are exact, `certified` is true.
/// O(L log L + n (L + log n)) for n sets. Where the empty set is forbidden and every probability
/// is 0 there is no answer: `sets` is empty, `residual` 1, the marginals 0.
///
/// Throws `std::invalid_argument` for no label, a probability outside [0, 1] or NaN, or bad
/// options.
SetDistribution independent_distribution(std::span<const double> probs,
                                         const IndependentOptions& options = {});

/// log p(set) in nats under the model of independent labels; -inf for an impossible set.
///
/// With `EmptySet::forbid` conditioned on not being empty. `probs`: [L]. Throws
/// `std::invalid_argument` as `independent_distribution` does, and for a label >= L.
double independent_log_prob(std::span<const double> probs, const LabelSet& labels,
                            EmptySet empty_set = EmptySet::allow);

}  // namespace labelbeam::decoders
