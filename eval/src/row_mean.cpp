#include <labelbeam/eval/row_mean.h>

#include <cmath>
#include <limits>

namespace labelbeam::eval {

void RowMean::add(double value, double weight, bool undefined) {
  if (undefined) ++undefined_;
  if (weight == 0.0) return;
  if (std::isnan(value)) {
    has_nan_ = true;
    return;
  }
  sum_.add(value * weight);
  weight_.add(weight);
}

void RowMean::merge(const RowMean& other) {
  sum_.add(other.sum_);
  weight_.add(other.weight_);
  undefined_ += other.undefined_;
  has_nan_ = has_nan_ || other.has_nan_;
}

double RowMean::value() const {
  const double weight = weight_.value();
  if (has_nan_ || weight == 0.0) return std::numeric_limits<double>::quiet_NaN();
  return sum_.value() / weight;
}

}  // namespace labelbeam::eval
