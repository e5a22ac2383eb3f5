#include <fmt/format.h>
#include <labelbeam/graph/arborescence.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <unordered_map>

namespace labelbeam {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

/// An arc between the nodes of one level of contraction, and the arc below that it stands for.
struct LevelArc {
  std::size_t from = 0;
  std::size_t to = 0;
  double weight = 0.0;
  std::size_t below = 0;
};

void check(std::size_t num_labels, std::span<const double> root_weights,
           std::span<const Arc> arcs) {
  for (const double weight : root_weights) {
    if (std::isnan(weight) || weight == std::numeric_limits<double>::infinity()) {
      throw std::invalid_argument(
          fmt::format("maximum_branching: a root weight must be below infinity, got {}", weight));
    }
  }
  for (const Arc& arc : arcs) {
    if (arc.from == arc.to || std::max(arc.from, arc.to) >= num_labels) {
      throw std::invalid_argument(
          fmt::format("maximum_branching: an arc must join two of {} labels, got {} and {}",
                      num_labels, arc.from, arc.to));
    }
    if (!std::isfinite(arc.weight)) {
      throw std::invalid_argument(
          fmt::format("maximum_branching: the weight of the arc from {} to {} is not finite",
                      arc.from, arc.to));
    }
  }
}

/// [nodes]: the heaviest arc into each node but the root, the first of equal ones.
std::vector<std::size_t> heaviest_arcs(std::size_t num_nodes, std::size_t root,
                                       const std::vector<LevelArc>& arcs) {
  std::vector<std::size_t> best(num_nodes, kNone);
  for (std::size_t a = 0; a < arcs.size(); ++a) {
    const LevelArc& arc = arcs[a];
    if (arc.to == root) continue;
    if (best[arc.to] == kNone || arc.weight > arcs[best[arc.to]].weight) best[arc.to] = a;
  }
  for (std::size_t node = 0; node < num_nodes; ++node) {
    if (node != root && best[node] == kNone) {
      throw std::invalid_argument("maximum_branching: a label can be reached from no root");
    }
  }
  return best;
}

/// Cycles of the chosen arcs: [nodes] the number of the node's cycle, or kNone; and how many.
std::pair<std::vector<std::size_t>, std::size_t> find_cycles(std::size_t root,
                                                             const std::vector<LevelArc>& arcs,
                                                             const std::vector<std::size_t>& best) {
  const std::size_t num_nodes = best.size();
  std::vector<std::size_t> cycle_of(num_nodes, kNone);
  std::vector<std::size_t> seen_from(num_nodes, kNone);
  std::size_t num_cycles = 0;
  for (std::size_t start = 0; start < num_nodes; ++start) {
    std::size_t node = start;
    while (node != root && seen_from[node] == kNone) {
      seen_from[node] = start;
      node = arcs[best[node]].from;
    }
    if (node == root || seen_from[node] != start || cycle_of[node] != kNone) continue;
    for (; cycle_of[node] == kNone; node = arcs[best[node]].from) cycle_of[node] = num_cycles;
    ++num_cycles;
  }
  return {std::move(cycle_of), num_cycles};
}

/// Of the arcs from one node to another the heaviest, the first of equal ones; none into the root.
std::vector<LevelArc> without_parallel_arcs(const std::vector<LevelArc>& arcs, std::size_t root,
                                            std::size_t num_nodes) {
  std::unordered_map<std::uint64_t, std::size_t> best;
  const auto ends = [&](const LevelArc& arc) { return arc.from * num_nodes + arc.to; };
  for (std::size_t a = 0; a < arcs.size(); ++a) {
    const auto [place, is_new] = best.emplace(ends(arcs[a]), a);
    if (!is_new && arcs[a].weight > arcs[place->second].weight) place->second = a;
  }
  std::vector<LevelArc> kept;
  for (std::size_t a = 0; a < arcs.size(); ++a) {
    if (arcs[a].to != root && best.at(ends(arcs[a])) == a) kept.push_back(arcs[a]);
  }
  return kept;
}

/// The arcs of the maximum arborescence, as positions in `arcs`, by contracting cycles.
std::vector<std::size_t> solve(std::size_t num_nodes, std::size_t root,
                               const std::vector<LevelArc>& arcs) {
  std::vector<std::size_t> best = heaviest_arcs(num_nodes, root, arcs);
  auto [cycle_of, num_cycles] = find_cycles(root, arcs, best);
  if (num_cycles > 0) {
    std::vector<std::size_t> contracted = cycle_of;
    std::size_t num_contracted = num_cycles;
    for (std::size_t& node : contracted) node = node == kNone ? num_contracted++ : node;
    std::vector<LevelArc> above;
    for (std::size_t a = 0; a < arcs.size(); ++a) {
      const LevelArc& arc = arcs[a];
      if (contracted[arc.from] == contracted[arc.to]) continue;
      // Entering a cycle drops its arc into the same node.
      const double drops = cycle_of[arc.to] == kNone ? 0.0 : arcs[best[arc.to]].weight;
      above.push_back({contracted[arc.from], contracted[arc.to], arc.weight - drops, a});
    }
    above = without_parallel_arcs(above, contracted[root], num_contracted);
    for (const std::size_t chosen : solve(num_contracted, contracted[root], above)) {
      if (chosen != kNone) best[arcs[above[chosen].below].to] = above[chosen].below;
    }
  }
  return best;
}

}  // namespace

std::vector<std::optional<LabelId>> maximum_branching(std::span<const double> root_weights,
                                                      std::span<const Arc> arcs) {
  const std::size_t num_labels = root_weights.size();
  check(num_labels, root_weights, arcs);
  std::vector<LevelArc> all;
  for (std::size_t label = 0; label < num_labels; ++label) {
    if (std::isfinite(root_weights[label])) {
      all.push_back({num_labels, label, root_weights[label], 0});
    }
  }
  for (const Arc& arc : arcs) all.push_back({arc.from, arc.to, arc.weight, 0});
  const std::vector<std::size_t> chosen = solve(num_labels + 1, num_labels, all);
  std::vector<std::optional<LabelId>> parents(num_labels);
  for (std::size_t label = 0; label < num_labels; ++label) {
    const std::size_t from = all[chosen[label]].from;
    if (from != num_labels) parents[label] = static_cast<LabelId>(from);
  }
  return parents;
}

}  // namespace labelbeam
