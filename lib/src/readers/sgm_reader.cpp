#include "readers/sgm_reader.h"

#include <fmt/format.h>
#include <labelbeam/error.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "readers/companion_file.h"
#include "readers/file_format.h"
#include "readers/json_line.h"
#include "readers/utf8_check.h"

namespace labelbeam {

namespace fs = std::filesystem;

std::string find_sgm_labels(const std::string& path) {
  const std::optional<std::string> stem = without_suffix(path, kSgmTexts);
  if (!stem) {
    throw DataError(path == "-" ? "standard input" : path, 0,
                    "the SGM format is two files, NAME.src and NAME.tgt: give NAME.src");
  }
  const std::string plain = *stem + std::string(kSgmLabels);
  const std::string_view compression =
      std::string_view(path).substr(without_compression(path).size());
  std::error_code ignored;
  if (fs::exists(plain + std::string(compression), ignored))
    return plain + std::string(compression);
  for (const std::string_view suffix : kCompressionSuffixes) {
    if (fs::exists(plain + std::string(suffix), ignored)) return plain + std::string(suffix);
  }
  return plain;
}

SgmReader::SgmReader(const std::string& path) : texts_(path), labels_(find_sgm_labels(path)) {}

bool SgmReader::next(Row& row) {
  const bool has_text = texts_.next(line_);
  const bool has_labels = labels_.next(labels_line_);
  if (!has_text && !has_labels) return false;
  if (has_text != has_labels) {
    const LineReader& longer = has_text ? texts_ : labels_;
    const LineReader& shorter = has_text ? labels_ : texts_;
    throw DataError(shorter.name(), shorter.line_number() + 1,
                    fmt::format("the file ends here, but {} goes on", longer.name()));
  }
  const LinePlace place{labels_.name(), labels_.line_number()};
  check_text_line(line_, texts_.name(), texts_.line_number());
  check_text_line(labels_line_, place.file, place.line);
  row = Row{};
  row.line = texts_.line_number();
  row.id = std::to_string(row.line);
  row.text = line_;
  for (std::size_t at = 0;;) {
    at = labels_line_.find_first_not_of(" \t", at);
    if (at == std::string::npos) break;
    const std::size_t end = std::min(labels_line_.find_first_of(" \t", at), labels_line_.size());
    row.labels.push_back(labels_line_.substr(at, end - at));
    check_label_name(row.labels.back(), place);
    at = end;
  }
  return true;
}

}  // namespace labelbeam
