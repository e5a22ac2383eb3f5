#pragma once

#include <labelbeam/label_set.h>

#include <cstdint>
#include <span>
#include <vector>

namespace labelbeam {

/// The order in which a set decoder emits the labels of a set.
///
/// *Fixed*: every label has a rank and ranks rise along a sequence, so that a set is one sequence.
/// *Free*: any label not yet emitted may come next, so that a set of n labels is n! sequences.
class LabelOrder {
 public:
  static LabelOrder free() { return LabelOrder(); }
  /// `by_rank[r]` is the label of rank r: a permutation of 0 .. L-1, else `std::invalid_argument`.
  static LabelOrder fixed(std::vector<LabelId> by_rank);
  /// Most frequent label first; ties by id. `counts`: [L].
  static LabelOrder by_frequency(std::span<const std::uint64_t> counts);

  bool is_fixed() const { return !by_rank_.empty(); }
  /// [L]; empty for a free order.
  const std::vector<LabelId>& by_rank() const { return by_rank_; }
  /// The rank of a label; only for a fixed order.
  std::size_t rank(LabelId label) const { return ranks_.at(label); }
  /// The labels of a set by rising rank (fixed) or rising id (free).
  std::vector<LabelId> sequence(const LabelSet& set) const;

  bool operator==(const LabelOrder&) const = default;

 private:
  std::vector<LabelId> by_rank_;
  std::vector<LabelId> ranks_;
};

}  // namespace labelbeam
