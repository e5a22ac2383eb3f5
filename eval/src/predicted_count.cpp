// The checks of uBLAS use a storage that is not made for C++20.
#define BOOST_UBLAS_NDEBUG
#include <labelbeam/eval/compensated_sum.h>
#include <labelbeam/eval/cut_thresholds.h>

#include <algorithm>
#include <boost/numeric/ublas/lu.hpp>
#include <boost/numeric/ublas/matrix.hpp>
#include <boost/numeric/ublas/vector.hpp>
#include <cmath>

#include "score_checks.h"

namespace labelbeam::eval {
namespace {

namespace ublas = boost::numeric::ublas;

constexpr std::size_t kMaxFeatures = 10;
constexpr double kRidge = 1.0;  // as much as one row

// Of fixed capacity, for the same reason.
template <typename Item, std::size_t capacity>
using Storage = ublas::bounded_array<Item, capacity>;
using Matrix =
    ublas::matrix<double, ublas::row_major, Storage<double, kMaxFeatures * kMaxFeatures>>;
using Vector = ublas::vector<double, Storage<double, kMaxFeatures>>;
using Permutation = ublas::permutation_matrix<std::size_t, Storage<std::size_t, kMaxFeatures>>;

/// The best scores of every row, best first: [n, m].
ScoreMatrix best_scores(const ScoreMatrix& scores) {
  ScoreMatrix best(scores.num_rows, std::min(scores.num_labels, kMaxFeatures));
  for (std::size_t i = 0; i < scores.num_rows; ++i) {
    const std::span<double> row = best.row(i);
    std::ranges::partial_sort_copy(scores.row(i), row, std::greater<>());
  }
  return best;
}

struct Moments {
  double mean = 0.0;
  double deviation = 0.0;
};

Moments column_moments(const ScoreMatrix& values, std::size_t column) {
  const auto num_rows = static_cast<double>(values.num_rows);
  CompensatedSum sum;
  for (std::size_t i = 0; i < values.num_rows; ++i) sum.add(values.row(i)[column]);
  const double mean = sum.value() / num_rows;
  CompensatedSum squares;
  for (std::size_t i = 0; i < values.num_rows; ++i) {
    squares.add((values.row(i)[column] - mean) * (values.row(i)[column] - mean));
  }
  return {mean, std::sqrt(squares.value() / num_rows)};
}

}  // namespace

TunedRule fit_predicted_count(const ScoreMatrix& scores, TuningTruth tuning_truth,
                              bool top1_if_empty) {
  const std::span<const LabelSet> truth = tuning_truth.rows();
  check_scores("fit_predicted_count", scores, truth);
  ScoreMatrix features = best_scores(scores);
  const std::size_t size = features.num_labels;
  std::vector<Moments> moments;
  for (std::size_t f = 0; f < size; ++f) {
    moments.push_back(column_moments(features, f));
    const double scale = moments[f].deviation > 0.0 ? 1.0 / moments[f].deviation : 0.0;
    for (std::size_t i = 0; i < features.num_rows; ++i) {
      features.row(i)[f] = (features.row(i)[f] - moments[f].mean) * scale;
    }
  }
  double mean_count = 0.0;
  for (const LabelSet& set : truth) mean_count += static_cast<double>(set.size());
  mean_count /= static_cast<double>(truth.size());

  // (X'X + ridge) w = X'y, of standardised features and centred counts.
  Matrix normal(size, size);
  Vector right(size);
  normal.clear();
  right.clear();
  for (std::size_t i = 0; i < features.num_rows; ++i) {
    const std::span<const double> row = features.row(i);
    const double count = static_cast<double>(truth[i].size()) - mean_count;
    for (std::size_t a = 0; a < size; ++a) {
      right(a) += row[a] * count;
      for (std::size_t b = 0; b < size; ++b) normal(a, b) += row[a] * row[b];
    }
  }
  for (std::size_t f = 0; f < size; ++f) normal(f, f) += kRidge;
  Permutation pivots(size);
  ublas::lu_factorize(normal, pivots);
  ublas::lu_substitute(normal, pivots, right);

  PredictedCount rule{mean_count, std::vector<double>(size), top1_if_empty};
  for (std::size_t f = 0; f < size; ++f) {
    if (moments[f].deviation == 0.0) continue;
    rule.weights[f] = right(f) / moments[f].deviation;
    rule.intercept -= rule.weights[f] * moments[f].mean;
  }
  return {rule, std::nullopt};
}

}  // namespace labelbeam::eval
