#include <fmt/format.h>
#include <fmt/ranges.h>
#include <labelbeam/graph/implications.h>
#include <labelbeam/graph/label_graph.h>
#include <labelbeam/graph/label_orders.h>
#include <labelbeam/pipeline/label_start.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace labelbeam::pipeline {
namespace {

/// The place of a name among the names of an enumeration's values.
template <typename Choice>
Choice parse(const std::string& name, const std::vector<std::string>& names) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) {
    throw std::invalid_argument(fmt::format("\"{}\" is none of {}", name, fmt::join(names, ", ")));
  }
  return static_cast<Choice>(at - names.begin());
}

LabelOrder hierarchical_order(const LabelCounts& counts) {
  RuleOptions options;
  options.min_confidence = kHierarchyConfidence;
  std::vector<Implication> implications;
  for (const NearImplication& found : near_implications(counts, options)) {
    implications.push_back({{found.from}, {found.to}});
  }
  return topological_order(counts, implications);
}

/// The first columns whose eigenvalue is above 0, at most `dimension`, times `scale` of it; none
/// where there is no such column.
template <typename Scale>
std::optional<LabelEmbeddings> positive_columns(const LabelEmbeddings& all, std::size_t dimension,
                                                Scale scale) {
  constexpr double kRounding = 1e-9;  // of the largest eigenvalue
  const double least =
      all.eigenvalues.empty() ? 0.0 : kRounding * std::abs(all.eigenvalues.front());
  std::vector<std::size_t> columns;
  for (std::size_t column = 0; column < all.eigenvalues.size(); ++column) {
    if (all.eigenvalues[column] > least && columns.size() < dimension) columns.push_back(column);
  }
  if (columns.empty()) return std::nullopt;
  LabelEmbeddings kept;
  kept.num_labels = all.num_labels;
  kept.dimension = columns.size();
  for (std::size_t label = 0; label < all.num_labels; ++label) {
    for (const std::size_t column : columns) {
      kept.values.push_back(all.values[label * all.dimension + column] *
                            scale(all.eigenvalues[column]));
    }
  }
  for (const std::size_t column : columns) kept.eigenvalues.push_back(all.eigenvalues[column]);
  return kept;
}

}  // namespace

const std::vector<std::string>& order_names() {
  static const std::vector<std::string> names{"frequency", "tree", "arborescence", "topological"};
  return names;
}

std::string order_name(OrderChoice choice) {
  return order_names().at(static_cast<std::size_t>(choice));
}

OrderChoice parse_order(const std::string& name) { return parse<OrderChoice>(name, order_names()); }

const std::vector<std::string>& embedding_names() {
  static const std::vector<std::string> names{"random", "spectral", "pmi"};
  return names;
}

std::string embedding_name(EmbeddingChoice choice) {
  return embedding_names().at(static_cast<std::size_t>(choice));
}

EmbeddingChoice parse_embedding(const std::string& name) {
  return parse<EmbeddingChoice>(name, embedding_names());
}

LabelOrder choose_order(OrderChoice choice, const LabelCounts& counts) {
  switch (choice) {
    case OrderChoice::frequency:
      return frequency_order(counts);
    case OrderChoice::tree:
      return tree_order(counts, ChowLiuTree(counts));
    case OrderChoice::arborescence:
      return arborescence_order(counts);
    case OrderChoice::topological:
      return hierarchical_order(counts);
  }
  throw std::invalid_argument("OrderChoice: unknown value");
}

std::optional<LabelEmbeddings> choose_embeddings(EmbeddingChoice choice, const LabelCounts& counts,
                                                 std::size_t dimension) {
  const std::size_t num_labels = counts.num_labels();
  switch (choice) {
    case EmbeddingChoice::random:
      return std::nullopt;
    case EmbeddingChoice::spectral:
      return positive_columns(spectral_embeddings(num_labels, LabelGraph(counts).attractions(),
                                                  std::min(num_labels, dimension)),
                              dimension, [](double eigenvalue) { return std::sqrt(eigenvalue); });
    case EmbeddingChoice::pmi:
      // Of the columns by |eigenvalue| about half have one above 0.
      return positive_columns(
          pmi_embeddings(counts, std::min(num_labels, 2 * dimension), estimate_shrinkage(counts)),
          dimension, [](double) { return 1.0; });
  }
  throw std::invalid_argument("EmbeddingChoice: unknown value");
}

}  // namespace labelbeam::pipeline
