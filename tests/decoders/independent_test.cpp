#include <labelbeam/decoders/independent.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <stdexcept>
#include <vector>

#include "catch.h"
#include "random_tables.h"

using labelbeam::EmptySet;
using labelbeam::LabelId;
using labelbeam::LabelSet;
using labelbeam::ScoredSet;
using labelbeam::SetDistribution;
using labelbeam::decoders::independent_distribution;
using labelbeam::decoders::independent_log_prob;

namespace {

struct Enumerated {
  LabelSet labels;
  double prob;
};

/// All 2^L sets by falling probability.
std::vector<Enumerated> enumerate(const std::vector<double>& probs, EmptySet empty_set) {
  std::vector<Enumerated> all;
  double sum = 0.0;
  for (unsigned bits = 0; bits < 1u << probs.size(); ++bits) {
    if (bits == 0 && empty_set == EmptySet::forbid) continue;
    Enumerated entry{LabelSet(), 1.0};
    for (LabelId l = 0; l < probs.size(); ++l) {
      const bool present = (bits >> l & 1u) != 0;
      if (present) entry.labels.insert(l);
      entry.prob *= present ? probs[l] : 1.0 - probs[l];
    }
    sum += entry.prob;
    if (entry.prob > 0.0) all.push_back(entry);
  }
  for (Enumerated& entry : all) entry.prob /= sum;
  std::sort(all.begin(), all.end(),
            [](const Enumerated& a, const Enumerated& b) { return a.prob > b.prob; });
  return all;
}

std::vector<double> random_probs(std::mt19937_64& random, std::size_t num_labels) {
  std::uniform_real_distribution<double> uniform;
  std::vector<double> probs;
  const std::uint64_t kind = random() % 4;
  for (std::size_t l = 0; l < num_labels; ++l) {
    double p = uniform(random);
    if (kind == 1) p = std::round(4.0 * p) / 4.0;  // ties, 0, 1/2 and 1
    if (kind == 2) p = p * p * p * p;
    if (kind == 3 && random() % 3 == 0) p = random() % 2 == 0 ? 0.0 : 1.0;
    probs.push_back(p);
  }
  return probs;
}

}  // namespace

TEST_CASE("The best sets of independent labels are those of sorted enumeration") {
  std::mt19937_64 random(1);
  for (int round = 0; round < 400; ++round) {
    const std::vector<double> probs = random_probs(random, 1 + random() % 12);
    const EmptySet empty_set = random() % 2 == 0 ? EmptySet::allow : EmptySet::forbid;
    const std::vector<Enumerated> all = enumerate(probs, empty_set);
    const std::size_t num_sets = round % 3 == 0 ? 5000 : 1 + random() % 40;
    const SetDistribution found =
        independent_distribution(probs, {.num_sets = num_sets, .empty_set = empty_set});
    REQUIRE(found.sets.size() == std::min(num_sets, all.size()));
    std::set<LabelSet> seen;
    double weights = 0.0;
    for (std::size_t i = 0; i < found.sets.size(); ++i) {
      const ScoredSet& set = found.sets[i];
      REQUIRE(std::exp(set.log_prob) == Approx(all[i].prob).epsilon(1e-10));
      REQUIRE(set.log_upper == set.log_prob);
      REQUIRE(independent_log_prob(probs, set.labels, empty_set) ==
              Approx(set.log_prob).epsilon(1e-10).margin(1e-12));
      REQUIRE(seen.insert(set.labels).second);
      weights += set.weight;
    }
    if (!found.sets.empty()) REQUIRE(weights == Approx(1.0));
    REQUIRE(found_mass(found.sets) + found.residual == Approx(1.0).epsilon(1e-9));
    std::vector<double> marginals(probs.size());
    for (const Enumerated& entry : all) {
      for (LabelId label : entry.labels) marginals[label] += entry.prob;
    }
    for (std::size_t l = 0; l < probs.size(); ++l) {
      REQUIRE(found.marginals[l].estimate == Approx(marginals[l]).margin(1e-12));
      REQUIRE(found.marginals[l].lower == found.marginals[l].upper);
    }
    REQUIRE(found.certified);
  }
}

