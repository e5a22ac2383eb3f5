#pragma once

#include <cstddef>
#include <vector>

namespace labelbeam {

/// How scores become a label set: label l is predicted iff score[l] >= values[l].
struct Thresholds {
  std::vector<double> values;  ///< [L]
  bool top1_if_empty = false;  ///< where no label reaches its threshold: the best-scored one

  static Thresholds uniform(std::size_t num_labels, double value, bool top1_if_empty = false) {
    return {std::vector<double>(num_labels, value), top1_if_empty};
  }

  bool operator==(const Thresholds&) const = default;
};

}  // namespace labelbeam
