#include "readers/file_format.h"

namespace labelbeam {

std::string_view without_compression(std::string_view path) {
  for (const std::string_view suffix : kCompressionSuffixes) {
    if (path.ends_with(suffix)) return path.substr(0, path.size() - suffix.size());
  }
  return path;
}

RowFormat format_of_name(std::string_view path) {
  const std::string_view name = without_compression(path);
  for (const auto& [suffix, format] : kRowSuffixes) {
    if (name.ends_with(suffix)) return format;
  }
  return RowFormat::automatic;
}

}  // namespace labelbeam
