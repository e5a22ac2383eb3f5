#pragma once

#include <limits>

namespace labelbeam::test_support {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace labelbeam::test_support
