#pragma once

#include <string>
#include <string_view>

namespace labelbeam {

/// A to Z in lower case; all other bytes, also those of letters beyond ASCII, as they are.
inline std::string lower_ascii(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

inline constexpr std::string_view kAsciiSpaces = " \t\n\r\v\f";

/// Without spaces of ASCII at either end.
inline std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kAsciiSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kAsciiSpaces) - first + 1);
}

}  // namespace labelbeam
