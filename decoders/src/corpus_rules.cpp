#include <fmt/format.h>
#include <labelbeam/decoders/corpus_rules.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "corpus_cells.h"

namespace labelbeam::decoders {
namespace {

double sum_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

/// The cells of largest gain under a budget, and the sum of their gains.
CorpusDecision spend(const ScoreMatrix& gains, const Budget& budget) {
  Answers answers(gains.num_rows);
  CorpusDecision decision;
  if (budget.scope == Budget::Scope::collection) {
    for (std::size_t cell : best_indices(gains.values, budget.labels)) {
      answers.select(cell / gains.num_labels, static_cast<LabelId>(cell % gains.num_labels));
      decision.value += gains.values[cell];
    }
  } else {
    for (std::size_t i = 0; i < gains.num_rows; ++i) {
      for (std::size_t label : best_indices(gains.row(i), budget.labels)) {
        answers.select(i, static_cast<LabelId>(label));
        decision.value += gains.row(i)[label];
      }
    }
  }
  decision.answers = answers.sets();
  return decision;
}

std::size_t num_answered(const CorpusDecision& decision) {
  std::size_t count = 0;
  for (const LabelSet& answer : decision.answers) count += answer.size();
  return count;
}

}  // namespace

CorpusDecision decide_corpus_fbeta(const ScoreMatrix& marginals, double beta,
                                   CorpusAverage average) {
  if (!(beta >= 0.0 && std::isfinite(beta))) {
    throw std::invalid_argument(
        fmt::format("decide_corpus_fbeta: beta must be finite and not negative, got {}", beta));
  }
  check_marginals(marginals);
  const double beta_squared = beta * beta;
  const auto best_of = [&](std::span<const double> values, std::span<const std::size_t> order) {
    const double actual = sum_of(values);
    return best_prefix(values, order, [&](double sum, double k) {
      return fbeta_of_counts(beta_squared, sum, k, actual);
    });
  };
  Answers answers(marginals.num_rows);
  CorpusDecision decision;
  if (average == CorpusAverage::micro) {
    const std::vector<std::size_t> order = best_indices(marginals.values, marginals.values.size());
    const Prefix best = best_of(marginals.values, order);
    for (std::size_t k = 0; k < best.length; ++k) {
      answers.select(order[k] / marginals.num_labels,
                     static_cast<LabelId>(order[k] % marginals.num_labels));
    }
    decision.value = best.value;
  } else {
    for (LabelId j = 0; j < marginals.num_labels; ++j) {
      const std::vector<double> values = column(marginals, j);
      const std::vector<std::size_t> order = best_indices(values, values.size());
      const Prefix best = best_of(values, order);
      for (std::size_t k = 0; k < best.length; ++k) answers.select(order[k], j);
      decision.value += best.value;
    }
    decision.value = ratio(decision.value, static_cast<double>(marginals.num_labels));
  }
  decision.answers = answers.sets();
  return decision;
}

CorpusDecision decide_corpus_precision_micro(const ScoreMatrix& marginals, const Budget& budget) {
  check_marginals(marginals);
  CorpusDecision decision = spend(marginals, budget);
  decision.value = ratio(decision.value, static_cast<double>(num_answered(decision)));
  return decision;
}

CorpusDecision decide_corpus_recall(const ScoreMatrix& marginals, const Budget& budget,
                                    CorpusAverage average) {
  check_marginals(marginals);
  if (average == CorpusAverage::micro) {
    CorpusDecision decision = spend(marginals, budget);
    decision.value = ratio(decision.value, sum_of(marginals.values));
    return decision;
  }
  const std::vector<double> frequencies = expected_frequencies(marginals);
  ScoreMatrix gains = marginals;
  for (std::size_t i = 0; i < gains.num_rows; ++i) {
    for (std::size_t j = 0; j < gains.num_labels; ++j) {
      gains.row(i)[j] = ratio(gains.row(i)[j], frequencies[j]);
    }
  }
  CorpusDecision decision = spend(gains, budget);
  decision.value = ratio(decision.value, static_cast<double>(marginals.num_labels));
  return decision;
}

double label_precision(const ExpectedCounts& counts) {
  return ratio(counts.true_positives, counts.true_positives + counts.false_positives);
}

double label_jaccard(const ExpectedCounts& counts) {
  return ratio(counts.true_positives,
               counts.true_positives + counts.false_positives + counts.false_negatives);
}

double label_balanced_accuracy(const ExpectedCounts& counts) {
  return 0.5 * (ratio(counts.true_positives, counts.true_positives + counts.false_negatives) +
                ratio(counts.true_negatives, counts.true_negatives + counts.false_positives));
}

double label_g_mean(const ExpectedCounts& counts) {
  return std::sqrt(ratio(counts.true_positives, counts.true_positives + counts.false_negatives) *
                   ratio(counts.true_negatives, counts.true_negatives + counts.false_positives));
}

}  // namespace labelbeam::decoders
