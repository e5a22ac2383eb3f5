#include <fmt/format.h>
#include <labelbeam/output_file.h>
#include <labelbeam/writers/label_graph.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>

#include "readers/utf8_check.h"
#include "writers/csv_field.h"
#include "writers/json_text.h"

namespace labelbeam {
namespace {

/// The centralities by their names in files.
constexpr std::pair<const char*, std::vector<double> Centralities::*> kCentralities[] = {
    {"strength", &Centralities::strength},
    {"betweenness", &Centralities::betweenness},
    {"closeness", &Centralities::closeness},
    {"pagerank", &Centralities::pagerank}};

void check(const LabelGraphDocument& document) {
  const std::size_t num_labels = document.graph.num_labels();
  if (document.labels.size() != num_labels) {
    throw std::invalid_argument(fmt::format("a graph of {} labels is written with {} names",
                                            num_labels, document.labels.size()));
  }
  if (!document.communities.empty() && document.communities.size() != num_labels) {
    throw std::invalid_argument(
        fmt::format("a graph of {} labels is written with communities of {}", num_labels,
                    document.communities.size()));
  }
  if (document.centralities) {
    for (const auto& [name, measure] : kCentralities) {
      const std::size_t size = ((*document.centralities).*measure).size();
      if (size == num_labels) continue;
      throw std::invalid_argument(
          fmt::format("a graph of {} labels is written with the {} of {}", num_labels, name, size));
    }
  }
  for (const std::string& name : document.labels.names()) {
    if (find_broken_utf8(name) != std::string::npos) {
      throw std::invalid_argument("a label is not UTF-8");
    }
  }
}

/// Escapes a name by the replacement that `escape` gives for a byte; empty: the byte itself.
template <typename Escape>
std::string escaped(const std::string& name, const char* format, Escape escape) {
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') {
      throw std::invalid_argument(fmt::format(
          "{} cannot carry the control character {} of a label; write .json", format, byte));
    }
    const std::string_view replacement = escape(c);
    if (replacement.empty()) {
      text += c;
    } else {
      text += replacement;
    }
  }
  return text;
}

std::string dot_label(const std::string& name) {
  return escaped(name, "DOT", [](char c) -> std::string_view {
    switch (c) {
      case '"':
        return "\\\"";
      case '\\':
        return "\\\\";
      case '\n':
        return "\\n";
      case '&':
        return "&amp;";
      default:
        return {};
    }
  });
}

std::string xml_text(const std::string& name) {
  for (const char* character : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
    if (name.find(character) == std::string::npos) continue;
    throw std::invalid_argument(
        "GraphML cannot carry U+FFFE or U+FFFF, which are no characters, of a label; write .json");
  }
  return escaped(name, "GraphML", [](char c) -> std::string_view {
    switch (c) {
      case '&':
        return "&amp;";
      case '<':
        return "&lt;";
      case '>':
        return "&gt;";
      case '\r':
        return "&#13;";  // readers turn a bare one into a line feed
      default:
        return {};
    }
  });
}

/// The mutual information of the tree's edges.
using TreeEdges = std::map<std::pair<LabelId, LabelId>, double>;

TreeEdges tree_edges(const LabelGraphDocument& document) {
  TreeEdges edges;
  if (!document.tree) return edges;
  for (const TreeEdge& edge : document.tree->tree.edges()) {
    edges[std::minmax(edge.parent, edge.child)] = edge.mutual_information;
  }
  return edges;
}

std::string finite_or_null(double number, const char* what) {
  return std::isfinite(number) ? json_number(number, what) : "null";
}

std::string interval_json(PairMeasure measure, const PairTable& table) {
  const std::optional<Interval> interval = pair_interval(measure, table);
  return fmt::format("[{}, {}]", interval->lower, interval->upper);
}

std::string measures_json(const PairTable& table) {
  std::string text;
  for (const PairMeasure measure :
       {PairMeasure::support, PairMeasure::confidence, PairMeasure::reverse_confidence,
        PairMeasure::lift, PairMeasure::pmi, PairMeasure::npmi, PairMeasure::phi,
        PairMeasure::jaccard}) {
    const std::string name = pair_measure_name(measure);
    text += fmt::format(", \"{0}\": {1}, \"{0}_interval\": {2}", name,
                        finite_or_null(pair_measure(measure, table), "a measure"),
                        interval_json(measure, table));
  }
  const LogOddsRatio odds = log_odds_ratio(table);
  return text +
         fmt::format(", \"llr\": {}, \"log_odds_ratio\": {}, \"log_odds_ratio_std_error\": {}",
                     pair_measure(PairMeasure::log_likelihood_ratio, table), odds.value,
                     odds.std_error);
}

