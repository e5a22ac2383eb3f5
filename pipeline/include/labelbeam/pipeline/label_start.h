#pragma once

#include <labelbeam/graph/label_counts.h>
#include <labelbeam/graph/label_embeddings.h>
#include <labelbeam/label_order.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace labelbeam::pipeline {

/// In what order a decoder emits the labels of a set; each is a guess at which labels are best told
/// first. `graph/label_orders.h` has the orders.
enum class OrderChoice {
  frequency,     ///< most frequent label first
  tree,          ///< along the Chow-Liu tree, from its root on
  arborescence,  ///< a label that foretells another one comes before it
  topological,   ///< down the hierarchy of near-implications (`kHierarchyConfidence`)
};

/// What a decoder's label embeddings start from; `graph/label_embeddings.h` has the embeddings.
enum class EmbeddingChoice {
  random,
  spectral,  ///< of the label graph, whose edges are positive and weigh NPMI
  pmi,       ///< of positive PMI, shrunk as `estimate_shrinkage` says
};

/// From which confidence on a label stands below another one in the topological order; else as the
/// defaults of `RuleOptions` say.
inline constexpr double kHierarchyConfidence = 0.8;

/// "frequency", "tree", "arborescence", "topological".
const std::vector<std::string>& order_names();
std::string order_name(OrderChoice choice);
/// Throws `std::invalid_argument` for any other name.
OrderChoice parse_order(const std::string& name);

/// "random", "spectral", "pmi".
const std::vector<std::string>& embedding_names();
std::string embedding_name(EmbeddingChoice choice);
/// Throws `std::invalid_argument` for any other name.
EmbeddingChoice parse_embedding(const std::string& name);

/// The order for labels counted in the training data, at least one set.
LabelOrder choose_order(OrderChoice choice, const LabelCounts& counts);

/// [L, d], d at most `dimension`: the columns to eigenvalues above 0, each times its square root,
/// so that the products of two labels' vectors come near what the matrix (normalised weights of the
/// label graph, or positive PMI) has for them. Columns to eigenvalues below 0 would undo that: all
/// together are orthogonal for spectral embeddings, and for PMI give |M| in place of M. None for
/// `random`, and where no labels go together.
std::optional<LabelEmbeddings> choose_embeddings(EmbeddingChoice choice, const LabelCounts& counts,
                                                 std::size_t dimension);

}  // namespace labelbeam::pipeline
