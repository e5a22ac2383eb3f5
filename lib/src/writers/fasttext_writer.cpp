#include "writers/fasttext_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "readers/fasttext_reader.h"
#include "readers/json_line.h"
#include "readers/number_text.h"
#include "writers/row_parts.h"

namespace labelbeam {
namespace {

constexpr std::string_view kFastTextFormat = "the fastText format";

/// A word of the text that starts as labels do would come back as one.
void refuse_label_in_text(const std::string& text, const std::string& prefix, const Example& row) {
  for (std::size_t at = text.find(prefix); at != std::string::npos;
       at = text.find(prefix, at + 1)) {
    if (at > 0 && kWordSpaces.find(text[at - 1]) == std::string_view::npos) continue;
    refuse(row, fmt::format("a word of the text starts with {}, as labels do", shown(prefix)));
  }
}

}  // namespace

void write_fasttext(OutputFile& file, const Dataset& data, const std::string& prefix) {
  check_label_prefix(prefix);
  bool is_first = true;
  for (const Example& row : data.rows) {
    refuse_features(row, kFastTextFormat);
    refuse_unlabelled(row, kFastTextFormat);
    std::string line;
    for (const std::string& name : names_of(row, data.labels)) {
      line += prefix + label_word(name, row, kFastTextFormat) + ' ';
    }
    const std::string& text = text_line(row, kFastTextFormat);
    refuse_label_in_text(text, prefix, row);
    line += text;
    if (is_blank(line)) refuse(row, "a row without labels and words would be a blank line");
    if (is_first) refuse_byte_order_mark(line, row);
    is_first = false;
    file.write(line + '\n');
  }
}

}  // namespace labelbeam
