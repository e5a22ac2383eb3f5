#include <labelbeam/decoders/decision.h>
#include <labelbeam/decoders/independent.h>

#include <cmath>
#include <functional>
#include <random>
#include <stdexcept>
#include <vector>

#include "catch.h"
#include "random_tables.h"

using labelbeam::EmptySet;
using labelbeam::LabelId;
using labelbeam::LabelSet;
using labelbeam::SetDistribution;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

namespace {

using Utility = std::function<double(const LabelSet& truth, const LabelSet& answer)>;

double expected(const SetDistribution& distribution, const LabelSet& answer,
                const Utility& utility) {
  double sum = 0.0;
  for (const auto& set : distribution.sets) sum += set.weight * utility(set.labels, answer);
  return sum;
}

LabelSet from_bits(unsigned bits, std::size_t num_labels) {
  LabelSet set;
  for (LabelId l = 0; l < num_labels; ++l) {
    if (bits >> l & 1u) set.insert(l);
  }
  return set;
}

double best_by_brute_force(const SetDistribution& distribution, std::size_t num_labels,
                           const Utility& utility) {
  double best = 0.0;
  for (unsigned bits = 0; bits < 1u << num_labels; ++bits) {
    best = std::max(best, expected(distribution, from_bits(bits, num_labels), utility));
  }
  return best;
}

Utility fbeta(double beta, EmptyConvention convention) {
  return [=](const LabelSet& truth, const LabelSet& answer) {
    if (truth.empty() && answer.empty()) return convention == EmptyConvention::one ? 1.0 : 0.0;
    const auto shared = static_cast<double>(truth.intersection_size(answer));
    const double b2 = beta * beta;
    const double denominator =
        b2 * static_cast<double>(truth.size()) + static_cast<double>(answer.size());
    return denominator == 0.0 ? 0.0 : (1.0 + b2) * shared / denominator;
  };
}

Utility jaccard(EmptyConvention convention) {
  return [=](const LabelSet& truth, const LabelSet& answer) {
    if (truth.empty() && answer.empty()) return convention == EmptyConvention::one ? 1.0 : 0.0;
    const std::size_t shared = truth.intersection_size(answer);
    return static_cast<double>(shared) / static_cast<double>(truth.size() + answer.size() - shared);
  };
}

Utility subset_accuracy() {
  return [](const LabelSet& truth, const LabelSet& answer) { return truth == answer ? 1.0 : 0.0; };
}

Utility hamming(std::size_t num_labels) {
  return [=](const LabelSet& truth, const LabelSet& answer) {
    const std::size_t wrong = truth.size() + answer.size() - 2 * truth.intersection_size(answer);
    return 1.0 - static_cast<double>(wrong) / static_cast<double>(num_labels);
  };
}

void require_optimal(const Decision& decision, const SetDistribution& distribution,
                     std::size_t num_labels, const Utility& utility) {
  const double best = best_by_brute_force(distribution, num_labels, utility);
  REQUIRE(std::abs(decision.expected_utility - best) <= 1e-12);
  REQUIRE(std::abs(expected(distribution, decision.labels, utility) - best) <= 1e-12);
}

}  // namespace

TEST_CASE("Every rule equals brute force over all answers") {
  std::mt19937_64 random(6);
  const EmptyConvention convention = GENERATE(EmptyConvention::one, EmptyConvention::zero);
  for (int round = 0; round < 150; ++round) {
    const std::size_t num_labels = 1 + random() % (round % 10 == 0 ? 10 : 7);
    const SetDistribution distribution = random_distribution(random, num_labels, 1 + random() % 20);
    INFO("round " << round);
    require_optimal(decide_subset_accuracy(distribution), distribution, num_labels,
                    subset_accuracy());
    require_optimal(decide_hamming(distribution), distribution, num_labels, hamming(num_labels));
    for (double beta : {0.0, 0.5, 1.0, 2.0}) {
      require_optimal(decide_fbeta(distribution, beta, convention), distribution, num_labels,
                      fbeta(beta, convention));
    }
    require_optimal(decide_jaccard(distribution, convention), distribution, num_labels,
                    jaccard(convention));
  }
}

TEST_CASE("F-beta of independent labels is exact over all sets, not over the n best") {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform;
  const EmptyConvention convention = GENERATE(EmptyConvention::one, EmptyConvention::zero);
  const EmptySet empty_set = GENERATE(EmptySet::allow, EmptySet::forbid);
  for (int round = 0; round < 40; ++round) {
    const std::size_t num_labels = 1 + random() % 8;
    std::vector<double> probs;
    for (std::size_t l = 0; l < num_labels; ++l) probs.push_back(std::pow(uniform(random), 2.0));
    const SetDistribution all =
        independent_distribution(probs, {.num_sets = 256, .empty_set = empty_set});
    for (double beta : {0.5, 1.0, 2.0}) {
      require_optimal(decide_fbeta(independent_size_marginals(probs, empty_set), beta, convention),
                      all, num_labels, fbeta(beta, convention));
    }
  }
}

