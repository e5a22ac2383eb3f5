#include <fmt/format.h>
#include <fmt/ranges.h>
#include <labelbeam/graph/implications.h>
#include <labelbeam/graph/label_graph.h>
#include <labelbeam/graph/label_orders.h>
#include <labelbeam/pipeline/label_start.h>

#include <algorithm>
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
  const std::size_t columns = std::min(num_labels, dimension);
  switch (choice) {
    case EmbeddingChoice::random:
      return std::nullopt;
    case EmbeddingChoice::spectral:
      return spectral_embeddings(num_labels, LabelGraph(counts).attractions(), columns);
    case EmbeddingChoice::pmi:
      return pmi_embeddings(counts, columns, estimate_shrinkage(counts));
  }
  throw std::invalid_argument("EmbeddingChoice: unknown value");
}

}  // namespace labelbeam::pipeline
