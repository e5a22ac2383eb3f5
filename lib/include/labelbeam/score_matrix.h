#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace labelbeam {

/// Scores of L labels for n documents, row-major: [n, L]. Probabilities unless said otherwise.
struct ScoreMatrix {
  std::size_t num_rows = 0;
  std::size_t num_labels = 0;
  std::vector<double> values;  ///< [n * L]

  ScoreMatrix() = default;
  ScoreMatrix(std::size_t rows, std::size_t labels)
      : num_rows(rows), num_labels(labels), values(rows * labels) {}

  std::span<double> row(std::size_t i) { return {values.data() + i * num_labels, num_labels}; }
  std::span<const double> row(std::size_t i) const {
    return {values.data() + i * num_labels, num_labels};
  }

  bool operator==(const ScoreMatrix&) const = default;
};

}  // namespace labelbeam
