#include "cutoffs.h"

#include <fmt/format.h>
#include <labelbeam/eval/compensated_sum.h>

#include <cmath>
#include <stdexcept>

namespace labelbeam::eval {

// Here and not where it is the default: inlined, the list sets off a false alarm of GCC 12
// (-Wdangling-pointer) in the code of users.
std::vector<std::size_t> standard_cutoffs() { return {1, 3, 5}; }

void check_cutoffs(std::string_view who, std::span<const std::size_t> cutoffs) {
  std::size_t last = 0;
  for (const std::size_t k : cutoffs) {
    if (k <= last) {
      throw std::invalid_argument(
          fmt::format("{}: the cutoffs must rise from at least 1, got {} after {}", who, k, last));
    }
    last = k;
  }
}

std::vector<double> discount_sums(std::size_t n) {
  std::vector<double> sums = {0.0};
  CompensatedSum sum;
  for (std::size_t rank = 1; rank <= n; ++rank) {
    sum.add(1.0 / std::log2(1.0 + static_cast<double>(rank)));
    sums.push_back(sum.value());
  }
  return sums;
}

}  // namespace labelbeam::eval
