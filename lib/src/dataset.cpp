#include <labelbeam/dataset.h>

#include <algorithm>

namespace labelbeam {

std::vector<std::uint64_t> label_counts(const Dataset& data) {
  std::vector<std::uint64_t> counts(data.labels.size(), 0);
  for (const Example& row : data.rows) {
    if (!row.labelled) continue;
    for (LabelId label : row.labels) ++counts.at(label);
  }
  return counts;
}

std::size_t feature_count(const Dataset& data) {
  std::size_t count = data.num_features;
  for (const Example& row : data.rows) {
    count = std::max(count, row.dense.size());
    for (const std::uint32_t index : row.sparse.indices) {
      count = std::max(count, std::size_t{index} + 1);
    }
  }
  return count;
}

}  // namespace labelbeam
