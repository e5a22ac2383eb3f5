#pragma once

#include <labelbeam/eval/exact_sum.h>
#include <labelbeam/eval/metrics.h>
#include <labelbeam/label_set.h>

#include <cstdint>
#include <span>
#include <unordered_set>
#include <vector>

/// Figures of predicted sets that have one form only.
namespace labelbeam::eval {

/// In this order:
/// - `zero_one_loss`: share of rows with T != P.
/// - `label_cardinality_error`: mean of ||P| - |T||; `label_cardinality_bias`: mean of |P| - |T|.
/// - `empty_set_precision`: of the rows with P = empty, the share with T = empty;
///   `empty_set_recall`: of those with T = empty, the share with P = empty. 0/0 counts as that of
///   precision and recall in the convention, for one row that is.
///
/// Throws `std::invalid_argument` if there are no rows or all weights are 0.
std::vector<NamedValue> set_figures(const MetricAccumulator& rows);

/// How predictions fare on label sets that training never showed. Shards merged in any order give
/// bit for bit the result of the whole.
class UnseenSets {
 public:
  /// `train`: the true sets of the training rows, any order, with repetitions.
  explicit UnseenSets(std::span<const LabelSet> train, const Convention& convention = {});

  /// Throws `std::invalid_argument` for a weight that is negative or not finite.
  void add(const LabelSet& truth, const LabelSet& prediction, double weight = 1.0);
  /// Adds the rows of `other`, which must have seen the same training sets and have the same
  /// convention (else `std::invalid_argument`).
  void merge(const UnseenSets& other);

  /// `unseen_set_rate`: share of rows whose true set is in no training row; `unseen_set_accuracy`:
  /// subset accuracy on these rows, 0/0 as that of recall in the convention.
  /// Throws `std::invalid_argument` if there are no rows or all weights are 0.
  std::vector<NamedValue> results() const;

 private:
  std::unordered_set<LabelSet> seen_;
  Convention convention_;
  std::uint64_t num_rows_ = 0;
  ExactSum all_;
  ExactSum unseen_;
  ExactSum unseen_right_;
};

}  // namespace labelbeam::eval
