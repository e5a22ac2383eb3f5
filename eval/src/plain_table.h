#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace labelbeam::eval {

/// A table of plain text that writers lay out in their own way. A title "group: name" may be set in
/// two lines.
struct PlainTable {
  std::vector<std::string> titles;
  std::size_t text_columns = 0;  ///< the first ones; the others are numbers
  std::vector<std::vector<std::string>> rows;
};

/// The title with `line_break` between group and name.
inline std::string folded_title(const std::string& title, const std::string& line_break) {
  const std::size_t split = title.find(": ");
  if (split == std::string::npos) return title;
  return title.substr(0, split) + line_break + title.substr(split + 2);
}

}  // namespace labelbeam::eval
