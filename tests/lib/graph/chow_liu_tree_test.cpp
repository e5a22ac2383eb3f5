#include <labelbeam/graph/chow_liu_tree.h>
#include <labelbeam/graph/pair_measures.h>
#include <labelbeam/graph/weighted_graph.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "catch.h"
#include "labelled_trees.h"
#include "planted_sets.h"

using namespace labelbeam;
using labelbeam::test_support::for_each_tree;
using labelbeam::test_support::grouped_sets;

namespace {

/// Log-likelihood of the sets under the best distribution along a tree: sums of counts, per edge.
template <typename Tree>
double tree_log_likelihood(const LabelCounts& counts, const Tree& tree) {
  const double n = counts.total();
  const auto term = [](double count, double p) { return count > 0.0 ? count * std::log(p) : 0.0; };
  double sum = 0.0;
  for (LabelId label = 0; label < counts.num_labels(); ++label) {
    const double a = counts.count(label);
    sum += term(a, a / n) + term(n - a, (n - a) / n);
  }
  for (const auto& [i, j] : tree) {
    const double a = counts.count(i);
    const double b = counts.count(j);
    const double ab = counts.count(i, j);
    sum += term(ab, ab * n / (a * b)) + term(a - ab, (a - ab) * n / (a * (n - b))) +
           term(b - ab, (b - ab) * n / ((n - a) * b)) +
           term(n - a - b + ab, (n - a - b + ab) * n / ((n - a) * (n - b)));
  }
  return sum;
}

double total_log_prob(const ChowLiuTree& tree, const std::vector<LabelSet>& sets) {
  double sum = 0.0;
  for (const LabelSet& set : sets) sum += tree.log_prob(set);
  return sum;
}

std::vector<LabelSet> all_sets(std::size_t num_labels) {
  std::vector<LabelSet> sets(std::size_t{1} << num_labels);
  for (std::size_t bits = 0; bits < sets.size(); ++bits) {
    for (LabelId label = 0; label < num_labels; ++label) {
      if ((bits >> label) & 1u) sets[bits].insert(label);
    }
  }
  return sets;
}

}  // namespace

TEST_CASE("The Chow-Liu tree has the greatest likelihood of all trees") {
  for (std::size_t num_labels = 2; num_labels <= 6; ++num_labels) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      CounterRng random(seed, {num_labels});
      // Few rows and rare labels: some pairs are never seen, and tell much by that.
      const auto sets = grouped_sets(40, num_labels, 3, 0.5, seed % 2 == 0 ? 0.2 : 0.0, random);
      const LabelCounts counts = count_labels(sets, num_labels);
      double best = -std::numeric_limits<double>::infinity();
      for_each_tree(num_labels, [&](const auto& tree) {
        best = std::max(best, tree_log_likelihood(counts, tree));
      });
      const ChowLiuTree tree(counts, 0.0);
      REQUIRE(tree.edges().size() == num_labels - 1);
      REQUIRE(total_log_prob(tree, sets) == Approx(best).epsilon(1e-10));
    }
  }
}

TEST_CASE("Smoothing changes no edge: rare labels that are never together do not look dependent") {
  // Each rare label is once in a set, always with 0, which has 30 percent.
  constexpr LabelId kRare = 40;
  std::vector<LabelSet> sets(10000);
  for (std::size_t i = 0; i < 3000; ++i) sets[i].insert(0);
  for (LabelId rare = 1; rare <= kRare; ++rare) sets[rare].insert(rare);
  const LabelCounts counts = count_labels(sets, kRare + 1);
  const ChowLiuTree tree(counts);
  for (const TreeEdge& edge : tree.edges()) CHECK(edge.parent == 0);
  CHECK(tree.gain(counts) > 0.0);
  CHECK(tree.edges() == ChowLiuTree(counts, 0.0).edges());
}

