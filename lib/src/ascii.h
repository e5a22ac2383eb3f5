#pragma once

#include <string>

namespace labelbeam {

/// A to Z in lower case; all other bytes, also those of letters beyond ASCII, as they are.
inline std::string lower_ascii(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace labelbeam
