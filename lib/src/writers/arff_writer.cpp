#include "writers/arff_writer.h"

#include <fmt/format.h>
#include <labelbeam/output_file.h>

#include <cmath>
#include <set>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "readers/arff_reader.h"
#include "readers/companion_file.h"
#include "readers/number_text.h"
#include "writers/row_parts.h"

namespace labelbeam {
namespace {

constexpr std::size_t kMaxAttributes = std::size_t{1} << 20;  // each is a line of the header

[[noreturn]] void refuse_label(const std::string& name, std::string_view reason) {
  throw std::invalid_argument(fmt::format("write_dataset: the label {} {}", shown(name), reason));
}

std::string arff_word(std::string_view text) {
  std::string word = "'";
  for (const char c : text) {
    switch (c) {
      case '\n':
        word += "\\n";
        break;
      case '\r':
        word += "\\r";
        break;
      case '\t':
        word += "\\t";
        break;
      case '\'':
      case '"':
      case '\\':
      case '%':
        word += '\\';
        [[fallthrough]];
      default:
        word += c;
    }
  }
  return word + "'";
}

std::string xml_attribute(const std::string& name) {
  std::string value;
  for (const char c : name) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '&' || c == '<' || c == '>' || c == '"' || code < ' ') {
      if (code < ' ' && c != '\t' && c != '\n' && c != '\r') {
        refuse_label(name, "holds a control character, which XML cannot carry");
      }
      value += fmt::format("&#{};", static_cast<unsigned>(code));
    } else {
      value += c;
    }
  }
  return value;
}

std::string xml_labels(const LabelVocab& labels) {
  std::string xml =
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
      "<labels xmlns=\"http://mulan.sourceforge.net/labels\">\n";
  for (const std::string& name : labels.names()) {
    xml += fmt::format("<label name=\"{}\"></label>\n", xml_attribute(name));
  }
  return xml + "</labels>\n";
}

/// A start for the names of features that no label has: feature_ with as many _ before as it needs.
std::string free_feature_prefix(const LabelVocab& labels) {
  constexpr std::string_view kPrefix = "feature_";
  std::set<std::size_t> taken;  // numbers of _ before it in the labels' names
  for (const std::string& name : labels.names()) {
    const std::size_t start = name.find_first_not_of('_');
    if (start != std::string::npos && std::string_view(name).substr(start).starts_with(kPrefix)) {
      taken.insert(start);
    }
  }
  std::size_t underscores = 0;
  while (taken.contains(underscores)) ++underscores;
  return std::string(underscores, '_') + std::string(kPrefix);
}

/// Attributes: strings, then features and labels, or labels first.
class ArffWriter {
 public:
  ArffWriter(const Dataset& data, bool labels_first)
      : data_(data),
        labels_first_(labels_first),
        num_features_(feature_count(data)),
        feature_prefix_(free_feature_prefix(data.labels)) {
    for (std::size_t i = 0; i < data.rows.size(); ++i) {
      const Example& row = data.rows[i];
      has_id_ |= row.id != std::to_string(i + 1);
      has_text_ |= row.text.has_value();
      has_group_ |= !row.group.empty();
    }
    if (data.labels.size() == 0) {
      throw std::invalid_argument("write_dataset: an ARFF file needs at least one label");
    }
    for (const std::string& name : data.labels.names()) {
      if (is_broken_text(name)) {
        refuse_label(name, "is not UTF-8 or holds a zero byte");
      }
      if ((has_id_ && name == "id") || (has_text_ && name == "text") ||
          (has_group_ && name == "group")) {
        refuse_label(name, "has the name that the attribute for the rows' own must have");
      }
    }
    const std::size_t num_attributes =
        std::size_t{has_id_} + has_text_ + has_group_ + num_features_ + data.labels.size();
    if (num_attributes > kMaxAttributes) {
      throw std::invalid_argument(
          fmt::format("write_dataset: the rows need {} attributes, each a line of the header, but "
                      "an ARFF file is written with at most {}; write .jsonl or .xmc instead",
                      num_attributes, kMaxAttributes));
    }
  }

