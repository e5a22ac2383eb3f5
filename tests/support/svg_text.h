#pragma once

#include <regex>
#include <string>

namespace labelbeam::test_support {

/// An SVG in which lines of text that follow one another are one, as a person reads them.
inline std::string unwrapped(const std::string& svg) {
  return std::regex_replace(svg, std::regex("</text>\\s*<text class=\"quiet\"[^>]*>"), " ");
}

}  // namespace labelbeam::test_support
