#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/set_semantics.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "set_index.h"
#include "top_children.h"

namespace labelbeam::decoders {

/// The prefixes of one set that are live in a step: rows that follow one another.
struct LiveSet {
  LabelSet labels;
  std::uint64_t key;  ///< the XOR of the keys of its labels: Zobrist hashing
  std::uint32_t first_row;
  std::uint32_t num_rows;
};

/// One of the prefixes that end in the same set: a row and the label it was made by.
struct Member {
  double log_prob;
  std::uint32_t row;
  LabelId label;
};

/// The sets that one more label makes of live sets of one size, by the mass of all prefixes that
/// end in them.
///
/// The sets are merged before any is cut, without a table of all children. A set of t + 1 labels
/// has at most t + 1 parents among sets of t, so its mass is at most t + 1 times that of its
/// heaviest parent; it is computed there alone, and only where this bound reaches the n-th best so
/// far. The other parents are looked up by key among the few live sets.
class MergedChildren {
 public:
  /// `label_keys`: [L].
  MergedChildren(const SetSemantics& semantics, std::vector<std::uint64_t> label_keys);

  std::uint64_t key(LabelId label) const { return label_keys_[label]; }

  /// The n best child sets, best first; a child's `parent` is an index into `sets`. Equally
  /// probable: the earlier heaviest parent, then the lowest label. `sets` are distinct and of one
  /// size. `log_probs`: [rows, L], of the child of each row; -inf where there is none.
  /// Both must outlive the calls of `append_members`.
  const std::vector<Child>& best(std::span<const LiveSet> sets, std::span<const double> log_probs,
                                 std::size_t n);

  /// All prefixes of a child set.
  void append_members(const Child& child, std::vector<Member>& members) const;

 private:
  template <typename Visit>
  void visit_other_parents(std::uint32_t parent, LabelId label, const Visit& visit) const;
  double child_log_prob(std::size_t row, LabelId label) const {
    return log_probs_[row * label_keys_.size() + label];
  }
  std::span<const double> largest_members(const LiveSet& set);
  double contribution(const LiveSet& set, LabelId label) const;
  void add_if_heaviest(std::uint32_t parent, LabelId label);
  void append(const LiveSet& set, LabelId label, std::vector<Member>& members) const;

  std::vector<std::uint64_t> label_keys_;
  std::vector<unsigned char> is_held_;  // [L] by any of the sets: others have no second parent
  std::vector<double> largest_;         // [L], see `largest_members`
  SetIndex index_;
  TopChildren top_;
  std::span<const LiveSet> sets_;
  std::span<const double> log_probs_;
};

}  // namespace labelbeam::decoders
