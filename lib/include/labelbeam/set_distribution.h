#pragma once

#include <labelbeam/label_set.h>

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

/// p(label in set | x): bounds, and the value that decisions use.
struct Marginal {
  double lower = 0.0;
  double upper = 1.0;
  double estimate = 0.0;   ///< lower <= estimate <= upper
  double std_error = 0.0;  ///< of `estimate`; 0 where it is not sampled

  bool operator==(const Marginal&) const = default;
};

/// What a search found of p(set | x) for one document.
struct SetDistribution {
  std::vector<ScoredSet> sets;      ///< best first; ties by the sets' own order
  double residual = 1.0;            ///< the mass not found: 1 - sum of exp(log_prob)
  std::vector<Marginal> marginals;  ///< [L]
  bool certified = false;           ///< no unseen set can be more probable than `sets.front()`
  bool truncated = false;           ///< mass was lost to the size limit D
};

}  // namespace labelbeam
