#include <labelbeam/decoders/corpus_rules.h>
#include <labelbeam/decoders/decision.h>
#include <labelbeam/decoders/independent.h>
#include <labelbeam/pipeline/decisions.h>
#include <labelbeam/random.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>
#include <unordered_set>
#include <vector>

#include "catch.h"

using namespace labelbeam;
using namespace labelbeam::pipeline;

namespace {

constexpr std::size_t kNumLabels = 4;
constexpr std::size_t kSets = std::size_t{1} << kNumLabels;

LabelSet set_of(std::size_t mask) {
  LabelSet set;
  for (LabelId label = 0; label < kNumLabels; ++label) {
    if (mask >> label & 1U) set.insert(label);
  }
  return set;
}

/// A distribution over some of the 16 sets of 4 labels.
SetDistribution random_distribution(CounterRng& rng) {
  SetDistribution distribution;
  std::vector<double> marginals(kNumLabels);
  double sum = 0.0;
  for (std::size_t mask = 0; mask < kSets; ++mask) {
    if (rng.uniform() < 0.4) continue;
    distribution.sets.push_back({set_of(mask), 0.0, 0.0, rng.uniform() + 0.01});
    sum += distribution.sets.back().weight;
  }
  if (distribution.sets.empty()) return random_distribution(rng);
  for (ScoredSet& set : distribution.sets) {
    set.weight /= sum;
    set.log_prob = set.log_upper = std::log(set.weight);
    for (const LabelId label : set.labels) marginals[label] += set.weight;
  }
  std::sort(distribution.sets.begin(), distribution.sets.end(),
            [](const ScoredSet& a, const ScoredSet& b) { return a.weight > b.weight; });
  for (const double p : marginals) distribution.marginals.push_back({p, p, p, 0.0});
  distribution.residual = 0.0;
  return distribution;
}

/// The expected value of a metric for an answer; higher is better.
double utility(const eval::Metric& metric, const SetDistribution& distribution,
               const LabelSet& answer, const eval::Convention& convention) {
  double expected = 0.0;
  for (const ScoredSet& set : distribution.sets) {
    const std::vector<LabelSet> truth{set.labels};
    const std::vector<LabelSet> prediction{answer};
    expected += set.weight * evaluate(metric, truth, prediction, kNumLabels, convention).value;
  }
  return higher_is_better(metric) ? expected : -expected;
}

double best_utility(const eval::Metric& metric, const SetDistribution& distribution,
                    const eval::Convention& convention) {
  double best = -std::numeric_limits<double>::infinity();
  for (std::size_t mask = 0; mask < kSets; ++mask) {
    best = std::max(best, utility(metric, distribution, set_of(mask), convention));
  }
  return best;
}

}  // namespace

TEST_CASE("every standard rule finds an answer of the best expected value") {
  const double zero_division = GENERATE(0.0, 1.0);
  const eval::Convention convention = eval::Convention::sklearn(zero_division);
  CounterRng rng(3, {});
  for (int trial = 0; trial < 200; ++trial) {
    const DocumentDistribution document{random_distribution(rng), std::nullopt};
    for (const Rule& rule : standard_rules()) {
      if (rule.is_for_collections() || rule.needs_support()) continue;
      INFO(rule.name());
      const LabelSet answer = rule.decide(document, {convention}).labels;
      CHECK(utility(*rule.target(), document.sets, answer, convention) ==
            Approx(best_utility(*rule.target(), document.sets, convention)).margin(1e-12));
    }
  }
}

TEST_CASE("an F rule uses the exact size marginals where a document has them") {
  const std::vector<double> probs{0.45, 0.4, 0.35, 0.3};
  decoders::IndependentOptions one_set;
  one_set.num_sets = 1;  // which says nothing of the other labels
  DocumentDistribution document{decoders::independent_distribution(probs, one_set), std::nullopt};
  const Rule rule = Rule::parse("fbeta_samples:2");
  CHECK(rule.decide(document).labels == LabelSet{});
  document.size_marginals = decoders::independent_size_marginals(probs);
  decoders::IndependentOptions all_sets;
  all_sets.num_sets = kSets;
  const SetDistribution all = decoders::independent_distribution(probs, all_sets);
  CHECK(utility(*rule.target(), all, rule.decide(document).labels, {}) ==
        Approx(best_utility(*rule.target(), all, {})).margin(1e-12));
}

TEST_CASE("a rule whose answer breaks constraints takes the best of the found sets") {
  CounterRng rng(8, {});
  ConstraintSpec spec;
  spec.exclusions = {{0, 1}, {2, 3}};
  SetSemantics semantics;
  semantics.num_labels = semantics.max_size = kNumLabels;
  const decoders::Constraints constraints(spec, semantics);
  int broken = 0;
  for (int trial = 0; trial < 200; ++trial) {
    DocumentDistribution document{random_distribution(rng), std::nullopt};
    std::erase_if(document.sets.sets,
                  [&](const ScoredSet& set) { return !constraints.is_valid(set.labels); });
    if (document.sets.sets.empty()) continue;
    double sum = 0.0;
    for (const ScoredSet& set : document.sets.sets) sum += set.weight;
    for (ScoredSet& set : document.sets.sets) set.weight /= sum;
    for (const char* name : {"hamming_loss", "f1_samples", "fbeta_samples:2", "jaccard_samples"}) {
      const Rule rule = Rule::parse(name);
      const LabelSet own = rule.decide(document).labels;
      const decoders::Decision decision = rule.decide(document, {{}, nullptr, &constraints});
      INFO(name);
      CHECK(constraints.is_valid(decision.labels));
      if (constraints.is_valid(own)) {
        CHECK(decision.labels == own);
        continue;
      }
      ++broken;
      CHECK_FALSE(decision.certified);
      double best = -1.0;  // of -Hamming loss too
      for (const ScoredSet& set : document.sets.sets) {
        best = std::max(best, utility(*rule.target(), document.sets, set.labels, {}));
      }
      CHECK(utility(*rule.target(), document.sets, decision.labels, {}) ==
            Approx(best).margin(1e-12));
      const double offset = rule.name() == "hamming_loss" ? 1.0 : 0.0;
      CHECK(decision.expected_utility == Approx(best + offset).margin(1e-12));
    }
  }
  CHECK(broken > 20);
  CHECK_THROWS_AS(Rule::parse("f1_macro").check_constrained(), std::invalid_argument);
  CHECK_THROWS_AS(Rule::parse("recall@2").check_constrained(), std::invalid_argument);
}

