#include <labelbeam/decoders/tree_model.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <set>
#include <stdexcept>
#include <vector>

#include "catch.h"
#include "random_tables.h"
#include "utilities.h"

using labelbeam::EmptySet;
using labelbeam::LabelId;
using labelbeam::LabelSet;
using labelbeam::ScoredSet;
using labelbeam::SetDistribution;
using labelbeam::decoders::independent_distribution;
using labelbeam::decoders::OddsRatioEdge;
using labelbeam::decoders::PairProbabilities;
using labelbeam::decoders::plackett_table;
using labelbeam::decoders::TreeSetModel;
using labelbeam::test_support::all_answers;

namespace {

/// A random forest: every label but the first is joined to an earlier one, or to none.
std::vector<OddsRatioEdge> random_forest(std::mt19937_64& random, std::size_t num_labels) {
  std::uniform_real_distribution<double> log_odds_ratio(-4.0, 4.0);
  std::vector<LabelId> labels;
  for (LabelId l = 0; l < num_labels; ++l) labels.push_back(l);
  std::shuffle(labels.begin(), labels.end(), random);
  std::vector<OddsRatioEdge> edges;
  for (std::size_t l = 1; l < num_labels; ++l) {
    if (random() % 4 == 0) continue;
    edges.push_back({labels[random() % l], labels[l], std::exp(log_odds_ratio(random))});
  }
  return edges;
}

std::vector<double> random_probs_with_ends(std::mt19937_64& random, std::size_t num_labels) {
  std::uniform_real_distribution<double> uniform;
  std::vector<double> probs;
  for (std::size_t l = 0; l < num_labels; ++l) {
    probs.push_back(random() % 12 == 0 ? static_cast<double>(random() % 2) : uniform(random));
  }
  return probs;
}

double cell(const PairProbabilities& table, bool first, bool second) {
  if (first) return second ? table.both : table.first_only;
  return second ? table.second_only : table.neither;
}

/// prod p_i prod p_ij / (p_i p_j), as the paper has it; 0 where a label alone is impossible.
double probability(const std::vector<double>& probs, const std::vector<OddsRatioEdge>& edges,
                   const LabelSet& labels) {
  const auto single = [&](LabelId l) { return labels.contains(l) ? probs[l] : 1.0 - probs[l]; };
  double product = 1.0;
  for (LabelId l = 0; l < probs.size(); ++l) product *= single(l);
  if (product == 0.0) return 0.0;
  for (const OddsRatioEdge& edge : edges) {
    const PairProbabilities table =
        plackett_table(probs[edge.first], probs[edge.second], edge.odds_ratio);
    product *= cell(table, labels.contains(edge.first), labels.contains(edge.second)) /
               (single(edge.first) * single(edge.second));
  }
  return product;
}

}  // namespace

TEST_CASE("Plackett's table has the marginals and the odds ratio it was asked for") {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform;
  std::uniform_real_distribution<double> log_odds_ratio(-9.0, 9.0);
  for (int round = 0; round < 5000; ++round) {
    const double p = uniform(random), q = uniform(random);
    const double odds_ratio = round % 10 == 0 ? 1.0 : std::exp(log_odds_ratio(random));
    const PairProbabilities table = plackett_table(p, q, odds_ratio);
    REQUIRE(table.both + table.first_only == Approx(p).epsilon(1e-12));
    REQUIRE(table.both + table.second_only == Approx(q).epsilon(1e-12));
    REQUIRE(table.second_only + table.neither == Approx(1.0 - p).epsilon(1e-12));
    REQUIRE(table.both * table.neither / (table.first_only * table.second_only) ==
            Approx(odds_ratio).epsilon(1e-9));
  }
}

