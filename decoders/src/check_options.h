#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <stdexcept>
#include <string_view>

namespace labelbeam::decoders {

// Throw `std::invalid_argument` unless an option of a search is in its range.

inline void check_between(std::string_view search, std::string_view name, std::size_t value,
                          std::size_t least, std::size_t most) {
  if (value >= least && value <= most) return;
  throw std::invalid_argument(
      fmt::format("{}: {} must be between {} and {}, got {}", search, name, least, most, value));
}

inline void check_share(std::string_view search, std::string_view name, double value) {
  if (value >= 0.0 && value <= 1.0) return;
  throw std::invalid_argument(
      fmt::format("{}: {} must be between 0 and 1, got {}", search, name, value));
}

/// None, or enough for a standard error.
inline void check_samples(std::string_view search, std::string_view name, std::size_t value,
                          std::size_t most) {
  if (value != 1 && value <= most) return;
  throw std::invalid_argument(
      fmt::format("{}: {} must be 0 or between 2 and {}, got {}", search, name, most, value));
}

}  // namespace labelbeam::decoders
