#include <fmt/format.h>
#include <labelbeam/graph/communities.h>
#include <labelbeam/random.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "graph/edge_checks.h"

namespace labelbeam {
namespace {

// A move must gain this share of all weight: rounding must not send a node round in circles.
constexpr double kLeastGain = 1e-12;

struct Neighbour {
  std::uint32_t node = 0;
  double weight = 0.0;
};

/// A level of Louvain's method: nodes are the communities of the level below.
struct Level {
  std::vector<std::vector<Neighbour>> neighbours;
  std::vector<double> strength;  // with twice the weight inside the node

  std::size_t size() const { return strength.size(); }
};

Level first_level(std::size_t num_labels, std::span<const WeightedEdge> edges) {
  Level level;
  level.neighbours.resize(num_labels);
  level.strength = strengths(num_labels, edges);
  for (const WeightedEdge& edge : edges) {
    level.neighbours[edge.first].push_back({edge.second, edge.weight});
    level.neighbours[edge.second].push_back({edge.first, edge.weight});
  }
  return level;
}

/// Numbers communities 0, 1, ... as they first appear; returns how many there are.
std::size_t renumber(std::vector<std::uint32_t>& community_of) {
  std::vector<std::uint32_t> names(community_of.size(), 0);
  std::uint32_t count = 0;
  for (std::uint32_t& community : community_of) {
    if (names[community] == 0) names[community] = ++count;
    community = names[community] - 1;
  }
  return count;
}

class Louvain {
 public:
  Louvain(double total, double resolution, CounterRng& rng)
      : double_total_(2.0 * total), resolution_(resolution), rng_(rng) {}

  std::vector<std::uint32_t> run(const Level& labels) {
    std::vector<std::uint32_t> community_of = each_its_own(labels);
    // Labels that moved together may gain by moving alone, until none does.
    while (move_nodes(labels, community_of)) merge_communities(labels, community_of);
    return community_of;
  }

 private:
  static std::vector<std::uint32_t> each_its_own(const Level& level) {
    std::vector<std::uint32_t> community_of(level.size());
    std::iota(community_of.begin(), community_of.end(), 0u);
    return community_of;
  }

  /// Moves whole communities, and what they become, until none gains.
  void merge_communities(const Level& labels, std::vector<std::uint32_t>& community_of) {
    bool has_moved = true;
    while (has_moved) {
      const std::size_t count = renumber(community_of);
      const Level level = join(labels, community_of, count);
      std::vector<std::uint32_t> moved = each_its_own(level);
      has_moved = move_nodes(level, moved);
      for (std::uint32_t& community : community_of) community = moved[community];
    }
  }

  /// Moves single nodes to the neighbouring community of largest gain, or to one of their own,
  /// until none gains; whether any has moved. Communities are numbered below the number of nodes.
  bool move_nodes(const Level& level, std::vector<std::uint32_t>& community_of) {
    std::vector<double> community_strength(level.size(), 0.0);
    std::vector<std::size_t> num_members(level.size(), 0);
    for (std::size_t node = 0; node < level.size(); ++node) {
      community_strength[community_of[node]] += level.strength[node];
      ++num_members[community_of[node]];
    }
    std::vector<std::uint32_t> empty;
    for (std::uint32_t community = 0; community < level.size(); ++community) {
      if (num_members[community] == 0) empty.push_back(community);
    }
    std::vector<double> weight_to(level.size(), 0.0);
    std::vector<std::uint32_t> order = each_its_own(level);
    rng_.shuffle(std::span(order));
    bool has_moved = false;
    for (bool goes_on = true; goes_on;) {
      goes_on = false;
      for (const std::uint32_t node : order) {
        const std::uint32_t own = community_of[node];
        community_strength[own] -= level.strength[node];
        if (--num_members[own] == 0) empty.push_back(own);
        for (const Neighbour& each : level.neighbours[node]) {
          weight_to[community_of[each.node]] += each.weight;
        }
        const auto gain = [&](std::uint32_t community) {
          return weight_to[community] -
                 resolution_ * level.strength[node] * community_strength[community] / double_total_;
        };
        std::uint32_t best = own;
        double best_gain = gain(own) + kLeastGain * double_total_;
        if (num_members[own] > 0 && best_gain < 0.0) {  // the gain of being alone
          best = empty.back();
          best_gain = 0.0;
        }
        for (const Neighbour& each : level.neighbours[node]) {
          const std::uint32_t community = community_of[each.node];
          if (gain(community) > best_gain) {
            best = community;
            best_gain = gain(community);
          }
        }
        for (const Neighbour& each : level.neighbours[node]) {
          weight_to[community_of[each.node]] = 0.0;
        }
        if (num_members[best]++ == 0) empty.pop_back();
        community_strength[best] += level.strength[node];
        community_of[node] = best;
        goes_on = goes_on || best != own;
      }
      has_moved = has_moved || goes_on;
    }
    return has_moved;
  }

