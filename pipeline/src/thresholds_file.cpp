#include "thresholds_file.h"

#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/input_file.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

namespace labelbeam::pipeline {
namespace {

using nlohmann::json;

class ThresholdsReader {
 public:
  ThresholdsReader(const std::string& file, const LabelVocab& labels)
      : file_(file), labels_(labels), values_(labels.size()) {}

  Thresholds read() {
    const json content = json::parse(read_all(file_, kMaxWholeFileBytes), nullptr, false);
    if (content.is_discarded()) throw DataError(file_, 0, "is not valid JSON");
    if (!content.is_object()) throw DataError(file_, 0, "must hold a JSON object");
    for (const auto& [name, value] : content.items()) read_field(name, value);
    return finish();
  }

 private:
  void read_field(const std::string& name, const json& value) {
    if (name == "thresholds" && value.is_object()) {
      for (const auto& [label, threshold] : value.items()) {
        const double number = read_number(threshold, label);
        if (const std::optional<LabelId> id = labels_.find(label)) values_[*id] = number;
      }
    } else if (name == "default") {
      default_ = read_number(value, name);
    } else if (name == "top1_if_empty" && value.is_boolean()) {
      thresholds_.top1_if_empty = value.get<bool>();
    } else {
      throw DataError(file_, 0,
                      fmt::format("the field \"{}\" is not one of \"thresholds\" (an object), "
                                  "\"default\" (a number) and \"top1_if_empty\" (true or false)",
                                  name));
    }
  }

  double read_number(const json& value, const std::string& name) const {
    if (value.is_number()) return value.get<double>();
    throw DataError(file_, 0,
                    fmt::format("the threshold \"{}\" must be a number, got a JSON {}", name,
                                value.type_name()));
  }

  Thresholds finish() {
    for (std::size_t label = 0; label < values_.size(); ++label) {
      if (!values_[label]) values_[label] = default_;
      if (!values_[label]) {
        throw DataError(file_, 0,
                        fmt::format("has no threshold for the label \"{}\", and no default",
                                    labels_.names()[label]));
      }
      thresholds_.values.push_back(*values_[label]);
    }
    return std::move(thresholds_);
  }

  const std::string& file_;
  const LabelVocab& labels_;
  std::vector<std::optional<double>> values_;
  std::optional<double> default_;
  Thresholds thresholds_;
};

}  // namespace

Thresholds read_thresholds(const std::string& file, const LabelVocab& labels) {
  return ThresholdsReader(file, labels).read();
}

std::string to_json(const Thresholds& thresholds, const LabelVocab& labels) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  nlohmann::ordered_json content;
  auto& values = content["thresholds"] = nlohmann::ordered_json::object();
  for (std::size_t label = 0; label < labels.size(); ++label) {
    values[labels.names()[label]] = std::clamp(thresholds.values[label], -kLargest, kLargest);
  }
  content["top1_if_empty"] = thresholds.top1_if_empty;
  return content.dump(2) + '\n';
}

}  // namespace labelbeam::pipeline
