#pragma once

#include <labelbeam/dataset.h>
#include <labelbeam/readers/dataset_reader.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace labelbeam::pipeline {

/// Lengths of the texts of a split, in tokens.
struct TextLengths {
  std::size_t texts = 0;
  std::size_t empty = 0;  ///< without a token
  double mean = 0.0;
  std::size_t median = 0;
  std::size_t percentile_95 = 0;
  std::size_t longest = 0;
};

/// Features of a split.
struct FeatureStatistics {
  std::size_t features = 0;     ///< D: declared by the file, or as many as the rows need
  std::size_t dense_rows = 0;   ///< rows with a value for every feature
  std::size_t sparse_rows = 0;  ///< rows with some features
  double mean_nonzero = 0.0;    ///< values other than 0 of such rows, dense or sparse
  std::size_t most_nonzero = 0;
};

/// One file of a data set.
struct SplitStatistics {
  std::string name;  ///< train, valid, test; or the file
  std::size_t rows = 0;
  std::size_t unlabelled = 0;   ///< rows that say nothing of their labels
  std::size_t labels_used = 0;  ///< labels on at least one row
  double cardinality = 0.0;     ///< mean number of labels of a labelled row
  double density = 0.0;         ///< cardinality / L
  std::size_t largest_set = 0;  ///< most labels on one row
  std::size_t empty_sets = 0;   ///< labelled rows without a label
  std::size_t distinct_sets = 0;
  /// Labelled rows whose set is on no row of train; none where this is train, or there is no train.
  std::optional<std::size_t> unseen_sets;
  UnknownLabelCounts unknown_labels;          ///< labels that train lacks
  std::optional<TextLengths> text;            ///< where rows have texts
  std::optional<FeatureStatistics> features;  ///< where rows have features
};

struct LabelFrequency {
  std::string label;
  std::uint64_t rows = 0;
};
struct SetFrequency {
  std::vector<std::string> labels;
  std::uint64_t rows = 0;
};
/// Two labels that depend on each other, see `LabelGraph`.
struct LabelPair {
  std::string first;
  std::string second;
  std::uint64_t rows = 0;  ///< with both
  double expected = 0.0;   ///< rows with both of independent labels
  double lift = 0.0;       ///< P(both) / (P(first) P(second))
  double npmi = 0.0;       ///< after shrinkage
};

/// What a data set looks like. Frequencies are those of the first split (train, or the file).
struct DataStatistics {
  std::string path;
  std::size_t num_labels = 0;  ///< L, of all splits
  std::vector<SplitStatistics> splits;
  std::vector<LabelFrequency> labels;  ///< most frequent first
  std::vector<SetFrequency> sets;      ///< most frequent first
  std::vector<LabelPair> together;     ///< labels that go together, largest NPMI first
  std::vector<LabelPair> apart;        ///< labels that avoid each other, lowest NPMI first
};

struct InspectOptions {
  ReadOptions read;
  std::size_t top = 10;  ///< entries of each list; 0: all labels and sets, no pair is left out
};

/// Reads a data folder (those of train, valid and test that it has) or a file of rows.
/// Throws as `read_dataset` does, and `MissingFileError` for a folder without any split.
DataStatistics inspect(const std::string& path, const InspectOptions& options = {});

/// Tables for people.
std::string to_text(const DataStatistics& statistics);
/// As docs/schemas/inspect.schema.json says.
std::string to_json(const DataStatistics& statistics);

}  // namespace labelbeam::pipeline
