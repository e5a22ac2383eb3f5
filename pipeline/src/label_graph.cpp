#include <fmt/format.h>
#include <fmt/ranges.h>
#include <labelbeam/decoders/constraints.h>
#include <labelbeam/error.h>
#include <labelbeam/graph/communities.h>
#include <labelbeam/label_ranking.h>
#include <labelbeam/pipeline/label_graph.h>
#include <labelbeam/readers/predictions.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

#include "label_names.h"
#include "listed_distribution.h"
#include "text_table.h"

namespace labelbeam::pipeline {
namespace {

namespace fs = std::filesystem;

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::vector<LabelSet> labelled_sets(const Dataset& data) {
  std::vector<LabelSet> sets;
  sets.reserve(data.rows.size());
  for (const Example& row : data.rows) {
    if (row.labelled) sets.push_back(row.labels);
  }
  return sets;
}

/// The labelled rows of valid, else of test; none where a folder has neither.
std::vector<LabelSet> held_out_sets(const std::string& folder, const ReadOptions& read,
                                    const LabelVocab& labels) {
  for (const char* split : {"valid", "test"}) {
    try {
      const std::string file = find_split(folder, split);
      std::vector<LabelSet> sets =
          labelled_sets(read_dataset(file, read, labels, UnknownLabels::ignore).data);
      if (!sets.empty()) return sets;
    } catch (const MissingFileError&) {
      // A folder may have some of the three only.
    }
  }
  return {};
}

/// The graph's options, but never less support than rules have by default.
RuleOptions rule_options(const LabelGraphOptions& graph) {
  RuleOptions options;
  options.min_support = std::max(options.min_support, graph.min_support);
  options.fdr = graph.fdr;
  return options;
}

RuleSummary suggest(const LabelCounts& counts, const RuleOptions& options,
                    std::span<const LabelSet> sets, const LabelCounts* held_out_counts,
                    std::span<const LabelSet> held_out) {
  RuleSummary summary{suggest_rules(counts, options, held_out_counts)};
  SetSemantics semantics;
  semantics.num_labels = counts.num_labels();
  semantics.max_size = counts.num_labels();
  const decoders::Constraints constraints(to_constraints(summary.rules), semantics);
  summary.breaking = decoders::share_invalid(constraints, sets);
  if (held_out_counts) {
    summary.held_out_breaking = decoders::share_invalid(constraints, held_out);
  }
  return summary;
}

/// What `list()` gives; where that are too many things to list, what to do about it.
template <typename List>
auto listed(const List& list) {
  try {
    return list();
  } catch (const std::length_error& error) {
    throw std::invalid_argument(fmt::format("{}: ask for a higher --min-support", error.what()));
  }
}

/// The most frequent of the sets that at least `min_support` rows have, or as many as sets have by
/// default where that is more. The support is lowered step by step, as there may be very many sets
/// of little support.
std::vector<FrequentSet> most_frequent(std::span<const LabelSet> sets, std::size_t count,
                                       double min_support) {
  FrequentSetOptions options;
  options.min_size = 3;
  options.max_size = kMaxLabels;
  std::vector<FrequentSet> found;
  if (min_support > static_cast<double>(sets.size())) return found;
  const std::size_t least =
      std::max(options.min_support, static_cast<std::size_t>(std::ceil(min_support)));
  for (std::size_t support = sets.size(); found.size() < count; support /= 2) {
    options.min_support = std::max(support, least);
    found = listed([&] { return frequent_label_sets(sets, options); });
    if (support <= least) break;
  }
  if (found.size() > count) found.resize(count);
  return found;
}

/// Expected counts are whole but for rounding where all weights of a row count.
std::string rows_of(double count) {
  const double whole = std::round(count);
  return std::abs(whole - count) <= 1e-9 * whole ? grouped(static_cast<std::uint64_t>(whole))
                                                 : tenths(count);
}

std::string edge_table(const LabelGraphDocument& document, bool positive, std::size_t top) {
  const LabelGraph& graph = document.graph;
  const auto edges = strongest_edges(graph, positive, top);
  if (edges.empty()) return "";
  TextTable table({positive ? "go together" : "avoid each other",
                   pair_measure_name(graph.options().measure), "rows", "expected", "lift",
                   "95 % of lift", "q"});
  for (const LabelEdge& edge : edges) {
    const auto interval = pair_interval(PairMeasure::lift, edge.table);
    table.add(
        {fmt::format("{}, {}", document.labels.name(edge.first), document.labels.name(edge.second)),
         decimal(edge.value), rows_of(edge.table.both), tenths(edge.table.expected()),
         fmt::format("{:.2f}", pair_measure(PairMeasure::lift, edge.table)),
         fmt::format("{:.2f} to {:.2f}", interval->lower, interval->upper),
         edge.q_value > 0.0 ? fmt::format("{:.1e}", edge.q_value) : "< 1e-300"});
  }
  return fmt::format("\n{}", table.text());
}

std::string community_lines(const LabelGraphDocument& document) {
  std::vector<std::vector<std::string>> members(document.communities.size());
  for (std::size_t label = 0; label < document.communities.size(); ++label) {
    members[document.communities[label]].push_back(one_line(document.labels.names()[label]));
  }
  std::string text;
  std::size_t alone = 0;
  for (const auto& names : members) {
    if (names.size() > 1) text += fmt::format("  {}\n", fmt::join(names, ", "));
    if (names.size() == 1) ++alone;
  }
  return fmt::format("\ncommunities\n{}  alone: {}\n", text, counted(alone, "label", "labels"));
}

std::string centrality_table(const LabelGraphDocument& document, std::size_t top) {
  const Centralities& found = *document.centralities;
  std::vector<LabelId> order = ranked_labels(found.pagerank);
  if (top > 0 && order.size() > top) order.resize(top);
  TextTable table({"central labels", "PageRank", "strength", "closeness", "betweenness"});
  for (const LabelId label : order) {
    table.add({document.labels.name(label), decimal(found.pagerank[label]),
               decimal(found.strength[label]), decimal(found.closeness[label]),
               fmt::format("{:.1f}", found.betweenness[label])});
  }
  return fmt::format("\n{}", table.text());
}

std::string tree_lines(const LabelGraphDocument& document) {
  const TreeSummary& summary = *document.tree;
  std::vector<std::vector<LabelId>> children(document.labels.size());
  for (const TreeEdge& edge : summary.tree.edges()) children[edge.parent].push_back(edge.child);
  std::string text =
      fmt::format("\ntree: {:.4f} nats a row above independent labels", summary.gain);
  if (summary.held_out_gain)
    text += fmt::format(", {:.4f} on held-out rows", *summary.held_out_gain);
  text += '\n';
  std::vector<std::pair<LabelId, std::size_t>> open{{summary.tree.root(), 1}};
  while (!open.empty()) {
    const auto [label, depth] = open.back();
    open.pop_back();
    text += fmt::format("{:{}}{}\n", "", 2 * depth, one_line(document.labels.name(label)));
    for (auto child = children[label].rbegin(); child != children[label].rend(); ++child) {
      open.emplace_back(*child, depth + 1);
    }
  }
  return text;
}

std::string clique_lines(const LabelGraphDocument& document, std::size_t top) {
  const std::vector<LabelSet>& cliques = *document.cliques;
  const std::size_t shown = top > 0 ? std::min(top, cliques.size()) : cliques.size();
  std::string text = fmt::format("\n{} of labels that go together with each other\n",
                                 counted(cliques.size(), "clique", "cliques"));
  for (const LabelSet& clique : std::span(cliques).first(shown)) {
    text += fmt::format(
        "  {}\n", one_line(fmt::format("{}", fmt::join(names_of(clique, document.labels), ", "))));
  }
  return text;
}

std::string set_table(const LabelGraphDocument& document) {
  if (document.sets->empty()) return "\nno set of three labels or more is in enough rows\n";
  TextTable table({"frequent sets", "rows", "expected", "lift"});
  for (const FrequentSet& set : *document.sets) {
    const double expected = expected_count(document.graph, set.labels);
    table.add({fmt::format("{}", fmt::join(names_of(set.labels, document.labels), ", ")),
               grouped(set.count), tenths(expected),
               fmt::format("{:.2f}", static_cast<double>(set.count) / expected)});
  }
  return fmt::format("\n{}", table.text());
}

std::string share(double part) { return fmt::format("{:.2f} %", 100.0 * part); }

std::string rule_table(const LabelGraphDocument& document, std::size_t top) {
  const RuleSummary& summary = *document.rules;
  if (summary.rules.empty()) return "\nno constraint is suggested\n";
  TextTable table(
      {"constraint", "rows with both", "expected", "violations", "at most", "held out"});
  const std::size_t shown = top > 0 ? std::min(top, summary.rules.size()) : summary.rules.size();
  for (const SuggestedRule& rule : std::span(summary.rules).first(shown)) {
    table.add(
        {fmt::format("{} {} {}", document.labels.name(rule.first),
                     rule.is_implication ? "->" : "excludes", document.labels.name(rule.second)),
         rows_of(rule.table.both), tenths(rule.table.expected()), share(rule.violations),
         share(rule.violations_upper),
         rule.held_out_violations ? share(*rule.held_out_violations) : "-"});
  }
  std::string text = fmt::format("\n{} suggested\n{}rows that break any: {}",
                                 counted(summary.rules.size(), "constraint is", "constraints are"),
                                 table.text(), share(summary.breaking));
  if (summary.held_out_breaking) {
    text += fmt::format(", {} of held-out rows", share(*summary.held_out_breaking));
  }
  return text + "\n";
}

/// What to do with predictions without answers; empty for other files.
std::string hint_for_file(const std::string& file) {
  try {
    PredictionReader reader(file);
    Prediction first;
    return reader.next(first) && !first.decided ? ": " + hint_to_decide(first) : "";
  } catch (const DataError&) {  // no predictions: what is wrong with the rows is told anyhow
    return "";
  }
}

/// The maximal cliques of labels that go together, largest first.
std::vector<LabelSet> largest_cliques(const LabelGraph& graph) {
  std::vector<LabelSet> cliques =
      listed([&] { return maximal_cliques(graph.num_labels(), graph.attractions()); });
  std::stable_sort(cliques.begin(), cliques.end(),
                   [](const LabelSet& a, const LabelSet& b) { return a.size() > b.size(); });
  return cliques;
}

/// All but what needs other rows or single rows.
LabelGraphDocument make_document(LabelVocab labels, const LabelCounts& counts,
                                 const LabelGraphRunOptions& options) {
  LabelGraphDocument document{std::move(labels), LabelGraph(counts, options.graph)};
  if (options.communities) {
    CommunityOptions communities;
    communities.seed = options.seed;
    document.communities =
        find_communities(document.labels.size(), document.graph.attractions(), communities);
  }
  if (options.centralities) {
    document.centralities = centralities(document.labels.size(), document.graph.attractions());
  }
  if (options.tree) {
    document.tree = TreeSummary{ChowLiuTree(counts)};
    for (const TreeEdge& edge : document.tree->tree.edges()) {
      document.tree->gain += edge.mutual_information;
    }
  }
  if (options.cliques) {
    document.cliques = largest_cliques(document.graph);
  }
  return document;
}

}  // namespace

LabelGraphDocument label_graph(const std::string& path, const LabelGraphRunOptions& options) {
  const std::string file = is_folder(path) ? find_split(path, "train") : path;
  Dataset data = read_dataset(file, options.read);
  require_labels(data, file, data.labels.size() == 0 ? hint_for_file(file) : "");
  const std::vector<LabelSet> sets = labelled_sets(data);
  const LabelCounts counts = count_labels(sets, data.labels.size(), options.graph.num_threads);
  LabelGraphDocument document = make_document(std::move(data.labels), counts, options);
  std::vector<LabelSet> held_out;
  std::optional<LabelCounts> held_out_counts;
  if ((options.tree || options.rules) && is_folder(path)) {
    held_out = held_out_sets(path, options.read, document.labels);
    if (!held_out.empty()) held_out_counts = count_labels(held_out, document.labels.size());
  }
  if (document.tree && held_out_counts) {
    document.tree->held_out_gain = document.tree->tree.gain(*held_out_counts);
  }
  if (options.num_sets > 0) {
    document.sets = most_frequent(sets, options.num_sets, options.graph.min_support);
  }
  if (options.rules) {
    document.rules = suggest(counts, rule_options(options.graph), sets,
                             held_out_counts ? &*held_out_counts : nullptr, held_out);
  }
  return document;
}

LabelGraphDocument expected_label_graph(const std::string& predictions_file,
                                        const LabelGraphRunOptions& options) {
  if (options.rules || options.num_sets > 0) {
    throw std::invalid_argument(
        "expected_label_graph: constraints and frequent sets are of rows, not of expected counts");
  }
  LabelVocab labels;
  std::vector<SetDistribution> distributions;
  PredictionReader reader(predictions_file);
  Prediction prediction;
  while (reader.next(prediction)) {
    require_sets(prediction, predictions_file, reader.line_number(), kCountsNeedSets);
    distributions.push_back(add_listed_distribution(prediction, labels));
  }
  if (labels.size() == 0) throw DataError(predictions_file, 0, "no row lists a set with a label");
  const LabelCounts counts = count_labels(distributions, labels.size());
  LabelGraphDocument document = make_document(std::move(labels), counts, options);
  document.is_expected = true;
  return document;
}

std::string to_text(const LabelGraphDocument& document, std::size_t top) {
  const LabelGraph& graph = document.graph;
  const auto positive = static_cast<std::size_t>(
      std::count_if(graph.edges().begin(), graph.edges().end(),
                    [](const LabelEdge& edge) { return edge.is_positive(); }));
  std::string text = fmt::format(
      "{}{}, {}; {} and {} avoid each other\n", document.is_expected ? "expected counts of " : "",
      counted(static_cast<std::size_t>(std::round(graph.total())), "row", "rows"),
      counted(graph.num_labels(), "label", "labels"),
      counted(positive, "pair goes together", "pairs go together"),
      grouped(graph.edges().size() - positive));
  text += edge_table(document, true, top) + edge_table(document, false, top);
  if (!document.communities.empty()) text += community_lines(document);
  if (document.centralities) text += centrality_table(document, top);
  if (document.tree) text += tree_lines(document);
  if (document.cliques) text += clique_lines(document, top);
  if (document.sets) text += set_table(document);
  if (document.rules) text += rule_table(document, top);
  return text;
}

}  // namespace labelbeam::pipeline
