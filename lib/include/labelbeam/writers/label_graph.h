#pragma once

#include <labelbeam/graph/chow_liu_tree.h>
#include <labelbeam/graph/frequent_sets.h>
#include <labelbeam/graph/implications.h>
#include <labelbeam/graph/label_graph.h>
#include <labelbeam/graph/weighted_graph.h>
#include <labelbeam/label_vocab.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace labelbeam {

/// A Chow-Liu tree and what it is worth.
struct TreeSummary {
  ChowLiuTree tree;
  /// Nats a row that the unsmoothed tree is above independent labels on the rows it was made from:
  /// the mutual information of its edges.
  double gain = 0.0;
  std::optional<double> held_out_gain = std::nullopt;  ///< `ChowLiuTree::gain` of other rows
};

/// Suggested constraints and what all of them cost.
struct RuleSummary {
  std::vector<SuggestedRule> rules;
  double breaking = 0.0;  ///< share of the rows they were made from that break any of them
  std::optional<double> held_out_breaking = std::nullopt;  ///< the same of other rows
};

/// A label graph with its names and what was found in it.
struct LabelGraphDocument {
  LabelVocab labels;
  LabelGraph graph;
  bool is_expected = false;  ///< its counts are expected ones, of distributions in place of rows
  std::vector<std::uint32_t> communities = {};  ///< [L], or empty
  std::optional<Centralities> centralities = std::nullopt;
  std::optional<TreeSummary> tree = std::nullopt;
  std::optional<std::vector<LabelSet>> cliques = std::nullopt;
  std::optional<std::vector<FrequentSet>> sets = std::nullopt;
  std::optional<RuleSummary> rules = std::nullopt;
};

// Each throws `std::invalid_argument` where the vocabulary, the communities or the centralities do
// not have the graph's labels, and for a name that the format cannot carry: broken UTF-8 anywhere,
// in DOT and GraphML control characters but tabs and line breaks, in GraphML U+FFFE and U+FFFF.

/// Graphviz: nodes n0, n1, ... with `label` (a Graphviz escString: the name with \\, ", & and line
/// feeds escaped), `count` and `community`; edges with `weight`, `count`, `q_value`; negative ones
/// dashed, those of the tree bold with `mutual_information`, dotted and without the rest where
/// their labels are no edge of the graph. The file asks for the engine neato.
std::string to_dot(const LabelGraphDocument& document);

/// GraphML: nodes n0, n1, ... with `label`, `count`, `community` and, where they are known,
/// `strength`, `betweenness`, `closeness` and `pagerank`; edges with `weight`, `count`,
/// `expected`, `p_value`, `q_value` and `positive`; those of the tree with `mutual_information`,
/// without the rest where their labels are no edge of the graph.
std::string to_graphml(const LabelGraphDocument& document);

/// As docs/schemas/graph.schema.json says; intervals at 95 percent.
std::string to_json(const LabelGraphDocument& document);

/// The symmetric matrix of the edges' values with the names as header and first column, RFC 4180;
/// empty where there is no edge.
std::string to_adjacency_csv(const LabelGraphDocument& document);

/// The suffixes of files that `write_label_graph` writes, for messages.
inline constexpr const char* kLabelGraphSuffixes = ".dot, .gv, .graphml, .json or .csv";

/// Whether a file name ends in one of them, whatever the case.
bool is_label_graph_file(const std::string& path);

/// Writes what the suffix of the file says. Throws `std::invalid_argument` for a name that
/// `is_label_graph_file` does not take, and `WriteError`.
void write_label_graph(const std::string& path, const LabelGraphDocument& document);

}  // namespace labelbeam
