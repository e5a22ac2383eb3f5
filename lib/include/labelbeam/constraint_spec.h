#pragma once

#include <labelbeam/label_set.h>

#include <cstddef>
#include <optional>
#include <vector>

namespace labelbeam {

/// If every label of `if_all` is in a set, every label of `then_all` must be.
struct Implication {
  LabelSet if_all;    ///< not empty
  LabelSet then_all;  ///< not empty

  bool operator==(const Implication&) const = default;
};

/// What a label set must satisfy to be an answer.
struct ConstraintSpec {
  std::vector<LabelSet> exclusions = {};               ///< of each group at most one label
  std::vector<Implication> implications = {};          ///< hierarchies: {child} -> {parent}
  LabelSet must = {};                                  ///< labels of every answer
  LabelSet never = {};                                 ///< labels of no answer
  std::size_t min_size = 0;                            ///< fewest labels
  std::optional<std::size_t> max_size = std::nullopt;  ///< most labels

  bool operator==(const ConstraintSpec&) const = default;
};

}  // namespace labelbeam
