#include "readers/jsonl_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "readers/json_line.h"

namespace labelbeam {
namespace {

using nlohmann::json;

float feature_value(const json& value, const LinePlace& place) {
  const double number = finite_number(value, "a feature", place);
  // The shortest text of the largest float stands for a double that is a little larger.
  constexpr double kRoundsToInfinity = 0x1.ffffffp127;
  constexpr double kLargest = std::numeric_limits<float>::max();
  if (std::abs(number) >= kRoundsToInfinity) {
    place.fail(fmt::format("the feature {} is too large for a float", number));
  }
  return static_cast<float>(std::clamp(number, -kLargest, kLargest));
}

std::uint32_t feature_index(const std::string& key, const LinePlace& place) {
  std::uint32_t index = 0;
  const char* end = key.data() + key.size();
  const auto [stop, error] = std::from_chars(key.data(), end, index);
  if (error != std::errc() || stop != end || (key.size() > 1 && key[0] == '0')) {
    place.fail(
        fmt::format("the feature index {} is not a whole number below 2^32", json(key).dump()));
  }
  return index;
}

void read_features(const json& features, const LinePlace& place, Row& row) {
  if (features.is_array()) {
    row.dense.reserve(features.size());
    for (const json& value : features) row.dense.push_back(feature_value(value, place));
    return;
  }
  if (!features.is_object()) {
    place.fail(fmt::format(
        "\"features\" must be an array of numbers or an object from index to number, got a JSON {}",
        features.type_name()));
  }
  std::vector<std::pair<std::uint32_t, float>> entries;
  entries.reserve(features.size());
  for (const auto& [key, value] : features.items()) {
    entries.emplace_back(feature_index(key, place), feature_value(value, place));
  }
  std::sort(entries.begin(), entries.end());
  for (const auto& [index, value] : entries) {
    row.sparse.indices.push_back(index);
    row.sparse.values.push_back(value);
  }
}

void read_group(const json& group, const LinePlace& place, Row& row) {
  if (!group.is_string() && !group.is_number_integer()) {
    place.fail(fmt::format("\"group\" must be a string or a whole number, got {}", group.dump()));
  }
  row.group = group.is_string() ? group.get<std::string>() : group.dump();
}

}  // namespace

bool JsonlReader::next(Row& row) {
  do {
    if (!lines_.next(line_)) return false;
  } while (is_blank(line_));
  ++num_rows_;
  const LinePlace place{lines_.name(), lines_.line_number()};
  const json object = parse_json_line(line_, place);
  row = Row{};
  row.line = place.line;
  row.id = id_of(object, place);
  if (row.id.empty()) row.id = std::to_string(num_rows_);
  if (const json* text = find_value(object, "text")) {
    if (!text->is_string()) {
      place.fail(fmt::format("\"text\" must be a string, got a JSON {}", text->type_name()));
    }
    row.text = text->get<std::string>();
  }
  const json* labels = find_value(object, "labels");
  row.labelled = labels != nullptr;
  if (labels) row.labels = label_names(*labels, place);
  if (const json* group = find_value(object, "group")) read_group(*group, place, row);
  if (const json* weight = find_value(object, "weight")) {
    row.weight = finite_number(*weight, "\"weight\"", place);
    if (row.weight < 0) place.fail(fmt::format("\"weight\" is negative: {}", row.weight));
  }
  if (const json* features = find_value(object, "features")) read_features(*features, place, row);
  return true;
}

}  // namespace labelbeam
