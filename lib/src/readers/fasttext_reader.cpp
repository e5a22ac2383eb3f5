#include "readers/fasttext_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "readers/json_line.h"
#include "readers/number_text.h"
#include "readers/utf8_check.h"

namespace labelbeam {

void check_label_prefix(const std::string& prefix) {
  if (!prefix.empty() && prefix.find_first_of(kWordSpaces) == std::string::npos) return;
  throw std::invalid_argument(fmt::format(
      "fastText: the label prefix must be a word without spaces, got {}", shown(prefix)));
}

FasttextReader::FasttextReader(LineReader lines, std::string prefix)
    : lines_(std::move(lines)), prefix_(std::move(prefix)) {
  check_label_prefix(prefix_);
}

bool FasttextReader::next(Row& row) {
  do {
    if (!lines_.next(line_)) return false;
  } while (is_blank(line_));
  const LinePlace place{lines_.name(), lines_.line_number()};
  check_text_line(line_, place.file, place.line);
  row = Row{};
  row.line = place.line;
  row.id = std::to_string(++num_rows_);
  std::string& text = row.text.emplace();
  for (std::size_t at = 0; at < line_.size();) {
    const std::size_t start = std::min(line_.find_first_not_of(kWordSpaces, at), line_.size());
    const std::size_t end = std::min(line_.find_first_of(kWordSpaces, start), line_.size());
    const std::string_view word = std::string_view(line_).substr(start, end - start);
    const bool is_label = word.starts_with(prefix_);
    text.append(line_, at, (is_label ? start : end) - at);
    at = end;
    if (!is_label) continue;
    row.labels.emplace_back(word.substr(prefix_.size()));
    check_label_name(row.labels.back(), place);
    if (at < line_.size()) {
      ++at;  // the space that separates the label from what follows
    } else if (!text.empty()) {
      text.pop_back();  // or from what it follows
    }
  }
  return true;
}

}  // namespace labelbeam
