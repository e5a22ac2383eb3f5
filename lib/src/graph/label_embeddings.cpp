#include <Spectra/MatOp/SparseSymMatProd.h>
#include <Spectra/SymEigsSolver.h>
#include <labelbeam/graph/label_embeddings.h>
#include <labelbeam/graph/pair_measures.h>

#include <Eigen/Eigenvalues>
#include <Eigen/SparseCore>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "graph/edge_checks.h"

namespace labelbeam {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using SparseMatrix = Eigen::SparseMatrix<double>;

// Up to here all eigenvalues are found at once, which also serves where nearly all are wanted.
constexpr Eigen::Index kLargestDense = 400;

enum class By { value, magnitude };

struct Eigenpairs {
  Vector values;
  Matrix vectors;  // columns
};

Eigenpairs dense_eigenpairs(const SparseMatrix& matrix) {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver{Matrix(matrix)};
  if (solver.info() != Eigen::Success) {
    throw std::runtime_error("label embeddings: the eigenvalues do not converge");
  }
  return {solver.eigenvalues(), solver.eigenvectors()};
}

/// Lanczos with restarts, for a few eigenvalues of a large matrix.
Eigenpairs sparse_eigenpairs(const SparseMatrix& matrix, Eigen::Index count, By by) {
  Spectra::SparseSymMatProd<double> product(matrix);
  const Eigen::Index basis = std::min(matrix.rows(), std::max<Eigen::Index>(2 * count, count + 20));
  Spectra::SymEigsSolver<Spectra::SparseSymMatProd<double>> solver(product, count, basis);
  solver.init();
  solver.compute(by == By::value ? Spectra::SortRule::LargestAlge : Spectra::SortRule::LargestMagn);
  if (solver.info() != Spectra::CompInfo::Successful) {
    throw std::runtime_error("label embeddings: the eigenvalues do not converge");
  }
  return {solver.eigenvalues(), solver.eigenvectors()};
}

/// The sign by which an eigenvector has a positive entry of largest absolute value.
double sign_of(const Vector& vector) {
  Eigen::Index largest = 0;
  for (Eigen::Index i = 1; i < vector.size(); ++i) {
    // Rounding must not choose between entries that are equal but for their sign.
    if (std::abs(vector[i]) > std::abs(vector[largest]) * (1.0 + 1e-9)) largest = i;
  }
  return vector[largest] < 0.0 ? -1.0 : 1.0;
}

template <typename ScaleOf>
LabelEmbeddings embed(const SparseMatrix& matrix, std::size_t dimension, By by, ScaleOf scale_of) {
  const Eigen::Index num_labels = matrix.rows();
  const auto count = std::min(static_cast<Eigen::Index>(dimension), num_labels);
  const bool is_dense = num_labels <= kLargestDense || 2 * count >= num_labels;
  const Eigenpairs pairs =
      is_dense ? dense_eigenpairs(matrix) : sparse_eigenpairs(matrix, count, by);
  const auto rank = [&](Eigen::Index i) {
    return by == By::value ? pairs.values[i] : std::abs(pairs.values[i]);
  };
  std::vector<Eigen::Index> order(static_cast<std::size_t>(pairs.values.size()));
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](Eigen::Index a, Eigen::Index b) { return rank(a) > rank(b); });
  LabelEmbeddings result;
  result.num_labels = static_cast<std::size_t>(num_labels);
  result.dimension = dimension;
  result.values.assign(result.num_labels * dimension, 0.0);
  for (std::size_t column = 0; column < static_cast<std::size_t>(count); ++column) {
    const Eigen::Index at = order[column];
    const Vector vector = pairs.vectors.col(at);
    const double factor = sign_of(vector) * scale_of(pairs.values[at]);
    for (std::size_t label = 0; label < result.num_labels; ++label) {
      result.values[label * dimension + column] = factor * vector[static_cast<Eigen::Index>(label)];
    }
    result.eigenvalues.push_back(pairs.values[at]);
  }
  return result;
}

