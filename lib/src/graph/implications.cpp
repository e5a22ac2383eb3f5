#include <fmt/format.h>
#include <labelbeam/graph/implications.h>
#include <labelbeam/graph/label_graph.h>

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/topological_sort.hpp>
#include <boost/graph/transitive_reduction.hpp>
#include <iterator>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace labelbeam {
namespace {

void check(const RuleOptions& options) {
  const auto require = [](bool holds, const char* what, double value) {
    if (!holds) throw std::invalid_argument(fmt::format("RuleOptions: {}, got {}", what, value));
  };
  require(options.min_confidence > 0.5 && options.min_confidence <= 1.0,
          "min_confidence must be above 0.5 and at most 1", options.min_confidence);
  require(options.min_support > 0.0, "min_support must be above 0", options.min_support);
  require(options.max_observed >= 0.0 && options.max_observed < 1.0,
          "max_observed must be at least 0 and below 1", options.max_observed);
  require(options.min_expected > 0.0, "min_expected must be above 0", options.min_expected);
  require(options.fdr > 0.0 && options.fdr <= 1.0, "fdr must be above 0 and at most 1",
          options.fdr);
}

/// The pairs that depend on each other: what rules are made of.
std::vector<LabelEdge> dependent_pairs(const LabelCounts& counts, const RuleOptions& options) {
  check(options);
  LabelGraphOptions graph;
  graph.measure = PairMeasure::phi;
  graph.min_support = std::min(options.min_support, options.min_expected);
  graph.min_expected = options.min_expected;
  graph.fdr = options.fdr;
  graph.shrinkage = 0.0;
  return LabelGraph(counts, graph).edges();
}

std::vector<NearImplication> implications_in(std::span<const LabelEdge> pairs,
                                             const RuleOptions& options) {
  std::vector<NearImplication> implications;
  for (const LabelEdge& pair : pairs) {
    if (!pair.is_positive() || pair.table.both < options.min_support) continue;
    const PairTable& table = pair.table;
    const bool as_is = table.first <= table.second;
    const NearImplication implication =
        as_is ? NearImplication{pair.first, pair.second, table}
              : NearImplication{
                    pair.second, pair.first, {table.both, table.second, table.first, table.total}};
    if (implication.confidence() >= options.min_confidence) implications.push_back(implication);
  }
  std::sort(implications.begin(), implications.end(), [](const auto& a, const auto& b) {
    return std::tie(a.from, a.to) < std::tie(b.from, b.to);
  });
  return implications;
}

/// Of `table`'s sets that the rule is about, those that break it.
std::pair<double, double> violations_of(const SuggestedRule& rule, const PairTable& table) {
  if (rule.is_implication) return {table.first - table.both, table.first};
  return {table.both, table.first + table.second - table.both};
}

/// Pairs of labels (the lower one first) that some label implies, itself among them.
std::set<std::pair<LabelId, LabelId>> implied_together(
    std::span<const NearImplication> implications) {
  std::map<LabelId, std::vector<LabelId>> consequents_of;
  for (const NearImplication& each : implications) consequents_of[each.from].push_back(each.to);
  std::set<std::pair<LabelId, LabelId>> pairs;
  for (const auto& [label, ignored] : consequents_of) {
    std::vector<LabelId> reached{label};
    LabelSet seen{label};
    for (std::size_t at = 0; at < reached.size(); ++at) {
      const auto next = consequents_of.find(reached[at]);
      if (next == consequents_of.end()) continue;
      for (const LabelId implied : next->second) {
        if (seen.contains(implied)) continue;
        for (const LabelId other : reached) pairs.insert(std::minmax(other, implied));
        seen.insert(implied);
        reached.push_back(implied);
      }
    }
  }
  return pairs;
}

SuggestedRule with_violations(SuggestedRule rule, const LabelCounts* held_out) {
  const auto [broken, all] = violations_of(rule, rule.table);
  // Wilson's interval of a share is that of the confidence of a table with these margins.
  const auto interval = pair_interval(PairMeasure::confidence, {broken, all, broken, all});
  rule.violations = broken / all;
  rule.violations_upper = interval->upper;
  if (held_out) {
    const auto [held_out_broken, held_out_all] =
        violations_of(rule, held_out->table(rule.first, rule.second));
    if (held_out_all > 0.0) rule.held_out_violations = held_out_broken / held_out_all;
  }
  return rule;
}

}  // namespace

