#include <fmt/format.h>
#include <labelbeam/input_file.h>
#include <labelbeam/readers/constraints.h>

#include <optional>
#include <vector>

#include "readers/json_line.h"

namespace labelbeam {
namespace {

using nlohmann::json;

class ConstraintReader {
 public:
  ConstraintReader(const std::string& file, const LabelVocab& labels)
      : place_{file == "-" ? "standard input" : file, 0}, labels_(labels) {}

  ConstraintSpec read(const std::string& text) {
    const json content = parse_json_line(text, place_);
    for (const auto& [name, value] : content.items()) read_field(name, value);
    return std::move(spec_);
  }

 private:
  void read_field(const std::string& name, const json& value) {
    if (name == "exclusions") {
      for (const json& group : array(value, "\"exclusions\"")) {
        spec_.exclusions.push_back(some_labels(group, "an exclusion"));
      }
    } else if (name == "implications") {
      for (const json& rule : array(value, "\"implications\"")) {
        spec_.implications.push_back(implication(rule));
      }
    } else if (name == "must") {
      spec_.must = label_set(value, "\"must\"");
    } else if (name == "never") {
      spec_.never = label_set(value, "\"never\"");
    } else if (name == "min_size") {
      spec_.min_size = size(value, "\"min_size\"");
    } else if (name == "max_size") {
      spec_.max_size = size(value, "\"max_size\"");
    } else {
      place_.fail(
          fmt::format("the field {} is not one of \"exclusions\", \"implications\", \"must\", "
                      "\"never\", \"min_size\" and \"max_size\"",
                      json(name).dump()));
    }
  }

  const json& array(const json& value, std::string_view what) const {
    if (value.is_array()) return value;
    place_.fail(fmt::format("{} must be an array, got a JSON {}", what, value.type_name()));
  }

  Implication implication(const json& rule) const {
    const bool fits =
        rule.is_object() && rule.size() == 2 && rule.contains("if") && rule.contains("then");
    if (!fits) place_.fail("an implication must be an object with \"if\" and \"then\" alone");
    return {some_labels(rule["if"], "the \"if\" of an implication"),
            some_labels(rule["then"], "the \"then\" of an implication")};
  }

  LabelSet some_labels(const json& value, std::string_view what) const {
    const LabelSet set = label_set(value, what);
    if (set.empty()) place_.fail(fmt::format("{} has no labels", what));
    return set;
  }

  LabelSet label_set(const json& value, std::string_view what) const {
    LabelSet set;
    for (const json& name : array(value, what)) {
      if (!name.is_string()) {
        place_.fail(
            fmt::format("a label of {} must be a string, got a JSON {}", what, name.type_name()));
      }
      const std::optional<LabelId> label = labels_.find(name.get_ref<const std::string&>());
      if (!label) place_.fail(fmt::format("{} holds the unknown label {}", what, name.dump()));
      if (!set.insert(*label)) {
        place_.fail(fmt::format("{} holds the label {} twice", what, name.dump()));
      }
    }
    return set;
  }

  std::size_t size(const json& value, std::string_view what) const {
    if (!value.is_number_unsigned()) {
      place_.fail(
          fmt::format("{} must be a whole number of at least 0, got {}", what, value.dump()));
    }
    return value.get<std::size_t>();
  }

  LinePlace place_;
  const LabelVocab& labels_;
  ConstraintSpec spec_;
};

}  // namespace

ConstraintSpec read_constraints(const std::string& file, const LabelVocab& labels) {
  return ConstraintReader(file, labels).read(read_all(file, kMaxWholeFileBytes));
}

}  // namespace labelbeam
