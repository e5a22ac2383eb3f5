#pragma once

#include <labelbeam/label_set.h>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace labelbeam {

/// A directed edge.
struct Arc {
  LabelId from = 0;
  LabelId to = 0;
  double weight = 1.0;

  bool operator==(const Arc&) const = default;
};

/// [L]: the parent of each label in the branching of greatest weight, where a label may be a root
/// instead, which weighs `root_weights[label]` (Chu and Liu 1965, Edmonds 1967). With one label's
/// root weight finite and all others -inf it is the maximum spanning arborescence of that root.
///
/// Time is arcs times labels at worst. Throws `std::invalid_argument` for an arc that ends at no
/// label or where it starts, a weight that is not finite (a root weight: NaN or +inf), and where a
/// label can be reached from no root.
std::vector<std::optional<LabelId>> maximum_branching(std::span<const double> root_weights,
                                                      std::span<const Arc> arcs);

}  // namespace labelbeam
