#pragma once

#include <labelbeam/clustered_step_model.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace labelbeam {

/// Clusters for a two-level softmax from communities of labels ([L], any numbers below L): a
/// community of more than `max_size` labels is cut into even pieces, small ones share a cluster
/// (largest first, each into the first cluster with room). `max_size` 0: twice the square root of
/// L, rounded up. Throws `std::invalid_argument` for no label and for a number >= L.
LabelClusters clusters_of_communities(std::span<const std::uint32_t> communities,
                                      std::size_t max_size = 0);

}  // namespace labelbeam
