#pragma once

#include <labelbeam/label_set.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace labelbeam {

/// An undirected edge. The functions below take each pair of labels once at most.
struct WeightedEdge {
  LabelId first = 0;
  LabelId second = 0;
  double weight = 1.0;

  bool operator==(const WeightedEdge&) const = default;
};

// Structure of a graph of L labels. All throw `std::invalid_argument` for an edge that ends at no
// label or where it starts, and for a weight that is not finite.

/// [L]: the connected component of each label; components are numbered by their lowest label.
std::vector<std::uint32_t> connected_components(std::size_t num_labels,
                                                std::span<const WeightedEdge> edges);

/// The edges of a spanning forest of greatest weight (Kruskal 1956), heaviest first.
std::vector<WeightedEdge> maximum_spanning_forest(std::size_t num_labels,
                                                  std::span<const WeightedEdge> edges);

/// [L]: the sum of weights at each label.
std::vector<double> strengths(std::size_t num_labels, std::span<const WeightedEdge> edges);

/// [L]: betweenness (Brandes 2001), the share of shortest paths of other labels that pass through a
/// label, summed over pairs; an edge is 1 / weight long (Newman 2001). Weights must be above 0.
std::vector<double> betweenness(std::size_t num_labels, std::span<const WeightedEdge> edges);

/// [L]: harmonic closeness, the sum over the other labels of 1 / length of the shortest path, 0 for
/// those without a path (Marchiori and Latora 2000; Rochat 2009); an edge is 1 / weight long.
/// Weights must be above 0.
std::vector<double> closeness(std::size_t num_labels, std::span<const WeightedEdge> edges);

/// [L]: PageRank (Brin and Page 1998) with damping 0.85, which sums to 1: where a walk is that
/// follows an edge with a probability in proportion to its weight, and goes to any label with
/// probability 0.15, or where there is no edge. Weights must be above 0.
std::vector<double> pagerank(std::size_t num_labels, std::span<const WeightedEdge> edges);

/// How central each label is, each [L].
struct Centralities {
  std::vector<double> strength;
  std::vector<double> betweenness;
  std::vector<double> closeness;
  std::vector<double> pagerank;
};

/// All four. Weights must be above 0. Time is labels times edges times the logarithm of labels.
Centralities centralities(std::size_t num_labels, std::span<const WeightedEdge> edges);

/// Sets of at least `min_size` (>= 2) labels that are all joined by edges and can take no further
/// label (Bron and Kerbosch 1973), in the order of sets. There may be exponentially many: throws
/// `std::length_error` where they are more than `limit`.
std::vector<LabelSet> maximal_cliques(std::size_t num_labels, std::span<const WeightedEdge> edges,
                                      std::size_t min_size = 3, std::size_t limit = 100000);

}  // namespace labelbeam
