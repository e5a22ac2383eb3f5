#pragma once

#include <labelbeam/graph/weighted_graph.h>

#include <cstddef>
#include <span>

namespace labelbeam {

/// Throws `std::invalid_argument` for an edge that ends at no label or where it starts, and for a
/// weight that is not finite.
void check_edges(std::size_t num_labels, std::span<const WeightedEdge> edges);

/// Throws `std::invalid_argument` for a weight of 0 or less.
void check_positive_weights(std::span<const WeightedEdge> edges);

}  // namespace labelbeam
