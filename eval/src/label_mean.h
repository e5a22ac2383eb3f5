#pragma once

#include <labelbeam/eval/exact_sum.h>
#include <labelbeam/eval/metrics.h>

#include <cmath>
#include <limits>

namespace labelbeam::eval {

/// The mean of a value of each label: plain, or by support as scikit-learn weights labels.
class LabelMean {
 public:
  /// `support`: how often the label is true. A value may be NaN.
  void add(double value, double support) {
    ++labels_;
    support_.add(support);
    if (std::isnan(value)) {
      has_nan_ = true;
      if (support > 0.0) has_supported_nan_ = true;
      return;
    }
    sum_.add(value);
    supported_sum_.add(value * support);
  }

  /// `average`: macro or weighted. NaN where a label that counts is NaN; `no_support` is the
  /// weighted mean where no label is ever true.
  double value(Average average, double no_support) const {
    if (average == Average::macro) {
      return has_nan_ ? kNan : sum_.value() / static_cast<double>(labels_);
    }
    const double support = support_.value();
    if (support == 0.0) return no_support;
    return has_supported_nan_ ? kNan : supported_sum_.value() / support;
  }
  /// As above, the plain mean where no label is ever true.
  double value(Average average) const { return value(average, value(Average::macro, kNan)); }

 private:
  static constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  std::size_t labels_ = 0;
  bool has_nan_ = false;
  bool has_supported_nan_ = false;
  ExactSum sum_;
  ExactSum support_;
  ExactSum supported_sum_;
};

}  // namespace labelbeam::eval
