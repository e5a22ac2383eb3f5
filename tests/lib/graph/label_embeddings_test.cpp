#include <labelbeam/graph/label_embeddings.h>
#include <labelbeam/graph/label_graph.h>

#include <cmath>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "catch.h"
#include "planted_sets.h"
#include "random_edges.h"

using namespace labelbeam;
using labelbeam::test_support::grouped_sets;
using labelbeam::test_support::random_edges;

namespace {

using Rows = std::vector<std::vector<double>>;

/// Matrix times matrix^T of the embeddings, entry by entry, with a weight a column.
double product(const LabelEmbeddings& e, std::size_t a, std::size_t b,
               const std::vector<double>& weights) {
  double sum = 0.0;
  for (std::size_t k = 0; k < weights.size(); ++k) {
    sum += weights[k] * e.values[a * e.dimension + k] * e.values[b * e.dimension + k];
  }
  return sum;
}

double distance(const LabelEmbeddings& e, std::size_t a, std::size_t b) {
  double sum = 0.0;
  for (std::size_t k = 0; k < e.dimension; ++k) {
    const double difference = e.values[a * e.dimension + k] - e.values[b * e.dimension + k];
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

/// D^-1/2 A D^-1/2.
Rows normalised(std::size_t n, const std::vector<WeightedEdge>& edges) {
  const auto k = strengths(n, edges);
  Rows matrix(n, std::vector<double>(n, 0.0));
  for (const WeightedEdge& edge : edges) {
    matrix[edge.first][edge.second] = matrix[edge.second][edge.first] =
        edge.weight / std::sqrt(k[edge.first] * k[edge.second]);
  }
  return matrix;
}

}  // namespace

TEST_CASE("All spectral embeddings together give the normalised adjacency matrix") {
  CounterRng random(1);
  const auto edges = random_edges(12, 0.5, random);
  const Rows matrix = normalised(12, edges);
  const LabelEmbeddings e = spectral_embeddings(12, edges, 15);
  REQUIRE(e.eigenvalues.size() == 12);
  CHECK(std::is_sorted(e.eigenvalues.rbegin(), e.eigenvalues.rend()));
  CHECK(e.eigenvalues[0] == Approx(1.0));
  for (std::size_t a = 0; a < 12; ++a) {
    for (std::size_t b = 0; b < 12; ++b) {
      CHECK(product(e, a, b, e.eigenvalues) == Approx(matrix[a][b]).margin(1e-10));
    }
    for (std::size_t k = 12; k < 15; ++k) CHECK(e.values[a * 15 + k] == 0.0);
  }
}

TEST_CASE("A few embeddings of many labels are eigenvectors too") {
  CounterRng random(2);
  const auto edges = random_edges(450, 0.02, random);
  const Rows matrix = normalised(450, edges);
  const LabelEmbeddings e = spectral_embeddings(450, edges, 5);
  double worst = 0.0;
  for (std::size_t k = 0; k < 5; ++k) {
    for (std::size_t a = 0; a < 450; ++a) {
      double sum = 0.0;
      for (std::size_t b = 0; b < 450; ++b) sum += matrix[a][b] * e.values[b * 5 + k];
      worst = std::max(worst, std::abs(sum - e.eigenvalues[k] * e.values[a * 5 + k]));
    }
  }
  CHECK(worst < 1e-8);
  CHECK(e.eigenvalues[0] == Approx(1.0));
  CHECK(std::is_sorted(e.eigenvalues.rbegin(), e.eigenvalues.rend()));
}

TEST_CASE(
    "Embeddings of many labels have every eigenvector to an eigenvalue that components share") {
  // 150 components of 4, each a path with weights of its own, give 150 eigenvalues of 1.
  std::vector<WeightedEdge> edges;
  for (LabelId first = 0; first < 600; first += 4) {
    for (LabelId i = 0; i < 3; ++i) {
      edges.push_back({first + i, first + i + 1, 1.0 + 0.01 * first + i});
    }
  }
  const LabelEmbeddings e = spectral_embeddings(600, edges, 64);
  REQUIRE(e.eigenvalues.size() == 64);
  for (const double eigenvalue : e.eigenvalues) CHECK(eigenvalue == Approx(1.0).epsilon(1e-12));
  for (std::size_t k = 0; k < 64; ++k) {
    for (std::size_t other = 0; other <= k; ++other) {
      double sum = 0.0;
      for (std::size_t a = 0; a < 600; ++a) sum += e.values[a * 64 + k] * e.values[a * 64 + other];
      CHECK(sum == Approx(k == other ? 1.0 : 0.0).margin(1e-12));
    }
  }
}

TEST_CASE("Embeddings of large components are those of each component alone") {
  CounterRng random(5);
  auto edges = random_edges(450, 0.03, random);
  const LabelEmbeddings alone = spectral_embeddings(450, edges, 3);
  const std::size_t num_edges = edges.size();
  for (std::size_t i = 0; i < num_edges; ++i) {
    edges.push_back({edges[i].first + 450, edges[i].second + 450, edges[i].weight});
  }
  const LabelEmbeddings both = spectral_embeddings(900, edges, 6);
  for (std::size_t k = 0; k < 6; ++k) {
    CHECK(both.eigenvalues[k] == Approx(alone.eigenvalues[k / 2]).epsilon(1e-9));
  }
}

TEST_CASE("Of many labels of which none go together all embeddings are zero") {
  std::vector<LabelSet> sets;
  for (LabelId label = 0; label < 500; ++label) sets.push_back({label});
  const LabelEmbeddings pmi = pmi_embeddings(count_labels(sets, 500), 8);
  CHECK(pmi.eigenvalues == std::vector<double>(8, 0.0));
  CHECK(pmi.values == std::vector<double>(500 * 8, 0.0));
  CHECK(spectral_embeddings(500, {}, 8).values == std::vector<double>(500 * 8, 0.0));
}

TEST_CASE("All PMI embeddings together give the positive PMI matrix") {
  CounterRng random(3);
  const auto sets = grouped_sets(200, 9, 3, 0.5, 0.1, random);
  const LabelCounts counts = count_labels(sets, 9);
  const LabelEmbeddings e = pmi_embeddings(counts, 9, 0.0);
  std::vector<double> signs;
  for (const double eigenvalue : e.eigenvalues) signs.push_back(eigenvalue < 0 ? -1.0 : 1.0);
  for (LabelId a = 0; a < 9; ++a) {
    for (LabelId b = 0; b < 9; ++b) {
      const double both = a == b ? 0.0 : counts.count(a, b);
      const double lift = both * counts.total() / (counts.count(a) * counts.count(b));
      const double expected = lift > 1.0 ? std::log(lift) : 0.0;
      CHECK(product(e, a, b, signs) == Approx(expected).margin(1e-10));
    }
  }
}

TEST_CASE("Embeddings put labels of one planted group near each other") {
  CounterRng random(4);
  const auto sets = grouped_sets(2000, 12, 3, 0.5, 0.05, random);
  const LabelCounts counts = count_labels(sets, 12);
  const LabelGraph graph(counts);
  for (const LabelEmbeddings& e :
       {spectral_embeddings(12, graph.attractions(), 3), pmi_embeddings(counts, 3)}) {
    double within = 0.0;
    double between = 1e9;
    for (std::size_t a = 0; a < 12; ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        (a % 3 == b % 3) ? within = std::max(within, distance(e, a, b))
                         : between = std::min(between, distance(e, a, b));
      }
    }
    CHECK(within < between);
  }
}

TEST_CASE("Labels without edges are at zero, and arguments are checked") {
  const std::vector<WeightedEdge> edges{{0, 2, 1.0}};
  const LabelEmbeddings e = spectral_embeddings(4, edges, 4);
  CHECK(e.eigenvalues[0] == Approx(1.0));
  CHECK(e.eigenvalues[1] == Approx(-1.0));
  for (const std::size_t alone : {1u, 3u}) {
    for (std::size_t k = 0; k < 4; ++k) CHECK(e.values[alone * 4 + k] == 0.0);
  }
  // 1 and 2 go together; 3 is in no set, 4 avoids them, 0 is on its own.
  std::vector<LabelSet> sets(30);
  for (int i = 0; i < 10; ++i) {
    sets.push_back({1, 2});
    sets.push_back({0});
    sets.push_back({4});
  }
  const LabelEmbeddings pmi = pmi_embeddings(count_labels(sets, 5), 5);
  for (const std::size_t alone : {0u, 3u, 4u}) {
    for (std::size_t k = 0; k < 5; ++k) CHECK(pmi.values[alone * 5 + k] == 0.0);
  }
  CHECK(pmi.values[1 * 5] > 0.1);
  CHECK(spectral_embeddings(0, {}, 2).values.empty());
  CHECK_THROWS_AS(spectral_embeddings(4, edges, 0), std::invalid_argument);
  CHECK_THROWS_AS(spectral_embeddings(2, edges, 1), std::invalid_argument);
  CHECK_THROWS_AS(pmi_embeddings(LabelCounts(2), 1), std::invalid_argument);
}
