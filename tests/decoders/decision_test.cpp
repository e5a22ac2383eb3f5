#include <labelbeam/decoders/decision.h>
#include <labelbeam/decoders/independent.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>
#include <unordered_set>
#include <vector>

#include "catch.h"
#include "random_tables.h"
#include "utilities.h"

using labelbeam::EmptySet;
using labelbeam::LabelId;
using labelbeam::LabelSet;
using labelbeam::SetDistribution;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

namespace {

/// Expected nDCG@k of a ranking, by its definition.
double expected_ndcg(const SetDistribution& distribution, const std::vector<LabelId>& ranking,
                     std::size_t k) {
  double sum = 0.0;
  for (const auto& set : distribution.sets) {
    if (set.labels.empty()) continue;
    double gain = 0.0;
    double ideal = 0.0;
    for (std::size_t r = 0; r < k; ++r) {
      const double discount = 1.0 / std::log2(static_cast<double>(r + 2));
      if (r < set.labels.size()) ideal += discount;
      if (r < ranking.size() && set.labels.contains(ranking[r])) gain += discount;
    }
    sum += set.weight * gain / ideal;
  }
  return sum;
}

/// All rankings of `size` of `num_labels` labels.
void extend_rankings(std::size_t num_labels, std::size_t size, std::vector<LabelId>& ranking,
                     std::vector<std::vector<LabelId>>& rankings) {
  if (ranking.size() == size) {
    rankings.push_back(ranking);
    return;
  }
  for (LabelId label = 0; label < num_labels; ++label) {
    if (std::find(ranking.begin(), ranking.end(), label) != ranking.end()) continue;
    ranking.push_back(label);
    extend_rankings(num_labels, size, ranking, rankings);
    ranking.pop_back();
  }
}

std::unordered_set<LabelSet> random_support(std::mt19937_64& random, std::size_t num_labels,
                                            std::size_t num_sets) {
  std::unordered_set<LabelSet> support;
  for (std::size_t i = 0; i < num_sets; ++i) {
    support.insert(from_bits(static_cast<unsigned>(random() % (1u << num_labels)), num_labels));
  }
  return support;
}

}  // namespace

TEST_CASE("Every rule and its margin equal brute force over all answers") {
  std::mt19937_64 random(6);
  const EmptyConvention convention = GENERATE(EmptyConvention::one, EmptyConvention::zero);
  for (int round = 0; round < 150; ++round) {
    const std::size_t num_labels = 1 + random() % (round % 10 == 0 ? 10 : 7);
    const SetDistribution distribution = random_distribution(random, num_labels, 1 + random() % 20);
    const std::vector<LabelSet> answers = all_answers(num_labels);
    INFO("round " << round);
    require_optimal(decide_subset_accuracy(distribution), distribution, answers, subset_accuracy());
    require_optimal(decide_hamming(distribution), distribution, answers, hamming(num_labels));
    for (double beta : {0.0, 0.5, 1.0, 2.0}) {
      require_optimal(decide_fbeta(distribution, beta, convention), distribution, answers,
                      fbeta(beta, convention));
    }
    require_optimal(decide_jaccard(distribution, convention), distribution, answers,
                    jaccard(convention));
    require_optimal(decide_utility(distribution, jaccard(convention), answers), distribution,
                    answers, jaccard(convention));
  }
}

TEST_CASE("The rules for the k best labels and their margins equal brute force") {
  std::mt19937_64 random(16);
  for (int round = 0; round < 150; ++round) {
    const std::size_t num_labels = 1 + random() % (round % 10 == 0 ? 10 : 6);
    const SetDistribution distribution = random_distribution(random, num_labels, 1 + random() % 20);
    const std::size_t k = 1 + random() % 5;
    const std::size_t size = std::min(k, num_labels);
    const std::vector<LabelSet> answers = all_answers(num_labels, size);
    INFO("round " << round << ", k " << k);
    require_optimal(decide_precision_at(distribution, k), distribution, answers, precision_at(k));
    require_optimal(decide_recall_at(distribution, k), distribution, answers, recall());

    if (num_labels > 6) continue;
    const RankedDecision decision = decide_ndcg_at(distribution, k);
    std::vector<LabelId> prefix;
    std::vector<std::vector<LabelId>> rankings;
    extend_rankings(num_labels, size, prefix, rankings);
    double best = 0.0;
    double best_other = 0.0;
    for (const std::vector<LabelId>& ranking : rankings) {
      const double value = expected_ndcg(distribution, ranking, k);
      best = std::max(best, value);
      if (ranking != decision.ranking) best_other = std::max(best_other, value);
    }
    REQUIRE(std::abs(decision.expected_utility - best) <= 1e-12);
    REQUIRE(std::abs(expected_ndcg(distribution, decision.ranking, k) - best) <= 1e-12);
    REQUIRE(std::abs(decision.margin - (best - best_other)) <= 1e-12);
    REQUIRE(decision.labels == LabelSet(decision.ranking));
  }
}

