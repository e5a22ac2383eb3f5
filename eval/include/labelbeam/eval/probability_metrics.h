#pragma once

#include <labelbeam/eval/comparison.h>
#include <labelbeam/eval/exact_sum.h>
#include <labelbeam/eval/metrics.h>
#include <labelbeam/label_set.h>
#include <labelbeam/score_matrix.h>

#include <cstdint>
#include <span>
#include <vector>

namespace labelbeam::eval {

/// How well the probabilities of one label are calibrated and sharp.
struct LabelProbabilityMetrics {
  double brier_score_loss = 0.0;  ///< mean of (p - y)^2 (Brier 1950)
  double log_loss = 0.0;          ///< mean of -log p(y), nats
  /// Mean over the rows of |frequency - mean probability| of their bin (Naeini et al. 2015).
  double expected_calibration_error = 0.0;
  /// Rows to whose truth the probability gives less than 2^-52: taken as 2^-52 in `log_loss`, as
  /// scikit-learn does.
  std::uint64_t clipped = 0;
};

/// Collects probabilities and truth, one pass, no row kept: L * bins sums. Bins of equal width over
/// [0, 1], closed below, the last on both sides. Shards merged in any order give bit for bit the
/// result of the whole.
class ProbabilityAccumulator {
 public:
  /// Throws `std::invalid_argument` unless 1 <= L <= `kMaxLabels` and there are 1 to 1000 bins.
  explicit ProbabilityAccumulator(std::size_t num_labels, std::size_t num_bins = 10);

  /// Adds a row. `probabilities`: [L]. Throws `std::invalid_argument` for another number of them,
  /// one that is not in [0, 1], an id >= L, or a weight that is negative or not finite.
  void add(const LabelSet& truth, std::span<const double> probabilities, double weight = 1.0);

  /// Adds the rows of `other`. Throws `std::invalid_argument` if L or the bins differ.
  void merge(const ProbabilityAccumulator& other);

  std::uint64_t num_rows() const { return num_rows_; }

  /// `brier_score_loss` and `log_loss`, each with `_macro` and `_weighted` (micro is macro, as all
  /// labels have the same rows), and `expected_calibration_error` with `_micro` (all cells in the
  /// same bins), `_macro` and `_weighted`. `undefined` counts the clipped cells of log loss.
  /// Throws `std::invalid_argument` if there are no rows or all weights are 0.
  std::vector<NamedValue> results() const;

  /// [L]. Throws as `results` does.
  std::vector<LabelProbabilityMetrics> label_results() const;

  /// The reliability curve of a label, empty bins left out. Throws `std::invalid_argument` for an
  /// id >= L.
  std::vector<ReliabilityBin> reliability(LabelId label) const;

 private:
  struct Bin {
    std::uint64_t rows = 0;
    ExactSum weight;
    ExactSum probability;
    ExactSum positive;
  };
  struct Tally {
    ExactSum squares;
    ExactSum log_loss;
    ExactSum positive;
    std::uint64_t clipped = 0;
  };
  static void add_bin(Bin& bin, const Bin& other);
  double calibration_error(std::span<const Bin> bins) const;
  double total_weight() const;

  std::size_t num_labels_;
  std::size_t num_bins_;
  std::uint64_t num_rows_ = 0;
  ExactSum weight_;
  std::vector<Tally> labels_;  ///< [L]
  std::vector<Bin> bins_;      ///< [L * bins]
};

/// The probability metrics of a matrix. `truth`: [n]; `weights`: [n], or empty for 1 each.
/// Throws `std::invalid_argument` if the numbers of rows differ, and as the accumulator does.
std::vector<NamedValue> evaluate_probabilities(const ScoreMatrix& probabilities,
                                               std::span<const LabelSet> truth,
                                               std::span<const double> weights = {});

}  // namespace labelbeam::eval