TEST_CASE("Plackett's table of independent labels is the product, and of certain ones is exact") {
  const PairProbabilities product = plackett_table(0.3, 0.6, 1.0);
  CHECK(product.both == Approx(0.18).epsilon(1e-14));
  CHECK(product.neither == Approx(0.28).epsilon(1e-14));
  const PairProbabilities certain = plackett_table(1.0, 0.25, 7.0);
  CHECK(certain.both == Approx(0.25));
  CHECK(certain.first_only == Approx(0.75));
  CHECK(certain.second_only == 0.0);
  CHECK(certain.neither == 0.0);
  const PairProbabilities rare = plackett_table(1e-12, 1e-9, 1e6);
  CHECK(rare.both == Approx(1e-12 * 1e-9 * 1e6).epsilon(2e-3));
}

TEST_CASE("Plackett's table tends to the bounds of Frechet") {
  CHECK(plackett_table(0.3, 0.6, 1e12).both == Approx(0.3));
  CHECK(plackett_table(0.3, 0.6, 1e-12).both == Approx(0.0).margin(1e-9));
  CHECK(plackett_table(0.7, 0.6, 1e-12).both == Approx(0.3));
  CHECK(plackett_table(0.3, 0.6, 1e150).both == Approx(0.3));
  CHECK(plackett_table(0.5, 0.5, 1e150).both == Approx(0.5));
  CHECK(plackett_table(0.5, 0.5, 1e-150).first_only == Approx(0.5));
}

TEST_CASE("A tree of labels equals enumeration: sets, probabilities, order and marginals") {
  std::mt19937_64 random(2);
  for (int round = 0; round < 300; ++round) {
    const std::size_t num_labels = 1 + random() % 10;
    const std::vector<double> probs = random_probs_with_ends(random, num_labels);
    const std::vector<OddsRatioEdge> edges = random_forest(random, num_labels);
    const EmptySet empty_set = random() % 2 == 0 ? EmptySet::allow : EmptySet::forbid;
    std::vector<double> sorted;
    std::vector<double> marginals(num_labels);
    double mass = 0.0;
    for (const LabelSet& labels : all_answers(num_labels)) {
      if (labels.empty() && empty_set == EmptySet::forbid) continue;
      const double p = probability(probs, edges, labels);
      mass += p;
      if (p > 0.0) sorted.push_back(p);
      for (const LabelId label : labels) marginals[label] += p;
    }
    std::sort(sorted.rbegin(), sorted.rend());

    const TreeSetModel model(num_labels, edges);
    const std::size_t num_sets = round % 3 == 0 ? 2000 : 1 + random() % 30;
    const SetDistribution found =
        model.distribution(probs, {.num_sets = num_sets, .empty_set = empty_set});
    REQUIRE(found.certified);
    REQUIRE(found.sets.size() == std::min(num_sets, sorted.size()));
    std::set<LabelSet> seen;
    for (std::size_t k = 0; k < found.sets.size(); ++k) {
      const ScoredSet& set = found.sets[k];
      REQUIRE(seen.insert(set.labels).second);
      REQUIRE(std::exp(set.log_prob) == Approx(sorted[k] / mass).epsilon(1e-10));
      REQUIRE(std::exp(set.log_prob) ==
              Approx(probability(probs, edges, set.labels) / mass).epsilon(1e-10));
      REQUIRE(model.log_prob(probs, set.labels, empty_set) ==
              Approx(set.log_prob).epsilon(1e-10).margin(1e-10));
    }
    if (!found.sets.empty()) {
      REQUIRE(found_mass(found.sets) + found.residual == Approx(1.0).epsilon(1e-10));
      for (LabelId l = 0; l < num_labels; ++l) {
        REQUIRE(found.marginals[l].estimate == Approx(marginals[l] / mass).margin(1e-10));
        if (empty_set == EmptySet::allow) {
          REQUIRE(found.marginals[l].estimate == Approx(probs[l]).margin(1e-12));
        }
      }
    }
  }
}

TEST_CASE("A forest without edges is the model of independent labels") {
  std::mt19937_64 random(3);
  const std::vector<double> probs = random_probs_with_ends(random, 40);
  const SetDistribution tree = TreeSetModel(40, {}).distribution(probs, {.num_sets = 50});
  const SetDistribution independent = independent_distribution(probs, {.num_sets = 50});
  REQUIRE(tree.sets.size() == independent.sets.size());
  for (std::size_t k = 0; k < tree.sets.size(); ++k) {
    CHECK(tree.sets[k].log_prob == Approx(independent.sets[k].log_prob).epsilon(1e-12));
  }
}