std::string centrality_json(const Centralities& centralities, std::size_t label) {
  std::string text;
  for (const auto& [name, measure] : kCentralities) {
    text += fmt::format("{}\"{}\": {}", text.empty() ? "{" : ", ", name,
                        json_number((centralities.*measure)[label], "a centrality"));
  }
  return text + "}";
}

std::string edge_json(const LabelEdge& edge, const LabelVocab& labels) {
  return fmt::format(
      "{{\"labels\": [{}, {}], \"positive\": {}, \"value\": {}, \"rows\": {}, \"expected\": {}, "
      "\"p_value\": {}, \"q_value\": {}{}}}",
      json_string(labels.name(edge.first), "a label"),
      json_string(labels.name(edge.second), "a label"), edge.is_positive(),
      finite_or_null(edge.value, "a value"), edge.table.both, edge.table.expected(), edge.p_value,
      edge.q_value, measures_json(edge.table));
}

std::string tree_json(const TreeSummary& summary, const LabelVocab& labels) {
  std::string text = fmt::format(
      "{{\"root\": {}, \"gain\": {}, \"held_out_gain\": {}, \"edges\": [",
      json_string(labels.name(summary.tree.root()), "a label"),
      json_number(summary.gain, "the gain"),
      summary.held_out_gain ? json_number(*summary.held_out_gain, "the held-out gain") : "null");
  const char* separator = "\n    ";
  for (const TreeEdge& edge : summary.tree.edges()) {
    text += fmt::format("{}{{\"parent\": {}, \"child\": {}, \"mutual_information\": {}}}",
                        separator, json_string(labels.name(edge.parent), "a label"),
                        json_string(labels.name(edge.child), "a label"), edge.mutual_information);
    separator = ",\n    ";
  }
  return text + "\n  ]}";
}

std::string labels_json(const LabelSet& set, const LabelVocab& labels) {
  std::string text;
  for (const LabelId label : set) {
    text += (text.empty() ? "[" : ", ") + json_string(labels.name(label), "a label");
  }
  return text + "]";
}

std::string cliques_json(const std::vector<LabelSet>& cliques, const LabelVocab& labels) {
  std::string text = "[";
  const char* separator = "\n    ";
  for (const LabelSet& clique : cliques) {
    text += separator + labels_json(clique, labels);
    separator = ",\n    ";
  }
  return text + "\n  ]";
}

std::string sets_json(const LabelGraphDocument& document) {
  std::string text = "[";
  const char* separator = "\n    ";
  for (const FrequentSet& set : *document.sets) {
    text += fmt::format("{}{{\"labels\": {}, \"rows\": {}, \"expected\": {}}}", separator,
                        labels_json(set.labels, document.labels), set.count,
                        expected_count(document.graph, set.labels));
    separator = ",\n    ";
  }
  return text + "\n  ]";
}

std::string rules_json(const std::vector<SuggestedRule>& rules, const LabelVocab& labels) {
  std::string text = "[";
  const char* separator = "\n    ";
  for (const SuggestedRule& rule : rules) {
    text += fmt::format(
        "{}{{\"kind\": \"{}\", \"labels\": [{}, {}], \"rows\": {}, \"expected\": {}, "
        "\"violations\": {}, \"violations_upper\": {}, \"held_out_violations\": {}}}",
        separator, rule.is_implication ? "implication" : "exclusion",
        json_string(labels.name(rule.first), "a label"),
        json_string(labels.name(rule.second), "a label"), rule.table.both, rule.table.expected(),
        rule.violations, rule.violations_upper,
        rule.held_out_violations ? fmt::format("{}", *rule.held_out_violations) : "null");
    separator = ",\n    ";
  }
  return text + "\n  ]";
}

