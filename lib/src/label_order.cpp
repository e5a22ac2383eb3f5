#include <labelbeam/label_order.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

namespace labelbeam {

LabelOrder LabelOrder::fixed(std::vector<LabelId> by_rank) {
  if (by_rank.empty())
    throw std::invalid_argument("LabelOrder: a fixed order needs labels, got none");
  LabelOrder order;
  const auto num_labels = static_cast<LabelId>(by_rank.size());
  order.ranks_.assign(num_labels, num_labels);
  for (LabelId rank = 0; rank < num_labels; ++rank) {
    const LabelId label = by_rank[rank];
    if (label >= num_labels || order.ranks_[label] != num_labels) {
      throw std::invalid_argument("LabelOrder: label " + std::to_string(label) + " at rank " +
                                  std::to_string(rank) + " is " +
                                  (label >= num_labels ? "out of range" : "repeated"));
    }
    order.ranks_[label] = rank;
  }
  order.by_rank_ = std::move(by_rank);
  return order;
}

LabelOrder LabelOrder::by_frequency(std::span<const std::uint64_t> counts) {
  std::vector<LabelId> by_rank(counts.size());
  std::iota(by_rank.begin(), by_rank.end(), LabelId{0});
  std::stable_sort(by_rank.begin(), by_rank.end(),
                   [&](LabelId a, LabelId b) { return counts[a] > counts[b]; });
  return fixed(std::move(by_rank));
}

std::vector<LabelId> LabelOrder::sequence(const LabelSet& set) const {
  std::vector<LabelId> labels(set.begin(), set.end());
  if (is_fixed()) {
    std::sort(labels.begin(), labels.end(),
              [&](LabelId a, LabelId b) { return rank(a) < rank(b); });
  }
  return labels;
}

}  // namespace labelbeam
