#pragma once

#include <labelbeam/eval/cutoffs.h>
#include <labelbeam/eval/exact_sum.h>
#include <labelbeam/eval/metrics.h>
#include <labelbeam/eval/row_mean.h>
#include <labelbeam/label_set.h>
#include <labelbeam/score_matrix.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace labelbeam::eval {

struct RankingOptions {
  std::vector<std::size_t> cutoffs =
      standard_cutoffs();  ///< k of the metrics "at k"; rising, from 1
  /// Also ROC AUC and average precision, for which all scores are kept, 9 bytes each.
  bool areas = true;
  Convention convention;
};

/// The areas of one label, a binary ranking of the rows.
struct LabelAreas {
  double roc_auc = 0.0;            ///< NaN where the label has one class only
  double average_precision = 0.0;  ///< 0 where the label is never true
  bool has_one_class = false;
  bool is_never_true = false;
};

// clang-format off
/// How well scores rank the true labels. A row, T its true labels, scores of L labels:
///
/// | name                             | of a row                                                    |
/// |----------------------------------|-------------------------------------------------------------|
/// | coverage_error                   | how far down the ranking the last true label is             |
/// | label_ranking_average_precision  | mean over T of the share of true labels down to this one    |
/// | label_ranking_loss               | share of pairs (true, false) that are not in order          |
/// | one_error                        | 1 where the first label is not true                         |
/// | precision_at_k, recall_at_k      | true labels among the first k, per k and per |T|            |
/// | r_precision_at_k                 | the same per min(k, |T|)                                    |
/// | ndcg_at_k, ndcg                  | DCG of the first k (all) over the best, gains 0 and 1       |
/// | roc_auc_AVERAGE                  | area below the ROC curve: samples, micro, macro, weighted   |
/// | average_precision_AVERAGE        | the sum of (R_i - R_i-1) P_i over thresholds, likewise      |
///
/// The first three are of Schapire & Singer (2000) and Tsoumakas et al. (2010). Of equal scores
/// the lowest label comes first where a rule is needed and none is given here:
///
/// | case                              | sklearn          | mulan               | meka                |
/// |-----------------------------------|------------------|---------------------|---------------------|
/// | coverage; T empty                 | rank from 1; 0   | rank from 0; 0      |                     |
/// | average precision, T empty; full  | 1; 1             | row left out; 1     | 1; 1                |
/// | ranking loss, T empty or full     | 0                | 0                   | 0                   |
/// | equal scores in the first three   | share worst rank | highest label first | highest label first |
/// | equal scores in one_error         | lowest label     | highest label       | lowest label        |
/// | recall, T empty                   | zd               | 0                   | 0                   |
///
/// `recall_at_k` and `r_precision_at_k` of T empty are 0/0 as recall is in every convention. nDCG
/// of T empty is 0; equal scores share their gains, but under `xmc` they do not. ROC AUC of one
/// class is NaN, and so is a mean over it; average precision without positives is 0. Where a tool
/// has no rule of its own, scikit-learn's is used and the figure names it as its convention.
///
/// ROC AUC and average precision keep all n x L scores until the results are asked for.
// clang-format on
///
/// `undefined` counts the rows (labels, or 1 for micro) where these cases hold: T empty for
/// coverage, recall and nDCG, T empty or full for average precision and ranking loss of a row, one
/// class for ROC AUC, no positives for average precision.
///
/// One pass; shards merged in any order give bit for bit the result of the whole.
class RankingAccumulator {
 public:
  /// Throws `std::invalid_argument` unless 1 <= L <= `kMaxLabels`, the cutoffs rise from at least
  /// 1, and the convention is one.
  explicit RankingAccumulator(std::size_t num_labels, const RankingOptions& options = {});

  /// Adds a row. `scores`: [L]. Throws `std::invalid_argument` for another number of scores, one
  /// that is not finite, an id >= L, or a weight that is negative or not finite.
  void add(const LabelSet& truth, std::span<const double> scores, double weight = 1.0);

  /// Adds the rows of `other`. Throws `std::invalid_argument` if L or the options differ.
  void merge(const RankingAccumulator& other);

  std::uint64_t num_rows() const { return num_rows_; }

  /// All of the table, the areas only if asked for. Throws `std::invalid_argument` if there are no
  /// rows or all weights are 0.
  std::vector<NamedValue> results() const;

  /// [L]. Throws as `results` does, and without `RankingOptions::areas`.
  std::vector<LabelAreas> label_areas() const;

 private:
  struct Figure {
    std::string name;
    std::string convention;
    RowMean mean;
  };
  void add_figure(std::string name, const Convention& convention);
  void check_rows() const;
  std::vector<NamedValue> area_results() const;

  std::size_t num_labels_;
  RankingOptions options_;
  std::vector<double> discounts_;  ///< [L + 1] sums of the discounts of the first ranks
  std::uint64_t num_rows_ = 0;
  ExactSum weight_;
  std::vector<Figure> figures_;  ///< means over rows, in the order in which `add` finds them

  // For the areas: all rows, in the order in which they came.
  std::vector<double> scores_;          ///< [n * L]
  std::vector<unsigned char> is_true_;  ///< [n * L]
  std::vector<double> weights_;         ///< [n]
};

/// The ranking metrics of a matrix. `truth`: [n]; `weights`: [n], or empty for 1 each.
/// Throws `std::invalid_argument` if the numbers of rows differ, and as the accumulator does.
std::vector<NamedValue> evaluate_ranking(const ScoreMatrix& scores, std::span<const LabelSet> truth,
                                         const RankingOptions& options = {},
                                         std::span<const double> weights = {});

}  // namespace labelbeam::eval
