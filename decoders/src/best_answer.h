#pragma once

#include <labelbeam/decoders/decision.h>

#include <algorithm>
#include <utility>

namespace labelbeam::decoders {

/// The best of the answers considered, the first of equals, and the value of the best other one.
/// Values are not negative.
class BestAnswer {
 public:
  BestAnswer(LabelSet labels, double value) : labels_(std::move(labels)), value_(value) {}

  const LabelSet& labels() const { return labels_; }
  double value() const { return value_; }
  double runner_up() const { return runner_up_; }

  /// An answer may be considered again, with the same value.
  void consider(const LabelSet& labels, double value) {
    if (value > value_) {
      if (labels != labels_) runner_up_ = value_;
      labels_ = labels;
      value_ = value;
    } else if (value > runner_up_ && labels != labels_) {
      runner_up_ = value;
    }
  }
  /// The value of some answer that is not the best one.
  void consider_other(double value) { runner_up_ = std::max(runner_up_, value); }

  /// `unseen`: see `SizeMarginals`.
  Decision decision(double unseen) const {
    const double margin = value_ - runner_up_;
    return {labels_, value_, margin, margin >= unseen};
  }

 private:
  LabelSet labels_;
  double value_;
  double runner_up_ = 0.0;
};

}  // namespace labelbeam::decoders