  void write(OutputFile& file) const {
    const std::size_t num_labels = data_.labels.size();
    file.write(labels_first_ ? fmt::format("@relation 'labelbeam: -C {}'\n\n", num_labels)
                             : "@relation labelbeam\n\n");
    if (labels_first_) declare_labels(file);
    if (has_id_) file.write("@attribute id string\n");
    if (has_text_) file.write("@attribute text string\n");
    if (has_group_) file.write("@attribute group string\n");
    for (std::size_t i = 0; i < num_features_; ++i) {
      file.write(fmt::format("@attribute {}{} numeric\n", feature_prefix_, i));
    }
    if (!labels_first_) declare_labels(file);
    file.write("\n@data\n");
    for (const Example& row : data_.rows) file.write(line(row));
  }

 private:
  using Values = std::vector<std::pair<std::size_t, std::string>>;  // by attribute, ascending

  void declare_labels(OutputFile& file) const {
    for (const std::string& name : data_.labels.names()) {
      file.write(fmt::format("@attribute {} {{0,1}}\n", arff_word(name)));
    }
  }

  std::string line(const Example& row) const {
    if (row.id.empty()) refuse(row, "a row needs an id");
    for (const std::string* text : {&row.id, &row.group}) refuse_broken_text(*text, row);
    if (row.text) refuse_broken_text(*row.text, row);
    const bool is_sparse = row.dense.size() != num_features_;
    if (is_sparse && !row.dense.empty()) {
      refuse(row, fmt::format("the row has {} features, but there are {}", row.dense.size(),
                              num_features_));
    }
    const Values values = values_of(row, is_sparse);
    std::string line;
    for (const auto& [attribute, value] : values) {
      if (!line.empty()) line += ',';
      if (is_sparse) line += fmt::format("{} ", attribute);
      line += value;
    }
    if (is_sparse) line = "{" + line + "}";
    if (row.weight != 1.0) {
      if (!std::isfinite(row.weight) || row.weight < 0.0) {
        refuse(row, fmt::format("the weight is {}", row.weight));
      }
      line += fmt::format(",{{{}}}", row.weight);
    }
    return line + '\n';
  }

  Values values_of(const Example& row, bool is_sparse) const {
    Values values;
    std::size_t next = 0;
    if (labels_first_) add_labels(row, is_sparse, next, values);
    if (has_id_) values.emplace_back(next++, arff_word(row.id));
    if (has_text_) values.emplace_back(next++, row.text ? arff_word(*row.text) : "?");
    if (has_group_) values.emplace_back(next++, arff_word(row.group));
    if (is_sparse) {
      for (const auto& [index, value] : sparse_features(row)) {
        values.emplace_back(next + index, feature_text(value, row));
      }
    } else {
      if (!row.sparse.indices.empty())
        refuse(row, "ARFF carries dense or sparse features, not both");
      for (std::size_t i = 0; i < row.dense.size(); ++i) {
        values.emplace_back(next + i, feature_text(row.dense[i], row));
      }
    }
    next += num_features_;
    if (!labels_first_) add_labels(row, is_sparse, next, values);
    return values;
  }

  void add_labels(const Example& row, bool is_sparse, std::size_t& next, Values& values) const {
    for (LabelId label = 0; label < data_.labels.size(); ++label, ++next) {
      const bool is_present = row.labels.contains(label);
      if (is_sparse && row.labelled && !is_present) continue;
      values.emplace_back(next, !row.labelled ? "?" : is_present ? "1" : "0");
    }
  }

  const Dataset& data_;
  bool labels_first_;
  std::size_t num_features_;
  std::string feature_prefix_;
  bool has_id_ = false;
  bool has_text_ = false;
  bool has_group_ = false;
};

}  // namespace

void write_mulan(const std::string& path, const Dataset& data) {
  const ArffWriter writer(data, false);
  const std::string labels_path = stem_of(path) + std::string(kMulanLabelsSuffix);
  refuse_same_file(path, labels_path);
  OutputFile file(path);
  OutputFile labels(labels_path);
  labels.write(xml_labels(data.labels));
  writer.write(file);
  labels.commit();
  file.commit();
}

void write_meka(const std::string& path, const Dataset& data) {
  const ArffWriter writer(data, true);
  OutputFile file(path);
  writer.write(file);
  file.commit();
}

}  // namespace labelbeam
