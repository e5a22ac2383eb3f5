#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace labelbeam {

/// The position of the first byte that is not valid UTF-8; npos where all of it is.
std::size_t find_broken_utf8(std::string_view text);

/// Throws `DataError` where a line (number 0: a whole file) is not valid UTF-8 or holds a zero
/// byte.
void check_text_line(std::string_view line, const std::string& file, std::size_t line_number);

}  // namespace labelbeam
