#include <fmt/format.h>
#include <labelbeam/clustered_step_model.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace labelbeam {

LabelClusters::LabelClusters(std::vector<std::uint32_t> cluster_of)
    : cluster_of_(std::move(cluster_of)), members_(cluster_of_.size()) {
  if (cluster_of_.empty()) throw std::invalid_argument("LabelClusters: there is no label");
  const std::size_t num_clusters =
      std::size_t{*std::max_element(cluster_of_.begin(), cluster_of_.end())} + 1;
  if (num_clusters > cluster_of_.size()) {
    throw std::invalid_argument(fmt::format("LabelClusters: {} labels cannot fill {} clusters",
                                            cluster_of_.size(), num_clusters));
  }
  begins_.resize(num_clusters + 1);
  for (std::uint32_t cluster : cluster_of_) ++begins_[cluster + 1];
  for (std::size_t c = 0; c < num_clusters; ++c) {
    if (begins_[c + 1] == 0)
      throw std::invalid_argument(fmt::format("LabelClusters: cluster {} has no label", c));
    begins_[c + 1] += begins_[c];
  }
  std::vector<std::size_t> next(begins_.begin(), begins_.end() - 1);
  for (LabelId label = 0; label < cluster_of_.size(); ++label)
    members_[next[cluster_of_[label]]++] = label;
}

void ClusteredStepModel::logits(std::span<const StateId> states, std::span<float> out) {
  const LabelClusters& groups = clusters();
  const std::size_t num_tokens = semantics().num_tokens();
  const std::size_t width = groups.num_clusters() + 1;
  std::vector<float> tops(states.size() * width);
  cluster_logits(states, tops);
  std::vector<float> within;
  for (std::size_t r = 0; r < states.size(); ++r) {
    out[r * num_tokens + semantics().end()] = tops[r * width + groups.num_clusters()];
  }
  for (std::uint32_t cluster = 0; cluster < groups.num_clusters(); ++cluster) {
    const std::span<const LabelId> members = groups.members(cluster);
    within.resize(states.size() * members.size());
    logits_within(cluster, states, within);
    for (std::size_t r = 0; r < states.size(); ++r) {
      const std::span<const float> row =
          std::span(within).subspan(r * members.size(), members.size());
      const double largest = *std::max_element(row.begin(), row.end());
      double sum = 0.0;
      for (float w : row) sum += std::exp(w - largest);
      const double top = tops[r * width + cluster];
      const bool possible = top > -std::numeric_limits<double>::infinity();
      for (std::size_t m = 0; m < members.size(); ++m) {
        // An impossible cluster may have no possible label; what is no number stays none.
        out[r * num_tokens + members[m]] = static_cast<float>(
            possible || std::isnan(top) ? top + (row[m] - largest) - std::log(sum) : top);
      }
    }
  }
}

}  // namespace labelbeam
