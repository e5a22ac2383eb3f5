#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/label_vocab.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace labelbeam {

/// Non-zero features of a row: ascending indices and their values, both of the same length.
struct SparseFeatures {
  std::vector<std::uint32_t> indices;
  std::vector<float> values;

  bool operator==(const SparseFeatures&) const = default;
};

/// One row of a data set.
struct Example {
  std::string id;
  LabelSet labels;       ///< empty and `labelled`: known to have no label
  bool labelled = true;  ///< false: the row says nothing of its labels
  std::optional<std::string> text;
  std::vector<float> dense;  ///< dense features, or empty
  SparseFeatures sparse;     ///< sparse features, or empty
  std::string group;         ///< rows of one group never straddle a split; empty: on its own
  double weight = 1.0;

  bool operator==(const Example&) const = default;
};

/// Rows and the vocabulary that their label ids refer to.
struct Dataset {
  LabelVocab labels;
  std::vector<Example> rows;
  std::size_t num_features = 0;  ///< that the file declares; 0: as many as the rows need
};

/// The number of features, D: what is declared, or more where a row needs more.
std::size_t feature_count(const Dataset& data);

/// How often each label occurs in labelled rows: [L].
std::vector<std::uint64_t> label_counts(const Dataset& data);

}  // namespace labelbeam