using Entry = Eigen::Triplet<double>;

void add_both(std::vector<Entry>& entries, LabelId a, LabelId b, double value) {
  entries.emplace_back(static_cast<int>(a), static_cast<int>(b), value);
  entries.emplace_back(static_cast<int>(b), static_cast<int>(a), value);
}

SparseMatrix matrix_of(std::size_t num_labels, const std::vector<Entry>& entries) {
  const auto size = static_cast<Eigen::Index>(num_labels);
  SparseMatrix matrix(size, size);
  matrix.setFromTriplets(entries.begin(), entries.end());
  return matrix;
}

/// Puts labels that go with no other at zero, where solvers leave rounding.
void clear_alone(LabelEmbeddings& embeddings, const std::vector<bool>& is_alone) {
  for (std::size_t label = 0; label < embeddings.num_labels; ++label) {
    if (!is_alone[label]) continue;
    const auto row = static_cast<std::ptrdiff_t>(label * embeddings.dimension);
    std::fill_n(embeddings.values.begin() + row, embeddings.dimension, 0.0);
  }
}

void check_dimension(std::size_t dimension) {
  if (dimension > 0) return;
  throw std::invalid_argument("label embeddings: the dimension must be at least 1, got 0");
}

}  // namespace

LabelEmbeddings spectral_embeddings(std::size_t num_labels, std::span<const WeightedEdge> edges,
                                    std::size_t dimension) {
  check_dimension(dimension);
  check_positive_weights(edges);
  const std::vector<double> strength = strengths(num_labels, edges);
  if (num_labels == 0) return {0, dimension, {}, {}};
  std::vector<Entry> entries;
  for (const WeightedEdge& edge : edges) {
    add_both(entries, edge.first, edge.second,
             edge.weight / std::sqrt(strength[edge.first] * strength[edge.second]));
  }
  // A label without edges is an eigenvector of its own to the eigenvalue 0 and would fill a column
  // where fewer eigenvalues than asked for are positive: it is put last.
  std::vector<bool> is_alone(num_labels);
  for (std::size_t label = 0; label < num_labels; ++label) {
    is_alone[label] = strength[label] == 0.0;
    if (is_alone[label]) {
      entries.emplace_back(static_cast<int>(label), static_cast<int>(label), -2.0);
    }
  }
  LabelEmbeddings result =
      embed(matrix_of(num_labels, entries), dimension, By::value, [](double) { return 1.0; });
  clear_alone(result, is_alone);
  for (double& eigenvalue : result.eigenvalues) {
    if (eigenvalue < -1.5) eigenvalue = 0.0;  // of a label that is alone
  }
  return result;
}

LabelEmbeddings pmi_embeddings(const LabelCounts& counts, std::size_t dimension, double shrinkage) {
  check_dimension(dimension);
  if (!(counts.total() > 0.0)) {
    throw std::invalid_argument("pmi_embeddings: the counts must be of at least one set");
  }
  std::vector<Entry> entries;
  std::vector<bool> is_alone(counts.num_labels(), true);
  for (std::size_t first = 0; first < counts.num_labels(); ++first) {
    for (const PairCount& pair : counts.pairs_of(static_cast<LabelId>(first))) {
      const PairTable table{pair.count, counts.count(pair.first), counts.count(pair.second),
                            counts.total()};
      const double pmi =
          pair_measure(PairMeasure::pmi, shrink_towards_independence(table, shrinkage));
      if (!(pmi > 0.0)) continue;
      add_both(entries, pair.first, pair.second, pmi);
      is_alone[pair.first] = is_alone[pair.second] = false;
    }
  }
  LabelEmbeddings result = embed(matrix_of(counts.num_labels(), entries), dimension, By::magnitude,
                                 [](double eigenvalue) { return std::sqrt(std::abs(eigenvalue)); });
  clear_alone(result, is_alone);
  return result;
}

}  // namespace labelbeam
