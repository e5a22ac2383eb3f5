#pragma once

#include <labelbeam/dataset.h>

#include <cstdint>

namespace labelbeam {

/// How rows are shared out.
struct SplitOptions {
  double train = 0.8;      ///< share of the groups, at least 0; the three sum to 1
  double valid = 0.1;      ///< share of the groups, at least 0
  double test = 0.1;       ///< share of the groups, at least 0
  std::uint64_t seed = 0;  ///< another seed, another split
};

/// Three parts of a data set with one vocabulary; rows keep their order.
struct SplitDataset {
  Dataset train;
  Dataset valid;
  Dataset test;
};

/// Shares rows out by a hash of their group, or of their id where they have none.
///
/// Where a row goes depends on nothing but its group (or id), the shares and the seed: adding rows
/// moves no other row. The shares are therefore met in expectation only, and a part of a small data
/// set can be empty. Throws `std::invalid_argument` unless the shares are probabilities.
SplitDataset split_by_group(const Dataset& data, const SplitOptions& options = {});

}  // namespace labelbeam
