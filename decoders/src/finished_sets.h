#pragma once

#include <labelbeam/set_distribution.h>

#include <cstddef>
#include <vector>

#include "mass_ledger.h"
#include "set_index.h"

namespace labelbeam::decoders {

/// The finished sequences of one document; those of one set are summed.
/// A set is known by a prefix of the ledger. Memory is kept by `clear`.
class FinishedSets {
 public:
  struct Found {
    double log_prob;
    PrefixId prefix;
  };

  /// `distinct`: no two sequences are of one set, so that none need be looked up.
  explicit FinishedSets(bool distinct) : distinct_(distinct) {}

  void clear();
  void add(PrefixId prefix, double log_prob, const MassLedger& ledger);

  /// In the order of their first sequences.
  const std::vector<Found>& found() const { return found_; }
  /// The n-th largest log probability; -inf where there are fewer.
  double nth_best(std::size_t n);
  /// The n best, ranked, with `log_upper` = `log_prob`, and what the ledger knows.
  SetDistribution best(std::size_t n, const MassLedger& ledger);

 private:
  bool distinct_;
  std::vector<Found> found_;
  SetIndex index_;               // into `found_`, where sets can meet
  std::vector<LabelId> labels_;  // of the set that is looked for, sorted
  std::vector<LabelId> other_;
  std::vector<double> scratch_;
};

}  // namespace labelbeam::decoders
