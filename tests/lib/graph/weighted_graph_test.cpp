#include <labelbeam/graph/weighted_graph.h>
#include <labelbeam/random.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "catch.h"
#include "infinity.h"
#include "labelled_trees.h"
#include "random_edges.h"

using namespace labelbeam;
using labelbeam::test_support::for_each_tree;
using labelbeam::test_support::kInfinity;
using labelbeam::test_support::random_edges;

namespace {

double total(const std::vector<WeightedEdge>& edges) {
  double sum = 0.0;
  for (const WeightedEdge& edge : edges) sum += edge.weight;
  return sum;
}

using Matrix = std::vector<std::vector<double>>;

Matrix matrix_of(std::size_t num_labels, const std::vector<WeightedEdge>& edges) {
  Matrix weights(num_labels, std::vector<double>(num_labels, 0.0));
  for (const WeightedEdge& edge : edges) {
    weights[edge.first][edge.second] = weights[edge.second][edge.first] = edge.weight;
  }
  return weights;
}

/// Lengths of shortest paths by Floyd and Warshall.
Matrix distances_of(std::size_t n, const std::vector<WeightedEdge>& edges) {
  const Matrix weights = matrix_of(n, edges);
  Matrix length(n, std::vector<double>(n, kInfinity));
  for (std::size_t a = 0; a < n; ++a) {
    length[a][a] = 0.0;
    for (std::size_t b = 0; b < n; ++b) {
      if (weights[a][b] > 0.0) length[a][b] = 1.0 / weights[a][b];
    }
  }
  for (std::size_t via = 0; via < n; ++via) {
    for (std::size_t a = 0; a < n; ++a) {
      for (std::size_t b = 0; b < n; ++b) {
        length[a][b] = std::min(length[a][b], length[a][via] + length[via][b]);
      }
    }
  }
  return length;
}

std::vector<double> brute_force_betweenness(std::size_t n, const std::vector<WeightedEdge>& edges) {
  const Matrix length = distances_of(n, edges);
  // Random weights: every shortest path is the only one.
  std::vector<double> centrality(n, 0.0);
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = a + 1; b < n; ++b) {
      for (std::size_t via = 0; via < n; ++via) {
        if (via == a || via == b || length[a][b] == kInfinity) continue;
        if (std::abs(length[a][via] + length[via][b] - length[a][b]) < 1e-12) centrality[via] += 1;
      }
    }
  }
  return centrality;
}

std::vector<double> brute_force_closeness(std::size_t n, const std::vector<WeightedEdge>& edges) {
  const Matrix length = distances_of(n, edges);
  std::vector<double> centrality(n, 0.0);
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < n; ++b) {
      if (a != b && length[a][b] < kInfinity) centrality[a] += 1.0 / length[a][b];
    }
  }
  return centrality;
}

/// x of A x = b, by Gauss and Jordan with the largest pivots.
std::vector<double> solve(Matrix a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column; row < n; ++row) {
      if (std::abs(a[row][column]) > std::abs(a[pivot][column])) pivot = row;
    }
    std::swap(a[column], a[pivot]);
    std::swap(b[column], b[pivot]);
    for (std::size_t row = 0; row < n; ++row) {
      if (row == column) continue;
      const double factor = a[row][column] / a[column][column];
      for (std::size_t k = 0; k < n; ++k) a[row][k] -= factor * a[column][k];
      b[row] -= factor * b[column];
    }
  }
  for (std::size_t row = 0; row < n; ++row) b[row] /= a[row][row];
  return b;
}

/// The fixed point r = 0.15 / n + 0.85 P r as a linear system; P's columns are where each label's
/// walk goes next.
std::vector<double> solved_pagerank(std::size_t n, const std::vector<WeightedEdge>& edges) {
  const Matrix weights = matrix_of(n, edges);
  Matrix system(n, std::vector<double>(n, 0.0));
  for (std::size_t from = 0; from < n; ++from) {
    const double sum = std::accumulate(weights[from].begin(), weights[from].end(), 0.0);
    for (std::size_t to = 0; to < n; ++to) {
      const double goes = sum > 0.0 ? weights[from][to] / sum : 1.0 / static_cast<double>(n);
      system[to][from] = (from == to ? 1.0 : 0.0) - 0.85 * goes;
    }
  }
  return solve(system, std::vector<double>(n, 0.15 / static_cast<double>(n)));
}

bool is_clique(const Matrix& weights, const LabelSet& set) {
  for (const LabelId a : set) {
    for (const LabelId b : set) {
      if (a != b && weights[a][b] == 0.0) return false;
    }
  }
  return true;
}

std::vector<LabelSet> brute_force_cliques(std::size_t n, const std::vector<WeightedEdge>& edges) {
  const Matrix weights = matrix_of(n, edges);
  std::vector<LabelSet> cliques;
  for (std::uint32_t bits = 0; bits < (1u << n); ++bits) {
    LabelSet set;
    for (LabelId label = 0; label < n; ++label) {
      if ((bits >> label) & 1u) set.insert(label);
    }
    if (set.size() < 2 || !is_clique(weights, set)) continue;
    bool is_maximal = true;
    for (LabelId label = 0; label < n; ++label) {
      LabelSet larger = set;
      if (larger.insert(label) && is_clique(weights, larger)) is_maximal = false;
    }
    if (is_maximal) cliques.push_back(set);
  }
  std::sort(cliques.begin(), cliques.end());
  return cliques;
}

}  // namespace

