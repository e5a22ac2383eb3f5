#include <fmt/format.h>
#include <labelbeam/graph/weighted_graph.h>

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/betweenness_centrality.hpp>
#include <boost/graph/bron_kerbosch_all_cliques.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/kruskal_min_spanning_tree.hpp>
#include <cmath>
#include <iterator>
#include <limits>
#include <stdexcept>

#include "graph/edge_checks.h"

namespace labelbeam {
namespace {

constexpr double kDamping = 0.85;  // of PageRank

using Length = boost::property<boost::edge_weight_t, double>;
using Graph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS, boost::no_property, Length>;
// Looking for cliques asks for single edges, which sets of neighbours find fast.
using LookupGraph = boost::adjacency_list<boost::setS, boost::vecS, boost::undirectedS>;

template <typename LengthOf>
Graph make_graph(std::size_t num_labels, std::span<const WeightedEdge> edges, LengthOf length_of) {
  check_edges(num_labels, edges);
  Graph graph(num_labels);
  for (const WeightedEdge& edge : edges) {
    boost::add_edge(edge.first, edge.second, Length(length_of(edge)), graph);
  }
  return graph;
}

/// An edge is 1 / weight long, and the weight must be above 0.
Graph make_distance_graph(std::size_t num_labels, std::span<const WeightedEdge> edges) {
  check_positive_weights(edges);
  return make_graph(num_labels, edges, [](const WeightedEdge& edge) { return 1.0 / edge.weight; });
}

struct CollectCliques {
  std::vector<LabelSet>& cliques;
  std::size_t limit;

