#pragma once

#include <labelbeam/label_set.h>

#include <cstddef>
#include <span>
#include <vector>

namespace labelbeam {

/// A label set with what is known of its probability.
struct ScoredSet {
  LabelSet labels;
  double log_prob = 0.0;   ///< a lower bound of log p(set | x), nats; exact under a fixed order
  double log_upper = 0.0;  ///< an upper bound of log p(set | x), nats
  double weight = 0.0;     ///< share in decisions; the weights of a distribution sum to 1

  bool operator==(const ScoredSet&) const = default;
};

/// The sum of exp(log_prob), added in the order of the sets.
double found_mass(std::span<const ScoredSet> sets);

/// p(label in set | x): bounds, and the value that decisions use.
struct Marginal {
  double lower = 0.0;
  double upper = 1.0;
  double estimate = 0.0;   ///< lower <= estimate <= upper
  double std_error = 0.0;  ///< of `estimate`; 0 where it is not sampled

  bool operator==(const Marginal&) const = default;
};

/// A number known to lie between two others.
struct Interval {
  double lower = 0.0;
  double upper = 1.0;

  bool operator==(const Interval&) const = default;
};

/// What a search found of p(set | x) for one document.
///
/// Where answers are constrained, `log_prob` stays log p(set | x); `marginals` are given that the
/// set is valid, and p(set | valid, x) is between p(set | x) / valid.upper and / valid.lower.
struct SetDistribution {
  std::vector<ScoredSet> sets;      ///< best first; ties by the sets' own order
  double weight_sum = 1.0;          ///< weight * weight_sum estimates p(set | x)
  double residual = 1.0;            ///< the mass not found: valid.upper - found_mass(sets)
  Interval valid{1.0, 1.0};         ///< p(the constraints hold | x)
  std::vector<Marginal> marginals;  ///< [L]
  bool certified = false;           ///< no unseen set can be more probable than `sets.front()`
  bool truncated = false;           ///< mass was lost to the size limit D
  std::size_t num_scored = 0;       ///< states whose logits the search asked for
};

}  // namespace labelbeam