TEST_CASE("Labels that never occur fill the k best, lowest ids first") {
  SetDistribution distribution;
  distribution.sets = {{LabelSet{3}, 0.0, 0.0, 1.0}};
  distribution.marginals = {{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {1, 1, 1, 0}, {0, 0, 0, 0}};
  CHECK(decide_precision_at(distribution, 3).ranking == std::vector<LabelId>{3, 0, 1});
  CHECK(decide_recall_at(distribution, 3).ranking == std::vector<LabelId>{3, 0, 1});
  CHECK(decide_ndcg_at(distribution, 3).ranking == std::vector<LabelId>{3, 0, 1});
  CHECK(decide_precision_at(distribution, 9).labels.size() == 5);
  CHECK(decide_precision_at(distribution, 9).expected_utility == Approx(1.0 / 9.0));
  CHECK(decide_recall_at(distribution, 9).expected_utility == 1.0);
}

TEST_CASE("Recall and nDCG of independent labels are exact over all sets") {
  std::mt19937_64 random(17);
  std::uniform_real_distribution<double> uniform;
  for (int round = 0; round < 40; ++round) {
    const std::size_t num_labels = 2 + random() % 5;
    const std::size_t k = 1 + random() % (num_labels - 1);
    std::vector<double> probs;
    for (std::size_t l = 0; l < num_labels; ++l) probs.push_back(uniform(random));
    const SetDistribution all = independent_distribution(probs, {.num_sets = 64});
    const SizeMarginals marginals = independent_size_marginals(probs);
    require_optimal(decide_recall_at(marginals, k), all, all_answers(num_labels, k), recall());
    const RankedDecision ndcg = decide_ndcg_at(marginals, k);
    REQUIRE(ndcg.expected_utility == Approx(expected_ndcg(all, ndcg.ranking, k)).epsilon(1e-12));
    REQUIRE(ndcg.certified);
  }
}

TEST_CASE("The support rule is the mode of the sets that are in the support") {
  std::mt19937_64 random(18);
  std::size_t found_some = 0;
  for (int round = 0; round < 200; ++round) {
    const std::size_t num_labels = 1 + random() % 6;
    const SetDistribution distribution = random_distribution(random, num_labels, 1 + random() % 9);
    const auto support = random_support(random, num_labels, 1 + random() % 6);
    const Decision decision = decide_support(distribution, support);
    REQUIRE(support.contains(decision.labels));
    const std::vector<LabelSet> answers(support.begin(), support.end());
    require_optimal(decision, distribution, answers, subset_accuracy());
    found_some += decision.expected_utility > 0.0;
  }
  CHECK(found_some > 50);
  CHECK(found_some < 200);
}

TEST_CASE("Where no set found is in the support, independent labels choose from it") {
  SetDistribution distribution;
  distribution.sets = {{LabelSet{0, 1, 2}, std::log(0.5), std::log(0.5), 1.0}};
  distribution.residual = 0.5;
  distribution.marginals = {{0, 1, 0.9, 0}, {0, 1, 0.6, 0}, {0, 1, 0.4, 0}, {0, 1, 0.1, 0}};
  const std::unordered_set<LabelSet> support{LabelSet{}, LabelSet{0}, LabelSet{0, 1},
                                             LabelSet{1, 2}, LabelSet{0, 3}};
  const Decision decision = decide_support(distribution, support);
  CHECK(decision == Decision{LabelSet{0, 1}, 0.0, 0.0, false});
  CHECK(decide_support(distribution, {}).labels.empty());
  distribution.marginals.assign(4, {0.5, 0.5, 0.5, 0.0});
  CHECK(decide_support(distribution, {LabelSet{2}, LabelSet{1}, LabelSet{0, 1}}).labels ==
        LabelSet{1});
}

TEST_CASE("Any utility is maximised over the candidates") {
  std::mt19937_64 random(19);
  const Utility tolerant = [](const LabelSet& truth, const LabelSet& answer) {
    return answer.is_subset_of(truth) ? 0.3 + 0.7 * (truth == answer) : 0.0;
  };
  for (int round = 0; round < 100; ++round) {
    const SetDistribution distribution = random_distribution(random, 5, 1 + random() % 12);
    const Decision decision = decide_utility(distribution, tolerant);
    REQUIRE(decision.expected_utility ==
            Approx(expected(distribution, decision.labels, tolerant)).epsilon(1e-12));
    REQUIRE_FALSE(decision.certified);
    for (const auto& set : distribution.sets) {
      REQUIRE(decision.expected_utility >= expected(distribution, set.labels, tolerant));
    }
    REQUIRE(decision.expected_utility >= expected(distribution, {}, tolerant));
    // The F1-optimal answer is a candidate.
    const Utility f1 = fbeta(1.0, EmptyConvention::one);
    REQUIRE(decide_utility(distribution, f1).expected_utility ==
            Approx(decide_fbeta(distribution, 1.0, EmptyConvention::one).expected_utility)
                .epsilon(1e-12));
  }
}

TEST_CASE("Equally good candidates: the first") {
  SetDistribution distribution;
  distribution.sets = {{LabelSet{0}, std::log(0.5), std::log(0.5), 0.5},
                       {LabelSet{1}, std::log(0.5), std::log(0.5), 0.5}};
  const std::vector<LabelSet> candidates{LabelSet{2}, LabelSet{1}, LabelSet{0}, LabelSet{1}};
  const Decision decision = decide_utility(distribution, subset_accuracy(), candidates);
  CHECK(decision.labels == LabelSet{1});
  CHECK(decision.margin == 0.0);
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
      const Decision decision =
          decide_fbeta(independent_size_marginals(probs, empty_set), beta, convention);
      require_optimal(decision, all, all_answers(num_labels), fbeta(beta, convention));
      REQUIRE(decision.certified);
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
  require_optimal(decide_jaccard(distribution, EmptyConvention::one), distribution, all_answers(8),
                  jaccard(EmptyConvention::one));
}

TEST_CASE("Jaccard over exactly the most labels that are enumerated is exact") {
  std::mt19937_64 random(9);
  SetDistribution distribution = random_distribution(random, kMaxExactJaccard, 16);
  require_optimal(decide_jaccard(distribution, EmptyConvention::one), distribution,
                  all_answers(kMaxExactJaccard), jaccard(EmptyConvention::one));
}

TEST_CASE("Hamming follows the marginals and not the sets") {
  SetDistribution distribution;
  distribution.sets = {{LabelSet{0}, -0.1, -0.1, 1.0}};
  distribution.marginals = {{0.2, 0.4, 0.3, 0.0}, {0.5, 0.9, 0.6, 0.0}, {0.5, 0.5, 0.5, 0.0}};
  const Decision decision = decide_hamming(distribution);
  CHECK(decision.labels == LabelSet{1});
  CHECK(decision.expected_utility == Approx((0.7 + 0.6 + 0.5) / 3.0));
  CHECK(decision.margin == 0.0);
  CHECK(decision.certified);
  distribution.marginals[1].lower = 0.49;
  CHECK_FALSE(decide_hamming(distribution).certified);
}

TEST_CASE("A distribution without sets gets the empty answer") {
  const SetDistribution nothing;
  const Decision empty;
  CHECK(decide_subset_accuracy(nothing) == empty);
  CHECK(decide_hamming(nothing) == empty);
  CHECK(decide_fbeta(nothing, 1.0, EmptyConvention::one) == empty);
  CHECK(decide_jaccard(nothing, EmptyConvention::one) == empty);
  CHECK(decide_support(nothing, {}) == empty);
  CHECK(decide_utility(nothing, subset_accuracy()) == empty);
  CHECK(decide_precision_at(nothing, 2) == RankedDecision{});
  CHECK(decide_recall_at(nothing, 2) == RankedDecision{});
  CHECK(decide_ndcg_at(nothing, 2) == RankedDecision{});
}

TEST_CASE("A beta that is negative or not finite is refused") {
  const SetDistribution nothing;
  CHECK_THROWS_WITH(decide_fbeta(nothing, -1.0, EmptyConvention::one),
                    contains_text("beta must be finite and not negative, got -1"));
  CHECK_THROWS_AS(decide_fbeta(nothing, std::nan(""), EmptyConvention::one), std::invalid_argument);
  CHECK_THROWS_AS(decide_fbeta(nothing, INFINITY, EmptyConvention::one), std::invalid_argument);
}

TEST_CASE("No k, no candidate and a utility outside 0 to 1 are refused") {
  std::mt19937_64 random(20);
  const SetDistribution distribution = random_distribution(random, 3, 3);
  CHECK_THROWS_WITH(decide_precision_at(distribution, 0), contains_text("k must be at least 1"));
  CHECK_THROWS_WITH(decide_recall_at(distribution, 0), contains_text("k must be at least 1"));
  CHECK_THROWS_WITH(decide_ndcg_at(distribution, 0), contains_text("k must be at least 1"));
  CHECK_THROWS_WITH(decide_utility(distribution, subset_accuracy(), {}),
                    contains_text("there is no candidate"));
  const Utility loss = [](const LabelSet&, const LabelSet&) { return -0.5; };
  CHECK_THROWS_WITH(decide_utility(distribution, loss),
                    contains_text("a utility must be between 0 and 1, got -0.5"));
}
