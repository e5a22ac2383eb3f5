#include <labelbeam/decoders/corpus_rules.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <stdexcept>
#include <vector>

#include "catch.h"

using labelbeam::LabelId;
using labelbeam::LabelSet;
using labelbeam::ScoreMatrix;
using namespace labelbeam::decoders;

namespace {

/// Marginals with zeros, ones, ties and labels that never occur.
ScoreMatrix random_marginals(std::mt19937_64& random, std::size_t rows, std::size_t labels) {
  std::uniform_real_distribution<double> uniform;
  ScoreMatrix marginals(rows, labels);
  for (double& p : marginals.values) {
    switch (random() % 8) {
      case 0:
        p = 0.0;
        break;
      case 1:
        p = static_cast<double>(random() % 5) / 4.0;
        break;
      default:
        p = std::pow(uniform(random), 2.0);
    }
  }
  if (random() % 4 == 0) {
    for (std::size_t i = 0; i < rows; ++i) marginals.row(i)[0] = 0.0;
  }
  return marginals;
}

/// A matrix of up to 16 cells.
ScoreMatrix small_marginals(std::mt19937_64& random, std::size_t most_cells = 16) {
  const std::size_t labels = 1 + random() % 4;
  return random_marginals(random, 1 + random() % (most_cells / labels), labels);
}

std::vector<ExpectedCounts> counts(const ScoreMatrix& marginals,
                                   const std::vector<LabelSet>& answers) {
  std::vector<ExpectedCounts> counts(marginals.num_labels);
  for (std::size_t i = 0; i < marginals.num_rows; ++i) {
    for (LabelId j = 0; j < marginals.num_labels; ++j) {
      const double p = marginals.row(i)[j];
      if (answers[i].contains(j)) {
        counts[j].true_positives += p;
        counts[j].false_positives += 1.0 - p;
      } else {
        counts[j].false_negatives += p;
        counts[j].true_negatives += 1.0 - p;
      }
    }
  }
  return counts;
}

using Objective = std::function<double(const std::vector<ExpectedCounts>&)>;

Objective macro(const LabelUtility& utility) {
  return [=](const std::vector<ExpectedCounts>& counts) {
    double sum = 0.0;
    for (const ExpectedCounts& of_label : counts) sum += utility(of_label);
    return sum / static_cast<double>(counts.size());
  };
}

Objective micro(const LabelUtility& utility) {
  return [=](const std::vector<ExpectedCounts>& counts) {
    ExpectedCounts all;
    for (const ExpectedCounts& of_label : counts) {
      all.true_positives += of_label.true_positives;
      all.false_positives += of_label.false_positives;
      all.false_negatives += of_label.false_negatives;
      all.true_negatives += of_label.true_negatives;
    }
    return utility(all);
  };
}

LabelUtility fbeta(double beta) {
  return [=](const ExpectedCounts& c) {
    const double b2 = beta * beta;
    const double denominator =
        b2 * (c.true_positives + c.false_negatives) + c.true_positives + c.false_positives;
    return denominator < 1e-14 ? 0.0 : (1.0 + b2) * c.true_positives / denominator;
  };
}

double label_recall(const ExpectedCounts& counts) {
  const double actual = counts.true_positives + counts.false_negatives;
  return actual == 0.0 ? 0.0 : counts.true_positives / actual;
}

/// The best value of all answers that `accept` admits.
double best_by_brute_force(const ScoreMatrix& marginals, const Objective& objective,
                           const std::function<bool(const std::vector<LabelSet>&)>& accept = {}) {
  double best = 0.0;
  std::vector<LabelSet> answers(marginals.num_rows);
  for (unsigned bits = 0; bits < 1u << marginals.values.size(); ++bits) {
    for (std::size_t i = 0; i < answers.size(); ++i) {
      answers[i] = LabelSet();
      for (LabelId j = 0; j < marginals.num_labels; ++j) {
        if (bits >> (i * marginals.num_labels + j) & 1u) answers[i].insert(j);
      }
    }
    if (!accept || accept(answers)) best = std::max(best, objective(counts(marginals, answers)));
  }
  return best;
}

void require_best(const CorpusDecision& decision, const ScoreMatrix& marginals,
                  const Objective& objective, double best) {
  REQUIRE(decision.answers.size() == marginals.num_rows);
  REQUIRE(std::abs(decision.value - best) <= 1e-12);
  REQUIRE(std::abs(objective(counts(marginals, decision.answers)) - best) <= 1e-12);
}

std::size_t total(const std::vector<LabelSet>& answers) {
  std::size_t count = 0;
  for (const LabelSet& answer : answers) count += answer.size();
  return count;
}

}  // namespace

