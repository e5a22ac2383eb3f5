#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace labelbeam::decoders {

/// Finds sets by a 64-bit key that is checked by the caller: a flat hash table with linear probing,
/// whose memory is used again from step to step. Its values are indices.
class SetIndex {
 public:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  /// Empties the table and makes room for `size` insertions.
  void reset(std::size_t size) { slots_.assign(std::bit_ceil(2 * size + 1), {0, kNone}); }

  void insert(std::uint64_t key, std::uint32_t value) {
    std::size_t at = slot(key);
    while (slots_[at].value != kNone) at = next(at);
    slots_[at] = {key, value};
  }

  /// The value of this key for which `is_same(value)` holds, or `kNone`.
  template <typename IsSame>
  std::uint32_t find(std::uint64_t key, const IsSame& is_same) const {
    for (std::size_t at = slot(key); slots_[at].value != kNone; at = next(at)) {
      if (slots_[at].key == key && is_same(slots_[at].value)) return slots_[at].value;
    }
    return kNone;
  }

 private:
  struct Slot {
    std::uint64_t key;
    std::uint32_t value;
  };

  std::size_t slot(std::uint64_t key) const { return key & (slots_.size() - 1); }
  std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }

  std::vector<Slot> slots_;
};

}  // namespace labelbeam::decoders
