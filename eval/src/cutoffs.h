#pragma once

#include <labelbeam/eval/cutoffs.h>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace labelbeam::eval {

/// Throws `std::invalid_argument` unless the cutoffs rise from at least 1.
void check_cutoffs(std::string_view who, std::span<const std::size_t> cutoffs);

/// [n + 1]: sums of the first 0 .. n of the discounts 1 / log2(1 + rank).
std::vector<double> discount_sums(std::size_t n);

}  // namespace labelbeam::eval
