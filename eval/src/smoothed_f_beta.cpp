#include "smoothed_f_beta.h"

#include <algorithm>
#include <cmath>

namespace labelbeam::eval {

SmoothedFBeta::SmoothedFBeta(const ScoreMatrix& scores, std::span<const LabelSet> truth,
                             const Metric& metric, double width)
    : scores_(scores),
      metric_(metric),
      width_(width),
      is_true_(scores.values.size()),
      answers_(scores.values.size()) {
  units_.resize(metric.average == Average::samples ? scores.num_rows
                : metric.average == Average::macro ? scores.num_labels
                                                   : 1);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    for (const LabelId label : truth[i]) {
      is_true_[i * scores.num_labels + label] = 1;
      units_[unit_of(i, label)].actual += 1.0;
    }
  }
}

std::size_t SmoothedFBeta::unit_of(std::size_t row, std::size_t label) const {
  if (metric_.average == Average::samples) return row;
  return metric_.average == Average::macro ? label : 0;
}

double SmoothedFBeta::denominator(const Unit& unit) const {
  return metric_.beta * metric_.beta * unit.actual + unit.predicted;
}

double SmoothedFBeta::value(std::span<const double> thresholds, std::span<double> gradient) {
  const std::size_t num_labels = scores_.num_labels;
  for (Unit& unit : units_) unit.overlap = unit.predicted = 0.0;
  for (std::size_t i = 0; i < scores_.num_rows; ++i) {
    const std::span<const double> row = scores_.row(i);
    for (std::size_t l = 0; l < num_labels; ++l) {
      const std::size_t cell = i * num_labels + l;
      const double answer = 1.0 / (1.0 + std::exp((thresholds[l] - row[l]) / width_));
      answers_[cell] = answer;
      Unit& unit = units_[unit_of(i, l)];
      unit.predicted += answer;
      if (is_true_[cell] != 0) unit.overlap += answer;
    }
  }
  const double scale = (1.0 + metric_.beta * metric_.beta) / static_cast<double>(units_.size());
  double sum = 0.0;
  for (const Unit& unit : units_) {
    if (unit.actual > 0.0) sum += scale * unit.overlap / denominator(unit);
  }
  if (gradient.empty()) return sum;
  std::ranges::fill(gradient, 0.0);
  for (std::size_t i = 0; i < scores_.num_rows; ++i) {
    for (std::size_t l = 0; l < num_labels; ++l) {
      const std::size_t cell = i * num_labels + l;
      const Unit& unit = units_[unit_of(i, l)];
      if (unit.actual == 0.0) continue;
      const double below = denominator(unit);
      const double by_answer =
          scale * ((is_true_[cell] != 0 ? below : 0.0) - unit.overlap) / (below * below);
      gradient[l] -= by_answer * answers_[cell] * (1.0 - answers_[cell]) / width_;
    }
  }
  return sum;
}

}  // namespace labelbeam::eval
