#include <labelbeam/graph/communities.h>
#include <labelbeam/graph/label_graph.h>
#include <labelbeam/random.h>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <vector>

#include "catch.h"
#include "planted_sets.h"

using namespace labelbeam;
using labelbeam::test_support::grouped_sets;

namespace {

using Partition = std::vector<std::uint32_t>;

/// sum over ordered pairs of labels (A_ij - r k_i k_j / 2m) [same community] / 2m.
double modularity_by_pairs(const Partition& communities, const std::vector<WeightedEdge>& edges,
                           double resolution) {
  const std::size_t n = communities.size();
  const auto k = strengths(n, edges);
  double twice_total = 0.0;
  for (const double each : k) twice_total += each;
  double sum = 0.0;
  for (const WeightedEdge& edge : edges) {
    if (communities[edge.first] == communities[edge.second]) sum += 2.0 * edge.weight;
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      if (communities[i] == communities[j]) sum -= resolution * k[i] * k[j] / twice_total;
    }
  }
  return sum / twice_total;
}

void for_each_partition(std::size_t n, const std::function<void(const Partition&)>& visit) {
  Partition partition(n, 0);
  const std::function<void(std::size_t, std::uint32_t)> extend = [&](std::size_t at,
                                                                     std::uint32_t used) {
    if (at == n) return visit(partition);
    for (std::uint32_t community = 0; community <= used; ++community) {
      partition[at] = community;
      extend(at + 1, std::max(used, community + 1));
    }
  };
  extend(0, 0);
}

}  // namespace

TEST_CASE("Modularity is the sum over pairs of labels, and communities come near its maximum") {
  int best_found = 0;
  constexpr int kGraphs = 40;
  for (std::uint64_t seed = 1; seed <= kGraphs; ++seed) {
    CounterRng random(seed);
    std::vector<WeightedEdge> edges;
    for (LabelId a = 0; a < 7; ++a) {
      for (LabelId b = a + 1; b < 7; ++b) {
        if (random.uniform() < 0.5) edges.push_back({a, b, random.uniform() + 0.05});
      }
    }
    CommunityOptions options;
    options.resolution = seed % 2 == 0 ? 1.0 : 1.3;
    double best = -1.0;
    for_each_partition(7, [&](const Partition& partition) {
      best = std::max(best, modularity_by_pairs(partition, edges, options.resolution));
    });
    const Partition found = find_communities(7, edges, options);
    const double value = modularity(found, edges, options.resolution);
    REQUIRE(value == Approx(modularity_by_pairs(found, edges, options.resolution)).margin(1e-12));
    REQUIRE(value <= best + 1e-12);
    REQUIRE(value >= best - 0.05);  // a local optimum
    best_found += value > best - 1e-9 ? 1 : 0;
    // No label gains by moving.
    for (std::size_t label = 0; label < 7; ++label) {
      for (std::uint32_t community = 0; community < 7; ++community) {
        Partition moved = found;
        moved[label] = community;
        REQUIRE(modularity(moved, edges, options.resolution) <= value + 1e-9);
      }
    }
    REQUIRE(find_communities(7, edges, options) == found);
  }
  CHECK(best_found >= 36);
}

TEST_CASE("No label of a larger graph gains by moving to another community or by being alone") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CommunityOptions options;
    options.resolution = 1.0 + static_cast<double>(seed % 4);
    options.num_starts = 1;
    CounterRng random(seed, {60});
    std::vector<WeightedEdge> edges;
    for (LabelId a = 0; a < 60; ++a) {
      for (LabelId b = a + 1; b < 60; ++b) {
        if (random.uniform() < 0.12) edges.push_back({a, b, random.uniform() + 0.05});
      }
    }
    const Partition found = find_communities(60, edges, options);
    const double value = modularity(found, edges, options.resolution);
    const std::uint32_t count = *std::max_element(found.begin(), found.end()) + 1;
    for (std::size_t label = 0; label < 60; ++label) {
      for (std::uint32_t community = 0; community <= std::min(count, 59u); ++community) {
        Partition moved = found;
        moved[label] = community;
        REQUIRE(modularity(moved, edges, options.resolution) <= value + 1e-9);
      }
    }
  }
}

TEST_CASE("Planted communities of labels are found in the data") {
  CounterRng random(6);
  const auto sets = grouped_sets(1500, 24, 4, 0.4, 0.03, random);
  const LabelGraph graph(count_labels(sets, 24));
  const Partition found = find_communities(24, graph.attractions());
  for (std::uint32_t label = 0; label < 24; ++label) CHECK(found[label] == label % 4);
}

TEST_CASE(
    "Fewer planted communities are found in more noise, and none where there is nothing else") {
  // Share of the pairs of labels that are rightly together or apart, over five data sets.
  const auto agreement = [](double noise) {
    double right = 0.0;
    double pairs = 0.0;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      CounterRng random(seed, {20});
      const auto sets = grouped_sets(1500, 20, 4, 0.3, noise, random);
      const Partition found =
          find_communities(20, LabelGraph(count_labels(sets, 20)).attractions());
      for (std::size_t a = 0; a < 20; ++a) {
        for (std::size_t b = 0; b < a; ++b) {
          right += (found[a] == found[b]) == (a % 4 == b % 4) ? 1.0 : 0.0;
          pairs += 1.0;
        }
      }
    }
    return right / pairs;
  };
  CHECK(agreement(0.02) == 1.0);
  CHECK(agreement(0.06) > 0.95);
  CHECK(agreement(0.12) < 0.95);
  // All alone: only the pairs of different groups are right.
  CHECK(agreement(0.3) == Approx(150.0 / 190.0).margin(0.02));
}

TEST_CASE("Communities are numbered by size, and labels without edges are alone") {
  const std::vector<WeightedEdge> edges{{0, 3, 1.0}, {1, 4, 1.0}, {4, 5, 1.0}, {1, 5, 1.0}};
  CHECK(find_communities(6, edges) == Partition{1, 0, 2, 1, 0, 0});
  CHECK(find_communities(3, {}) == Partition{0, 1, 2});
  CHECK(modularity(Partition{0, 1}, {}) == 0.0);
}

TEST_CASE("Options of communities are checked") {
  const std::vector<WeightedEdge> edges{{0, 1, 1.0}};
  CHECK_THROWS_AS(find_communities(2, edges, {0.0, 1, 8}), std::invalid_argument);
  CHECK_THROWS_AS(find_communities(2, edges, {1.0, 1, 0}), std::invalid_argument);
  CHECK_THROWS_AS(find_communities(2, std::vector<WeightedEdge>{{0, 1, -1.0}}),
                  std::invalid_argument);
}
