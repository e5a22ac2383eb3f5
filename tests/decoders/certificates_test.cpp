#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/decision.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "catch.h"
#include "random_tables.h"
#include "utilities.h"

// Certificates are held to the distribution that a search saw only a part of.

using labelbeam::LabelId;
using labelbeam::LabelSet;
using labelbeam::Marginal;
using labelbeam::ScoredSet;
using labelbeam::SetDistribution;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

namespace {

/// A distribution and what a search found of it.
struct Case {
  SetDistribution truth;  // given that the set is valid
  SetDistribution found;
};

/// All sets of `num_labels` labels, most of them rare.
SetDistribution all_sets(std::mt19937_64& random, std::size_t num_labels) {
  std::uniform_real_distribution<double> uniform;
  const double peakedness = 1.0 + 20.0 * uniform(random);
  SetDistribution all;
  double sum = 0.0;
  for (const LabelSet& set : all_answers(num_labels)) {
    all.sets.push_back({set, 0.0, 0.0, std::pow(uniform(random), peakedness) + 1e-9});
    sum += all.sets.back().weight;
  }
  for (ScoredSet& set : all.sets) set.weight /= sum;
  std::stable_sort(all.sets.begin(), all.sets.end(),
                   [](const ScoredSet& a, const ScoredSet& b) { return a.weight > b.weight; });
  return all;
}

/// What is valid, a share of it found, and a share of the found sets' mass missed, as a search
/// under a free order misses orderings. Marginals as `MassLedger` bounds them.
Case random_case(std::mt19937_64& random, std::size_t num_labels, bool constrained, bool free) {
  std::uniform_real_distribution<double> uniform;
  const SetDistribution all = all_sets(random, num_labels);
  Case result;
  double valid = 0.0;
  for (const ScoredSet& set : all.sets) {
    if (constrained && random() % 2 == 0) continue;
    result.truth.sets.push_back(set);
    valid += set.weight;
  }
  if (result.truth.sets.empty()) return random_case(random, num_labels, constrained, free);
  SetDistribution& found = result.found;
  found.sets = result.truth.sets;
  found.sets.resize(1 + random() % found.sets.size());
  if (random() % 3 == 0 && found.sets.size() > 1) found.sets.erase(found.sets.begin());
  double mass = 0.0;
  for (ScoredSet& set : found.sets) {
    const double lower = set.weight * (free ? 1.0 - 0.3 * uniform(random) : 1.0);
    set.log_prob = std::log(lower);
    set.log_upper = std::log(free ? std::min(1.0, set.weight * 1.1) : lower);
    mass += lower;
  }
  std::stable_sort(found.sets.begin(), found.sets.end(),
                   [](const ScoredSet& a, const ScoredSet& b) { return a.log_prob > b.log_prob; });
  const double invalid_but_open = uniform(random) * uniform(random) * (1.0 - valid);
  found.valid = {constrained ? mass : 1.0, constrained ? valid + invalid_but_open : 1.0};
  found.residual = std::max(0.0, found.valid.upper - mass);
  double rival = found.sets.size() < result.truth.sets.size() ? found.residual : 0.0;
  for (std::size_t i = 1; i < found.sets.size(); ++i) {
    rival = std::max(rival, std::exp(found.sets[i].log_upper));
  }
  found.certified = std::exp(found.sets[0].log_prob) >= rival;
  for (ScoredSet& set : found.sets) set.weight = std::exp(set.log_prob) / mass;
  for (LabelId label = 0; label < num_labels; ++label) {
    double with = 0.0;
    for (const ScoredSet& set : found.sets) {
      if (set.labels.contains(label)) with += std::exp(set.log_prob);
    }
    const double most = mass + found.residual;
    found.marginals.push_back({with / most, (with + found.residual) / most, with / mass, 0.0});
  }
  for (ScoredSet& set : result.truth.sets) set.weight /= valid;
  return result;
}

struct RuleUnderTest {
  const char* name;
  std::function<Decision(const SetDistribution&)> decide;
  Utility utility;
  std::size_t size;  // of answers; 0: any
};

std::vector<RuleUnderTest> rules(std::size_t num_labels) {
  const EmptyConvention one = EmptyConvention::one;
  const EmptyConvention zero = EmptyConvention::zero;
  const auto fbeta_rule = [](double beta, EmptyConvention convention) {
    return [=](const SetDistribution& d) { return decide_fbeta(d, beta, convention); };
  };
  const std::vector<LabelSet> answers = all_answers(num_labels);
  return {
      {"subset accuracy", decide_subset_accuracy, subset_accuracy(), 0},
      {"Hamming", decide_hamming, hamming(num_labels), 0},
      {"F1, one", fbeta_rule(1.0, one), fbeta(1.0, one), 0},
      {"F1, zero", fbeta_rule(1.0, zero), fbeta(1.0, zero), 0},
      {"F2", fbeta_rule(2.0, one), fbeta(2.0, one), 0},
      {"F0.5", fbeta_rule(0.5, zero), fbeta(0.5, zero), 0},
      {"Jaccard", [=](const SetDistribution& d) { return decide_jaccard(d, one); }, jaccard(one),
       0},
      {"utility",
       [=](const SetDistribution& d) { return decide_utility(d, jaccard(zero), answers); },
       jaccard(zero), 0},
      {"precision@2", [](const SetDistribution& d) { return decide_precision_at(d, 2); },
       precision_at(2), 2},
      {"recall@2", [](const SetDistribution& d) { return decide_recall_at(d, 2); }, recall(), 2},
  };
}

}  // namespace

