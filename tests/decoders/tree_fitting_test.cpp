#include <labelbeam/decoders/tree_fitting.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

#include "catch.h"

using labelbeam::LabelId;
using labelbeam::LabelSet;
using labelbeam::ScoreMatrix;
using labelbeam::SetDistribution;
using labelbeam::decoders::edges_of;
using labelbeam::decoders::fit_tree;
using labelbeam::decoders::FittedEdge;
using labelbeam::decoders::OddsRatioEdge;
using labelbeam::decoders::TreeSetModel;

namespace {

struct Rows {
  ScoreMatrix probs;
  std::vector<LabelSet> truth;
};

/// Rows drawn from a tree model under random label probabilities.
Rows draw(std::size_t num_rows, std::size_t num_labels, const std::vector<OddsRatioEdge>& edges,
          std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> prob(0.1, 0.9);
  std::uniform_real_distribution<double> uniform;
  const TreeSetModel model(num_labels, edges);
  Rows rows{ScoreMatrix(num_rows, num_labels), {}};
  for (std::size_t i = 0; i < num_rows; ++i) {
    for (double& p : rows.probs.row(i)) p = prob(random);
    const SetDistribution all =
        model.distribution(rows.probs.row(i), {.num_sets = std::size_t{1} << num_labels});
    double u = uniform(random);
    std::size_t k = 0;
    while (k + 1 < all.sets.size() && u > std::exp(all.sets[k].log_prob)) {
      u -= std::exp(all.sets[k++].log_prob);
    }
    rows.truth.push_back(all.sets[k].labels);
  }
  return rows;
}

double log_likelihood(const Rows& rows, const std::vector<OddsRatioEdge>& edges) {
  const TreeSetModel model(rows.probs.num_labels, edges);
  double sum = 0.0;
  for (std::size_t i = 0; i < rows.truth.size(); ++i) {
    sum += model.log_prob(rows.probs.row(i), rows.truth[i]);
  }
  return sum;
}

/// The tree of a Pruefer sequence.
std::vector<std::pair<LabelId, LabelId>> tree_of(const std::vector<LabelId>& sequence) {
  std::vector<std::size_t> degree(sequence.size() + 2, 1);
  for (const LabelId label : sequence) ++degree[label];
  std::vector<std::pair<LabelId, LabelId>> edges;
  for (const LabelId label : sequence) {
    const auto leaf = static_cast<LabelId>(std::find(degree.begin(), degree.end(), std::size_t{1}) -
                                           degree.begin());
    edges.emplace_back(leaf, label);
    --degree[leaf];
    --degree[label];
  }
  const auto first = std::find(degree.begin(), degree.end(), std::size_t{1});
  const auto second = std::find(first + 1, degree.end(), std::size_t{1});
  edges.emplace_back(static_cast<LabelId>(first - degree.begin()),
                     static_cast<LabelId>(second - degree.begin()));
  return edges;
}

}  // namespace

TEST_CASE("A planted tree of labels and its odds ratios are found again") {
  const std::vector<OddsRatioEdge> planted{{0, 1, 12.0}, {1, 2, 0.1}, {1, 3, 6.0}, {4, 5, 20.0}};
  const Rows rows = draw(4000, 7, planted, 1);
  std::vector<FittedEdge> found = fit_tree(rows.probs, rows.truth);
  CHECK(std::is_sorted(found.begin(), found.end(),
                       [](const FittedEdge& a, const FittedEdge& b) { return a.gain > b.gain; }));
  std::sort(found.begin(), found.end(), [](const FittedEdge& a, const FittedEdge& b) {
    return std::pair(a.edge.first, a.edge.second) < std::pair(b.edge.first, b.edge.second);
  });
  REQUIRE(found.size() == planted.size());
  for (std::size_t e = 0; e < planted.size(); ++e) {
    CHECK(found[e].edge.first == planted[e].first);
    CHECK(found[e].edge.second == planted[e].second);
    CHECK(std::abs(std::log(found[e].edge.odds_ratio / planted[e].odds_ratio)) < 0.4);
  }
}

TEST_CASE("The gains of a fitted forest sum to what the likelihood gains over independence") {
  const Rows rows = draw(500, 5, {{0, 1, 8.0}, {2, 3, 0.2}, {3, 4, 4.0}}, 2);
  const std::vector<FittedEdge> found = fit_tree(rows.probs, rows.truth);
  double gains = 0.0;
  for (const FittedEdge& edge : found) gains += edge.gain;
  CHECK(log_likelihood(rows, edges_of(found)) - log_likelihood(rows, {}) ==
        Approx(gains).epsilon(1e-9));
}

