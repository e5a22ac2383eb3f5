#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/graph/label_graph.h>
#include <labelbeam/pipeline/inspect.h>
#include <labelbeam/tokenizer.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <unordered_map>
#include <unordered_set>

#include "label_names.h"

namespace labelbeam::pipeline {
namespace {

namespace fs = std::filesystem;

using SetCounts = std::unordered_map<LabelSet, std::uint64_t>;

SetCounts count_sets(const Dataset& data) {
  SetCounts counts;
  for (const Example& row : data.rows) {
    if (row.labelled) ++counts[row.labels];
  }
  return counts;
}

std::optional<TextLengths> text_lengths(const Dataset& data) {
  const Tokenizer tokenizer;
  std::vector<std::size_t> lengths;
  double sum = 0.0;
  for (const Example& row : data.rows) {
    if (!row.text) continue;
    lengths.push_back(tokenizer.tokenize(*row.text).size());
    sum += static_cast<double>(lengths.back());
  }
  if (lengths.empty()) return std::nullopt;
  std::sort(lengths.begin(), lengths.end());
  TextLengths result;
  result.texts = lengths.size();
  result.empty = static_cast<std::size_t>(
      std::upper_bound(lengths.begin(), lengths.end(), std::size_t{0}) - lengths.begin());
  result.mean = sum / static_cast<double>(lengths.size());
  result.median = lengths[(lengths.size() - 1) / 2];
  result.percentile_95 = lengths[(lengths.size() - 1) * 95 / 100];
  result.longest = lengths.back();
  return result;
}

std::optional<FeatureStatistics> feature_statistics(const Dataset& data) {
  FeatureStatistics result;
  result.features = feature_count(data);
  std::size_t sum = 0;
  for (const Example& row : data.rows) {
    if (row.dense.empty() && row.sparse.indices.empty()) continue;
    ++(row.dense.empty() ? result.sparse_rows : result.dense_rows);
    const std::vector<float>& values = row.dense.empty() ? row.sparse.values : row.dense;
    const auto zeros = std::count(values.begin(), values.end(), 0.0f);
    const std::size_t nonzero = values.size() - static_cast<std::size_t>(zeros);
    sum += nonzero;
    result.most_nonzero = std::max(result.most_nonzero, nonzero);
  }
  if (result.features == 0) return std::nullopt;
  const std::size_t rows = result.dense_rows + result.sparse_rows;
  if (rows > 0) result.mean_nonzero = static_cast<double>(sum) / static_cast<double>(rows);
  return result;
}

/// `train_sets`: those of train, unless this is train or there is none.
SplitStatistics split_statistics(const std::string& name, const Dataset& data,
                                 const SetCounts* train_sets) {
  SplitStatistics split;
  split.name = name;
  split.rows = data.rows.size();
  std::unordered_set<LabelId> used;
  std::size_t occurrences = 0;
  if (train_sets) split.unseen_sets = 0;
  for (const Example& row : data.rows) {
    if (!row.labelled) {
      ++split.unlabelled;
      continue;
    }
    used.insert(row.labels.begin(), row.labels.end());
    occurrences += row.labels.size();
    split.largest_set = std::max(split.largest_set, row.labels.size());
    split.empty_sets += row.labels.empty() ? 1 : 0;
    if (train_sets && !train_sets->contains(row.labels)) ++*split.unseen_sets;
  }
  split.labels_used = used.size();
  split.distinct_sets = count_sets(data).size();
  const std::size_t labelled = split.rows - split.unlabelled;
  if (labelled > 0) {
    split.cardinality = static_cast<double>(occurrences) / static_cast<double>(labelled);
  }
  split.text = text_lengths(data);
  split.features = feature_statistics(data);
  return split;
}

template <typename T>
void keep_top(std::vector<T>& items, std::size_t top) {
  if (top > 0 && items.size() > top) items.resize(top);
}

std::vector<LabelFrequency> frequent_labels(const Dataset& data, std::size_t top) {
  const std::vector<std::uint64_t> counts = label_counts(data);
  std::vector<LabelFrequency> labels;
  for (std::size_t label = 0; label < counts.size(); ++label) {
    labels.push_back({data.labels.names()[label], counts[label]});
  }
  std::stable_sort(labels.begin(), labels.end(),
                   [](const auto& a, const auto& b) { return a.rows > b.rows; });
  keep_top(labels, top);
  return labels;
}

std::vector<SetFrequency> frequent_sets(const SetCounts& counts, const LabelVocab& labels,
                                        std::size_t top) {
  std::vector<std::pair<LabelSet, std::uint64_t>> order(counts.begin(), counts.end());
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  keep_top(order, top);
  std::vector<SetFrequency> sets;
  for (const auto& [set, rows] : order) sets.push_back({names_of(set, labels), rows});
  return sets;
}

std::vector<LabelPair> strong_pairs(const LabelGraph& graph, const LabelVocab& labels,
                                    bool positive, std::size_t top) {
  std::vector<LabelPair> pairs;
  for (const LabelEdge& edge : strongest_edges(graph, positive, top)) {
    pairs.push_back({labels.name(edge.first), labels.name(edge.second),
                     static_cast<std::uint64_t>(edge.table.both), edge.table.expected(),
                     pair_measure(PairMeasure::lift, edge.table), edge.value});
  }
  return pairs;
}

struct NamedFile {
  std::string name;
  std::string file;
};

std::vector<NamedFile> files_at(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return {{path, path}};
  std::vector<NamedFile> files;
  for (const std::string split : {"train", "valid", "test"}) {
    try {
      files.push_back({split, find_split(path, split)});
    } catch (const MissingFileError&) {
      // A folder may have some of the three only.
    }
  }
  if (files.empty()) throw MissingFileError(path, "has no train, valid or test file");
  return files;
}

}  // namespace

DataStatistics inspect(const std::string& path, const InspectOptions& options) {
  DataStatistics statistics;
  statistics.path = path;
  LabelVocab labels;
  SetCounts first_sets;
  bool has_train = false;
  for (const NamedFile& file : files_at(path)) {
    if (statistics.splits.empty()) {
      const Dataset data = read_dataset(file.file, options.read);
      labels = data.labels;
      first_sets = count_sets(data);
      has_train = file.name == "train";
      statistics.splits.push_back(split_statistics(file.name, data, nullptr));
      statistics.labels = frequent_labels(data, options.top);
      statistics.sets = frequent_sets(first_sets, labels, options.top);
      const LabelCounts counts = labels.size() > 0 ? count_labels(data) : LabelCounts(1);
      if (counts.total() > 0.0) {
        const LabelGraph graph(counts);
        statistics.together = strong_pairs(graph, labels, true, options.top);
        statistics.apart = strong_pairs(graph, labels, false, options.top);
      }
      continue;
    }
    DatasetWithUnknowns read = read_dataset(file.file, options.read, labels, UnknownLabels::miss);
    statistics.splits.push_back(
        split_statistics(file.name, read.data, has_train ? &first_sets : nullptr));
    statistics.splits.back().unknown_labels = std::move(read.unknown);
  }
  std::unordered_set<std::string> all(labels.names().begin(), labels.names().end());
  for (const SplitStatistics& split : statistics.splits) {
    all.insert(split.unknown_labels.labels.begin(), split.unknown_labels.labels.end());
  }
  statistics.num_labels = all.size();
  for (SplitStatistics& split : statistics.splits) {
    if (!all.empty()) split.density = split.cardinality / static_cast<double>(all.size());
  }
  return statistics;
}

}  // namespace labelbeam::pipeline
