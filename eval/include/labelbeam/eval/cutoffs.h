#pragma once

#include <cstddef>
#include <vector>

namespace labelbeam::eval {

/// The k that metrics "at k" are given for by default: 1, 3, 5.
std::vector<std::size_t> standard_cutoffs();

}  // namespace labelbeam::eval
