#include "writers/row_parts.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "readers/fasttext_reader.h"
#include "readers/number_text.h"
#include "readers/utf8_check.h"

namespace labelbeam {

namespace fs = std::filesystem;

void refuse(const Example& row, const std::string& reason) {
  throw std::invalid_argument(fmt::format("write_dataset: row \"{}\": {}", row.id, reason));
}

std::vector<std::string> names_of(const Example& row, const LabelVocab& labels) {
  std::vector<std::string> names;
  for (const LabelId label : row.labels) names.push_back(labels.name(label));
  return names;
}

void refuse_features(const Example& row, std::string_view format) {
  if (row.dense.empty() && row.sparse.indices.empty()) return;
  refuse(row, fmt::format("{} carries no features; write .jsonl instead", format));
}

void refuse_text(const Example& row, std::string_view format) {
  if (!row.text) return;
  refuse(row, fmt::format("{} carries no texts; write .jsonl instead", format));
}

void refuse_unlabelled(const Example& row, std::string_view format) {
  if (row.labelled) return;
  refuse(row, fmt::format("{} cannot tell a row whose labels are not known from one without labels",
                          format));
}

bool is_broken_text(std::string_view text) {
  return find_broken_utf8(text) != std::string_view::npos ||
         text.find('\0') != std::string_view::npos;
}

void refuse_broken_text(std::string_view text, const Example& row) {
  if (is_broken_text(text)) refuse(row, "a field is not UTF-8 or holds a zero byte");
}

const std::string& text_line(const Example& row, std::string_view format) {
  if (!row.text) refuse(row, fmt::format("{} needs a text", format));
  refuse_broken_text(*row.text, row);
  if (row.text->find_first_of("\r\n") != std::string::npos) {
    refuse(row, fmt::format("{} cannot carry the line break in {}", format, shown(*row.text)));
  }
  return *row.text;
}

const std::string& label_word(const std::string& name, const Example& row,
                              std::string_view format) {
  refuse_broken_text(name, row);
  if (name.find_first_of(kWordSpaces) != std::string::npos) {
    refuse(row, fmt::format("{} cannot carry the space in the label {}", format, shown(name)));
  }
  return name;
}

std::string feature_text(float value, const Example& row) {
  if (!std::isfinite(value)) refuse(row, fmt::format("a feature is {}", value));
  return fmt::format("{}", value);
}

std::vector<std::pair<std::uint32_t, float>> sparse_features(const Example& row) {
  std::vector<std::pair<std::uint32_t, float>> features;
  if (!row.dense.empty() && !row.sparse.indices.empty()) {
    refuse(row, "a file carries dense or sparse features, not both");
  }
  for (std::size_t i = 0; i < row.dense.size(); ++i) {
    if (row.dense[i] != 0.0f) features.emplace_back(static_cast<std::uint32_t>(i), row.dense[i]);
  }
  for (std::size_t i = 0; i < row.sparse.indices.size(); ++i) {
    features.emplace_back(row.sparse.indices[i], row.sparse.values[i]);
  }
  return features;
}

void refuse_same_file(const std::string& path, const std::string& labels_path) {
  // Symbolic links are followed, as OutputFile follows them.
  std::error_code error;
  const fs::path rows = fs::weakly_canonical(path, error);
  const bool same_target = !error && rows == fs::weakly_canonical(labels_path, error) && !error;
  if (path != labels_path && !same_target) return;
  throw std::invalid_argument(fmt::format(
      "write_dataset: the rows and their labels would both be written to {}; give the file of the "
      "rows another name",
      path));
}

void refuse_byte_order_mark(std::string_view first_line, const Example& row) {
  if (!first_line.starts_with("\xef\xbb\xbf")) return;
  refuse(row, "the file would start with a byte order mark, which its readers drop");
}

}  // namespace labelbeam