std::string breaking_json(const RuleSummary& summary) {
  return fmt::format(
      "{{\"share\": {}, \"held_out_share\": {}}}", json_number(summary.breaking, "a share"),
      summary.held_out_breaking ? json_number(*summary.held_out_breaking, "the held-out share")
                                : "null");
}

using Format = std::string (*)(const LabelGraphDocument&);

/// Null where the suffix of a file name is not known.
Format format_of(const std::string& path) {
  const std::string suffix = suffix_of(path);
  if (suffix == ".dot" || suffix == ".gv") return to_dot;
  if (suffix == ".graphml") return to_graphml;
  if (suffix == ".json") return to_json;
  if (suffix == ".csv") return to_adjacency_csv;
  return nullptr;
}

}  // namespace

std::string to_dot(const LabelGraphDocument& document) {
  check(document);
  const LabelGraph& graph = document.graph;
  TreeEdges tree = tree_edges(document);
  // The engine "dot", Graphviz's default, is for hierarchies and takes minutes for dense graphs.
  std::string text = "graph labels {\n  layout=neato;\n  overlap=false;\n";
  for (std::size_t label = 0; label < graph.num_labels(); ++label) {
    text += fmt::format("  n{} [label=\"{}\", count=\"{}\"", label,
                        dot_label(document.labels.names()[label]), graph.label_counts()[label]);
    if (!document.communities.empty()) {
      text += fmt::format(", community={}", document.communities[label]);
    }
    text += "];\n";
  }
  constexpr const char* kInTree = "mutual_information=\"{}\", penwidth=3";
  for (const LabelEdge& edge : graph.edges()) {
    text += fmt::format("  n{} -- n{} [weight=\"{}\", count=\"{}\", q_value=\"{}\"{}", edge.first,
                        edge.second, edge.value, edge.table.both, edge.q_value,
                        edge.is_positive() ? "" : ", style=dashed");
    if (const auto in_tree = tree.extract({edge.first, edge.second})) {
      text += ", " + fmt::format(kInTree, in_tree.mapped());
    }
    text += "];\n";
  }
  for (const auto& [ends, information] : tree) {  // of pairs that are no edges
    text += fmt::format("  n{} -- n{} [style=dotted, ", ends.first, ends.second) +
            fmt::format(kInTree, information) + "];\n";
  }
  return text + "}\n";
}

std::string to_graphml(const LabelGraphDocument& document) {
  check(document);
  const LabelGraph& graph = document.graph;
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n";
  const auto key = [&text](const char* where, const char* name, const char* type) {
    text += fmt::format("  <key id=\"{0}_{1}\" for=\"{0}\" attr.name=\"{1}\" attr.type=\"{2}\"/>\n",
                        where, name, type);
  };
  key("node", "label", "string");
  key("node", "count", "double");
  if (!document.communities.empty()) key("node", "community", "int");
  if (document.centralities) {
    for (const auto& [name, measure] : kCentralities) key("node", name, "double");
  }
  for (const char* name : {"weight", "count", "expected", "p_value", "q_value"}) {
    key("edge", name, "double");
  }
  key("edge", "positive", "boolean");
  if (document.tree) key("edge", "mutual_information", "double");
  text += "  <graph id=\"labels\" edgedefault=\"undirected\">\n";
  const auto data = [](const char* where, const char* name, const auto& value) {
    return fmt::format("<data key=\"{}_{}\">{}</data>", where, name, value);
  };
  for (std::size_t label = 0; label < graph.num_labels(); ++label) {
    text += fmt::format("    <node id=\"n{}\">", label) +
            data("node", "label", xml_text(document.labels.names()[label])) +
            data("node", "count", graph.label_counts()[label]);
    if (!document.communities.empty()) {
      text += data("node", "community", document.communities[label]);
    }
    if (document.centralities) {
      for (const auto& [name, measure] : kCentralities) {
        text += data("node", name, ((*document.centralities).*measure)[label]);
      }
    }
    text += "</node>\n";
  }
  TreeEdges tree = tree_edges(document);
  const auto open_edge = [](LabelId first, LabelId second) {
    return fmt::format("    <edge source=\"n{}\" target=\"n{}\">", first, second);
  };
  for (const LabelEdge& edge : graph.edges()) {
    text += open_edge(edge.first, edge.second) + data("edge", "weight", edge.value) +
            data("edge", "count", edge.table.both) +
            data("edge", "expected", edge.table.expected()) +
            data("edge", "p_value", edge.p_value) + data("edge", "q_value", edge.q_value) +
            data("edge", "positive", edge.is_positive());
    if (const auto in_tree = tree.extract({edge.first, edge.second})) {
      text += data("edge", "mutual_information", in_tree.mapped());
    }
    text += "</edge>\n";
  }
  for (const auto& [ends, information] : tree) {  // of pairs that are no edges
    text += open_edge(ends.first, ends.second) + data("edge", "mutual_information", information) +
            "</edge>\n";
  }
  return text + "  </graph>\n</graphml>\n";
}