TEST_CASE("Macro- and micro-F of any beta equal brute force over all predictions") {
  std::mt19937_64 random(41);
  for (int round = 0; round < 60; ++round) {
    const ScoreMatrix marginals = small_marginals(random, round % 10 == 0 ? 16 : 10);
    for (double beta : {0.0, 0.5, 1.0, 2.0}) {
      INFO("round " << round << ", beta " << beta);
      require_best(decide_corpus_fbeta(marginals, beta, CorpusAverage::macro), marginals,
                   macro(fbeta(beta)), best_by_brute_force(marginals, macro(fbeta(beta))));
      require_best(decide_corpus_fbeta(marginals, beta, CorpusAverage::micro), marginals,
                   micro(fbeta(beta)), best_by_brute_force(marginals, micro(fbeta(beta))));
    }
  }
}

TEST_CASE("F selects the marginals above F / (1 + beta^2)") {
  std::mt19937_64 random(42);
  const ScoreMatrix marginals = random_marginals(random, 200, 5);
  for (double beta : {0.5, 1.0, 2.0}) {
    const CorpusDecision all = decide_corpus_fbeta(marginals, beta, CorpusAverage::micro);
    const CorpusThresholds by_label(marginals, beta, CorpusAverage::macro);
    const CorpusDecision labels = decide_corpus_fbeta(marginals, beta, CorpusAverage::macro);
    for (std::size_t i = 0; i < marginals.num_rows; ++i) {
      for (LabelId j = 0; j < 5; ++j) {
        const double p = marginals.row(i)[j];
        REQUIRE(all.answers[i].contains(j) == (p > all.value / (1.0 + beta * beta)));
        REQUIRE(labels.answers[i].contains(j) == (p > by_label.working_point(j)));
      }
    }
  }
}

TEST_CASE("Precision and recall under a budget equal brute force") {
  std::mt19937_64 random(43);
  for (int round = 0; round < 60; ++round) {
    const ScoreMatrix marginals = small_marginals(random, 10);
    const std::size_t k = random() % 4;
    const std::size_t per_document = std::min(k, marginals.num_labels);
    const std::size_t in_all = std::min(k, marginals.values.size());
    const auto k_each = [&](const std::vector<LabelSet>& answers) {
      return std::all_of(answers.begin(), answers.end(),
                         [&](const LabelSet& answer) { return answer.size() == per_document; });
    };
    const auto k_in_all = [&](const std::vector<LabelSet>& answers) {
      return total(answers) == in_all;
    };
    for (const auto scope : {Budget::Scope::document, Budget::Scope::collection}) {
      const Budget budget{scope, k};
      const std::function<bool(const std::vector<LabelSet>&)> accept =
          scope == Budget::Scope::document
              ? std::function<bool(const std::vector<LabelSet>&)>(k_each)
              : k_in_all;
      const auto check = [&](const CorpusDecision& decision, const Objective& objective) {
        REQUIRE(accept(decision.answers));
        require_best(decision, marginals, objective,
                     best_by_brute_force(marginals, objective, accept));
      };
      INFO("round " << round << ", k " << k);
      check(decide_corpus_precision_micro(marginals, budget), micro(label_precision));
      check(decide_corpus_recall(marginals, budget, CorpusAverage::micro), micro(label_recall));
      check(decide_corpus_recall(marginals, budget, CorpusAverage::macro), macro(label_recall));
    }
  }
}

TEST_CASE("Other utilities equal brute force where no budget binds") {
  std::mt19937_64 random(44);
  for (int round = 0; round < 60; ++round) {
    const ScoreMatrix marginals = small_marginals(random, round % 10 == 0 ? 16 : 9);
    const auto check = [&](const LabelUtility& utility) {
      require_best(decide_corpus_utility(marginals, utility), marginals, macro(utility),
                   best_by_brute_force(marginals, macro(utility)));
    };
    check(label_jaccard);
    check(label_balanced_accuracy);
    check(label_g_mean);
    check(fbeta(1.0));
  }
}

