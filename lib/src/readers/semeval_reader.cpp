#include "readers/semeval_reader.h"

#include <fmt/format.h>
#include <labelbeam/error.h>

#include <utility>

#include "readers/json_line.h"

namespace labelbeam {
namespace {

constexpr std::size_t kFirstLabel = 2;  // behind ID and Tweet
constexpr std::string_view kUnlabelled = "NONE";

}  // namespace

bool is_semeval_header(const std::vector<std::string>& header) {
  return header.size() > kFirstLabel && header[0] == "ID" && header[1] == "Tweet";
}

SemevalReader::SemevalReader(RecordReader records, std::vector<std::string> header)
    : records_(std::move(records)) {
  if (!is_semeval_header(header)) {
    throw DataError(name(), records_.line(),
                    "the header must be ID, Tweet and at least one label, separated by tabs");
  }
  check_header(header, name(), records_.line());
  labels_.assign(header.begin() + kFirstLabel, header.end());
  for (const std::string& label : labels_) check_label_name(label, {name(), records_.line()});
}

bool SemevalReader::next(Row& row) {
  if (!records_.next(fields_)) return false;
  const LinePlace place{name(), records_.line()};
  if (fields_.size() != labels_.size() + kFirstLabel) {
    place.fail(fmt::format("the row has {} fields, but the header has {}", fields_.size(),
                           labels_.size() + kFirstLabel));
  }
  row = Row{};
  row.line = place.line;
  row.id = fields_[0];
  if (row.id.empty()) place.fail("the column \"ID\" is empty");
  row.text = fields_[1];
  row.labelled = fields_[kFirstLabel] != kUnlabelled;
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    const std::string& cell = fields_[i + kFirstLabel];
    const std::optional<bool> value = binary_cell(cell);
    if (value.has_value() != row.labelled || (!value && cell != kUnlabelled)) {
      place.fail(
          fmt::format("the column \"{}\" must be 0 or 1, or every label column NONE, got \"{}\"",
                      labels_[i], cell));
    }
    if (value.value_or(false)) row.labels.push_back(labels_[i]);
  }
  return true;
}

}  // namespace labelbeam