std::string to_json(const LabelGraphDocument& document) {
  check(document);
  const LabelGraph& graph = document.graph;
  const LabelGraphOptions& options = graph.options();
  std::string text = fmt::format(
      "{{\n  \"command\": \"graph\",\n  \"counted\": \"{}\",\n  \"rows\": {},\n"
      "  \"measure\": \"{}\",\n  \"min_support\": {},\n  \"min_expected\": {},\n"
      "  \"fdr\": {},\n  \"candidates\": {},\n  \"shrinkage\": "
      "{},\n  \"labels\": [",
      document.is_expected ? "distributions" : "rows", graph.total(),
      pair_measure_name(options.measure), options.min_support, options.min_expected, options.fdr,
      graph.num_candidates(), graph.shrinkage());
  for (std::size_t label = 0; label < graph.num_labels(); ++label) {
    text += fmt::format(
        "{}{{\"label\": {}, \"rows\": {}, \"community\": {}, \"centrality\": {}}}",
        label == 0 ? "\n    " : ",\n    ", json_string(document.labels.names()[label], "a label"),
        graph.label_counts()[label],
        document.communities.empty() ? "null" : fmt::format("{}", document.communities[label]),
        document.centralities ? centrality_json(*document.centralities, label) : "null");
  }
  text += "\n  ],\n  \"edges\": [";
  const char* separator = "\n    ";
  for (const LabelEdge& edge : graph.edges()) {
    text += separator + edge_json(edge, document.labels);
    separator = ",\n    ";
  }
  text += "\n  ],\n  \"tree\": ";
  text += document.tree ? tree_json(*document.tree, document.labels) : "null";
  text += ",\n  \"cliques\": ";
  text += document.cliques ? cliques_json(*document.cliques, document.labels) : "null";
  text += ",\n  \"sets\": ";
  text += document.sets ? sets_json(document) : "null";
  text += ",\n  \"rules\": ";
  text += document.rules ? rules_json(document.rules->rules, document.labels) : "null";
  text += ",\n  \"breaking_any_rule\": ";
  text += document.rules ? breaking_json(*document.rules) : "null";
  return text + "\n}\n";
}

std::string to_adjacency_csv(const LabelGraphDocument& document) {
  check(document);
  const LabelGraph& graph = document.graph;
  std::vector<std::vector<std::pair<LabelId, double>>> rows(graph.num_labels());
  for (const LabelEdge& edge : graph.edges()) {  // sorted, so that rows are filled in order
    rows[edge.second].push_back({edge.first, edge.value});
  }
  for (const LabelEdge& edge : graph.edges()) {
    rows[edge.first].push_back({edge.second, edge.value});
  }
  std::string text = "label";
  for (const std::string& name : document.labels.names()) text += ',' + csv_field(name);
  text += '\n';
  for (std::size_t label = 0; label < rows.size(); ++label) {
    text += csv_field(document.labels.names()[label]);
    std::size_t column = 0;
    for (const auto& [other, value] : rows[label]) {
      text.append(other + 1 - column, ',');
      text += fmt::format("{}", value);
      column = other + 1;
    }
    text.append(rows.size() - column, ',');
    text += '\n';
  }
  return text;
}

bool is_label_graph_file(const std::string& path) { return format_of(path) != nullptr; }

void write_label_graph(const std::string& path, const LabelGraphDocument& document) {
  const Format format = format_of(path);
  if (!format) {
    throw std::invalid_argument(fmt::format("a label graph is written as {}, which \"{}\" is not",
                                            kLabelGraphSuffixes, path));
  }
  write_file_atomically(path, format(document));
}

}  // namespace labelbeam
