#pragma once

#include <labelbeam/label_set.h>

#include <cstdint>
#include <random>
#include <vector>

namespace labelbeam::eval::testing {

/// Numbers that are the same with every standard library, unlike the distributions of <random>.
class TestRandom {
 public:
  explicit TestRandom(std::uint64_t seed) : engine_(seed) {}

  /// [0, 1)
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }
  /// 0 .. bound - 1
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }

  LabelSet set(std::size_t num_labels, double density) {
    LabelSet result;
    for (std::size_t l = 0; l < num_labels; ++l) {
      if (uniform() < density) result.insert(static_cast<LabelId>(l));
    }
    return result;
  }
  std::vector<LabelSet> sets(std::size_t rows, std::size_t num_labels, double density) {
    std::vector<LabelSet> result(rows);
    for (LabelSet& row : result) row = set(num_labels, density);
    return result;
  }

 private:
  std::mt19937_64 engine_;
};

inline LabelSet full_set(std::size_t num_labels) {
  LabelSet result;
  for (std::size_t l = 0; l < num_labels; ++l) result.insert(static_cast<LabelId>(l));
  return result;
}

}  // namespace labelbeam::eval::testing
