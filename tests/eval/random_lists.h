#pragma once

#include <labelbeam/eval/listed_sets.h>

#include <cmath>
#include <vector>

#include "random_sets.h"

namespace labelbeam::eval::testing {

/// A list of so many sets {0}, {1}, ..., with random probabilities, and other sets beside it.
inline ListedSets random_list(std::size_t num_sets, TestRandom& random) {
  std::vector<ScoredSet> sets;
  for (std::size_t k = 0; k < num_sets; ++k) {
    sets.push_back({LabelSet{static_cast<LabelId>(k)}, 3.0 * random.uniform(), 0.0, 0.0});
  }
  return list_sets(sets, 2.0 * random.uniform());
}

/// A set of a row with the probability that the row gives it; a set that is not listed for "other".
inline LabelSet draw_truth(const ListedSets& row, TestRandom& random) {
  double left = random.uniform();
  for (std::size_t k = 0; k < row.sets.size(); ++k) {
    left -= std::exp(row.log_probs[k]);
    if (left < 0.0) return row.sets[k];
  }
  return LabelSet{static_cast<LabelId>(row.sets.size()), 1000};
}

}  // namespace labelbeam::eval::testing
