#include <labelbeam/graph/arborescence.h>
#include <labelbeam/random.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "catch.h"
#include "infinity.h"

using namespace labelbeam;
using labelbeam::test_support::kInfinity;

namespace {

using Matrix = std::vector<std::vector<double>>;  // [from][to]; -inf: no arc

Matrix matrix_of(std::size_t n, const std::vector<Arc>& arcs) {
  Matrix weights(n, std::vector<double>(n, -kInfinity));
  for (const Arc& arc : arcs) {
    weights[arc.from][arc.to] = std::max(weights[arc.from][arc.to], arc.weight);
  }
  return weights;
}

bool is_forest(const std::vector<std::size_t>& parents) {
  const std::size_t n = parents.size();
  for (std::size_t label = 0; label < n; ++label) {
    std::size_t at = label;
    for (std::size_t step = 0; step < n && at != n; ++step) at = parents[at];
    if (at != n) return false;
  }
  return true;
}

double weight_of(const std::vector<std::size_t>& parents, const std::vector<double>& roots,
                 const Matrix& weights) {
  double sum = 0.0;
  for (std::size_t label = 0; label < parents.size(); ++label) {
    sum += parents[label] == parents.size() ? roots[label] : weights[parents[label]][label];
  }
  return sum;
}

/// The best of all choices of a parent or none for each label.
double best_by_enumeration(const std::vector<double>& roots, const Matrix& weights) {
  const std::size_t n = roots.size();
  std::vector<std::size_t> parents(n, 0);
  double best = -kInfinity;
  while (true) {
    if (is_forest(parents)) best = std::max(best, weight_of(parents, roots, weights));
    std::size_t at = 0;
    while (at < n && ++parents[at] == n + 1) parents[at++] = 0;
    if (at == n) return best;
  }
}

}  // namespace

TEST_CASE("The maximum branching outweighs every other choice of parents") {
  for (std::size_t n = 1; n <= 5; ++n) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      CounterRng random(seed, {n});
      std::vector<double> roots;
      for (std::size_t label = 0; label < n; ++label) {
        // Often one root only, so that cycles must be broken where it costs least.
        const bool may_be_root = label == 0 || seed % 3 == 0;
        roots.push_back(may_be_root ? random.uniform() - 1.0 : -kInfinity);
      }
      std::vector<Arc> arcs;
      for (LabelId from = 0; from < n; ++from) {
        for (LabelId to = 0; to < n; ++to) {
          if (from == to || random.uniform() < 0.2) continue;
          // Whole weights make ties; others are any.
          arcs.push_back({from, to,
                          seed % 2 == 0 ? static_cast<double>(random.below(4))
                                        : 2.0 * random.uniform() - 0.5});
        }
      }
      const Matrix weights = matrix_of(n, arcs);
      const double best = best_by_enumeration(roots, weights);
      if (best == -kInfinity) {
        REQUIRE_THROWS_AS(maximum_branching(roots, arcs), std::invalid_argument);
        continue;
      }
      std::vector<std::size_t> parents;
      for (const auto& parent : maximum_branching(roots, arcs))
        parents.push_back(parent ? *parent : n);
      REQUIRE(is_forest(parents));
      REQUIRE(weight_of(parents, roots, weights) == Approx(best).margin(1e-12));
    }
  }
}

TEST_CASE("Many arcs that become parallel leave the heaviest, whatever their order") {
  // Label l has an arc from every other one, the heavier the nearer the two; only 0 may be a root.
  constexpr LabelId kLabels = 60;
  std::vector<double> roots(kLabels, -kInfinity);
  roots[0] = 0.0;
  std::vector<Arc> arcs;
  for (LabelId from = 0; from < kLabels; ++from) {
    for (LabelId to = 0; to < kLabels; ++to) {
      if (from != to) arcs.push_back({from, to, 1.0 / (from > to ? from - to : to - from)});
    }
  }
  for (int turn = 0; turn < 2; ++turn) {
    const auto parents = maximum_branching(roots, arcs);
    CHECK_FALSE(parents[0]);
    for (LabelId label = 1; label < kLabels; ++label) CHECK(parents[label] == label - 1);
    std::reverse(arcs.begin(), arcs.end());
  }
}

TEST_CASE("Nested cycles are contracted one after the other") {
  // 1 <-> 2 are heaviest, then 3 with both; the root 0 enters best at 3.
  const std::vector<Arc> arcs{{1, 2, 10.0}, {2, 1, 10.0}, {2, 3, 8.0}, {3, 1, 8.0},
                              {0, 1, 1.0},  {0, 2, 1.0},  {0, 3, 2.0}};
  const std::vector<double> roots{0.0, -kInfinity, -kInfinity, -kInfinity};
  const auto parents = maximum_branching(roots, arcs);
  CHECK_FALSE(parents[0]);
  CHECK(parents[3] == LabelId{0});
  CHECK(parents[1] == LabelId{3});
  CHECK(parents[2] == LabelId{1});
}

TEST_CASE("Arcs and root weights are checked") {
  const std::vector<double> roots{0.0, 0.0};
  const auto with = [&](Arc arc) { return maximum_branching(roots, std::vector<Arc>{arc}); };
  CHECK_THROWS_AS(with({0, 2, 1.0}), std::invalid_argument);
  CHECK_THROWS_AS(with({1, 1, 1.0}), std::invalid_argument);
  CHECK_THROWS_AS(with({0, 1, kInfinity}), std::invalid_argument);
  CHECK_THROWS_AS(maximum_branching(std::vector<double>{std::nan("")}, {}), std::invalid_argument);
  CHECK(maximum_branching({}, {}).empty());
}
