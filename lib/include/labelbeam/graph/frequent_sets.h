#pragma once

#include <labelbeam/label_set.h>

#include <cstddef>
#include <span>
#include <vector>

namespace labelbeam {

/// Labels that occur together.
struct FrequentSet {
  LabelSet labels;
  std::size_t count = 0;  ///< sets that hold all of them

  bool operator==(const FrequentSet&) const = default;
};

struct FrequentSetOptions {
  std::size_t min_support = 10;  ///< least count, at least 1
  std::size_t min_size = 2;      ///< fewest labels, at least 1
  std::size_t max_size = 8;      ///< most labels, at least `min_size`
  std::size_t limit = 1000000;   ///< `std::length_error` where there are more such sets
};

/// All sets of labels that are together in at least `min_support` of the sets, most frequent first,
/// ties by the sets' own order: Eclat (Zaki 2000), which intersects the row lists of labels.
/// Throws `std::invalid_argument` for options out of range.
std::vector<FrequentSet> frequent_label_sets(std::span<const LabelSet> sets,
                                             const FrequentSetOptions& options = {});

}  // namespace labelbeam
