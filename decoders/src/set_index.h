#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace labelbeam::decoders {

/// Finds sets by a 64-bit key that is checked by the caller: a flat hash table with linear probing,
/// at most half full, whose memory is kept by `clear`. Its values are indices.
class SetIndex {
 public:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  void clear() {
    std::fill(slots_.begin(), slots_.end(), Slot{0, kNone});
    size_ = 0;
  }

  void insert(std::uint64_t key, std::uint32_t value) {
    if (2 * ++size_ > slots_.size()) grow();
    place({key, value});
  }

  /// The value of this key for which `is_same(value)` holds, or `kNone`.
  template <typename IsSame>
  std::uint32_t find(std::uint64_t key, const IsSame& is_same) const {
    if (size_ == 0) return kNone;
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

  void place(const Slot& entry) {
    std::size_t at = slot(entry.key);
    while (slots_[at].value != kNone) at = next(at);
    slots_[at] = entry;
  }

  void grow() {
    std::vector<Slot> smaller(std::max<std::size_t>(64, 2 * slots_.size()), Slot{0, kNone});
    smaller.swap(slots_);
    for (const Slot& entry : smaller) {
      if (entry.value != kNone) place(entry);
    }
  }

  std::size_t slot(std::uint64_t key) const { return key & (slots_.size() - 1); }
  std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }

  std::vector<Slot> slots_;  // none, or a power of two
  std::size_t size_ = 0;
};

}  // namespace labelbeam::decoders