TEST_CASE("A certified answer is optimal under the whole distribution") {
  const bool constrained = GENERATE(false, true);
  const bool free = GENERATE(false, true);
  constexpr std::size_t kLabels = 4;
  constexpr int kRounds = 1500;
  std::mt19937_64 random(31);
  const std::vector<RuleUnderTest> tested = rules(kLabels);
  std::vector<int> certified(tested.size());
  std::vector<int> wrong(tested.size());
  int caught = 0;  // answers that half the proof would have certified wrongly
  for (int round = 0; round < kRounds; ++round) {
    const Case example = random_case(random, kLabels, constrained, free);
    for (std::size_t r = 0; r < tested.size(); ++r) {
      const RuleUnderTest& rule = tested[r];
      const Decision decision = rule.decide(example.found);
      const std::vector<LabelSet> answers =
          rule.size > 0 ? all_answers(kLabels, rule.size) : all_answers(kLabels);
      const double best = try_all(example.truth, answers, rule.utility, decision.labels).best;
      const bool is_optimal =
          expected(example.truth, decision.labels, rule.utility) >= best - 1e-12;
      INFO(rule.name << ", round " << round);
      if (decision.certified) REQUIRE(is_optimal);
      certified[r] += decision.certified;
      wrong[r] += !is_optimal;
      caught += !is_optimal && decision.margin >= 0.5 * size_marginals(example.found).unseen;
    }
  }
  for (std::size_t r = 0; r < tested.size(); ++r) {
    INFO(tested[r].name << ": " << certified[r] << " certified, " << wrong[r] << " wrong");
    CHECK(certified[r] > kRounds / 50);
    CHECK(wrong[r] > 0);
    CHECK(certified[r] + wrong[r] < kRounds);
  }
  CHECK(caught > 0);
}

