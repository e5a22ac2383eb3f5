#include "readers/delimited_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <labelbeam/error.h>

#include <algorithm>
#include <set>
#include <utility>

#include "readers/json_line.h"
#include "readers/number_text.h"
#include "readers/utf8_check.h"

namespace labelbeam {
namespace {

void split_at(std::string_view line, char separator, std::vector<std::string>& fields) {
  fields.clear();
  for (;;) {
    const std::size_t at = line.find(separator);
    fields.emplace_back(line.substr(0, at));
    if (at == std::string_view::npos) return;
    line.remove_prefix(at + 1);
  }
}

double weight_cell(const std::string& cell, const LinePlace& place) {
  const std::optional<double> weight = weight_value(cell);
  if (!weight) {
    place.fail(fmt::format("the weight \"{}\" is not a finite number of at least 0", cell));
  }
  return *weight;
}

}  // namespace

bool RecordReader::next_line() {
  if (!lines_.next(line_)) return false;
  check_text_line(line_, lines_.name(), lines_.line_number());
  return true;
}

bool RecordReader::next(std::vector<std::string>& fields) {
  do {
    if (!next_line()) return false;
  } while (line_.empty() || line_ == "\r");
  first_line_ = lines_.line_number();
  if (syntax_ == FieldSyntax::tsv) {
    split_at(line_, '\t', fields);
  } else {
    parse_csv(fields);
  }
  return true;
}

void RecordReader::parse_csv(std::vector<std::string>& fields) {
  fields.clear();
  std::size_t at = 0;
  for (;;) {
    std::string field;
    if (at < line_.size() && line_[at] == '"') {
      parse_quoted_field(++at, field);
    } else {
      const std::size_t comma = std::min(line_.find(',', at), line_.size());
      field = line_.substr(at, comma - at);
      if (comma == line_.size() && field.ends_with('\r')) field.pop_back();
      if (field.find('"') != std::string::npos) {
        throw DataError(name(), lines_.line_number(),
                        "a quote stands inside a field that does not start with one");
      }
      at = comma;
    }
    fields.push_back(std::move(field));
    if (at == line_.size()) return;
    ++at;  // the comma
  }
}

/// `at` stands behind the opening quote; afterwards on a comma or at the end of the line.
void RecordReader::parse_quoted_field(std::size_t& at, std::string& field) {
  for (;;) {
    const std::size_t quote = line_.find('"', at);
    field.append(line_, at, quote - at);
    if (field.size() > kMaxLineBytes) {
      throw DataError(name(), first_line_,
                      fmt::format("a quoted field is longer than {} MiB", kMaxLineBytes >> 20));
    }
    if (quote == std::string::npos) {
      field += '\n';
      if (!next_line()) throw DataError(name(), first_line_, "a quoted field is never closed");
      at = 0;
      continue;
    }
    at = quote + 1;
    if (at == line_.size() || line_[at] != '"') break;
    field += '"';
    ++at;
  }
  if (line_.compare(at, std::string::npos, "\r") == 0) ++at;
  if (at < line_.size() && line_[at] != ',') {
    throw DataError(name(), lines_.line_number(),
                    "text follows the closing quote of a field; a quote inside is written twice");
  }
}

std::optional<bool> binary_cell(std::string_view cell) {
  if (cell == "0") return false;
  if (cell == "1") return true;
  return std::nullopt;
}

void check_header(const std::vector<std::string>& header, const std::string& file,
                  std::size_t line) {
  std::set<std::string_view> seen;
  for (const std::string& column : header) {
    if (column.empty()) throw DataError(file, line, "a column of the header has no name");
    if (!seen.insert(column).second) {
      throw DataError(file, line, fmt::format("the header names the column \"{}\" twice", column));
    }
  }
}

DelimitedReader::DelimitedReader(RecordReader records, std::vector<std::string> header,
                                 ReadOptions options)
    : records_(std::move(records)), header_(std::move(header)), options_(std::move(options)) {
  check_header(header_, name(), records_.line());
  const ReadOptions defaults;
  id_ = find_column(options_.id_column, defaults.id_column);
  text_ = find_column(options_.text_column, defaults.text_column);
  group_ = find_column(options_.group_column, defaults.group_column);
  weight_ = find_column(options_.weight_column, defaults.weight_column);
  for (const std::string& column : options_.label_columns) {
    label_columns_.push_back(*find_column(column, ""));
  }
  if (label_columns_.empty()) {
    labels_ = find_column(options_.labels_column, defaults.labels_column);
  }
  if (!text_ && !labels_ && label_columns_.empty()) {
    throw DataError(
        name(), records_.line(),
        fmt::format("the header has neither a column \"{}\" nor \"{}\", but \"{}\"",
                    options_.text_column, options_.labels_column, fmt::join(header_, "\", \"")));
  }
}

/// A column that was asked for by another name than the default must be there.
DelimitedReader::Column DelimitedReader::find_column(const std::string& name,
                                                     const std::string& default_name) const {
  const auto at = std::find(header_.begin(), header_.end(), name);
  if (at != header_.end()) return static_cast<std::size_t>(at - header_.begin());
  if (name == default_name) return std::nullopt;
  throw DataError(this->name(), records_.line(),
                  fmt::format("the header has no column \"{}\", but \"{}\"", name,
                              fmt::join(header_, "\", \"")));
}

bool DelimitedReader::next(Row& row) {
  if (!records_.next(fields_)) return false;
  ++num_rows_;
  const LinePlace place{name(), records_.line()};
  if (fields_.size() != header_.size()) {
    place.fail(fmt::format("the row has {} fields, but the header has {}", fields_.size(),
                           header_.size()));
  }
  row = Row{};
  row.line = place.line;
  row.id = id_ ? fields_[*id_] : std::to_string(num_rows_);
  if (row.id.empty()) place.fail(fmt::format("the column \"{}\" is empty", options_.id_column));
  if (text_) row.text = fields_[*text_];
  if (group_) row.group = fields_[*group_];
  if (weight_) row.weight = weight_cell(fields_[*weight_], place);
  read_labels(row);
  return true;
}

void DelimitedReader::read_labels(Row& row) const {
  const LinePlace place{name(), row.line};
  row.labelled = labels_ || !label_columns_.empty();
  if (labels_ && !fields_[*labels_].empty()) {
    split_at(fields_[*labels_], options_.label_separator, row.labels);
    for (const std::string& label : row.labels) check_label_name(label, place);
  }
  for (std::size_t i = 0; i < label_columns_.size(); ++i) {
    const std::string& cell = fields_[label_columns_[i]];
    const std::optional<bool> value = binary_cell(cell);
    if (!value) {
      place.fail(fmt::format("the column \"{}\" must be 0 or 1, got \"{}\"",
                             options_.label_columns[i], cell));
    }
    if (*value) row.labels.push_back(options_.label_columns[i]);
  }
}

}  // namespace labelbeam
