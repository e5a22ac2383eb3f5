#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/set_distribution.h>

#include <cstddef>
#include <unordered_map>
#include <vector>

#include "mass_ledger.h"

namespace labelbeam::decoders {

/// Finished sequences; those of one set are summed.
class FinishedSets {
 public:
  /// `distinct`: no two of them are of one set, so that none need be looked up.
  explicit FinishedSets(bool distinct) : distinct_(distinct) {}

  void add(PrefixId prefix, double log_prob, const MassLedger& ledger);

  /// The n-th largest log probability; -inf where there are fewer.
  double nth_best(std::size_t n);

  /// The n best and what is as probable as the last of them, `log_upper` = `log_prob`.
  std::vector<ScoredSet> best(std::size_t n, const MassLedger& ledger);

 private:
  struct Found {
    double log_prob;
    PrefixId prefix;
  };

  bool distinct_;
  std::vector<Found> found_;
  std::unordered_map<LabelSet, std::size_t> index_;
  std::vector<double> scratch_;
};

}  // namespace labelbeam::decoders