TEST_CASE("What is certified of a narrow beam is optimal under the model") {
  const Order order = GENERATE(Order::fixed, Order::free);
  int certified = 0;
  int decisions = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    TableModelOptions options = random_table(seed, order);
    const std::size_t num_labels = options.semantics.num_labels;
    if (num_labels > 5) continue;
    if (seed % 3 == 0) options.semantics.max_size = 1 + num_labels / 2;
    TableModel model(options);
    const std::size_t beam_size = 1 + seed % 4;
    const SetDistribution found =
        BeamSearch({.beam_size = beam_size, .num_sets = 2 * beam_size}).search(model).front();
    SetDistribution truth;
    const TableModel::Exact exact = model.exact(0);
    if (exact.lost > 1e-9) continue;  // marginals count labels that lead to no set
    for (const auto& [set, mass] : exact.sets) truth.sets.push_back({set, 0.0, 0.0, mass});
    for (const RuleUnderTest& rule : rules(num_labels)) {
      if (rule.size > num_labels) continue;
      const Decision decision = rule.decide(found);
      ++decisions;
      if (!decision.certified) continue;
      ++certified;
      const std::size_t most = options.semantics.max_size;
      std::vector<LabelSet> answers =
          rule.size > 0 ? all_answers(num_labels, rule.size) : all_answers(num_labels);
      if (std::string_view(rule.name) == "subset accuracy") {  // asks for sets that may be answered
        std::erase_if(answers, [&](const LabelSet& set) { return set.size() > most; });
      }
      const double best = try_all(truth, answers, rule.utility, decision.labels).best;
      INFO(rule.name << ", seed " << seed);
      REQUIRE(expected(truth, decision.labels, rule.utility) >= best - 1e-12);
    }
  }
  CHECK(certified > decisions / 10);
  CHECK(certified < decisions);
}

TEST_CASE("A certified ranking is optimal under the whole distribution") {
  std::mt19937_64 random(32);
  int certified = 0;
  for (int round = 0; round < 2000; ++round) {
    const Case example = random_case(random, 4, false, round % 2 == 0);
    const RankedDecision decision = decide_ndcg_at(example.found, 2);
    if (!decision.certified) continue;
    ++certified;
    SetDistribution truth = example.truth;
    truth.marginals.resize(4);
    REQUIRE(decide_ndcg_at(truth, 2).ranking == decision.ranking);
  }
  CHECK(certified > 100);
}

TEST_CASE("A certified set of the support is its most probable one") {
  std::mt19937_64 random(33);
  int certified = 0;
  int wrong = 0;
  for (int round = 0; round < 3000; ++round) {
    const Case example = random_case(random, 4, round % 3 == 0, round % 2 == 0);
    std::unordered_set<LabelSet> support;
    for (const LabelSet& set : all_answers(4)) {
      if (random() % 3 == 0) support.insert(set);
    }
    const Decision decision = decide_support(example.found, support);
    double best = 0.0;
    double answered = 0.0;
    for (const ScoredSet& set : example.truth.sets) {
      if (support.contains(set.labels)) best = std::max(best, set.weight);
      if (set.labels == decision.labels) answered = set.weight;
    }
    if (decision.certified) REQUIRE(answered >= best - 1e-12);
    certified += decision.certified;
    wrong += answered < best;
  }
  CHECK(certified > 300);
  CHECK(wrong > 100);
}

TEST_CASE("Nothing is certified of samples, nor without the number of labels") {
  std::mt19937_64 random(34);
  SetDistribution distribution = random_distribution(random, 4, 1);
  CHECK(decide_fbeta(distribution, 1.0, EmptyConvention::one).certified);
  CHECK(decide_jaccard(distribution, EmptyConvention::one).certified);
  SetDistribution unknown = distribution;
  unknown.marginals.clear();
  CHECK_FALSE(decide_fbeta(unknown, 1.0, EmptyConvention::one).certified);
  CHECK_FALSE(decide_recall_at(unknown, 9).certified);
  SetDistribution sampled = distribution;
  sampled.sets.push_back({LabelSet{0, 1, 2, 3}, std::log(0.2), std::log(0.2), 0.01});
  sampled.sets[0].weight = 0.99;
  sampled.sets[0].log_prob = std::log(0.8);
  CHECK_FALSE(decide_fbeta(sampled, 1.0, EmptyConvention::one).certified);
}

TEST_CASE("Jaccard over too many labels to enumerate is not certified") {
  SetDistribution distribution;
  LabelSet large;
  for (LabelId label = 0; label < kMaxExactJaccard + 1; ++label) large.insert(label);
  distribution.sets = {{large, 0.0, 0.0, 1.0}};
  distribution.residual = 0.0;
  distribution.marginals.resize(large.size());
  CHECK(decide_jaccard(distribution, EmptyConvention::one).labels == large);
  CHECK_FALSE(decide_jaccard(distribution, EmptyConvention::one).certified);
}
