#include <fmt/format.h>
#include <labelbeam/output_file.h>
#include <labelbeam/writers/constraints.h>

#include <vector>

#include "writers/json_text.h"

namespace labelbeam {
namespace {

std::string names_of(const LabelSet& set, const LabelVocab& labels) {
  std::vector<std::string> names;
  for (LabelId label : set) names.push_back(labels.name(label));
  return json_array(names, "a label");
}

/// A JSON array with one entry a line.
std::string lines_of(const std::vector<std::string>& entries) {
  std::string text;
  for (const std::string& entry : entries) text += (text.empty() ? "\n    " : ",\n    ") + entry;
  return text.empty() ? "[]" : "[" + text + "\n  ]";
}

}  // namespace

std::string to_json(const ConstraintSpec& spec, const LabelVocab& labels) {
  std::vector<std::string> exclusions;
  for (const LabelSet& group : spec.exclusions) exclusions.push_back(names_of(group, labels));
  std::vector<std::string> implications;
  for (const Implication& rule : spec.implications) {
    implications.push_back("{\"if\": " + names_of(rule.if_all, labels) +
                           ", \"then\": " + names_of(rule.then_all, labels) + "}");
  }
  std::string text = "{\n  \"exclusions\": " + lines_of(exclusions) +
                     ",\n  \"implications\": " + lines_of(implications) +
                     ",\n  \"must\": " + names_of(spec.must, labels) +
                     ",\n  \"never\": " + names_of(spec.never, labels) +
                     fmt::format(",\n  \"min_size\": {}", spec.min_size);
  if (spec.max_size) text += fmt::format(",\n  \"max_size\": {}", *spec.max_size);
  return text + "\n}\n";
}

void write_constraints(const std::string& path, const ConstraintSpec& spec,
                       const LabelVocab& labels) {
  write_file_atomically(path, to_json(spec, labels));
}

}  // namespace labelbeam
