#pragma once

#include <labelbeam/graph/label_counts.h>
#include <labelbeam/graph/weighted_graph.h>

#include <cstddef>
#include <span>
#include <vector>

namespace labelbeam {

/// A vector a label, for example to start a decoder's label embeddings from.
struct LabelEmbeddings {
  std::size_t num_labels = 0;       ///< L
  std::size_t dimension = 0;        ///< d
  std::vector<double> values;       ///< [L, d]; zero in the columns from L on
  std::vector<double> eigenvalues;  ///< [min(d, L)], of the columns
};

// Columns are eigenvectors whose entry of largest absolute value, the first of equal ones, is
// positive; up to rounding they are the same everywhere where eigenvalues differ. In a connected
// component of more than 400 labels the Lanczos method may miss copies of a repeated eigenvalue.
// Both throw `std::invalid_argument` for dimension 0 and for bad edges or counts of nothing.

/// Spectral embeddings: the eigenvectors of D^-1/2 A D^-1/2 (A: weights, D: strengths) to the
/// largest eigenvalues, each of length 1 (Ng, Jordan and Weiss 2002). The first ones tell connected
/// components apart, the next ones communities; all L of them together tell nothing, since labels
/// are then orthogonal to each other. Weights must be above 0; a label without edges is at zero.
LabelEmbeddings spectral_embeddings(std::size_t num_labels, std::span<const WeightedEdge> edges,
                                    std::size_t dimension);

/// PMI embeddings: U |Lambda|^1/2 of the positive pointwise mutual information of label pairs after
/// `shrink_towards_independence` (strength `shrinkage`), by largest |eigenvalue| (Levy and Goldberg
/// 2014, on labels in place of words). Labels that keep the same company are near each other; a
/// label without positive PMI is at zero.
LabelEmbeddings pmi_embeddings(const LabelCounts& counts, std::size_t dimension,
                               double shrinkage = 1.0);

}  // namespace labelbeam