TEST_CASE("Under a budget the ascent ends where no document can be improved") {
  std::mt19937_64 random(45);
  int optimal = 0;
  int above_top_k = 0;
  constexpr int kRounds = 100;
  for (int round = 0; round < kRounds; ++round) {
    const std::size_t labels = 2 + random() % 3;
    const ScoreMatrix marginals = random_marginals(random, 1 + random() % (12 / labels), labels);
    const std::size_t k = 1 + random() % 2;
    const LabelUtility utility = round % 2 == 0 ? LabelUtility(label_precision) : fbeta(1.0);
    AscentOptions options;
    options.labels_per_document = k;
    const CorpusDecision decision = decide_corpus_utility(marginals, utility, options);
    const Objective objective = macro(utility);
    REQUIRE(decision.value == Approx(objective(counts(marginals, decision.answers))));
    for (std::size_t i = 0; i < marginals.num_rows; ++i) {
      REQUIRE(decision.answers[i].size() == k);
      for (unsigned bits = 0; bits < 1u << labels; ++bits) {
        LabelSet other;
        for (LabelId j = 0; j < labels; ++j) {
          if (bits >> j & 1u) other.insert(j);
        }
        if (other.size() != k) continue;
        std::vector<LabelSet> answers = decision.answers;
        answers[i] = other;
        REQUIRE(objective(counts(marginals, answers)) <= decision.value + 1e-10);
      }
    }
    const double best =
        best_by_brute_force(marginals, objective, [&](const std::vector<LabelSet>& answers) {
          return std::all_of(answers.begin(), answers.end(),
                             [&](const LabelSet& answer) { return answer.size() == k; });
        });
    REQUIRE(decision.value <= best + 1e-12);
    optimal += decision.value >= best - 1e-10;
    const CorpusDecision top =
        decide_corpus_precision_micro(marginals, {Budget::Scope::document, k});
    above_top_k += decision.value > objective(counts(marginals, top.answers)) + 1e-10;
  }
  CHECK(optimal > kRounds / 2);
  CHECK(above_top_k > kRounds / 4);
}

TEST_CASE("A utility that is better with false positives is followed by the ascent") {
  // Not what a start from the highest marginals finds: it wants the least likely documents.
  const LabelUtility contrary = [](const ExpectedCounts& c) { return c.false_positives; };
  ScoreMatrix marginals(3, 1);
  marginals.values = {1.0, 0.25, 0.5};
  const CorpusDecision decision = decide_corpus_utility(marginals, contrary);
  CHECK(decision.value == Approx(1.25));
  CHECK(decision.answers[1] == LabelSet{0});
  CHECK(decision.answers[2] == LabelSet{0});
}

TEST_CASE("Labels without mass, ties and empty collections follow the conventions") {
  ScoreMatrix marginals(3, 2);  // label 1 never occurs
  marginals.values = {0.5, 0.0, 0.5, 0.0, 0.5, 0.0};
  const CorpusDecision f1 = decide_corpus_fbeta(marginals, 1.0, CorpusAverage::macro);
  CHECK(f1.answers == std::vector<LabelSet>(3, LabelSet{0}));
  CHECK(f1.value == Approx(0.5 * 2.0 * 1.5 / (1.5 + 3.0)));  // label 1 counts 0
  const CorpusDecision two =
      decide_corpus_precision_micro(marginals, {Budget::Scope::collection, 2});
  CHECK(two.answers == std::vector<LabelSet>{LabelSet{0}, LabelSet{0}, LabelSet{}});
  const CorpusDecision none =
      decide_corpus_recall(marginals, {Budget::Scope::document, 0}, CorpusAverage::macro);
  CHECK(none.answers == std::vector<LabelSet>(3));
  CHECK(none.value == 0.0);
  const ScoreMatrix zeros(2, 2);
  for (const auto average : {CorpusAverage::macro, CorpusAverage::micro}) {
    CHECK(decide_corpus_fbeta(zeros, 1.0, average).answers == std::vector<LabelSet>(2));
    CHECK(decide_corpus_fbeta(zeros, 1.0, average).value == 0.0);
    CHECK(decide_corpus_fbeta(ScoreMatrix(0, 3), 1.0, average) == CorpusDecision{});
    CHECK(decide_corpus_fbeta(ScoreMatrix(2, 0), 1.0, average).answers == std::vector<LabelSet>(2));
  }
  CHECK(decide_corpus_utility(zeros, label_jaccard).answers == std::vector<LabelSet>(2));
}

TEST_CASE("One document of one label shows that the ratio of expectations is maximised") {
  // E[F1 | answer] is 0.3, but 2 * 0.3 / (1 + 0.3) is the value: they meet as documents come.
  ScoreMatrix marginals(1, 1);
  marginals.values = {0.3};
  CHECK(decide_corpus_fbeta(marginals, 1.0, CorpusAverage::macro).value == Approx(0.6 / 1.3));
}