TEST_CASE("a rule for collections decides for all documents at once from their marginals") {
  CounterRng rng(6, {});
  std::vector<DocumentDistribution> documents;
  ScoreMatrix marginals(30, kNumLabels);
  for (std::size_t i = 0; i < marginals.num_rows; ++i) {
    documents.push_back({random_distribution(rng), std::nullopt});
    copy_marginals(documents[i].sets, marginals.row(i));
  }
  using decoders::CorpusAverage;
  const auto answers = [&](const char* name) { return Rule::parse(name).decide(documents); };
  const auto corpus = [&](double beta, CorpusAverage average) {
    return decoders::decide_corpus_fbeta(marginals, beta, average).answers;
  };
  CHECK(answers("f1_macro") == corpus(1.0, CorpusAverage::macro));
  CHECK(answers("f1_micro") == corpus(1.0, CorpusAverage::micro));
  CHECK(answers("fbeta_macro:2") == corpus(2.0, CorpusAverage::macro));
  CHECK(answers("fbeta_micro:0.5") == corpus(0.5, CorpusAverage::micro));
  CHECK(Rule::parse("f1_micro").decide(marginals) == answers("f1_micro"));
  CHECK(Rule::parse("f1_macro").decide(std::span<const DocumentDistribution>{}).empty());
  CHECK_THROWS_AS(Rule::parse("f1_macro").decide(documents[0]), std::logic_error);
  CHECK_THROWS_AS(Rule::parse("f1_samples").decide(marginals), std::logic_error);
}

TEST_CASE("rules for the k best labels and for the support are found by name") {
  CounterRng rng(7, {});
  const DocumentDistribution document{random_distribution(rng), std::nullopt};
  const auto answer = [&](const char* name) { return Rule::parse(name).decide(document).labels; };
  CHECK(answer("precision@2") == decoders::decide_precision_at(document.sets, 2).labels);
  CHECK(answer("recall@3") == decoders::decide_recall_at(document.sets, 3).labels);
  CHECK(answer("ndcg@1") == decoders::decide_ndcg_at(document.sets, 1).labels);
  CHECK(answer("ndcg@100").size() == kNumLabels);
  for (const char* name : {"precision@2", "recall@3", "ndcg@100"}) {
    CHECK(Rule::parse(name).name() == name);
    CHECK_FALSE(Rule::parse(name).target().has_value());
  }
  const std::unordered_set<LabelSet> support{document.sets.sets.back().labels};
  CHECK(Rule::parse("support").decide(document, {{}, &support}).labels ==
        document.sets.sets.back().labels);
  CHECK_THROWS_AS(answer("support"), std::logic_error);
}

TEST_CASE("recall and nDCG use the exact size marginals where a document has them") {
  const std::vector<double> probs{0.45, 0.4, 0.35, 0.3};
  decoders::IndependentOptions one_set;
  one_set.num_sets = 1;
  const DocumentDistribution document{decoders::independent_distribution(probs, one_set),
                                      decoders::independent_size_marginals(probs)};
  CHECK(Rule::parse("recall@2").decide(document).labels == LabelSet{0, 1});
  CHECK(Rule::parse("ndcg@3").decide(document).labels == LabelSet{0, 1, 2});
}

TEST_CASE("rules are found by the names they print") {
  std::set<std::string> names;
  for (const Rule& rule : standard_rules()) {
    CHECK(Rule::parse(rule.name()).target() == rule.target());
    CHECK(Rule::parse(rule.name()).name() == rule.name());
    names.insert(rule.name());
  }
  CHECK(names == std::set<std::string>{"subset_accuracy", "hamming_loss", "f1_samples",
                                       "fbeta_samples:2", "jaccard_samples", "f1_macro", "f1_micro",
                                       "support"});
}

TEST_CASE("a rule that there is not is refused") {
  for (const std::string name :
       {"", "precision_samples", "jaccard_macro", "fbeta_samples:-1", "mode", "precision@",
        "recall@0", "ndcg@-1", "ndcg@2x", "fbeta_macro:0"}) {
    INFO(name);
    CHECK_THROWS_AS(Rule::parse(name), std::invalid_argument);
  }
  CHECK_THROWS_WITH(Rule::parse("yuoden"), contains_text("the rules are subset_accuracy") &&
                                               contains_text("strategies are fixed[:VALUE]"));
  CHECK_FALSE(Rule::find("recall_samples").has_value());
  CHECK_FALSE(Rule::find("f1_weighted").has_value());
}
