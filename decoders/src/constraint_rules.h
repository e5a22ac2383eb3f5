#pragma once

#include <labelbeam/constraint_spec.h>
#include <labelbeam/set_semantics.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "positions.h"

namespace labelbeam::decoders {

/// For every label the rules it occurs in, in one block of memory.
class RulesByLabel {
 public:
  /// `occurrences`: (label, rule) by rising rule.
  RulesByLabel(std::span<const std::pair<LabelId, std::uint32_t>> occurrences,
               std::size_t num_labels);

  std::span<const std::uint32_t> of(LabelId label) const {
    return {rules_.data() + first_[label], first_[label + 1] - first_[label]};
  }

 private:
  std::vector<std::size_t> first_;  // [L + 1]
  std::vector<std::uint32_t> rules_;
};

/// A `ConstraintSpec` by label, made once: memory is O(L + size of the spec).
///
/// The *position* of a label is its rank under a fixed order, its id under a free one. A label that
/// is in no exclusion, in no body of an implication and not in `never` is *free*: adding it to a
/// set that follows the rules leaves them followed. The others are *bound*.
class ConstraintRules {
 public:
  /// Throws `std::invalid_argument` for a label >= L and an empty side of a rule.
  ConstraintRules(ConstraintSpec spec, const SetSemantics& semantics);

  const ConstraintSpec& spec() const { return spec_; }
  const SetSemantics& semantics() const { return semantics_; }
  /// The smallest size of an answer, also where the empty set is forbidden.
  std::size_t min_size() const;
  /// The largest size of an answer; the limit D is not in it.
  std::size_t max_size() const { return spec_.max_size.value_or(semantics_.num_labels); }

  /// The exclusions that a label is in.
  std::span<const std::uint32_t> exclusions_of(LabelId label) const {
    return exclusions_.of(label);
  }
  /// The implications whose body a label is in.
  std::span<const std::uint32_t> bodies_with(LabelId label) const { return bodies_.of(label); }
  bool is_never(LabelId label) const { return is_never_[label] != 0; }
  bool is_bound(LabelId label) const { return is_bound_[label] != 0; }

  std::size_t position(LabelId label) const { return position_of(semantics_, label); }
  LabelId label_at(std::size_t position) const { return decoders::label_at(semantics_, position); }
  /// The bound labels that an answer may hold, by rising position.
  const std::vector<LabelId>& bound_labels() const { return bound_labels_; }
  /// How many free labels have this position or a higher one.
  std::size_t num_free_from(std::size_t position) const { return num_free_from_[position]; }

 private:
  ConstraintSpec spec_;
  SetSemantics semantics_;
  RulesByLabel exclusions_;
  RulesByLabel bodies_;
  std::vector<unsigned char> is_never_;  // [L]
  std::vector<unsigned char> is_bound_;  // [L]
  std::vector<LabelId> bound_labels_;
  std::vector<std::size_t> num_free_from_;  // [L + 1]
};

/// Why a set cannot grow further.
struct RuleConflict {
  enum class Kind { never, exclusion, size };
  Kind kind = Kind::size;
  LabelId label = 0;        ///< never: the label; exclusion: one of the two
  LabelId other_label = 0;  ///< exclusion: the other
};

/// A set under unit propagation: closed under the implications after every `add`.
class Propagation {
 public:
  static constexpr std::uint32_t kAdded = std::numeric_limits<std::uint32_t>::max();

  /// `rules` is kept by reference. More than `max_size` labels are a conflict.
  Propagation(const ConstraintRules& rules, std::size_t max_size);

  /// Adds a label and all that it implies, O(rules touched). Returns false where that meets an
  /// exclusion, a label of `never` or the size limit; what was added must then be undone.
  bool add(LabelId label);
  /// Takes back all that was added since the set had `size` labels.
  void undo(std::size_t size);

  bool contains(LabelId label) const { return in_set_[label] != 0; }
  std::size_t size() const { return added_.size(); }
  /// The labels in the order of their coming.
  const std::vector<LabelId>& labels() const { return added_; }
  /// For each of `labels`: the implication that it comes from, or `kAdded`.
  const std::vector<std::uint32_t>& reasons() const { return reasons_; }
  bool is_excluded(LabelId label) const;
  /// Of the last `add` that returned false.
  const RuleConflict& conflict() const { return conflict_; }

 private:
  bool put(LabelId label, std::uint32_t reason);
  bool follow(LabelId label);

  const ConstraintRules& rules_;
  std::size_t max_size_;
  std::vector<unsigned char> in_set_;   // [L]
  std::vector<std::uint32_t> missing_;  // labels of each body that are not followed yet
  std::vector<std::uint32_t> members_;  // labels of each exclusion that are followed
  std::vector<LabelId> added_;
  std::vector<std::uint32_t> reasons_;
  std::size_t followed_ = 0;  // of the added labels, those whose rules were looked at
  RuleConflict conflict_;
};

}  // namespace labelbeam::decoders