TEST_CASE("The tree of many labels weighs as much as that of all their pairs at once") {
  CounterRng random(12);
  constexpr LabelId kLabels = 500;
  const auto sets = grouped_sets(300, kLabels, 25, 0.3, 0.02, random);
  const LabelCounts counts = count_labels(sets, kLabels);
  std::vector<WeightedEdge> pairs;
  for (LabelId a = 0; a < kLabels; ++a) {
    for (LabelId b = a + 1; b < kLabels; ++b) {
      const double llr = pair_measure(PairMeasure::log_likelihood_ratio, counts.table(a, b));
      pairs.push_back({a, b, llr / 600.0});
    }
  }
  double best = 0.0;
  for (const WeightedEdge& edge : maximum_spanning_forest(kLabels, pairs)) best += edge.weight;
  double found = 0.0;
  const ChowLiuTree tree(counts, 0.0);
  for (const TreeEdge& edge : tree.edges()) found += edge.mutual_information;
  CHECK(found == Approx(best).epsilon(1e-9));
}

TEST_CASE("A tree over labels that never meet joins those that avoid each other most") {
  // 0 and 1 share the rows between them; 2 is independent of both.
  std::vector<LabelSet> sets;
  for (int i = 0; i < 40; ++i) {
    LabelSet set{static_cast<LabelId>(i % 2)};
    if (i % 4 < 2) set.insert(2);
    sets.push_back(set);
  }
  const ChowLiuTree tree(count_labels(sets, 3), 0.0);
  CHECK(tree.root() == 0);
  bool joined = false;
  for (const TreeEdge& edge : tree.edges()) {
    joined = joined || (edge.parent == 0 && edge.child == 1);
  }
  CHECK(joined);
  CHECK(tree.gain(count_labels(sets, 3)) == Approx(std::log(2.0)));
  CHECK(tree.log_prob({0, 1}) == -std::numeric_limits<double>::infinity());
}

TEST_CASE("A tree is a distribution with the labels' own probabilities") {
  CounterRng random(9);
  const auto sets = grouped_sets(100, 6, 2, 0.5, 0.1, random);
  const LabelCounts counts = count_labels(sets, 6);
  for (const double smoothing : {0.0, 1.0, 30.0}) {
    const ChowLiuTree tree(counts, smoothing);
    double sum = 0.0;
    std::vector<double> marginals(6, 0.0);
    for (const LabelSet& set : all_sets(6)) {
      const double p = std::exp(tree.log_prob(set));
      sum += p;
      for (const LabelId label : set) marginals[label] += p;
    }
    CHECK(sum == Approx(1.0).epsilon(1e-12));
    for (LabelId label = 0; label < 6; ++label) {
      CHECK(marginals[label] == Approx(tree.label_probs()[label]).epsilon(1e-12));
      CHECK(marginals[label] ==
            Approx((counts.count(label) + smoothing / 2) / (100 + smoothing)).epsilon(1e-12));
    }
  }
}

TEST_CASE("The gain is the mean difference of log probabilities, on any rows") {
  CounterRng random(10);
  const auto sets = grouped_sets(300, 8, 2, 0.5, 0.1, random);
  const auto others = grouped_sets(200, 8, 2, 0.5, 0.1, random);
  const LabelCounts counts = count_labels(sets, 8);
  const ChowLiuTree tree(counts);
  for (const auto* rows : {&sets, &others}) {
    double sum = 0.0;
    for (const LabelSet& set : *rows) sum += tree.log_prob(set) - tree.independent_log_prob(set);
    const double mean = sum / static_cast<double>(rows->size());
    CHECK(tree.gain(count_labels(*rows, 8)) == Approx(mean).epsilon(1e-10));
    CHECK(mean > 0.0);
  }
}

TEST_CASE("A tree needs sets, and its arguments are checked") {
  CHECK_THROWS_AS(ChowLiuTree(LabelCounts(3)), std::invalid_argument);
  const LabelCounts counts = count_labels(std::vector<LabelSet>{{0}, {1}}, 2);
  CHECK_THROWS_AS(ChowLiuTree(counts, -1.0), std::invalid_argument);
  const ChowLiuTree tree(counts);
  CHECK_THROWS_AS(tree.log_prob({2}), std::invalid_argument);
  CHECK_THROWS_AS(tree.gain(LabelCounts(2)), std::invalid_argument);
  CHECK_THROWS_AS(tree.gain(count_labels(std::vector<LabelSet>{{0}}, 3)), std::invalid_argument);
}