TEST_CASE("A stream comes to the working point of the collection") {
  std::mt19937_64 random(46);
  std::uniform_real_distribution<double> uniform;
  const double beta = GENERATE(0.5, 1.0, 2.0);
  const auto average = GENERATE(CorpusAverage::macro, CorpusAverage::micro);
  ScoreMatrix marginals(20000, 3);
  for (std::size_t i = 0; i < marginals.num_rows; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      marginals.row(i)[j] = std::pow(uniform(random), 1.0 + 4.0 * static_cast<double>(j));
    }
  }
  const CorpusThresholds batch(marginals, beta, average);
  CorpusThresholds stream(3, beta, average);
  std::size_t different = 0;
  for (std::size_t i = 0; i < marginals.num_rows; ++i) {
    if (i >= 10000) {
      different += stream.decide(marginals.row(i)) != batch.decide(marginals.row(i));
    }
    stream.add(marginals.row(i));
  }
  for (LabelId label = 0; label < 3; ++label) {
    CHECK(std::abs(stream.working_point(label) - batch.working_point(label)) < 5e-3);
  }
  CHECK(stream.value() == Approx(batch.value()).epsilon(5e-3));
  CHECK(different < 200);
  CHECK(batch.value() ==
        Approx(decide_corpus_fbeta(marginals, beta, average).value).epsilon(1e-12));
}

TEST_CASE("A stream that starts from a collection stays at its working point") {
  std::mt19937_64 random(47);
  const ScoreMatrix marginals = random_marginals(random, 500, 2);
  const CorpusThresholds batch(marginals, 1.0, CorpusAverage::macro);
  CorpusThresholds stream = batch;
  for (std::size_t i = 0; i < marginals.num_rows; ++i) stream.add(marginals.row(i));
  for (LabelId label = 0; label < 2; ++label) {
    CHECK(std::abs(stream.working_point(label) - batch.working_point(label)) < 1e-3);
  }
  const CorpusThresholds nothing(2, 1.0, CorpusAverage::macro);
  CHECK(nothing.value() == 0.0);
  CHECK(nothing.decide(std::vector<double>{0.0, 0.1}) == LabelSet{1});
}

TEST_CASE("Marginals, betas and sizes that make no sense are refused") {
  ScoreMatrix marginals(1, 2);
  marginals.values = {0.5, 1.5};
  CHECK_THROWS_WITH(decide_corpus_fbeta(marginals, 1.0, CorpusAverage::macro),
                    contains_text("the marginal of label 1 must be between 0 and 1, got 1.5"));
  CHECK_THROWS_AS(decide_corpus_recall(marginals, {}, CorpusAverage::micro), std::invalid_argument);
  CHECK_THROWS_AS(decide_corpus_precision_micro(marginals, {}), std::invalid_argument);
  CHECK_THROWS_AS(decide_corpus_utility(marginals, label_jaccard), std::invalid_argument);
  marginals.values = {0.5, std::nan("")};
  CHECK_THROWS_AS(decide_corpus_fbeta(marginals, 1.0, CorpusAverage::micro), std::invalid_argument);
  marginals.values = {0.5};
  CHECK_THROWS_WITH(decide_corpus_fbeta(marginals, 1.0, CorpusAverage::macro),
                    contains_text("1 marginals for 1 documents x 2 labels"));
  marginals.values = {0.5, 0.5};
  CHECK_THROWS_WITH(decide_corpus_fbeta(marginals, -1.0, CorpusAverage::macro),
                    contains_text("beta must be finite and not negative, got -1"));
  CHECK_THROWS_WITH(
      decide_corpus_utility(marginals, [](const ExpectedCounts&) { return std::nan(""); }),
      contains_text("a utility must be finite"));
  CHECK_THROWS_WITH(CorpusThresholds(2, 0.0, CorpusAverage::macro),
                    contains_text("beta must be finite and above 0, got 0"));
  CHECK_THROWS_WITH(CorpusThresholds(0, 1.0, CorpusAverage::macro), contains_text("no label"));
  CorpusThresholds stream(2, 1.0, CorpusAverage::macro);
  CHECK_THROWS_WITH(stream.add(std::vector<double>{0.1}),
                    contains_text("1 marginals for 2 labels"));
  CHECK_THROWS_AS(stream.working_point(2), std::invalid_argument);
}
