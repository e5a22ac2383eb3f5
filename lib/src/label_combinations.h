#pragma once

#include <labelbeam/label_set.h>

#include <cstdint>
#include <unordered_map>

namespace labelbeam {

/// A label (a, a) or a pair of labels (a, b), a < b, as one number.
using Combination = std::uint64_t;

inline Combination combination(LabelId a, LabelId b) { return (Combination{a} << 32) | b; }
inline LabelId first_label(Combination combination) {
  return static_cast<LabelId>(combination >> 32);
}
inline bool is_label(Combination combination) {
  return first_label(combination) == static_cast<LabelId>(combination);
}

/// Calls `use(a, b)` for every pair of different labels of a set, a < b.
template <typename Use>
void for_each_pair(const LabelSet& set, const Use& use) {
  for (auto a = set.begin(); a != set.end(); ++a) {
    for (auto b = a + 1; b != set.end(); ++b) use(*a, *b);
  }
}

/// Numbers combinations in the order in which it meets them.
class CombinationIndex {
 public:
  std::uint32_t number_of(Combination combination) {
    return numbers_.try_emplace(combination, static_cast<std::uint32_t>(numbers_.size()))
        .first->second;
  }
  std::size_t size() const { return numbers_.size(); }

 private:
  std::unordered_map<Combination, std::uint32_t> numbers_;
};

}  // namespace labelbeam
