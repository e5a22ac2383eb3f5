#include "label_names.h"

#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/input_file.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace labelbeam::pipeline {
namespace {

using nlohmann::json;

void add_name(const std::string& name, const std::string& file, std::size_t line,
              LabelVocab& labels) {
  const std::size_t before = labels.size();
  try {
    labels.add(name);
  } catch (const std::invalid_argument& error) {
    throw DataError(file, line, error.what());
  }
  if (labels.size() == before) {
    throw DataError(file, line, fmt::format("the label \"{}\" is repeated", name));
  }
}

LabelVocab names_of_array(const std::string& text, const std::string& file) {
  const json array = json::parse(text, nullptr, false);
  if (!array.is_array()) {
    throw DataError(file, 0, "starts with \"[\" but is not a JSON array of label names");
  }
  LabelVocab labels;
  for (const json& name : array) {
    if (!name.is_string()) {
      throw DataError(file, 0,
                      fmt::format("label names must be strings, got a JSON {}", name.type_name()));
    }
    add_name(name.get<std::string>(), file, 0, labels);
  }
  return labels;
}

LabelVocab names_of_lines(const std::string& file) {
  LabelVocab labels;
  LineReader reader(file);
  std::string line;
  while (reader.next(line)) {
    if (!line.empty()) add_name(line, file, reader.line_number(), labels);
  }
  return labels;
}

}  // namespace

LabelVocab read_label_names(const std::string& file) {
  const std::string text = read_all(file, kMaxWholeFileBytes);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  LabelVocab labels = first != std::string::npos && text[first] == '[' ? names_of_array(text, file)
                                                                       : names_of_lines(file);
  if (labels.size() == 0) throw DataError(file, 0, "holds no label names");
  return labels;
}

void require_labels(const Dataset& data, const std::string& file, const std::string& hint) {
  if (data.labels.size() == 0) throw DataError(file, 0, "no row has a label" + hint);
  const auto is_labelled = [](const Example& row) { return row.labelled; };
  if (std::none_of(data.rows.begin(), data.rows.end(), is_labelled)) {
    throw DataError(file, 0, "no row says anything of its labels" + hint);
  }
}

LabelSet add_label_set(std::span<const std::string> names, LabelVocab& labels) {
  LabelSet set;
  for (const std::string& name : names) set.insert(labels.add(name));
  return set;
}

LabelSet ids_of(std::span<const std::string> names, const LabelVocab& labels) {
  LabelSet set;
  for (const std::string& name : names) set.insert(labels.find(name).value());
  return set;
}

std::vector<std::string> names_of(const LabelSet& set, const LabelVocab& labels) {
  std::vector<std::string> names;
  for (const LabelId label : set) names.push_back(labels.name(label));
  return names;
}

std::string some_of(std::span<const std::string> names) {
  constexpr std::size_t kMost = 3;
  const std::size_t shown = std::min(kMost, names.size());
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    const bool is_last = i + 1 == names.size();
    text += fmt::format("{}\"{}\"", i == 0 ? "" : is_last ? " and " : ", ", names[i]);
  }
  if (names.size() > kMost) text += fmt::format(" and {} more", names.size() - kMost);
  return text;
}

}  // namespace labelbeam::pipeline