  template <typename Clique, typename G>
  void clique(const Clique& members, const G&) {
    if (cliques.size() == limit) {
      throw std::length_error(fmt::format("there are more than {} maximal cliques", limit));
    }
    LabelSet set;
    for (const auto member : members) set.insert(static_cast<LabelId>(member));
    cliques.push_back(std::move(set));
  }
};

}  // namespace

void check_edges(std::size_t num_labels, std::span<const WeightedEdge> edges) {
  for (const WeightedEdge& edge : edges) {
    if (edge.first == edge.second || std::max(edge.first, edge.second) >= num_labels) {
      throw std::invalid_argument(fmt::format("an edge must join two of {} labels, got {} and {}",
                                              num_labels, edge.first, edge.second));
    }
    if (!std::isfinite(edge.weight)) {
      throw std::invalid_argument(fmt::format("the weight of the edge of {} and {} is not finite",
                                              edge.first, edge.second));
    }
  }
}

void check_positive_weights(std::span<const WeightedEdge> edges) {
  for (const WeightedEdge& edge : edges) {
    if (!(edge.weight > 0.0)) {
      throw std::invalid_argument(
          fmt::format("the weight of the edge of {} and {} must be above 0, got {}", edge.first,
                      edge.second, edge.weight));
    }
  }
}

std::vector<std::uint32_t> connected_components(std::size_t num_labels,
                                                std::span<const WeightedEdge> edges) {
  const Graph graph = make_graph(num_labels, edges, [](const WeightedEdge&) { return 1.0; });
  std::vector<std::uint32_t> components(num_labels);
  if (num_labels > 0) boost::connected_components(graph, components.data());
  return components;
}

std::vector<WeightedEdge> maximum_spanning_forest(std::size_t num_labels,
                                                  std::span<const WeightedEdge> edges) {
  const Graph graph =
      make_graph(num_labels, edges, [](const WeightedEdge& edge) { return -edge.weight; });
  std::vector<boost::graph_traits<Graph>::edge_descriptor> chosen;
  if (num_labels > 0) {
    boost::kruskal_minimum_spanning_tree(graph, std::back_inserter(chosen));
  }
  std::vector<WeightedEdge> forest;
  for (const auto& edge : chosen) {
    forest.push_back({static_cast<LabelId>(boost::source(edge, graph)),
                      static_cast<LabelId>(boost::target(edge, graph)),
                      -boost::get(boost::edge_weight, graph, edge)});
  }
  return forest;
}

std::vector<double> strengths(std::size_t num_labels, std::span<const WeightedEdge> edges) {
  check_edges(num_labels, edges);
  std::vector<double> sums(num_labels, 0.0);
  for (const WeightedEdge& edge : edges) {
    sums[edge.first] += edge.weight;
    sums[edge.second] += edge.weight;
  }
  return sums;
}

std::vector<double> betweenness(std::size_t num_labels, std::span<const WeightedEdge> edges) {
  const Graph graph = make_distance_graph(num_labels, edges);
  std::vector<double> centrality(num_labels, 0.0);
  const auto index = boost::get(boost::vertex_index, graph);
  boost::brandes_betweenness_centrality(
      graph, boost::centrality_map(boost::make_iterator_property_map(centrality.begin(), index))
                 .vertex_index_map(index)
                 .weight_map(boost::get(boost::edge_weight, graph)));
  return centrality;
}

std::vector<double> closeness(std::size_t num_labels, std::span<const WeightedEdge> edges) {
  const Graph graph = make_distance_graph(num_labels, edges);
  std::vector<double> centrality(num_labels, 0.0);
  std::vector<double> distances(num_labels);
  const auto index = boost::get(boost::vertex_index, graph);
  // Boost's closeness_centrality takes the distances of all pairs at once, L^2 of them.
  for (std::size_t label = 0; label < num_labels; ++label) {
    boost::dijkstra_shortest_paths(
        graph, label,
        boost::distance_map(boost::make_iterator_property_map(distances.begin(), index))
            .distance_inf(std::numeric_limits<double>::infinity()));
    for (std::size_t other = 0; other < num_labels; ++other) {
      if (other != label) centrality[label] += 1.0 / distances[other];
    }
  }
  return centrality;
}

// Boost's page_rank follows all edges of a vertex alike, whatever their weights, and loses what
// stands at a vertex without edges.
std::vector<double> pagerank(std::size_t num_labels, std::span<const WeightedEdge> edges) {
  check_positive_weights(edges);
  const std::vector<double> sums = strengths(num_labels, edges);
  const auto n = static_cast<double>(num_labels);
  std::vector<double> rank(num_labels, 1.0 / n);
  std::vector<double> next(num_labels);
  // A step brings ranks nearer to the fixed point by the damping: after these, to 1e-12 in sum.
  const int num_steps = static_cast<int>(std::ceil(std::log(1e-12 / 2.0) / std::log(kDamping)));
  for (int step = 0; step < num_steps; ++step) {
    double without_edges = 0.0;
    for (std::size_t label = 0; label < num_labels; ++label) {
      if (sums[label] == 0.0) without_edges += rank[label];
    }
    std::fill(next.begin(), next.end(), (1.0 - kDamping + kDamping * without_edges) / n);
    for (const WeightedEdge& edge : edges) {
      next[edge.second] += kDamping * rank[edge.first] * (edge.weight / sums[edge.first]);
      next[edge.first] += kDamping * rank[edge.second] * (edge.weight / sums[edge.second]);
    }
    rank.swap(next);
  }
  return rank;
}

Centralities centralities(std::size_t num_labels, std::span<const WeightedEdge> edges) {
  return {strengths(num_labels, edges), betweenness(num_labels, edges),
          closeness(num_labels, edges), pagerank(num_labels, edges)};
}

std::vector<LabelSet> maximal_cliques(std::size_t num_labels, std::span<const WeightedEdge> edges,
                                      std::size_t min_size, std::size_t limit) {
  check_edges(num_labels, edges);
  if (min_size < 2) {
    throw std::invalid_argument(
        fmt::format("maximal_cliques: min_size must be at least 2, got {}", min_size));
  }
  LookupGraph graph(num_labels);
  for (const WeightedEdge& edge : edges) boost::add_edge(edge.first, edge.second, graph);
  std::vector<LabelSet> cliques;
  boost::bron_kerbosch_all_cliques(graph, CollectCliques{cliques, limit}, min_size);
  std::sort(cliques.begin(), cliques.end());
  return cliques;
}

}  // namespace labelbeam
