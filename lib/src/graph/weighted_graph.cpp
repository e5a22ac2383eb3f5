#include <fmt/format.h>
#include <labelbeam/graph/weighted_graph.h>

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/betweenness_centrality.hpp>
#include <boost/graph/bron_kerbosch_all_cliques.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/kruskal_min_spanning_tree.hpp>
#include <cmath>
#include <iterator>
#include <stdexcept>

#include "graph/edge_checks.h"

namespace labelbeam {
namespace {

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
  check_positive_weights(edges);
  const Graph graph =
      make_graph(num_labels, edges, [](const WeightedEdge& edge) { return 1.0 / edge.weight; });
  std::vector<double> centrality(num_labels, 0.0);
  const auto index = boost::get(boost::vertex_index, graph);
  boost::brandes_betweenness_centrality(
      graph, boost::centrality_map(boost::make_iterator_property_map(centrality.begin(), index))
                 .vertex_index_map(index)
                 .weight_map(boost::get(boost::edge_weight, graph)));
  return centrality;
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