TEST_CASE("The first sets of 200 labels are the cheapest flips") {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> uniform(-6.0, 6.0);
  std::vector<double> probs;
  std::vector<double> costs;
  for (int l = 0; l < 200; ++l) {
    const double logit = uniform(random);
    probs.push_back(1.0 / (1.0 + std::exp(-logit)));
    costs.push_back(std::abs(logit));
  }
  // Any 3 of the cheapest 60 flips: no other choice can be among the first 50.
  std::sort(costs.begin(), costs.end());
  std::vector<double> sums{0.0};
  for (std::size_t a = 0; a < 60; ++a) {
    sums.push_back(costs[a]);
    for (std::size_t b = 0; b < a; ++b) {
      sums.push_back(costs[a] + costs[b]);
      for (std::size_t c = 0; c < b; ++c) {
        sums.push_back(costs[a] + costs[b] + costs[c]);
        for (std::size_t d = 0; d < c && d < 12; ++d) {
          sums.push_back(costs[a] + costs[b] + costs[c] + costs[d]);
          for (std::size_t e = 0; e < d; ++e) {
            sums.push_back(costs[a] + costs[b] + costs[c] + costs[d] + costs[e]);
          }
        }
      }
    }
  }
  std::sort(sums.begin(), sums.end());
  const SetDistribution found = independent_distribution(probs, {.num_sets = 50});
  REQUIRE(found.sets.size() == 50);
  for (std::size_t i = 0; i < 50; ++i) {
    CHECK(found.sets[0].log_prob - found.sets[i].log_prob == Approx(sums[i]).margin(1e-9));
    CHECK(independent_log_prob(probs, found.sets[i].labels) ==
          Approx(found.sets[i].log_prob).epsilon(1e-12));
  }
}

TEST_CASE("Certain and impossible labels are never flipped") {
  const SetDistribution found =
      independent_distribution(std::vector<double>{1.0, 0.0, 0.25}, {.num_sets = 10});
  REQUIRE(found.sets.size() == 2);
  CHECK(found.sets[0].labels == LabelSet{0});
  CHECK(std::exp(found.sets[0].log_prob) == Approx(0.75));
  CHECK(found.sets[1].labels == LabelSet{0, 2});
  CHECK(found.residual == Approx(0.0).margin(1e-15));
}

TEST_CASE("Equally probable sets come in the sets' own order") {
  const SetDistribution found =
      independent_distribution(std::vector<double>{0.5, 0.5}, {.num_sets = 4});
  REQUIRE(found.sets.size() == 4);
  CHECK(found.sets[0].labels == LabelSet{});
  CHECK(found.sets[1].labels == LabelSet{0});
  CHECK(found.sets[2].labels == LabelSet{0, 1});
  CHECK(found.sets[3].labels == LabelSet{1});
}

TEST_CASE("Forbidding the empty set conditions probabilities and marginals, however small") {
  const std::vector<double> probs{1e-12, 3e-12};
  const SetDistribution found =
      independent_distribution(probs, {.num_sets = 2, .empty_set = EmptySet::forbid});
  CHECK(found.sets[0].labels == LabelSet{1});
  CHECK(std::exp(found.sets[0].log_prob) == Approx(0.75).epsilon(1e-9));
  CHECK(found.marginals[0].estimate == Approx(0.25).epsilon(1e-9));
  CHECK(independent_log_prob(probs, LabelSet{0}, EmptySet::forbid) ==
        Approx(std::log(0.25)).epsilon(1e-9));
  CHECK(independent_log_prob(probs, LabelSet{}, EmptySet::forbid) ==
        -std::numeric_limits<double>::infinity());
}

TEST_CASE("No possible label and no empty set leaves no answer") {
  const SetDistribution found = independent_distribution(
      std::vector<double>{0.0, 0.0}, {.num_sets = 3, .empty_set = EmptySet::forbid});
  CHECK(found.sets.empty());
  CHECK(found.residual == 1.0);
  CHECK(found.marginals[1].upper == 0.0);
}

TEST_CASE("An impossible set has log probability -inf") {
  const std::vector<double> probs{0.0, 1.0};
  CHECK(independent_log_prob(probs, LabelSet{0, 1}) == -std::numeric_limits<double>::infinity());
  CHECK(independent_log_prob(probs, LabelSet{}) == -std::numeric_limits<double>::infinity());
  CHECK(independent_log_prob(probs, LabelSet{1}) == 0.0);
}

TEST_CASE("Independent probabilities and options are checked") {
  CHECK_THROWS_AS(independent_distribution(std::vector<double>{}), std::invalid_argument);
  CHECK_THROWS_WITH(independent_distribution(std::vector<double>{0.5, 1.5}),
                    contains_text("the probability of label 1 must be between 0 and 1, got 1.5"));
  CHECK_THROWS_AS(independent_distribution(std::vector<double>{std::nan("")}),
                  std::invalid_argument);
  CHECK_THROWS_AS(independent_distribution(std::vector<double>{0.5}, {.num_sets = 0}),
                  std::invalid_argument);
  CHECK_THROWS_AS(
      independent_distribution(std::vector<double>{0.5}, {.empty_set = EmptySet::learn}),
      std::invalid_argument);
  CHECK_THROWS_WITH(independent_log_prob(std::vector<double>{0.5}, LabelSet{1}),
                    contains_text("label 1 of the set is not below the number of labels, 1"));
}
