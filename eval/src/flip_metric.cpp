#include "flip_metric.h"

namespace labelbeam::eval {

FlipMetric::FlipMetric(std::span<const LabelSet> truth, std::size_t num_labels,
                       const Metric& metric, const Convention& convention)
    : metric_(metric),
      convention_(convention),
      num_rows_(truth.size()),
      num_labels_(num_labels),
      is_true_(truth.size() * num_labels) {
  if (is_row_metric(metric)) {
    units_.resize(num_rows_);
  } else {
    units_.resize(metric.average == Average::macro ? num_labels : 1);
  }
  for (std::size_t i = 0; i < truth.size(); ++i) {
    for (const LabelId label : truth[i]) {
      is_true_[i * num_labels + label] = 1;
      unit_of(i, label).actual += 1.0;
    }
  }
  for (const Confusion& unit : units_) sum_.add(unit_value(unit));
}

Confusion& FlipMetric::unit_of(std::size_t row, LabelId label) {
  if (is_row_metric(metric_)) return units_[row];
  return metric_.average == Average::macro ? units_[label] : units_[0];
}

double FlipMetric::unit_value(const Confusion& unit) const {
  return is_row_metric(metric_) ? row_value(metric_, unit, num_labels_, convention_).value
                                : ratio_value(metric_, unit, convention_).value;
}

void FlipMetric::predict(std::size_t row, LabelId label) {
  Confusion& unit = unit_of(row, label);
  sum_.add(-unit_value(unit));
  unit.predicted += 1.0;
  if (is_true_[row * num_labels_ + label] != 0) unit.true_positives += 1.0;
  sum_.add(unit_value(unit));
}

double FlipMetric::value() const { return sum_.value() / static_cast<double>(units_.size()); }

}  // namespace labelbeam::eval