TEST_CASE("The n best sets can lead the F-beta rule astray where the exact rule is right") {
  // 40 rare labels and one likely one: the n best sets hardly hold the rare ones.
  std::vector<double> probs(41, 0.18);
  probs[0] = 0.3;
  const SizeMarginals exact = independent_size_marginals(probs);
  const Decision right = decide_fbeta(exact, 1.0, EmptyConvention::one);
  const Decision astray =
      decide_fbeta(independent_distribution(probs, {.num_sets = 16}), 1.0, EmptyConvention::one);
  CHECK(right.labels.size() > astray.labels.size());
}

TEST_CASE("The value of an empty answer to an empty truth is the convention's") {
  SetDistribution distribution;
  distribution.sets = {{LabelSet{}, std::log(0.7), std::log(0.7), 0.7},
                       {LabelSet{0}, std::log(0.3), std::log(0.3), 0.3}};
  CHECK(decide_fbeta(distribution, 1.0, EmptyConvention::one).labels.empty());
  CHECK(decide_fbeta(distribution, 1.0, EmptyConvention::zero).labels == LabelSet{0});
  CHECK(decide_jaccard(distribution, EmptyConvention::one).labels.empty());
  CHECK(decide_jaccard(distribution, EmptyConvention::zero).labels == LabelSet{0});
  CHECK(decide_jaccard(distribution, EmptyConvention::zero).expected_utility == Approx(0.3));
}

TEST_CASE("Jaccard over many labels is at least as good as every candidate") {
  std::mt19937_64 random(8);
  for (int round = 0; round < 30; ++round) {
    const SetDistribution distribution = random_distribution(random, 30, 24);
    const Utility utility = jaccard(EmptyConvention::one);
    const Decision decision = decide_jaccard(distribution, EmptyConvention::one);
    REQUIRE(decision.expected_utility ==
            Approx(expected(distribution, decision.labels, utility)).epsilon(1e-12));
    for (const auto& set : distribution.sets) {
      REQUIRE(decision.expected_utility >= expected(distribution, set.labels, utility) - 1e-12);
    }
    const Decision f1 = decide_fbeta(distribution, 1.0, EmptyConvention::one);
    REQUIRE(decision.expected_utility >= expected(distribution, f1.labels, utility) - 1e-12);
    REQUIRE(decision.expected_utility <= f1.expected_utility + 1e-12);  // J <= F1 <= best F1
    for (LabelId l = 0; l < 30; ++l) {
      LabelSet neighbour = decision.labels;
      if (!neighbour.erase(l)) neighbour.insert(l);
      REQUIRE(decision.expected_utility >= expected(distribution, neighbour, utility) - 1e-12);
    }
  }
}

TEST_CASE(
    "Jaccard is exact where no add, drop or swap leads from the candidates to the best answer") {
  const std::uint64_t seed = GENERATE(812u, 1862u, 3741u, 3868u);
  std::mt19937_64 random(seed);
  const SetDistribution distribution = random_distribution(random, 8, 6);
  require_optimal(decide_jaccard(distribution, EmptyConvention::one), distribution, 8,
                  jaccard(EmptyConvention::one));
}

TEST_CASE("Jaccard over exactly the most labels that are enumerated is exact") {
  std::mt19937_64 random(9);
  SetDistribution distribution = random_distribution(random, kMaxExactJaccard, 16);
  require_optimal(decide_jaccard(distribution, EmptyConvention::one), distribution,
                  kMaxExactJaccard, jaccard(EmptyConvention::one));
}

TEST_CASE("Hamming follows the marginals and not the sets") {
  SetDistribution distribution;
  distribution.sets = {{LabelSet{0}, -0.1, -0.1, 1.0}};
  distribution.marginals = {{0.2, 0.4, 0.3, 0.0}, {0.5, 0.9, 0.6, 0.0}, {0.5, 0.5, 0.5, 0.0}};
  const Decision decision = decide_hamming(distribution);
  CHECK(decision.labels == LabelSet{1});
  CHECK(decision.expected_utility == Approx((0.7 + 0.6 + 0.5) / 3.0));
}

TEST_CASE("A distribution without sets gets the empty answer") {
  const SetDistribution nothing;
  const Decision empty;
  CHECK(decide_subset_accuracy(nothing) == empty);
  CHECK(decide_hamming(nothing) == empty);
  CHECK(decide_fbeta(nothing, 1.0, EmptyConvention::one) == empty);
  CHECK(decide_jaccard(nothing, EmptyConvention::one) == empty);
}

TEST_CASE("A beta that is negative or not finite is refused") {
  const SetDistribution nothing;
  CHECK_THROWS_WITH(decide_fbeta(nothing, -1.0, EmptyConvention::one),
                    contains_text("beta must be finite and not negative, got -1"));
  CHECK_THROWS_AS(decide_fbeta(nothing, std::nan(""), EmptyConvention::one), std::invalid_argument);
  CHECK_THROWS_AS(decide_fbeta(nothing, INFINITY, EmptyConvention::one), std::invalid_argument);
}
