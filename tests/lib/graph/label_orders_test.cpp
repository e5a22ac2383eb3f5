#include <labelbeam/graph/label_orders.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "catch.h"
#include "planted_sets.h"

using namespace labelbeam;
using labelbeam::test_support::grouped_sets;
using labelbeam::test_support::independent_sets;

TEST_CASE("The frequency order is that of the counts") {
  CounterRng random(1);
  const auto sets = independent_sets(200, std::vector<double>{0.1, 0.5, 0.1, 0.3}, random);
  std::vector<std::uint64_t> whole;
  const LabelCounts counts = count_labels(sets, 4);
  for (const double count : counts.label_counts()) {
    whole.push_back(static_cast<std::uint64_t>(count));
  }
  CHECK(frequency_order(counts) == LabelOrder::by_frequency(whole));
}

TEST_CASE("A tree order tells parents before children, branch by branch") {
  CounterRng random(2);
  const auto sets = grouped_sets(300, 12, 3, 0.5, 0.1, random);
  const LabelCounts counts = count_labels(sets, 12);
  const ChowLiuTree tree(counts);
  const LabelOrder order = tree_order(counts, tree);
  CHECK(order.rank(tree.root()) == 0);
  for (const TreeEdge& edge : tree.edges()) CHECK(order.rank(edge.parent) < order.rank(edge.child));
  // A branch is told without a break: a label and all below it have neighbouring ranks.
  std::vector<std::size_t> size(12, 1), last(12);
  for (LabelId label = 0; label < 12; ++label) last[label] = order.rank(label);
  const auto& edges = tree.edges();
  for (auto edge = edges.rbegin(); edge != edges.rend(); ++edge) {
    size[edge->parent] += size[edge->child];
    last[edge->parent] = std::max(last[edge->parent], last[edge->child]);
  }
  for (LabelId label = 0; label < 12; ++label) {
    CHECK(last[label] - order.rank(label) + 1 == size[label]);
  }
  CHECK_THROWS_AS(tree_order(count_labels(sets, 13), tree), std::invalid_argument);
}

TEST_CASE("An arborescence order tells what foretells first") {
  // 2 comes with 0 always, and 0 often alone: 2 foretells 0, whatever is more frequent.
  std::vector<LabelSet> sets;
  for (int i = 0; i < 30; ++i) sets.push_back(i % 3 == 0 ? LabelSet{0, 2} : LabelSet{0});
  for (int i = 0; i < 60; ++i) sets.push_back({1});
  const LabelCounts counts = count_labels(sets, 4);
  const LabelOrder order = arborescence_order(counts);
  CHECK(order.rank(2) < order.rank(0));
  CHECK(frequency_order(counts).rank(0) < frequency_order(counts).rank(2));
  CHECK(order.by_rank() == std::vector<LabelId>{1, 2, 0, 3});
  CHECK_THROWS_AS(arborescence_order(counts, 0.0), std::invalid_argument);
  CHECK_THROWS_AS(arborescence_order(LabelCounts(2)), std::invalid_argument);
}

TEST_CASE("A topological order tells a hierarchy top down") {
  const LabelCounts counts =
      count_labels(std::vector<LabelSet>{{0}, {0}, {0}, {1}, {1}, {2}, {3}, {3}, {3}, {3}}, 4);
  const std::vector<Implication> implications{{{0}, {2}}, {{3}, {1, 2}}};
  CHECK(topological_order(counts, implications).by_rank() == std::vector<LabelId>{1, 2, 3, 0});
  CHECK(topological_order(counts, {}) == frequency_order(counts));
  // 1 and 2 stand below 0, which 3 does not: they come before it although they are rarer.
  const std::vector<Implication> branches{{{1}, {0}}, {{2}, {0}}, {{2}, {1}}};
  CHECK(topological_order(counts, branches).by_rank() == std::vector<LabelId>{3, 0, 1, 2});
  const std::vector<Implication> under_most_frequent{{{2}, {3}}};
  CHECK(topological_order(counts, under_most_frequent).by_rank() ==
        std::vector<LabelId>{3, 2, 0, 1});
  const std::vector<Implication> circle{{{0}, {2}}, {{2}, {0}}};
  CHECK_THROWS_AS(topological_order(counts, circle), std::invalid_argument);
  const std::vector<Implication> foreign{{{0}, {4}}};
  CHECK_THROWS_AS(topological_order(counts, foreign), std::invalid_argument);
}