TEST_CASE("The spanning tree outweighs every other tree") {
  for (std::size_t n = 2; n <= 6; ++n) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      CounterRng random(seed, {n});
      const auto edges = random_edges(n, 1.0, random);
      const Matrix weights = matrix_of(n, edges);
      double best = 0.0;
      for_each_tree(n, [&](const auto& tree) {
        double sum = 0.0;
        for (const auto& [a, b] : tree) sum += weights[a][b];
        best = std::max(best, sum);
      });
      const auto tree = maximum_spanning_forest(n, edges);
      REQUIRE(tree.size() == n - 1);
      REQUIRE(total(tree) == Approx(best).epsilon(1e-12));
    }
  }
}

TEST_CASE("A forest spans each component, and components are numbered by their lowest label") {
  const std::vector<WeightedEdge> edges{{5, 1, 2.0}, {1, 3, -1.0}, {3, 5, 3.0}, {2, 4, 1.0}};
  CHECK(connected_components(6, edges) == std::vector<std::uint32_t>{0, 1, 2, 1, 2, 1});
  const auto forest = maximum_spanning_forest(6, edges);
  CHECK(forest.size() == 3);
  CHECK(total(forest) == 6.0);
  CHECK(connected_components(6, forest) == connected_components(6, edges));
  CHECK(connected_components(0, {}).empty());
}

TEST_CASE("Betweenness and strength equal a count over all pairs") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CounterRng random(seed);
    const auto edges = random_edges(7, 0.5, random);
    const auto expected = brute_force_betweenness(7, edges);
    const auto found = betweenness(7, edges);
    const auto weights = matrix_of(7, edges);
    const auto sums = strengths(7, edges);
    for (std::size_t label = 0; label < 7; ++label) {
      CHECK(found[label] == Approx(expected[label]).margin(1e-9));
      const auto& row = weights[label];
      CHECK(sums[label] == Approx(std::accumulate(row.begin(), row.end(), 0.0)));
    }
  }
}

TEST_CASE("Closeness equals a sum over all pairs, and PageRank the solution of its system") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CounterRng random(seed);
    // Sparse ones fall apart and leave labels alone.
    const auto edges = random_edges(8, seed % 2 == 0 ? 0.5 : 0.15, random);
    const auto closeness_by_hand = brute_force_closeness(8, edges);
    const auto closeness_found = closeness(8, edges);
    const auto rank_by_hand = solved_pagerank(8, edges);
    const auto rank_found = pagerank(8, edges);
    for (std::size_t label = 0; label < 8; ++label) {
      CHECK(closeness_found[label] == Approx(closeness_by_hand[label]).epsilon(1e-12));
      CHECK(rank_found[label] == Approx(rank_by_hand[label]).epsilon(1e-10));
    }
    CHECK(std::accumulate(rank_found.begin(), rank_found.end(), 0.0) == Approx(1.0));
  }
}

TEST_CASE("Centralities of a star, and of no labels at all") {
  // Label 0 joins 1 to 4 by edges of length 1 / 2; 5 is alone.
  const std::vector<WeightedEdge> star{{0, 1, 2.0}, {2, 0, 2.0}, {0, 3, 2.0}, {4, 0, 2.0}};
  const Centralities found = centralities(6, star);
  CHECK(found.strength == std::vector<double>{8, 2, 2, 2, 2, 0});
  CHECK(found.betweenness == std::vector<double>{6, 0, 0, 0, 0, 0});
  CHECK(found.closeness == std::vector<double>{8, 5, 5, 5, 5, 0});
  // c = u + 4 d l, l = u + d c / 4, a = u; u = (1 - d + d a) / 6 of the centre, leaf and label
  // alone.
  const double u = 0.15 / (6 - 0.85);
  const double centre = u * (1 + 4 * 0.85) / (1 - 0.85 * 0.85);
  CHECK(found.pagerank[0] == Approx(centre).epsilon(1e-11));
  CHECK(found.pagerank[3] == Approx(u + 0.85 * centre / 4).epsilon(1e-11));
  CHECK(found.pagerank[5] == Approx(u).epsilon(1e-11));
  CHECK(closeness(0, {}).empty());
  CHECK(pagerank(0, {}).empty());
  CHECK(pagerank(2, {}) == std::vector<double>{0.5, 0.5});
}

TEST_CASE("Maximal cliques are those of a look at all sets") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CounterRng random(seed);
    const auto edges = random_edges(8, 0.2 + 0.02 * static_cast<double>(seed), random);
    CHECK(maximal_cliques(8, edges, 2) == brute_force_cliques(8, edges));
  }
  const std::vector<WeightedEdge> path{{0, 1, 1.0}, {1, 2, 1.0}};
  CHECK(maximal_cliques(3, path).empty());
  CHECK_THROWS_AS(maximal_cliques(3, path, 2, 1), std::length_error);
  CHECK_THROWS_AS(maximal_cliques(3, path, 1), std::invalid_argument);
}

TEST_CASE("Edges that join nothing and senseless weights are refused") {
  const auto components = [](WeightedEdge edge) {
    return connected_components(3, std::vector<WeightedEdge>{edge});
  };
  CHECK_THROWS_AS(components({0, 3, 1.0}), std::invalid_argument);
  CHECK_THROWS_AS(components({1, 1, 1.0}), std::invalid_argument);
  CHECK_THROWS_AS(components({0, 1, std::nan("")}), std::invalid_argument);
  const std::vector<WeightedEdge> weightless{{0, 1, 0.0}};
  CHECK_THROWS_AS(betweenness(3, weightless), std::invalid_argument);
  CHECK_THROWS_AS(closeness(3, weightless), std::invalid_argument);
  CHECK_THROWS_AS(pagerank(3, weightless), std::invalid_argument);
  CHECK_THROWS_AS(pagerank(1, std::vector<WeightedEdge>{{0, 1, 1.0}}), std::invalid_argument);
}
