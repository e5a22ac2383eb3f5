#include <Spectra/MatOp/SparseSymMatProd.h>
#include <Spectra/SymEigsSolver.h>
#include <labelbeam/graph/label_embeddings.h>
#include <labelbeam/graph/pair_measures.h>

#include <Eigen/Eigenvalues>
#include <Eigen/SparseCore>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <stdexcept>

#include "graph/edge_checks.h"

namespace labelbeam {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using SparseMatrix = Eigen::SparseMatrix<double>;
using Entry = Eigen::Triplet<double>;

// Up to here all eigenvalues are found at once, which also serves where nearly all are wanted.
constexpr Eigen::Index kLargestDense = 400;

SparseMatrix matrix_of(std::size_t num_labels, const std::vector<Entry>& entries) {
  const auto size = static_cast<Eigen::Index>(num_labels);
  SparseMatrix matrix(size, size);
  matrix.setFromTriplets(entries.begin(), entries.end());
  return matrix;
}

/// The rows and columns of some labels, between which and the others there is no entry.
struct Block {
  std::vector<Eigen::Index> labels;  // rising
  SparseMatrix matrix;
};

/// A block a connected component.
std::vector<Block> components_of(const SparseMatrix& matrix) {
  const auto num_labels = static_cast<std::size_t>(matrix.rows());
  std::vector<WeightedEdge> edges;
  for (Eigen::Index column = 0; column < matrix.outerSize(); ++column) {
    for (SparseMatrix::InnerIterator entry(matrix, column); entry; ++entry) {
      if (entry.row() >= column) break;
      edges.push_back({static_cast<LabelId>(entry.row()), static_cast<LabelId>(column)});
    }
  }
  const std::vector<std::uint32_t> component_of = connected_components(num_labels, edges);
  std::vector<Block> blocks;
  std::vector<int> place(num_labels);  // of each label in its block
  for (std::size_t label = 0; label < num_labels; ++label) {
    if (component_of[label] == blocks.size()) blocks.emplace_back();  // by lowest labels
    Block& block = blocks[component_of[label]];
    place[label] = static_cast<int>(block.labels.size());
    block.labels.push_back(static_cast<Eigen::Index>(label));
  }
  for (Block& block : blocks) {
    std::vector<Entry> entries;
    for (const Eigen::Index label : block.labels) {
      for (SparseMatrix::InnerIterator entry(matrix, label); entry; ++entry) {
        entries.emplace_back(place[static_cast<std::size_t>(entry.row())],
                             place[static_cast<std::size_t>(label)], entry.value());
      }
    }
    block.matrix = matrix_of(block.labels.size(), entries);
  }
  return blocks;
}

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

bool is_small(Eigen::Index num_labels, Eigen::Index count) {
  return num_labels <= kLargestDense || 2 * count >= num_labels;
}

/// An eigenvector by its entries in a block; elsewhere it is 0.
struct BlockEigenpair {
  double value = 0.0;
  Vector vector;
  const Block* block = nullptr;
};

/// The first `count` eigenpairs of all blocks.
std::vector<BlockEigenpair> first_eigenpairs(const std::vector<Block>& blocks, Eigen::Index count,
                                             By by) {
  std::vector<BlockEigenpair> result;
  for (const Block& block : blocks) {
    const Eigen::Index size = block.matrix.rows();
    const Eigenpairs pairs = is_small(size, count) ? dense_eigenpairs(block.matrix)
                                                   : sparse_eigenpairs(block.matrix, count, by);
    for (Eigen::Index i = 0; i < pairs.values.size(); ++i) {
      result.push_back({pairs.values[i], pairs.vectors.col(i), &block});
    }
  }
  const auto rank = [by](const BlockEigenpair& pair) {
    return by == By::value ? pair.value : std::abs(pair.value);
  };
  std::stable_sort(
      result.begin(), result.end(),
      [&](const BlockEigenpair& a, const BlockEigenpair& b) { return rank(a) > rank(b); });
  result.resize(static_cast<std::size_t>(count));
  return result;
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
  std::vector<Block> blocks;
  if (is_small(num_labels, count)) {
    blocks.push_back({std::vector<Eigen::Index>(static_cast<std::size_t>(num_labels)), matrix});
    std::iota(blocks[0].labels.begin(), blocks[0].labels.end(), Eigen::Index{0});
  } else {
    // Components may share an eigenvalue, and Lanczos need not find all vectors to one value.
    blocks = components_of(matrix);
  }
  LabelEmbeddings result;
  result.num_labels = static_cast<std::size_t>(num_labels);
  result.dimension = dimension;
  result.values.assign(result.num_labels * dimension, 0.0);
  for (const auto& [value, vector, block] : first_eigenpairs(blocks, count, by)) {
    const std::size_t column = result.eigenvalues.size();
    const double factor = sign_of(vector) * scale_of(value);
    for (std::size_t i = 0; i < block->labels.size(); ++i) {
      const auto label = static_cast<std::size_t>(block->labels[i]);
      result.values[label * dimension + column] = factor * vector[static_cast<Eigen::Index>(i)];
    }
    result.eigenvalues.push_back(value);
  }
  return result;
}

void add_both(std::vector<Entry>& entries, LabelId a, LabelId b, double value) {
  entries.emplace_back(static_cast<int>(a), static_cast<int>(b), value);
  entries.emplace_back(static_cast<int>(b), static_cast<int>(a), value);
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
