#pragma once

#include <labelbeam/graph/weighted_graph.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace labelbeam {

struct CommunityOptions {
  double resolution = 1.0;     ///< above 1: smaller communities (Reichardt and Bornholdt 2006); > 0
  std::uint64_t seed = 1;      ///< of the orders in which labels are visited
  std::size_t num_starts = 8;  ///< runs, of which the best is taken; at least 1
};

/// [L]: communities of high modularity by Louvain's method (Blondel et al. 2008), the best of a few
/// runs, the same for the same seed: no label gains by moving alone to another community, or by
/// being alone. Numbered by falling size, then by lowest label; a label without edges is on its
/// own. Weights must be above 0. Throws `std::invalid_argument` for options out of range and for
/// bad edges.
std::vector<std::uint32_t> find_communities(std::size_t num_labels,
                                            std::span<const WeightedEdge> edges,
                                            const CommunityOptions& options = {});

/// Modularity of a partition (Newman and Girvan 2004, with weights): over communities, the share of
/// weight inside minus resolution times the square of the share of strength; 0 without edges.
double modularity(std::span<const std::uint32_t> communities, std::span<const WeightedEdge> edges,
                  double resolution = 1.0);

}  // namespace labelbeam
