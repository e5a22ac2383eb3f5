#pragma once

#include <labelbeam/eval/compensated_sum.h>
#include <labelbeam/label_set.h>

#include <span>
#include <vector>

#include "confusion.h"

namespace labelbeam::eval {

/// A metric of predictions that grow one cell at a time, O(1) a cell; starts with no prediction.
class FlipMetric {
 public:
  FlipMetric(std::span<const LabelSet> truth, std::size_t num_labels, const Metric& metric,
             const Convention& convention);

  /// Predicts `label` for `row`, which must not be predicted already.
  void predict(std::size_t row, LabelId label);
  double value() const;

 private:
  void weigh_by_support();
  std::size_t unit_of(std::size_t row, LabelId label) const;
  double unit_share(std::size_t unit) const;  ///< the value times the weight

  Metric metric_;
  Convention convention_;
  std::size_t num_rows_;
  std::size_t num_labels_;
  std::vector<unsigned char> is_true_;  ///< [n * L]
  std::vector<Confusion> units_;        ///< rows, labels, or one of all cells
  std::vector<double> unit_weights_;
  double total_weight_ = 0.0;
  CompensatedSum sum_;  ///< of the shares of `units_`
};

}  // namespace labelbeam::eval