  static Level join(const Level& level, const std::vector<std::uint32_t>& community_of,
                    std::size_t count) {
    Level joined;
    joined.neighbours.resize(count);
    joined.strength.assign(count, 0.0);
    std::vector<std::vector<std::uint32_t>> members(count);
    for (std::uint32_t node = 0; node < level.size(); ++node) {
      members[community_of[node]].push_back(node);
      joined.strength[community_of[node]] += level.strength[node];
    }
    std::vector<double> weight_to(count, 0.0);
    for (std::uint32_t community = 0; community < count; ++community) {
      std::vector<std::uint32_t> reached;
      for (const std::uint32_t node : members[community]) {
        for (const Neighbour& each : level.neighbours[node]) {
          const std::uint32_t other = community_of[each.node];
          if (other == community) continue;
          if (weight_to[other] == 0.0) reached.push_back(other);
          weight_to[other] += each.weight;
        }
      }
      std::sort(reached.begin(), reached.end());
      for (const std::uint32_t other : reached) {
        joined.neighbours[community].push_back({other, weight_to[other]});
        weight_to[other] = 0.0;
      }
    }
    return joined;
  }

  double double_total_;
  double resolution_;
  CounterRng& rng_;
};

void number_by_size(std::vector<std::uint32_t>& community_of) {
  const std::size_t count = renumber(community_of);
  std::vector<std::size_t> sizes(count, 0);
  for (const std::uint32_t community : community_of) ++sizes[community];
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return sizes[a] > sizes[b]; });
  std::vector<std::uint32_t> name(count);
  for (std::uint32_t rank = 0; rank < count; ++rank) name[order[rank]] = rank;
  for (std::uint32_t& community : community_of) community = name[community];
}

double total_weight(std::span<const WeightedEdge> edges) {
  double total = 0.0;
  for (const WeightedEdge& edge : edges) total += edge.weight;
  return total;
}

}  // namespace

std::vector<std::uint32_t> find_communities(std::size_t num_labels,
                                            std::span<const WeightedEdge> edges,
                                            const CommunityOptions& options) {
  check_edges(num_labels, edges);
  check_positive_weights(edges);
  if (!(options.resolution > 0.0) || !std::isfinite(options.resolution)) {
    throw std::invalid_argument(fmt::format(
        "find_communities: resolution must be finite and above 0, got {}", options.resolution));
  }
  if (options.num_starts == 0) {
    throw std::invalid_argument("find_communities: num_starts must be at least 1, got 0");
  }
  const Level level = first_level(num_labels, edges);
  std::vector<std::uint32_t> best(num_labels);
  std::iota(best.begin(), best.end(), 0u);
  if (edges.empty()) return best;
  double best_modularity = modularity(best, edges, options.resolution);
  for (std::size_t start = 0; start < options.num_starts; ++start) {
    CounterRng rng(options.seed, {start});
    std::vector<std::uint32_t> found =
        Louvain(total_weight(edges), options.resolution, rng).run(level);
    const double value = modularity(found, edges, options.resolution);
    if (value > best_modularity + kLeastGain) {
      best = std::move(found);
      best_modularity = value;
    }
  }
  number_by_size(best);
  return best;
}

double modularity(std::span<const std::uint32_t> communities, std::span<const WeightedEdge> edges,
                  double resolution) {
  check_edges(communities.size(), edges);
  const double total = total_weight(edges);
  if (!(total > 0.0)) return 0.0;
  double inside = 0.0;
  std::vector<double> strength(communities.size(), 0.0);
  for (const WeightedEdge& edge : edges) {
    const std::uint32_t first = communities[edge.first];
    const std::uint32_t second = communities[edge.second];
    if (std::max(first, second) >= strength.size()) {
      throw std::invalid_argument("modularity: communities must be numbered below L");
    }
    if (first == second) inside += edge.weight;
    strength[first] += edge.weight;
    strength[second] += edge.weight;
  }
  double squares = 0.0;
  for (const double each : strength) squares += each * each;
  return inside / total - resolution * squares / (4.0 * total * total);
}

}  // namespace labelbeam