std::vector<NearImplication> near_implications(const LabelCounts& counts,
                                               const RuleOptions& options) {
  return implications_in(dependent_pairs(counts, options), options);
}

std::vector<NearImplication> hierarchy(std::span<const NearImplication> implications,
                                       std::size_t num_labels) {
  // Boost's reduction takes time and memory for every pair of vertices: only those with edges are.
  std::map<LabelId, std::size_t> vertex_of;
  for (const NearImplication& each : implications) {
    if (std::max(each.from, each.to) >= num_labels) {
      throw std::invalid_argument(fmt::format("hierarchy: {} and {} are no two of {} labels",
                                              each.from, each.to, num_labels));
    }
    vertex_of.emplace(each.from, vertex_of.size());
    vertex_of.emplace(each.to, vertex_of.size());
  }
  if (vertex_of.empty()) return {};  // of no vertices Boost's reduction takes the first
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
  Graph graph(vertex_of.size());
  for (const NearImplication& each : implications) {
    boost::add_edge(vertex_of.at(each.from), vertex_of.at(each.to), graph);
  }
  try {
    std::vector<std::size_t> order;
    boost::topological_sort(graph, std::back_inserter(order));
  } catch (const boost::not_a_dag&) {
    throw std::invalid_argument("hierarchy: the implications go in a circle");
  }
  Graph reduced;
  std::vector<std::size_t> to_reduced(vertex_of.size());
  const auto index = boost::get(boost::vertex_index, graph);
  boost::transitive_reduction(graph, reduced,
                              boost::make_iterator_property_map(to_reduced.begin(), index), index);
  std::set<std::pair<std::size_t, std::size_t>> kept;
  for (const auto& edge : boost::make_iterator_range(boost::edges(reduced))) {
    kept.emplace(boost::source(edge, reduced), boost::target(edge, reduced));
  }
  std::vector<NearImplication> result;
  for (const NearImplication& each : implications) {
    const std::size_t from = to_reduced[vertex_of.at(each.from)];
    if (kept.contains({from, to_reduced[vertex_of.at(each.to)]})) result.push_back(each);
  }
  return result;
}

std::vector<SuggestedRule> suggest_rules(const LabelCounts& counts, const RuleOptions& options,
                                         const LabelCounts* held_out) {
  if (held_out && held_out->num_labels() != counts.num_labels()) {
    throw std::invalid_argument(
        fmt::format("suggest_rules: counts of {} labels are held out for {}",
                    held_out->num_labels(), counts.num_labels()));
  }
  const std::vector<LabelEdge> pairs = dependent_pairs(counts, options);
  const std::vector<NearImplication> implications = implications_in(pairs, options);
  std::vector<SuggestedRule> rules;
  for (const NearImplication& each : hierarchy(implications, counts.num_labels())) {
    rules.push_back(with_violations({each.from, each.to, true, each.table}, held_out));
  }
  const auto together = implied_together(implications);
  for (const LabelEdge& pair : pairs) {
    const double expected = pair.table.expected();
    if (pair.is_positive() || expected < options.min_expected) continue;
    if (pair.table.both > options.max_observed * expected) continue;
    if (together.contains({pair.first, pair.second})) continue;
    rules.push_back(with_violations({pair.first, pair.second, false, pair.table}, held_out));
  }
  std::stable_sort(rules.begin(), rules.end(), [](const SuggestedRule& a, const SuggestedRule& b) {
    return a.violations_upper < b.violations_upper;
  });
  return rules;
}

ConstraintSpec to_constraints(std::span<const SuggestedRule> rules) {
  ConstraintSpec spec;
  for (const SuggestedRule& rule : rules) {
    if (rule.is_implication) {
      spec.implications.push_back({LabelSet{rule.first}, LabelSet{rule.second}});
    } else {
      spec.exclusions.push_back({rule.first, rule.second});
    }
  }
  return spec;
}

}  // namespace labelbeam
