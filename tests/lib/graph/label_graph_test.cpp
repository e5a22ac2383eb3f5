#include <labelbeam/graph/label_graph.h>

#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include "catch.h"
#include "planted_sets.h"

using namespace labelbeam;
using labelbeam::test_support::grouped_sets;
using labelbeam::test_support::independent_sets;

namespace {

using Pair = std::pair<LabelId, LabelId>;

/// Benjamini and Hochberg from their definition, over all pairs of labels that are frequent enough.
std::map<Pair, double> brute_force(const LabelCounts& counts, const LabelGraphOptions& options) {
  std::vector<std::pair<double, Pair>> tests;
  for (LabelId a = 0; a < counts.num_labels(); ++a) {
    for (LabelId b = a + 1; b < counts.num_labels(); ++b) {
      if (std::min(counts.count(a), counts.count(b)) < options.min_support) continue;
      const PairTable t = counts.table(a, b);
      const bool positive = t.both > t.expected();
      const bool seen_enough = positive && t.both >= options.min_support;
      const bool expected_enough =
          !positive && t.expected() >= options.min_support && t.expected() >= options.min_expected;
      tests.push_back({seen_enough || expected_enough ? independence_p_value(t) : 1.0, {a, b}});
    }
  }
  std::sort(tests.begin(), tests.end());
  const auto m = static_cast<double>(tests.size());
  std::map<Pair, double> passed;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    double q = 1.0;
    for (std::size_t j = i; j < tests.size(); ++j) {
      q = std::min(q, tests[j].first * m / static_cast<double>(j + 1));
    }
    if (q <= options.fdr) passed[tests[i].second] = q;
  }
  return passed;
}

}  // namespace

TEST_CASE("Edges are the pairs that pass Benjamini and Hochberg's procedure over all candidates") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CounterRng random(seed);
    const auto sets = grouped_sets(150, 12, 3, 0.4, 0.1, random);
    const LabelCounts counts = count_labels(sets, 12);
    LabelGraphOptions options;
    options.fdr = seed % 2 == 0 ? 0.05 : 0.3;
    options.min_support = static_cast<double>(1 + 8 * (seed % 3));
    options.num_threads = 1 + seed % 3;
    const LabelGraph graph(counts, options);
    const auto expected = brute_force(counts, options);
    REQUIRE(graph.edges().size() == expected.size());
    for (const LabelEdge& edge : graph.edges()) {
      const auto found = expected.find({edge.first, edge.second});
      REQUIRE(found != expected.end());
      CHECK(edge.q_value == Approx(found->second).epsilon(1e-12));
      CHECK(edge.value == pair_measure(PairMeasure::npmi,
                                       shrink_towards_independence(edge.table, graph.shrinkage())));
    }
  }
}

TEST_CASE("Independent labels give an edge no more often than the false discovery rate") {
  // All null hypotheses are true, so that the rate of data sets with any edge is at most the FDR.
  constexpr int kDataSets = 300;
  constexpr double kRate = 0.1;
  const std::vector<double> probs{0.5,  0.4,  0.3,  0.2,  0.1,  0.1,
                                  0.05, 0.05, 0.02, 0.02, 0.01, 0.005};
  int with_edges = 0;
  for (int i = 0; i < kDataSets; ++i) {
    CounterRng random(99, {static_cast<std::uint64_t>(i)});
    LabelGraphOptions options;
    options.fdr = kRate;
    const auto sets = independent_sets(400, probs, random);
    with_edges += LabelGraph(count_labels(sets, probs.size()), options).edges().empty() ? 0 : 1;
  }
  const boost::math::binomial binomial(kDataSets, kRate);
  CHECK(with_edges <= boost::math::quantile(boost::math::complement(binomial, 0.001)));
}

TEST_CASE("Rare labels that meet once by chance are no edge") {
  // 2,000 labels with 2 sets each of 4,000: some pairs meet once, each with p about .001. Were only
  // the seen pairs counted as tests, all of them would pass.
  CounterRng random(4);
  std::vector<LabelSet> sets(4000);
  for (std::uint32_t label = 0; label < 2000; ++label) {
    sets[random.below(4000)].insert(label);
    sets[random.below(4000)].insert(label);
  }
  const LabelCounts counts = count_labels(sets, 2000);
  REQUIRE(counts.num_pairs() > 500);
  CHECK(LabelGraph(counts).edges().empty());
}

