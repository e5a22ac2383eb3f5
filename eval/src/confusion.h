#pragma once

#include <labelbeam/eval/metrics.h>

namespace labelbeam::eval {

/// |T and P|, |P| and |T| of a row, of a label, or of all cells; counts or weights.
struct Confusion {
  double true_positives = 0.0;
  double predicted = 0.0;
  double actual = 0.0;
};

/// A metric's value for one row, one label or all cells.
struct UnitValue {
  double value = 0.0;
  bool undefined = false;  ///< 0/0: the value is the convention's
};

/// Jaccard, precision, recall or F-beta of one unit.
inline UnitValue ratio_value(const Metric& metric, const Confusion& c,
                             const Convention& convention) {
  double numerator = c.true_positives;
  double denominator = 0.0;
  switch (metric.kind) {
    case MetricKind::jaccard:
      denominator = c.predicted + c.actual - c.true_positives;
      break;
    case MetricKind::precision:
      denominator = c.predicted;
      break;
    case MetricKind::recall:
      denominator = c.actual;
      break;
    default: {
      const double beta2 = metric.beta * metric.beta;
      numerator = (1.0 + beta2) * c.true_positives;
      denominator = beta2 * c.actual + c.predicted;
    }
  }
  if (denominator == 0.0) {
    const bool both_empty = c.predicted == 0.0 && c.actual == 0.0;
    return {convention.zero_over_zero(metric.kind, both_empty), true};
  }
  return {numerator / denominator, false};
}

/// A metric's share of one row, also for the metrics that are no ratio.
inline UnitValue row_value(const Metric& metric, const Confusion& c, std::size_t num_labels,
                           const Convention& convention) {
  switch (metric.kind) {
    case MetricKind::subset_accuracy:
      return {c.true_positives == c.predicted && c.true_positives == c.actual ? 1.0 : 0.0, false};
    case MetricKind::hamming_loss:
      return {(c.predicted + c.actual - 2.0 * c.true_positives) / static_cast<double>(num_labels),
              false};
    default:
      return ratio_value(metric, c, convention);
  }
}

/// Whether the metric is taken over rows: by its average, or because it has no other.
inline bool is_row_metric(const Metric& metric) {
  return metric.average == Average::samples || metric.kind == MetricKind::subset_accuracy ||
         metric.kind == MetricKind::hamming_loss;
}

/// Throws `std::invalid_argument` for a beta that is not finite and positive.
void check_metric(const Metric& metric);

/// Throws `std::invalid_argument` unless the convention is one of those offered.
void check_convention(const Convention& convention);

}  // namespace labelbeam::eval
