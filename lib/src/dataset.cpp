#include <labelbeam/dataset.h>

namespace labelbeam {

std::vector<std::uint64_t> label_counts(const Dataset& data) {
  std::vector<std::uint64_t> counts(data.labels.size(), 0);
  for (const Example& row : data.rows) {
    if (!row.labelled) continue;
    for (LabelId label : row.labels) ++counts.at(label);
  }
  return counts;
}

}  // namespace labelbeam
