#include <fmt/format.h>
#include <labelbeam/decoders/corpus_rules.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "corpus_cells.h"

namespace labelbeam::decoders {
namespace {

/// The state of block coordinate ascent.
class CorpusAscent {
 public:
  CorpusAscent(const ScoreMatrix& marginals, const LabelUtility& utility,
               const AscentOptions& options)
      : marginals_(marginals),
        utility_(utility),
        budget_(options.labels_per_document),
        frequencies_(expected_frequencies(marginals)),
        true_positives_(marginals.num_labels),
        predicted_(marginals.num_labels),
        is_selected_(marginals.values.size()),
        gains_(marginals.num_labels) {
    if (has_budget()) {
      start_with_highest_marginals();
    } else {
      start_with_best_prefixes();
    }
  }

  /// Decides every document anew; whether an answer changed.
  bool sweep() {
    bool changed = false;
    for (std::size_t i = 0; i < marginals_.num_rows; ++i) changed |= improve(i);
    return changed;
  }

  CorpusDecision result() {
    count_anew();  // the running sums have rounding errors of their history
    CorpusDecision decision;
    Answers answers(marginals_.num_rows);
    for (std::size_t i = 0; i < marginals_.num_rows; ++i) {
      for (LabelId j = 0; j < marginals_.num_labels; ++j) {
        if (is_selected_[cell(i, j)]) answers.select(i, j);
      }
    }
    for (std::size_t j = 0; j < marginals_.num_labels; ++j) {
      decision.value += value(j, true_positives_[j], predicted_[j]);
    }
    decision.value = ratio(decision.value, static_cast<double>(marginals_.num_labels));
    decision.answers = answers.sets();
    return decision;
  }

 private:
  bool has_budget() const { return budget_ != AscentOptions::kNoBudget; }
  std::size_t cell(std::size_t i, std::size_t j) const { return i * marginals_.num_labels + j; }

  double value(std::size_t label, double true_positives, double predicted) const {
    // Rounding in the sums must not make something of nothing predicted, or of nothing left out.
    const double left_out = static_cast<double>(marginals_.num_rows) - predicted;
    ExpectedCounts counts;
    counts.true_positives =
        std::clamp(true_positives, 0.0, std::min(predicted, frequencies_[label]));
    counts.false_positives = predicted - counts.true_positives;
    counts.false_negatives = std::clamp(frequencies_[label] - counts.true_positives, 0.0, left_out);
    counts.true_negatives = left_out - counts.false_negatives;
    const double value = utility_(counts);
    if (std::isfinite(value)) return value;
    throw std::invalid_argument(
        fmt::format("decide_corpus_utility: a utility must be finite, got {}", value));
  }

  void start_with_best_prefixes() {
    for (std::size_t j = 0; j < marginals_.num_labels; ++j) {
      const std::vector<double> values = column(marginals_, j);
      const std::vector<std::size_t> order = best_indices(values, values.size());
      const Prefix best =
          best_prefix(values, order, [&](double sum, double k) { return value(j, sum, k); });
      for (std::size_t k = 0; k < best.length; ++k) is_selected_[cell(order[k], j)] = 1;
    }
    count_anew();
  }

  void start_with_highest_marginals() {
    for (std::size_t i = 0; i < marginals_.num_rows; ++i) {
      for (std::size_t j : best_indices(marginals_.row(i), budget_)) is_selected_[cell(i, j)] = 1;
    }
    count_anew();
  }

  void count_anew() {
    std::fill(true_positives_.begin(), true_positives_.end(), 0.0);
    std::fill(predicted_.begin(), predicted_.end(), 0.0);
    for (std::size_t i = 0; i < marginals_.num_rows; ++i) {
      for (std::size_t j = 0; j < marginals_.num_labels; ++j) {
        if (is_selected_[cell(i, j)]) count(i, j, 1.0);
      }
    }
  }

  void count(std::size_t i, std::size_t j, double change) {
    true_positives_[j] += change * marginals_.row(i)[j];
    predicted_[j] += change;
  }

  /// Gives a document the best answer with all others as they are; whether that is better.
  bool improve(std::size_t i) {
    constexpr double kLeastGain = 1e-12;  // above rounding, so that the ascent ends
    double before = 0.0;
    for (std::size_t j = 0; j < gains_.size(); ++j) {
      if (is_selected_[cell(i, j)]) count(i, j, -1.0);
      gains_[j] = value(j, true_positives_[j] + marginals_.row(i)[j], predicted_[j] + 1.0) -
                  value(j, true_positives_[j], predicted_[j]);
      if (is_selected_[cell(i, j)]) before += gains_[j];
    }
    std::vector<std::size_t> chosen = best_indices(gains_, budget_);
    if (!has_budget()) {
      std::erase_if(chosen, [&](std::size_t j) { return gains_[j] <= 0.0; });
    }
    double after = 0.0;
    for (std::size_t j : chosen) after += gains_[j];
    const bool is_better = after > before + kLeastGain;
    if (is_better) {
      for (std::size_t j = 0; j < gains_.size(); ++j) is_selected_[cell(i, j)] = 0;
      for (std::size_t j : chosen) is_selected_[cell(i, j)] = 1;
    }
    for (std::size_t j = 0; j < gains_.size(); ++j) {
      if (is_selected_[cell(i, j)]) count(i, j, 1.0);
    }
    return is_better;
  }

  const ScoreMatrix& marginals_;
  const LabelUtility& utility_;
  std::size_t budget_;
  std::vector<double> frequencies_;         // [L]
  std::vector<double> true_positives_;      // [L]
  std::vector<double> predicted_;           // [L]
  std::vector<unsigned char> is_selected_;  // [n, L]
  std::vector<double> gains_;               // [L]
};

}  // namespace

CorpusDecision decide_corpus_utility(const ScoreMatrix& marginals, const LabelUtility& utility,
                                     const AscentOptions& options) {
  check_marginals(marginals);
  CorpusAscent ascent(marginals, utility, options);
  for (std::size_t sweep = 0; sweep < options.max_sweeps && ascent.sweep(); ++sweep) {
  }
  return ascent.result();
}

}  // namespace labelbeam::decoders
