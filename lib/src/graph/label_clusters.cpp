#include <fmt/format.h>
#include <labelbeam/graph/label_clusters.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

namespace labelbeam {

LabelClusters clusters_of_communities(std::span<const std::uint32_t> communities,
                                      std::size_t max_size) {
  const std::size_t num_labels = communities.size();
  if (max_size == 0) {
    max_size =
        static_cast<std::size_t>(std::ceil(2.0 * std::sqrt(static_cast<double>(num_labels))));
  }
  std::vector<std::vector<LabelId>> members(num_labels);
  for (std::size_t label = 0; label < num_labels; ++label) {
    if (communities[label] >= num_labels) {
      throw std::invalid_argument(
          fmt::format("clusters_of_communities: community {} of label {} is not below L = {}",
                      communities[label], label, num_labels));
    }
    members[communities[label]].push_back(static_cast<LabelId>(label));
  }
  std::vector<std::vector<LabelId>> pieces;
  for (const auto& community : members) {
    const std::size_t count = (community.size() + max_size - 1) / max_size;
    for (std::size_t piece = 0; piece < count; ++piece) {
      const auto at = [&](std::size_t i) {
        return community.begin() + static_cast<std::ptrdiff_t>(i * community.size() / count);
      };
      pieces.emplace_back(at(piece), at(piece + 1));
    }
  }
  std::stable_sort(pieces.begin(), pieces.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  std::vector<std::uint32_t> cluster_of(num_labels, 0);
  std::vector<std::size_t> sizes;
  for (const auto& piece : pieces) {
    const auto room = std::find_if(sizes.begin(), sizes.end(), [&](std::size_t size) {
      return size + piece.size() <= max_size;
    });
    const auto cluster = static_cast<std::uint32_t>(room - sizes.begin());
    if (room == sizes.end()) sizes.push_back(0);
    sizes[cluster] += piece.size();
    for (const LabelId label : piece) cluster_of[label] = cluster;
  }
  return LabelClusters(std::move(cluster_of));
}

}  // namespace labelbeam
