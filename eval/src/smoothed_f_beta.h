#pragma once

#include <labelbeam/eval/metrics.h>
#include <labelbeam/score_matrix.h>

#include <span>
#include <vector>

namespace labelbeam::eval {

/// F-beta of answers that are sigmoid((score - threshold) / width) instead of 0 or 1, and its
/// derivatives by thresholds. A row, label or pool without truth counts 0.
class SmoothedFBeta {
 public:
  /// `scores`: [n, L]; `metric`: F-beta by any average but weighted. `scores` must outlive this.
  SmoothedFBeta(const ScoreMatrix& scores, std::span<const LabelSet> truth, const Metric& metric,
                double width);

  /// `thresholds`: [L]; `gradient`: [L], or empty if it is not wanted.
  double value(std::span<const double> thresholds, std::span<double> gradient);

 private:
  struct Unit {
    double overlap = 0.0;  ///< smoothed |T and P|
    double predicted = 0.0;
    double actual = 0.0;
  };

  std::size_t unit_of(std::size_t row, std::size_t label) const;
  double denominator(const Unit& unit) const;

  const ScoreMatrix& scores_;
  Metric metric_;
  double width_;
  std::vector<unsigned char> is_true_;  ///< [n * L]
  std::vector<double> answers_;         ///< [n * L]
  std::vector<Unit> units_;             ///< rows, labels, or one of all cells
};

}  // namespace labelbeam::eval
