#pragma once

#include <boost/container/small_vector.hpp>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>

namespace labelbeam {

/// Index of a label in its `LabelVocab`, 0 <= id < L.
using LabelId = std::uint32_t;

/// The largest label space that is accepted.
inline constexpr std::size_t kMaxLabels = std::size_t{1} << 20;

/// A set of labels: sorted distinct ids, the first few stored inline.
///
/// Ordered lexicographically by the sorted ids, the empty set first.
class LabelSet {
 public:
  using const_iterator = boost::container::small_vector<LabelId, 6>::const_iterator;

  // Copies and moves are made in the library: inlined, they set off false alarms of GCC 12
  // (-Wstringop-overread) in the code of users.
  LabelSet() = default;
  LabelSet(const LabelSet&);
  LabelSet(LabelSet&&) noexcept;
  LabelSet& operator=(const LabelSet&);
  LabelSet& operator=(LabelSet&&) noexcept;
  ~LabelSet() = default;
  /// Any order; duplicates collapse. Throws `std::invalid_argument` for an id >= `kMaxLabels`.
  LabelSet(std::initializer_list<LabelId> ids) : LabelSet(std::span(ids.begin(), ids.size())) {}
  explicit LabelSet(std::span<const LabelId> ids);

  bool contains(LabelId label) const;
  /// Returns whether the label was new. Throws `std::invalid_argument` for an id >= `kMaxLabels`.
  bool insert(LabelId label);
  /// Returns whether the label was there.
  bool erase(LabelId label);

  std::size_t size() const { return ids_.size(); }
  bool empty() const { return ids_.empty(); }
  const_iterator begin() const { return ids_.begin(); }
  const_iterator end() const { return ids_.end(); }
  /// The ids in ascending order; valid until the set changes.
  std::span<const LabelId> ids() const { return {ids_.data(), ids_.size()}; }

  /// |this ∩ other|.
  std::size_t intersection_size(const LabelSet& other) const;
  /// Whether every label of this set is in `other`.
  bool is_subset_of(const LabelSet& other) const;

  bool operator==(const LabelSet& other) const { return ids_ == other.ids_; }
  std::strong_ordering operator<=>(const LabelSet& other) const;

 private:
  boost::container::small_vector<LabelId, 6> ids_;
};

}  // namespace labelbeam

template <>
struct std::hash<labelbeam::LabelSet> {
  std::size_t operator()(const labelbeam::LabelSet& set) const noexcept;
};
