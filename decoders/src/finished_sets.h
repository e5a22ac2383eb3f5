#pragma once

#include <labelbeam/set_distribution.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "mass_ledger.h"

namespace labelbeam::decoders {

/// The finished sequences of one document; those of one set are summed.
/// A set is known by a prefix of the ledger. Memory is kept by `clear`.
class FinishedSets {
 public:
  struct Found {
    double log_prob;
    PrefixId prefix;
    std::uint32_t hash;  // of the set; only where sets can meet
  };

  /// `distinct`: no two sequences are of one set, so that none need be looked up.
  explicit FinishedSets(bool distinct) : distinct_(distinct) {}

  void clear();
  void add(PrefixId prefix, double log_prob, const MassLedger& ledger);

  /// In the order of their first sequences.
  const std::vector<Found>& found() const { return found_; }
  /// The n-th largest log probability; -inf where there are fewer.
  double nth_best(std::size_t n);
  /// The n best and what is as probable as the last of them, `log_upper` = `log_prob`.
  std::vector<ScoredSet> best(std::size_t n, const MassLedger& ledger);

 private:
  Found* find(std::uint32_t hash, const MassLedger& ledger);
  void insert_slot(std::size_t index);
  void make_room();

  bool distinct_;
  std::vector<Found> found_;
  // Where sets can meet: an open-addressing table of 1 + index in `found_`, 0: empty; a power of
  // two.
  std::vector<std::uint32_t> slots_;
  std::vector<LabelId> labels_;  // of the set that is looked for, sorted
  std::vector<LabelId> other_;
  std::vector<double> scratch_;
};

}  // namespace labelbeam::decoders
