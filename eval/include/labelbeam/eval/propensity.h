#pragma once

#include <labelbeam/eval/cutoffs.h>
#include <labelbeam/eval/exact_sum.h>
#include <labelbeam/eval/metrics.h>
#include <labelbeam/label_set.h>

#include <cstdint>
#include <span>
#include <vector>

/// Metrics for labels that are often true without being marked so, the rarer the more often
/// (Jain, Prabhu & Varma 2016).
namespace labelbeam::eval {

/// The constants of the propensity model; the defaults are those of most data sets of the extreme
/// classification repository.
struct PropensityOptions {
  double a = 0.55;
  double b = 1.5;
};

/// 1 / p_l = 1 + C (N_l + B)^-A with C = (ln N - 1)(B + 1)^A: [L]. `label_rows`: N_l, the training
/// rows with each label; `num_rows`: N, all training rows.
/// Throws `std::invalid_argument` for N < 3 (C would be negative), N_l > N, or A and B that are not
/// finite and above 0.
std::vector<double> inverse_propensities(std::span<const std::uint64_t> label_rows,
                                         std::uint64_t num_rows,
                                         const PropensityOptions& options = {});

/// Propensity-scored precision and nDCG at k: what the first k labels gain, over what the best
/// ranking would gain, both summed over all rows before they are divided. A true label l gains
/// 1 / p_l, in nDCG divided by log2(1 + rank). Of equal scores the lowest label comes first.
///
/// One pass, no row kept; shards merged in any order give bit for bit the result of the whole.
class PropensityAccumulator {
 public:
  /// `inverse_propensities`: [L]; `cutoffs`: k, rising from at least 1. Throws
  /// `std::invalid_argument` for other cutoffs or L, and values that are not finite and above 0.
  explicit PropensityAccumulator(std::vector<double> inverse_propensities,
                                 std::vector<std::size_t> cutoffs = standard_cutoffs());

  /// Adds a row. `scores`: [L]. Throws `std::invalid_argument` for another number of scores, one
  /// that is not finite, an id >= L, or a weight that is negative or not finite.
  void add(const LabelSet& truth, std::span<const double> scores, double weight = 1.0);

  /// Adds the rows of `other`. Throws `std::invalid_argument` if propensities or cutoffs differ.
  void merge(const PropensityAccumulator& other);

  /// `propensity_scored_precision_at_k` and `propensity_scored_ndcg_at_k` of each cutoff, the
  /// convention `xmc`. Where no row has a label they are 0 and `undefined` is 1. Throws
  /// `std::invalid_argument` if there are no rows or all weights are 0.
  std::vector<NamedValue> results() const;

 private:
  struct Gains {
    ExactSum precision;
    ExactSum best_precision;
    ExactSum dcg;
    ExactSum best_dcg;
  };
  std::vector<double> inverse_propensities_;
  std::vector<std::size_t> cutoffs_;
  std::vector<double> discounts_;  ///< of the first ranks, as many as the last cutoff asks for
  std::uint64_t num_rows_ = 0;
  ExactSum weight_;
  std::vector<Gains> gains_;  ///< by cutoff
};

}  // namespace labelbeam::eval
