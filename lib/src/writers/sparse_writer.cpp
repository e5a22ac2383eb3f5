#include "writers/sparse_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <string_view>
#include <vector>

#include "readers/companion_file.h"
#include "readers/file_format.h"
#include "readers/number_text.h"
#include "readers/sparse_reader.h"
#include "writers/row_parts.h"

namespace labelbeam {
namespace {

constexpr std::string_view kLibsvm = "the LIBSVM format";
constexpr std::string_view kXmc = "the XMC format";

/// `ids`: sorted.
std::string sparse_line(const Example& row, const std::vector<std::uint64_t>& ids,
                        std::uint64_t first_index) {
  const auto features = sparse_features(row);
  if (features.empty() && ids.empty()) return " \n";
  std::string line = fmt::format("{}", fmt::join(ids, ","));
  for (const auto& [index, value] : features) {
    line += fmt::format(" {}:{}", index + first_index, feature_text(value, row));
  }
  return line + '\n';
}

/// The XMC id of each label.
std::vector<std::uint64_t> xmc_ids(const LabelVocab& labels) {
  std::vector<std::uint64_t> ids;
  for (const std::string& name : labels.names()) {
    const std::optional<std::uint64_t> number = whole_number(name);
    if (!number || *number >= labels.size()) break;
    ids.push_back(*number);
  }
  if (ids.size() == labels.size()) return ids;  // names are distinct, so there is no gap
  ids.resize(labels.size());
  std::iota(ids.begin(), ids.end(), std::uint64_t{0});
  return ids;
}

/// The first row that has a label, for messages; a row without id where there is none.
Example row_with(LabelId label, const Dataset& data) {
  for (const Example& row : data.rows) {
    if (row.labels.contains(label)) return row;
  }
  return Example{};
}

std::string name_lines(const Dataset& data, const std::vector<std::uint64_t>& ids) {
  std::vector<LabelId> labels(ids.size());
  for (std::size_t label = 0; label < ids.size(); ++label) {
    labels[static_cast<std::size_t>(ids[label])] = static_cast<LabelId>(label);
  }
  std::string lines;
  for (const LabelId label : labels) {
    const std::string& name = data.labels.name(label);
    // Rows are searched for the message only: for every label that would take long.
    if (name.find_first_of("\r\n") != std::string::npos) {
      refuse(row_with(label, data),
             fmt::format("{} cannot carry the line break in the label {}", kXmc, shown(name)));
    }
    if (is_broken_text(name)) refuse_broken_text(name, row_with(label, data));
    if (lines.empty()) refuse_byte_order_mark(name, row_with(label, data));
    lines += name;
    lines += '\n';
  }
  return lines;
}

}  // namespace

void write_libsvm(OutputFile& file, const Dataset& data) {
  for (const Example& row : data.rows) {
    refuse_text(row, kLibsvm);
    refuse_unlabelled(row, kLibsvm);
    std::vector<std::uint64_t> ids;
    for (const std::string& name : names_of(row, data.labels)) {
      const std::optional<std::uint64_t> id = whole_number(name);
      if (!id) {
        refuse(row,
               fmt::format("the label {} is not a whole number, which {} needs; XMC keeps names",
                           shown(name), kLibsvm));
      }
      ids.push_back(*id);
    }
    std::sort(ids.begin(), ids.end());
    file.write(sparse_line(row, ids, 1));
  }
}

void write_xmc(const std::string& path, const Dataset& data) {
  const std::vector<std::uint64_t> label_ids = xmc_ids(data.labels);
  const std::string names_path = stem_of(path) + std::string(kLabelNamesSuffix);
  refuse_same_file(path, names_path);
  OutputFile file(path);
  OutputFile names(names_path);
  names.write(name_lines(data, label_ids));
  file.write(fmt::format("{} {} {}\n", data.rows.size(), feature_count(data), data.labels.size()));
  for (const Example& row : data.rows) {
    refuse_text(row, kXmc);
    refuse_unlabelled(row, kXmc);
    std::vector<std::uint64_t> ids;
    for (const LabelId label : row.labels) ids.push_back(label_ids[label]);
    std::sort(ids.begin(), ids.end());
    file.write(sparse_line(row, ids, 0));
  }
  names.commit();
  file.commit();
}

}  // namespace labelbeam
