#include "corpus_cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace labelbeam::decoders {

void check_marginals(std::span<const double> row) {
  for (std::size_t label = 0; label < row.size(); ++label) {
    if (row[label] >= 0.0 && row[label] <= 1.0) continue;
    throw std::invalid_argument(
        fmt::format("corpus rules: the marginal of label {} must be between 0 and 1, got {}", label,
                    row[label]));
  }
}

void check_marginals(const ScoreMatrix& marginals) {
  if (marginals.values.size() != marginals.num_rows * marginals.num_labels) {
    throw std::invalid_argument(
        fmt::format("corpus rules: {} marginals for {} documents x {} labels",
                    marginals.values.size(), marginals.num_rows, marginals.num_labels));
  }
  for (std::size_t i = 0; i < marginals.num_rows; ++i) check_marginals(marginals.row(i));
}

std::vector<LabelSet> Answers::sets() const {
  std::vector<LabelSet> sets;
  sets.reserve(labels_.size());
  for (const std::vector<LabelId>& labels : labels_) sets.emplace_back(std::span(labels));
  return sets;
}

std::vector<std::size_t> best_indices(std::span<const double> values, std::size_t count) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  count = std::min(count, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](std::size_t a, std::size_t b) {
                      return values[a] != values[b] ? values[a] > values[b] : a < b;
                    });
  order.resize(count);
  return order;
}

std::vector<double> column(const ScoreMatrix& marginals, std::size_t label) {
  std::vector<double> values(marginals.num_rows);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = marginals.row(i)[label];
  return values;
}

std::vector<double> expected_frequencies(const ScoreMatrix& marginals) {
  std::vector<double> sums(marginals.num_labels);
  for (std::size_t i = 0; i < marginals.num_rows; ++i) {
    for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += marginals.row(i)[j];
  }
  return sums;
}

}  // namespace labelbeam::decoders
