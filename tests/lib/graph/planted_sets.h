#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/random.h>

#include <cstddef>
#include <span>
#include <vector>

namespace labelbeam::test_support {

/// Sets of independent labels with these probabilities.
inline std::vector<LabelSet> independent_sets(std::size_t rows, std::span<const double> probs,
                                              CounterRng& random) {
  std::vector<LabelSet> sets(rows);
  for (LabelSet& set : sets) {
    for (std::size_t label = 0; label < probs.size(); ++label) {
      if (random.uniform() < probs[label]) set.insert(static_cast<LabelId>(label));
    }
  }
  return sets;
}

/// Sets of L labels: a set takes one of `num_groups` groups (label l is in group l mod
/// num_groups), each label of it with probability `inside`, and every other with `outside`.
inline std::vector<LabelSet> grouped_sets(std::size_t rows, std::size_t num_labels,
                                          std::size_t num_groups, double inside, double outside,
                                          CounterRng& random) {
  std::vector<LabelSet> sets(rows);
  for (LabelSet& set : sets) {
    const std::size_t group = random.below(num_groups);
    for (std::size_t label = 0; label < num_labels; ++label) {
      const double p = label % num_groups == group ? inside : outside;
      if (random.uniform() < p) set.insert(static_cast<LabelId>(label));
    }
  }
  return sets;
}

}  // namespace labelbeam::test_support
