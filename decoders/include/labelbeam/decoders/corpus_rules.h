#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/score_matrix.h>

#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <vector>

/// Decisions for a collection of documents from marginals alone, of any model: p[i, j] is the
/// probability that label j is true of document i.
///
/// Macro- and micro-averages of ratios are not means over documents, so that no rule for one
/// document serves them. These rules maximise the *ratio of expectations*: the metric of the
/// expected counts of true positives, predictions and true labels (expected test utility; Ye et al.
/// 2012, Schultheis et al. 2023). The expectation of the ratio differs from it by O(1/n): below
/// about 20 documents by enough to matter. No truth is looked at; how well the answers do is how
/// well the marginals are calibrated.
///
/// Conventions. 0/0 is 0: a label whose marginals are all 0 counts 0 and is never answered, except
/// to fill a budget; no document or no label gives value 0. Equal values: fewer labels answered.
/// Equal cells: the earlier document, then the lower label.
///
/// All throw `std::invalid_argument` for a marginal outside [0, 1] or NaN and a matrix of the wrong
/// size.
namespace labelbeam::decoders {

/// Whether a ratio is taken of each label and averaged over the L labels, or of all cells.
enum class CorpusAverage { macro, micro };

struct CorpusDecision {
  std::vector<LabelSet> answers;  ///< [n]
  double value = 0.0;             ///< the ratio of expectations that was maximised

  bool operator==(const CorpusDecision&) const = default;
};

/// Maximises F-beta, (1 + b^2) TP / (b^2 (TP + FN) + TP + FP), exactly: for each label (or over all
/// cells) the k highest marginals with the largest (1 + b^2) sum_selected p / (b^2 sum_all p + k).
///
/// What is selected are the marginals above F* / (1 + b^2), F* being the value of the label (of all
/// cells). O(nL log(nL)). Throws `std::invalid_argument` unless `beta` is finite and >= 0.
CorpusDecision decide_corpus_fbeta(const ScoreMatrix& marginals, double beta,
                                   CorpusAverage average);

/// How many labels are answered: exactly `labels` a document, or in the whole collection; as many
/// as there are where that is fewer, none for 0.
struct Budget {
  enum class Scope { document, collection };
  Scope scope = Scope::document;
  std::size_t labels = 1;
};

/// Maximises micro-precision, TP / (TP + FP), under a budget, exactly.
CorpusDecision decide_corpus_precision_micro(const ScoreMatrix& marginals, const Budget& budget);
/// Maximises recall, TP / (TP + FN), under a budget, exactly. The answers to `micro` are those of
/// micro-precision.
CorpusDecision decide_corpus_recall(const ScoreMatrix& marginals, const Budget& budget,
                                    CorpusAverage average);

/// Expected counts of one label over n documents.
struct ExpectedCounts {
  double true_positives = 0.0;
  double false_positives = 0.0;
  double false_negatives = 0.0;
  double true_negatives = 0.0;
};

/// What a label's counts are worth; higher is better, finite.
using LabelUtility = std::function<double(const ExpectedCounts&)>;

// Utilities of one label, 0/0 = 0.

double label_precision(const ExpectedCounts& counts);          ///< TP / (TP + FP)
double label_jaccard(const ExpectedCounts& counts);            ///< TP / (TP + FP + FN)
double label_balanced_accuracy(const ExpectedCounts& counts);  ///< (TPR + TNR) / 2
double label_g_mean(const ExpectedCounts& counts);             ///< sqrt(TPR TNR)

struct AscentOptions {
  static constexpr std::size_t kNoBudget = std::numeric_limits<std::size_t>::max();
  /// k: exactly min(k, L) labels a document; `kNoBudget`: as many as are worth it.
  std::size_t labels_per_document = kNoBudget;
  std::size_t max_sweeps = 100;  ///< passes over the documents
};

/// Maximises the mean over labels of any utility of their expected counts, by block coordinate
/// ascent over documents (Schultheis et al. 2023): one document's answer is changed at a time to
/// the best one given all others, until a pass changes nothing.
///
/// Without a budget the start is the best number of highest marginals of each label, which is the
/// optimum already where the utility does not fall as the true positives rise at a fixed number of
/// predictions. With one the start is the highest marginals of each document, and the end an answer
/// that no change of one document improves. O(nL log n) and O(nL) a pass.
CorpusDecision decide_corpus_utility(const ScoreMatrix& marginals, const LabelUtility& utility,
                                     const AscentOptions& options = {});

/// F-beta for documents that come one at a time: the working point F* / (1 + b^2) of the documents
/// seen so far, of each label or of all.
///
/// Keeps sums, not documents: TP and predictions as the working point of the time decided, and true
/// labels (online F-measure optimisation, Busa-Fekete et al. 2015, on marginals instead of truth).
/// F comes arbitrarily close to the collection's as documents come. Where nothing was seen the
/// working point is 0, so that the first documents are answered with too much; start from a
/// collection if there is one.
class CorpusThresholds {
 public:
  /// Throws `std::invalid_argument` unless L >= 1 and `beta` is finite and > 0.
  CorpusThresholds(std::size_t num_labels, double beta, CorpusAverage average);
  /// The exact working point of `decide_corpus_fbeta` on `seen`.
  CorpusThresholds(const ScoreMatrix& seen, double beta, CorpusAverage average);

  /// Learns from a document: [L].
  void add(std::span<const double> marginals);
  /// The labels whose marginal is above their working point. Throws for another number of
  /// marginals.
  LabelSet decide(std::span<const double> marginals) const;
  /// Throws `std::invalid_argument` for a label >= L.
  double working_point(LabelId label) const;
  /// F-beta of the expected counts so far.
  double value() const;

 private:
  struct Counts {
    double true_positives = 0.0;
    double predicted = 0.0;
    double actual = 0.0;
  };

  std::size_t counts_of(std::size_t label) const;
  double fbeta(const Counts& counts) const;
  double working_point_of(std::size_t label) const;
  void check_row(std::span<const double> marginals) const;

  std::size_t num_labels_;
  double beta_squared_;
  CorpusAverage average_;
  std::vector<Counts> counts_;  // [L], or one for all
};

}  // namespace labelbeam::decoders