TEST_CASE("A strong edge makes the most probable set another one than the thresholds'") {
  const std::vector<double> probs{0.45, 0.45, 0.45};
  const std::vector<OddsRatioEdge> edges{{0, 1, 50.0}, {1, 2, 50.0}};
  const SetDistribution found = TreeSetModel(3, edges).distribution(probs, {.num_sets = 2});
  CHECK(found.sets[0].labels == LabelSet{});
  CHECK(found.sets[1].labels == LabelSet{0, 1, 2});
}

TEST_CASE("An impossible set of a tree has log probability -inf") {
  const TreeSetModel model(2, std::vector<OddsRatioEdge>{{0, 1, 3.0}});
  const double impossible = -std::numeric_limits<double>::infinity();
  CHECK(model.log_prob(std::vector<double>{0.0, 0.5}, LabelSet{0}) == impossible);
  CHECK(model.log_prob(std::vector<double>{0.5, 0.5}, LabelSet{}, EmptySet::forbid) == impossible);
  const SetDistribution nothing = model.distribution(
      std::vector<double>{0.0, 0.0}, {.num_sets = 1, .empty_set = EmptySet::forbid});
  CHECK(nothing.sets.empty());
  CHECK(nothing.residual == 1.0);
}

TEST_CASE("Without the empty set the smallest probabilities keep their digits") {
  const TreeSetModel model(2, std::vector<OddsRatioEdge>{{0, 1, 2.0}});
  for (const double p : {1e-8, 1e-16, 1e-20, 1e-200}) {
    const std::vector<double> probs{p, p};
    CHECK(model.log_prob(probs, LabelSet{0}, EmptySet::forbid) ==
          Approx(std::log(0.5)).margin(2.0 * p + 1e-15));
    const SetDistribution found =
        model.distribution(probs, {.num_sets = 2, .empty_set = EmptySet::forbid});
    REQUIRE(found.sets.size() == 2);
    CHECK(found.marginals[0].estimate == Approx(0.5).margin(2.0 * p + 1e-15));
  }
}

TEST_CASE("The edges and probabilities of a tree are checked") {
  const std::vector<OddsRatioEdge> cycle{{0, 1, 2.0}, {1, 2, 2.0}, {2, 0, 2.0}};
  CHECK_THROWS_WITH(TreeSetModel(3, cycle), contains_text("the edges close a cycle"));
  CHECK_THROWS_WITH(TreeSetModel(2, std::vector<OddsRatioEdge>{{1, 1, 2.0}}),
                    contains_text("the edges close a cycle"));
  CHECK_THROWS_WITH(TreeSetModel(2, std::vector<OddsRatioEdge>{{0, 2, 2.0}}),
                    contains_text("label 2 of an edge is not below the number of labels, 2"));
  CHECK_THROWS_WITH(TreeSetModel(2, std::vector<OddsRatioEdge>{{0, 1, 0.0}}),
                    contains_text("an odds ratio must lie between 1e-150 and 1e+150, got 0"));
  CHECK_THROWS_AS(TreeSetModel(0, {}), std::invalid_argument);
  const TreeSetModel model(2, {});
  CHECK_THROWS_WITH(model.distribution(std::vector<double>{0.5}),
                    contains_text("1 probabilities for 2 labels"));
  CHECK_THROWS_AS(model.distribution(std::vector<double>{0.5, 2.0}), std::invalid_argument);
  CHECK_THROWS_AS(model.distribution(std::vector<double>{0.5, 0.5}, {.num_sets = 0}),
                  std::invalid_argument);
  CHECK_THROWS_AS(model.log_prob(std::vector<double>{0.5, 0.5}, LabelSet{2}),
                  std::invalid_argument);
  CHECK_THROWS_AS(plackett_table(1.5, 0.5, 1.0), std::invalid_argument);
  CHECK_THROWS_AS(plackett_table(0.5, 0.5, 1e155), std::invalid_argument);
}
