#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/set_distribution.h>

#include <unordered_map>
#include <vector>

#include "log_math.h"
#include "masked_row.h"
#include "mass_ledger.h"

namespace labelbeam::decoders {

/// The part of one document's tree of sequences that a sampler saw, with the leaves it drew.
///
/// A leaf is a closed sequence, of any size, or a prefix after which nothing is possible.
class SampledTree {
 public:
  /// `constraints` may be null.
  SampledTree(const SetSemantics& semantics, const Constraints* constraints);

  /// As `MassLedger::expand`, with END after the prefix.
  PrefixId expand(PrefixId parent, LabelId position, double log_prob, const MaskedRow& row);

  /// Records a leaf that was drawn. `weight` estimates its probability; `variance` is what it adds
  /// to the estimated variance of a weighted sum in which its value is 1.
  void draw_closed(PrefixId prefix, double weight, double variance);
  void draw_dead_end(PrefixId prefix, double weight, double variance);

  const MassLedger& ledger() const { return ledger_; }
  SetDistribution finish() const;

 private:
  struct Sums {
    double log_prob = kMinusInfinity;  // of the sequences of a set that are known
    double weight = 0.0;               // of those that were drawn
  };

  void weigh(const LabelSet& labels, double weight, double variance);
  void estimate(std::vector<Marginal>& marginals) const;

  const SetSemantics& semantics_;
  MassLedger ledger_;
  std::unordered_map<LabelSet, Sums> sets_;  // weights of at most D labels only
  double weight_ = 0.0;                      // of all leaves that were drawn
  double variance_ = 0.0;
  std::vector<double> weight_with_;    // [L] of those with a label
  std::vector<double> variance_with_;  // [L]
  bool truncated_ = false;
};

}  // namespace labelbeam::decoders
