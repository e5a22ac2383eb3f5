#include "readers/utf8_check.h"

#include <fmt/format.h>
#include <labelbeam/error.h>
#include <utf8proc.h>

namespace labelbeam {

std::size_t find_broken_utf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  std::size_t at = 0;
  while (at < text.size()) {
    if (bytes[at] < 0x80) {
      ++at;
      continue;
    }
    utf8proc_int32_t code_point = 0;
    const utf8proc_ssize_t size =
        utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &code_point);
    if (size < 1) return at;
    at += static_cast<std::size_t>(size);
  }
  return std::string_view::npos;
}

void check_text_line(std::string_view line, const std::string& file, std::size_t line_number) {
  const char* unit = line_number == 0 ? "file" : "line";
  if (const std::size_t at = find_broken_utf8(line); at != std::string_view::npos) {
    throw DataError(file, line_number, fmt::format("byte {} of the {} is not UTF-8", at + 1, unit));
  }
  if (const std::size_t at = line.find('\0'); at != std::string_view::npos) {
    throw DataError(file, line_number, fmt::format("byte {} of the {} is zero", at + 1, unit));
  }
}

}  // namespace labelbeam
