#include "readers/sparse_reader.h"

#include <fmt/format.h>
#include <labelbeam/error.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "readers/json_line.h"
#include "readers/number_text.h"
#include "readers/utf8_check.h"

namespace labelbeam {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::uint64_t kMaxFeatures = std::uint64_t{1} << 32;  // indices have 32 bits

/// Cuts the next word off; empty at the end.
std::string_view next_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
  const std::string_view word = rest.substr(0, rest.find_first_of(kBlanks));
  rest.remove_prefix(word.size());
  return word;
}

}  // namespace

bool SparseLines::next_line(std::string& line) {
  do {
    if (!lines_.next(line)) return false;
  } while (line.empty());
  check_text_line(line, lines_.name(), lines_.line_number());
  return true;
}

void SparseLines::parse(std::string_view line, std::uint64_t first_index,
                        std::uint64_t num_features, Row& row,
                        std::vector<std::string_view>& labels) const {
  const LinePlace place{name(), line_number()};
  row = Row{};
  row.line = place.line;
  labels.clear();
  std::string_view rest = line;
  const std::string_view first = rest.substr(0, rest.find_first_of(kBlanks));
  rest.remove_prefix(first.size());
  if (first.find(':') != std::string_view::npos) {
    place.fail(fmt::format(
        "the row starts with the feature {}: a row without labels must start with a space",
        shown(first)));
  }
  for (std::string_view left = first; !first.empty();) {
    const std::size_t comma = left.find(',');
    labels.push_back(left.substr(0, comma));
    if (labels.back().empty()) {
      place.fail(fmt::format("a label between the commas of {} is empty", shown(first)));
    }
    if (comma == std::string_view::npos) break;
    left.remove_prefix(comma + 1);
  }
  for (std::string_view word = next_word(rest); !word.empty(); word = next_word(rest)) {
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos) {
      place.fail(fmt::format("{} must be a feature, INDEX:VALUE", shown(word)));
    }
    const std::optional<std::uint64_t> index = whole_number(word.substr(0, colon));
    if (!index || *index < first_index || *index - first_index >= num_features) {
      place.fail(
          fmt::format("the feature index of {} is not a whole number of at least {} and below {}",
                      shown(word), first_index, first_index + num_features));
    }
    const auto column = static_cast<std::uint32_t>(*index - first_index);
    if (!row.sparse.indices.empty() && column <= row.sparse.indices.back()) {
      place.fail(fmt::format("the feature index {} is not greater than the one before it", *index));
    }
    row.sparse.values.push_back(feature_value(word.substr(colon + 1), place));
    row.sparse.indices.push_back(column);
  }
}

bool LibsvmReader::next(Row& row) {
  if (!lines_.next_line(line_)) return false;
  lines_.parse(line_, 1, kMaxFeatures, row, labels_);
  row.id = std::to_string(++num_rows_);
  for (const std::string_view label : labels_) {
    if (!whole_number(label)) {
      LinePlace{name(), row.line}.fail(
          fmt::format("the label {} is not a whole number", shown(label)));
    }
    row.labels.emplace_back(label);
  }
  return true;
}

XmcReader::XmcReader(LineReader lines, const std::optional<std::string>& names_file)
    : lines_(std::move(lines)) {
  read_header();
  if (names_file) read_names(*names_file);
}

void XmcReader::read_header() {
  if (!lines_.next_line(line_)) throw DataError(name(), 0, "is empty: it has no header");
  header_line_ = lines_.line_number();
  const LinePlace place{name(), header_line_};
  std::string_view rest = line_;
  std::vector<std::uint64_t> numbers;
  for (std::string_view word = next_word(rest); !word.empty(); word = next_word(rest)) {
    const std::optional<std::uint64_t> number = whole_number(word);
    if (!number || numbers.size() == 3) {
      place.fail(fmt::format("the header must be the numbers of rows, features and labels, got {}",
                             shown(line_)));
    }
    numbers.push_back(*number);
  }
  if (numbers.size() != 3) {
    place.fail(fmt::format("the header must be the numbers of rows, features and labels, got {}",
                           shown(line_)));
  }
  num_rows_ = numbers[0];
  num_features_ = numbers[1];
  num_labels_ = numbers[2];
  if (num_features_ > kMaxFeatures) {
    place.fail(fmt::format("the header says {} features, the limit is 2^32", num_features_));
  }
  if (num_labels_ > kMaxLabels) {
    place.fail(fmt::format("the header says {} labels, the limit is {}", num_labels_, kMaxLabels));
  }
}

void XmcReader::read_names(const std::string& file) {
  LineReader lines(file);
  std::unordered_set<std::string> seen;
  std::string line;
  while (lines.next(line)) {
    const LinePlace place{lines.name(), lines.line_number()};
    check_text_line(line, place.file, place.line);
    check_label_name(line, place);
    if (!seen.insert(line).second) place.fail(fmt::format("the label {} is repeated", shown(line)));
    if (names_.size() == num_labels_) {
      place.fail(fmt::format("there are more names than the {} labels of {}", num_labels_, name()));
    }
    names_.push_back(line);
  }
  if (names_.size() == num_labels_) return;
  throw DataError(
      lines.name(), lines.line_number(),
      fmt::format("there are {} names, but {} has {} labels", names_.size(), name(), num_labels_));
}

bool XmcReader::next(Row& row) {
  if (!lines_.next_line(line_)) {
    if (rows_read_ == num_rows_) return false;
    throw DataError(
        name(), header_line_,
        fmt::format("the header says {} rows, but there are {}", num_rows_, rows_read_));
  }
  const LinePlace place{name(), lines_.line_number()};
  if (rows_read_ == num_rows_) {
    place.fail(fmt::format("there are more rows than the {} that the header says", num_rows_));
  }
  lines_.parse(line_, 0, num_features_, row, labels_);
  row.id = std::to_string(++rows_read_);
  for (const std::string_view label : labels_) {
    const std::optional<std::uint64_t> id = whole_number(label);
    if (!id || *id >= num_labels_) {
      place.fail(
          fmt::format("the label {} is not a whole number below {}", shown(label), num_labels_));
    }
    row.labels.push_back(names_.empty() ? std::to_string(*id)
                                        : names_[static_cast<std::size_t>(*id)]);
  }
  return true;
}

}  // namespace labelbeam
