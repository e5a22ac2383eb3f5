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
    units_.resize(metric.average == Average::micro ? 1 : num_labels);
  }
  for (std::size_t i = 0; i < truth.size(); ++i) {
    for (const LabelId label : truth[i]) {
      is_true_[i * num_labels + label] = 1;
      units_[unit_of(i, label)].actual += 1.0;
    }
  }
  unit_weights_.assign(units_.size(), 1.0);
  total_weight_ = static_cast<double>(units_.size());
  if (!is_row_metric(metric) && metric.average == Average::weighted) weigh_by_support();
  for (std::size_t u = 0; u < units_.size(); ++u) sum_.add(unit_share(u));
}

void FlipMetric::weigh_by_support() {
  double support = 0.0;
  for (const Confusion& label : units_) support += label.actual;
  if (support == 0.0) return;
  for (std::size_t l = 0; l < units_.size(); ++l) unit_weights_[l] = units_[l].actual;
  total_weight_ = support;
}

std::size_t FlipMetric::unit_of(std::size_t row, LabelId label) const {
  if (is_row_metric(metric_)) return row;
  return metric_.average == Average::micro ? 0 : label;
}

double FlipMetric::unit_share(std::size_t unit) const {
  const UnitValue value = is_row_metric(metric_)
                              ? row_value(metric_, units_[unit], num_labels_, convention_)
                              : ratio_value(metric_, units_[unit], convention_);
  return unit_weights_[unit] * value.value;
}

void FlipMetric::predict(std::size_t row, LabelId label) {
  const std::size_t unit = unit_of(row, label);
  sum_.add(-unit_share(unit));
  units_[unit].predicted += 1.0;
  if (is_true_[row * num_labels_ + label] != 0) units_[unit].true_positives += 1.0;
  sum_.add(unit_share(unit));
}

double FlipMetric::value() const { return sum_.value() / total_weight_; }

}  // namespace labelbeam::eval
