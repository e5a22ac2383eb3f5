#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/readers/dataset_reader.h>
#include <labelbeam/stable_hash.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <set>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "readers/file_format.h"

namespace labelbeam {
namespace {

namespace fs = std::filesystem;

Example without_labels(Row&& row) {
  Example example;
  example.id = std::move(row.id);
  example.labelled = row.labelled;
  example.text = std::move(row.text);
  example.dense = std::move(row.dense);
  example.sparse = std::move(row.sparse);
  example.group = std::move(row.group);
  example.weight = row.weight;
  return example;
}

/// Checks what no single row can tell.
class RowChecker {
 public:
  explicit RowChecker(const std::string& file) : file_(file) {}

  void check(const Row& row) {
    const auto [first, is_new] = lines_.emplace(row.id, row.line);
    if (!is_new) {
      throw DataError(file_, row.line,
                      fmt::format("the id \"{}\" is repeated; it was first used in line {}", row.id,
                                  first->second));
    }
    if (row.dense.empty()) return;
    if (num_features_ == 0) num_features_ = row.dense.size();
    if (row.dense.size() != num_features_) {
      throw DataError(file_, row.line,
                      fmt::format("the row has {} features, but rows before it have {}",
                                  row.dense.size(), num_features_));
    }
  }

 private:
  const std::string& file_;
  std::unordered_map<std::string, std::size_t> lines_;
  std::size_t num_features_ = 0;
};

LabelId add_label(LabelVocab& vocab, const std::string& name, const std::string& file,
                  std::size_t line) {
  try {
    return vocab.add(name);
  } catch (const std::invalid_argument& error) {
    throw DataError(file, line, error.what());
  }
}

/// Gives labels new ids, so that names are in bytewise order.
void sort_labels(Dataset& data) {
  std::vector<std::string> names = data.labels.names();
  std::sort(names.begin(), names.end());
  const LabelVocab sorted(names);
  std::vector<LabelId> new_id;
  for (const std::string& name : data.labels.names()) new_id.push_back(*sorted.find(name));
  for (Example& row : data.rows) {
    std::vector<LabelId> ids;
    for (const LabelId label : row.labels) ids.push_back(new_id[label]);
    row.labels = LabelSet(ids);
  }
  data.labels = sorted;
}

void keep_sample(std::vector<Example>& rows, std::size_t max_rows) {
  if (max_rows == 0 || rows.size() <= max_rows) return;
  std::vector<std::pair<std::uint64_t, std::size_t>> order;
  for (std::size_t i = 0; i < rows.size(); ++i) order.emplace_back(stable_hash(rows[i].id), i);
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(max_rows);
  std::nth_element(order.begin(), end, order.end());
  std::vector<std::size_t> kept;
  for (auto at = order.begin(); at != end; ++at) kept.push_back(at->second);
  std::sort(kept.begin(), kept.end());
  std::vector<Example> sample;
  for (const std::size_t i : kept) sample.push_back(std::move(rows[i]));
  rows = std::move(sample);
}

void refuse_no_rows(const Dataset& data, const std::string& file) {
  if (data.rows.empty()) throw DataError(file, 0, "is empty: it has no rows");
}

std::vector<std::string> files_of_split(const std::string& folder, const std::string& split) {
  std::vector<std::string> files;
  for (const auto& [suffix, format] : kRowSuffixes) {
    for (const std::string_view compression :
         {std::string_view(), kCompressionSuffixes[0], kCompressionSuffixes[1],
          kCompressionSuffixes[2], kCompressionSuffixes[3], kCompressionSuffixes[4]}) {
      const fs::path path = fs::path(folder) / fmt::format("{}{}{}", split, suffix, compression);
      std::error_code ignored;
      if (fs::exists(path, ignored)) files.push_back(path.string());
    }
  }
  return files;
}

}  // namespace

Dataset read_dataset(const std::string& path, const ReadOptions& options, std::size_t max_rows) {
  const std::unique_ptr<RowReader> reader = open_rows(path, options);
  const std::string& file = reader->name();
  Dataset data;
  data.num_features = reader->num_features();
  for (const std::string& label : reader->header_labels()) add_label(data.labels, label, file, 1);
  RowChecker checker(file);
  Row row;
  while (reader->next(row)) {
    checker.check(row);
    std::vector<LabelId> ids;
    for (const std::string& name : row.labels) {
      ids.push_back(add_label(data.labels, name, file, row.line));
    }
    data.rows.push_back(without_labels(std::move(row)));
    data.rows.back().labels = LabelSet(ids);
  }
  refuse_no_rows(data, file);
  sort_labels(data);
  keep_sample(data.rows, max_rows);
  return data;
}

DatasetWithUnknowns read_dataset(const std::string& path, const ReadOptions& options,
                                 const LabelVocab& labels, UnknownLabels unknown_labels,
                                 std::size_t max_rows) {
  const std::unique_ptr<RowReader> reader = open_rows(path, options);
  const std::string& file = reader->name();
  DatasetWithUnknowns read{{labels, {}, reader->num_features()}, {}};
  Dataset& data = read.data;
  std::set<std::string> unknown;
  RowChecker checker(file);
  Row row;
  while (reader->next(row)) {
    checker.check(row);
    LabelSet set;
    bool has_unknown = false;
    for (const std::string& name : row.labels) {
      std::optional<LabelId> label = data.labels.find(name);
      if (!label || *label >= labels.size()) {
        if (unknown_labels == UnknownLabels::error) {
          throw DataError(file, row.line,
                          fmt::format("the label \"{}\" is not among the {} known labels", name,
                                      labels.size()));
        }
        ++read.unknown.occurrences;
        has_unknown = true;
        unknown.insert(name);
        if (unknown_labels == UnknownLabels::miss) {
          label = add_label(data.labels, name, file, row.line);
        }
      }
      if (label) set.insert(*label);
    }
    read.unknown.rows += has_unknown ? 1 : 0;
    data.rows.push_back(without_labels(std::move(row)));
    data.rows.back().labels = std::move(set);
  }
  refuse_no_rows(data, file);
  read.unknown.labels.assign(unknown.begin(), unknown.end());
  keep_sample(data.rows, max_rows);
  return read;
}

std::string find_split(const std::string& folder, const std::string& split) {
  std::error_code ignored;
  if (!fs::exists(folder, ignored)) throw MissingFileError(folder, "there is no such folder");
  if (!fs::is_directory(folder, ignored)) {
    throw MissingFileError(folder, "is a file, not a folder");
  }
  std::vector<std::string> files = files_of_split(folder, split);
  if (split == "valid") {
    for (std::string& file : files_of_split(folder, "dev")) files.push_back(std::move(file));
  }
  if (files.empty()) {
    throw MissingFileError(
        folder, fmt::format("has no {0} file ({0}{1}, compressed or not{2})", split, kRowSuffixList,
                            split == "valid" ? "; dev will do for valid" : ""));
  }
  if (files.size() > 1) {
    throw DataError(
        folder, 0,
        fmt::format("has two {} files, {} and {}: which one is meant?", split, files[0], files[1]));
  }
  return files.front();
}

DataFolder read_data_folder(const std::string& folder, const DataFolderOptions& options) {
  const std::string train = find_split(folder, "train");
  const std::string valid = find_split(folder, "valid");
  const std::string test = find_split(folder, "test");
  DataFolder data;
  data.train = read_dataset(train, options.read, options.max_train_rows);
  const auto read_split = [&](const std::string& path, std::size_t max_rows) {
    return read_dataset(path, options.read, data.train.labels, options.unknown_labels, max_rows);
  };
  DatasetWithUnknowns read_valid = read_split(valid, options.max_valid_rows);
  DatasetWithUnknowns read_test = read_split(test, options.max_test_rows);
  data.valid = std::move(read_valid.data);
  data.test = std::move(read_test.data);
  data.valid_unknown = std::move(read_valid.unknown);
  data.test_unknown = std::move(read_test.unknown);
  return data;
}

}  // namespace labelbeam
