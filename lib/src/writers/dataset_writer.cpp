#include <fmt/format.h>
#include <labelbeam/output_file.h>
#include <labelbeam/writers/dataset_writer.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "readers/file_format.h"
#include "writers/arff_writer.h"
#include "writers/csv_field.h"
#include "writers/fasttext_writer.h"
#include "writers/json_text.h"
#include "writers/row_parts.h"
#include "writers/sgm_writer.h"
#include "writers/sparse_writer.h"

namespace labelbeam {
namespace {

std::string features_json(const Example& row) {
  std::string json;
  for (const float value : row.dense) {
    json += (json.empty() ? "" : ", ") + json_number(value, "a feature");
  }
  if (!row.dense.empty()) return "[" + json + "]";
  for (std::size_t i = 0; i < row.sparse.indices.size(); ++i) {
    json += fmt::format("{}\"{}\": {}", json.empty() ? "" : ", ", row.sparse.indices[i],
                        json_number(row.sparse.values[i], "a feature"));
  }
  return "{" + json + "}";
}

std::string jsonl_row(const Example& row, const LabelVocab& labels) {
  if (!row.dense.empty() && !row.sparse.indices.empty()) {
    refuse(row, "JSONL carries dense or sparse features, not both");
  }
  std::string line = "{\"id\": " + json_string(row.id, "an id");
  if (row.text) line += ", \"text\": " + json_string(*row.text, "a text");
  if (row.labelled) line += ", \"labels\": " + json_array(names_of(row, labels), "a label");
  if (!row.group.empty()) line += ", \"group\": " + json_string(row.group, "a group");
  if (row.weight != 1.0) line += ", \"weight\": " + json_number(row.weight, "a weight");
  if (!row.dense.empty() || !row.sparse.indices.empty()) {
    line += ", \"features\": " + features_json(row);
  }
  return line + "}\n";
}

void write_jsonl(OutputFile& file, const Dataset& data) {
  for (const Example& row : data.rows) file.write(jsonl_row(row, data.labels));
}

std::string tsv_field(const std::string& text, const Example& row) {
  if (text.find_first_of("\t\r\n") != std::string::npos) {
    refuse(row, fmt::format("a tab-separated file cannot carry the tab or line break in {}",
                            json_string(text.substr(0, 80), "a field")));
  }
  return text;
}

/// Writes CSV and TSV.
class DelimitedWriter {
 public:
  DelimitedWriter(const Dataset& data, bool is_csv, char label_separator)
      : data_(data), is_csv_(is_csv), label_separator_(label_separator) {
    for (const Example& row : data.rows) {
      has_text_ |= row.text.has_value();
      has_group_ |= !row.group.empty();
      has_weight_ |= row.weight != 1.0;
    }
    has_labels_ = data.rows.empty() || data.rows.front().labelled;
  }

  void write(OutputFile& file) const {
    std::vector<std::string> header{"id"};
    if (has_text_) header.push_back("text");
    if (has_labels_) header.push_back("labels");
    if (has_group_) header.push_back("group");
    if (has_weight_) header.push_back("weight");
    file.write(record(header, Example{}));
    for (const Example& row : data_.rows) file.write(record(fields(row), row));
  }

 private:
  std::vector<std::string> fields(const Example& row) const {
    refuse_features(row, is_csv_ ? "CSV" : "TSV");
    if (row.labelled != has_labels_) {
      refuse(row, "CSV and TSV do not carry labelled and unlabelled rows together");
    }
    if (row.text.has_value() != has_text_) {
      refuse(row, "CSV and TSV do not carry rows with and without a text together");
    }
    std::vector<std::string> fields{row.id};
    if (has_text_) fields.push_back(*row.text);
    if (has_labels_) fields.push_back(joined_labels(row));
    if (has_group_) fields.push_back(row.group);
    if (has_weight_) fields.push_back(json_number(row.weight, "a weight"));
    return fields;
  }

  std::string joined_labels(const Example& row) const {
    std::string joined;
    for (const std::string& name : names_of(row, data_.labels)) {
      if (name.find(label_separator_) != std::string::npos) {
        refuse(row, fmt::format("the label {} holds the label separator '{}'; choose another one",
                                json_string(name, "a label"), label_separator_));
      }
      if (!joined.empty()) joined += label_separator_;
      joined += name;
    }
    return joined;
  }

  std::string record(const std::vector<std::string>& fields, const Example& row) const {
    std::string line;
    for (const std::string& field : fields) {
      refuse_broken_text(field, row);
      line += is_csv_ ? csv_field(field) : tsv_field(field, row);
      line += is_csv_ ? ',' : '\t';
    }
    line.back() = '\n';
    return line;
  }

  const Dataset& data_;
  bool is_csv_;
  char label_separator_;
  bool has_text_ = false;
  bool has_labels_ = false;
  bool has_group_ = false;
  bool has_weight_ = false;
};

void write_semeval(OutputFile& file, const Dataset& data) {
  if (data.labels.size() == 0) {
    throw std::invalid_argument("write_dataset: the SemEval format needs at least one label");
  }
  std::string header = "ID\tTweet";
  for (const std::string& label : data.labels.names()) {
    header += '\t';
    header += tsv_field(label, Example{});
  }
  file.write(header + "\n");
  for (const Example& row : data.rows) {
    refuse_features(row, "the SemEval format");
    if (!row.text) refuse(row, "the SemEval format needs a text");
    std::string line = tsv_field(row.id, row) + '\t' + tsv_field(*row.text, row);
    refuse_broken_text(line, row);
    for (LabelId label = 0; label < data.labels.size(); ++label) {
      line += !row.labelled ? "\tNONE" : row.labels.contains(label) ? "\t1" : "\t0";
    }
    file.write(line + "\n");
  }
}

}  // namespace

void write_dataset(const std::string& path, const Dataset& data, const WriteOptions& options) {
  const RowFormat format =
      options.format == RowFormat::automatic ? format_of_name(path) : options.format;
  if (format == RowFormat::automatic) {
    throw std::invalid_argument(
        fmt::format("write_dataset: the name {} does not tell the format: it must end in {}, then "
                    ".gz or .zst to compress",
                    path, kRowSuffixList));
  }
  if (format == RowFormat::sgm) return write_sgm(path, data);
  if (format == RowFormat::mulan) return write_mulan(path, data);
  if (format == RowFormat::meka) return write_meka(path, data);
  if (format == RowFormat::xmc) return write_xmc(path, data);
  OutputFile file(path);
  if (format == RowFormat::jsonl) write_jsonl(file, data);
  if (format == RowFormat::semeval) write_semeval(file, data);
  if (format == RowFormat::fasttext) write_fasttext(file, data, options.label_prefix);
  if (format == RowFormat::libsvm) write_libsvm(file, data);
  if (format == RowFormat::csv || format == RowFormat::tsv) {
    DelimitedWriter(data, format == RowFormat::csv, options.label_separator).write(file);
  }
  file.commit();
}

}  // namespace labelbeam