TEST_CASE("No tree over the labels is more likely than the fitted one") {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const Rows rows = draw(150, 5, {{0, 1, 5.0}, {1, 2, 3.0}, {2, 3, 0.2}, {3, 4, 2.0}}, seed);
    const double best = log_likelihood(
        rows, edges_of(fit_tree(rows.probs, rows.truth, {.prior_sd = 100.0, .min_gain = 0.0})));
    // Every pair fitted alone gives the odds ratios; all 125 trees are tried.
    std::vector<std::vector<double>> odds_ratio(5, std::vector<double>(5, 1.0));
    for (LabelId a = 0; a < 5; ++a) {
      for (LabelId b = a + 1; b < 5; ++b) {
        ScoreMatrix pair(150, 2);
        std::vector<LabelSet> truth(150);
        for (std::size_t i = 0; i < 150; ++i) {
          pair.row(i)[0] = rows.probs.row(i)[a];
          pair.row(i)[1] = rows.probs.row(i)[b];
          if (rows.truth[i].contains(a)) truth[i].insert(0);
          if (rows.truth[i].contains(b)) truth[i].insert(1);
        }
        const std::vector<FittedEdge> edge =
            fit_tree(pair, truth, {.prior_sd = 100.0, .min_gain = 0.0});
        if (!edge.empty()) odds_ratio[a][b] = odds_ratio[b][a] = edge[0].edge.odds_ratio;
      }
    }
    double best_of_all = -1e300;
    for (LabelId code = 0; code < 125; ++code) {
      std::vector<OddsRatioEdge> edges;
      for (const auto& [a, b] : tree_of({code % 5, code / 5 % 5, code / 25})) {
        edges.push_back({a, b, odds_ratio[a][b]});
      }
      best_of_all = std::max(best_of_all, log_likelihood(rows, edges));
    }
    CHECK(best == Approx(best_of_all).epsilon(1e-9));
  }
}

TEST_CASE("A fitted odds ratio is where the likelihood is largest") {
  const Rows rows = draw(300, 2, {{0, 1, 6.0}}, 3);
  const std::vector<FittedEdge> found = fit_tree(rows.probs, rows.truth, {.prior_sd = 1000.0});
  REQUIRE(found.size() == 1);
  const double log_odds_ratio = std::log(found[0].edge.odds_ratio);
  const double best = log_likelihood(rows, edges_of(found));
  for (const double step : {-0.05, -0.01, 0.01, 0.05}) {
    CHECK(log_likelihood(rows, {{0, 1, std::exp(log_odds_ratio + step)}}) < best);
  }
}

TEST_CASE("Independent labels get no edge beyond chance") {
  std::size_t edges = 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const Rows rows = draw(1500, 7, {}, 100 + seed);
    edges += fit_tree(rows.probs, rows.truth).size();
  }
  // A pair exceeds log(n) / 2 with the probability that chi-square(1) exceeds log(1500): 0.0068;
  // 105 pairs give more than 4 edges with probability 0.0009.
  CHECK(edges <= 4);
}

TEST_CASE("Labels that never come together get a finite odds ratio, whatever the threads") {
  ScoreMatrix probs(200, 3);
  std::fill(probs.values.begin(), probs.values.end(), 0.5);
  std::vector<LabelSet> truth;
  for (std::size_t i = 0; i < 200; ++i) truth.push_back(i % 2 == 0 ? LabelSet{0} : LabelSet{1, 2});
  const std::vector<FittedEdge> one = fit_tree(probs, truth);
  REQUIRE(one.size() == 2);
  for (const FittedEdge& edge : one) CHECK(std::isfinite(edge.edge.odds_ratio));
  const std::vector<FittedEdge> many = fit_tree(probs, truth, {.num_threads = 3});
  REQUIRE(many.size() == 2);
  CHECK(many[0].edge == one[0].edge);
  CHECK(many[1].edge == one[1].edge);
}

TEST_CASE("What a tree is fitted to is checked") {
  const ScoreMatrix probs(2, 3);
  const std::vector<LabelSet> truth{{0}, {2}};
  CHECK_THROWS_WITH(fit_tree(ScoreMatrix(0, 3), {}), contains_text("there are no rows"));
  CHECK_THROWS_WITH(fit_tree(probs, std::vector<LabelSet>{{0}}),
                    contains_text("2 rows of probabilities and 1 of truth"));
  CHECK_THROWS_AS(fit_tree(probs, std::vector<LabelSet>{{0}, {3}}), std::invalid_argument);
  CHECK_THROWS_WITH(fit_tree(probs, truth, {.prior_sd = 0.0}),
                    contains_text("prior_sd must be above 0, got 0"));
  CHECK_THROWS_AS(fit_tree(probs, truth, {.min_gain = -1.0}), std::invalid_argument);
}
