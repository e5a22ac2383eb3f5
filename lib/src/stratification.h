#pragma once

#include <labelbeam/dataset.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace labelbeam {

/// What decides where a row goes: its group, or its id where it has none.
inline const std::string& split_key(const Example& row) {
  return row.group.empty() ? row.id : row.group;
}

/// Iterative stratification of labels, or of labels and pairs; see `assign_parts`. Shares that are
/// no distribution are not noticed.
std::vector<std::size_t> stratify(const Dataset& data, std::span<const double> shares, bool pairs,
                                  std::uint64_t seed);

}  // namespace labelbeam