TEST_CASE("Labels that avoid each other become negative edges, seen together or never") {
  std::vector<LabelSet> sets;
  for (int i = 0; i < 100; ++i) sets.push_back(i % 2 == 0 ? LabelSet{0} : LabelSet{1});
  for (int i = 0; i < 4; ++i) sets.push_back({0, 2});
  const LabelGraph graph(count_labels(sets, 3));
  REQUIRE(graph.edges().size() == 1);
  CHECK(graph.edges()[0].table.both == 0.0);
  CHECK_FALSE(graph.edges()[0].is_positive());
  CHECK(graph.edges()[0].value < 0.0);
  CHECK(graph.attractions().empty());
}

TEST_CASE("Without a test every pair that was seen often enough is an edge") {
  const std::vector<LabelSet> sets{{0, 1}, {0, 1}, {1, 2}, {2}, {3}};
  LabelGraphOptions options;
  options.fdr = 1.0;
  options.measure = PairMeasure::lift;
  options.shrinkage = 0.0;
  options.min_support = 2.0;
  const LabelGraph graph(count_labels(sets, 4), options);
  REQUIRE(graph.edges().size() == 1);
  CHECK(graph.num_candidates() == 3.0);
  CHECK(graph.attractions() == std::vector<WeightedEdge>{{0, 1, 2.0 * 5.0 / (2.0 * 3.0)}});
}

TEST_CASE("Labels that share what independent ones would are no edge, also without a test") {
  const std::vector<LabelSet> sets{{0}, {0, 1}, {0}, {0, 1}};
  LabelGraphOptions options;
  options.fdr = 1.0;
  options.min_expected = 1.0;
  CHECK(LabelGraph(count_labels(sets, 2), options).edges().empty());
}

TEST_CASE("The strength of shrinkage is that of the moments over all pairs") {
  CounterRng random(7);
  const auto sets = grouped_sets(300, 10, 2, 0.3, 0.02, random);
  const LabelCounts counts = count_labels(sets, 10);
  double squares = 0.0;
  double excess = 0.0;
  for (LabelId a = 0; a < 10; ++a) {
    for (LabelId b = a + 1; b < 10; ++b) {
      const double e = counts.count(a) * counts.count(b) / counts.total();
      squares += e * e;
      excess += (counts.count(a, b) - e) * (counts.count(a, b) - e) - e;
    }
  }
  CHECK(estimate_shrinkage(counts) == Approx(squares / excess).epsilon(1e-10));
  const std::vector<double> probs(20, 0.2);
  CHECK(estimate_shrinkage(count_labels(independent_sets(500, probs, random), 20)) == 10.0);
}

TEST_CASE("Independent labels would be together as often as the product of their shares says") {
  const std::vector<LabelSet> sets{{0, 1}, {0}, {1, 2}, {0, 1, 2}};
  const LabelGraph graph(count_labels(sets, 4));
  CHECK(expected_count(graph, {0, 1, 2}) == Approx(4.0 * 0.75 * 0.75 * 0.5));
  CHECK(expected_count(graph, {}) == 4.0);
  CHECK(expected_count(graph, {0, 3}) == 0.0);
  CHECK_THROWS_AS(expected_count(graph, {4}), std::out_of_range);
}

TEST_CASE("The strongest edges come first, in both directions") {
  CounterRng random(3);
  const auto sets = grouped_sets(2000, 9, 3, 0.6, 0.05, random);
  for (const char* name : {"npmi", "llr", "lift"}) {
    LabelGraphOptions options;
    options.measure = parse_pair_measure(name);
    const LabelGraph graph(count_labels(sets, 9), options);
    const auto positive = strongest_edges(graph, true);
    const auto negative = strongest_edges(graph, false);
    REQUIRE(positive.size() == 9);  // three pairs in each of three groups
    REQUIRE(negative.size() > 5);
    CHECK(positive[0].value >= positive[1].value);
    if (options.measure == PairMeasure::log_likelihood_ratio) {
      CHECK(negative[0].value >= negative[1].value);
    } else {
      CHECK(negative[0].value <= negative[1].value);
    }
    CHECK(strongest_edges(graph, false, 4).size() == 4);
  }
}

TEST_CASE("Options of a label graph are checked") {
  const LabelCounts counts = count_labels(std::vector<LabelSet>{{0, 1}}, 2);
  const auto with = [&](auto change) {
    LabelGraphOptions options;
    change(options);
    LabelGraph graph(counts, options);
  };
  CHECK_THROWS_AS(with([](auto& o) { o.fdr = 0.0; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& o) { o.fdr = 1.5; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& o) { o.min_support = 0.0; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& o) { o.min_expected = -1.0; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& o) { o.shrinkage = -1.0; }), std::invalid_argument);
  CHECK_THROWS_AS(LabelGraph(LabelCounts(2)), std::invalid_argument);
}
