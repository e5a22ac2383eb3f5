#pragma once

#include <labelbeam/label_set.h>

#include <cstddef>
#include <vector>

#include "random_sets.h"

namespace labelbeam::eval::testing {

/// The truth with every label of every row wrong with a probability of `noise`.
inline std::vector<LabelSet> noisy_answers(std::vector<LabelSet> sets, std::size_t num_labels,
                                           double noise, TestRandom& random) {
  for (LabelSet& set : sets) {
    for (std::size_t l = 0; l < num_labels; ++l) {
      if (random.uniform() >= noise) continue;
      const auto label = static_cast<LabelId>(l);
      if (!set.erase(label)) set.insert(label);
    }
  }
  return sets;
}

}  // namespace labelbeam::eval::testing
