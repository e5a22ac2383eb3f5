#include <fmt/format.h>
#include <labelbeam/eval/roc_thresholds.h>

#include <cmath>
#include <stdexcept>

#include "score_checks.h"
#include "tuning_support.h"

namespace labelbeam::eval {
namespace {

/// How many cells of each class there are, and how many of them are predicted.
struct Counts {
  double positives = 0.0;
  double negatives = 0.0;
  double true_positives = 0.0;
  double false_positives = 0.0;

  bool has_one_class() const { return positives == 0.0 || negatives == 0.0; }
  double sensitivity() const { return true_positives / positives; }
  double specificity() const { return 1.0 - false_positives / negatives; }
};

/// A rate reaches its target but for rounding.
bool reaches(double rate, double target) { return rate >= target - 1e-12; }

double quality(CurvePoint point, double target, const Counts& counts) {
  const double sensitivity = counts.sensitivity();
  const double specificity = counts.specificity();
  switch (point) {
    case CurvePoint::youden:
      return sensitivity + specificity - 1.0;
    case CurvePoint::nearest_corner:
      return -std::hypot(1.0 - sensitivity, 1.0 - specificity);
    case CurvePoint::equal_error:
      return -std::abs(sensitivity - specificity);
    // Short of the target more of its rate is better; at it, more of the other.
    case CurvePoint::sensitivity:
      return reaches(sensitivity, target) ? specificity : sensitivity - 2.0;
    case CurvePoint::specificity:
      return reaches(specificity, target) ? sensitivity : specificity - 2.0;
    case CurvePoint::break_even:
      return -std::abs(counts.true_positives + counts.false_positives - counts.positives);
  }
  return 0.0;
}

double best_point(const std::vector<Cell>& cells, std::span<const LabelSet> truth, Counts counts,
                  CurvePoint point, double target) {
  if (counts.has_one_class()) {
    return threshold_after(cells, counts.positives == 0.0 ? 0 : cells.size());
  }
  const Cut cut = best_cut(
      cells,
      [&](const Cell& cell) {
        const bool is_true = truth[cell.row].contains(cell.label);
        (is_true ? counts.true_positives : counts.false_positives) += 1.0;
      },
      [&] { return quality(point, target, counts); });
  return threshold_after(cells, cut.count);
}

}  // namespace

TunedThresholds tune_curve_point(const ScoreMatrix& scores, TuningTruth tuning_truth,
                                 CurvePoint point, double target, const PerLabelOptions& options) {
  const std::span<const LabelSet> truth = tuning_truth.rows();
  check_scores("tune_curve_point", scores, truth);
  if (!(target >= 0.0 && target <= 1.0)) {
    throw std::invalid_argument(
        fmt::format("tune_curve_point: a sensitivity or specificity is in [0, 1], got {}", target));
  }
  const auto num_rows = static_cast<double>(scores.num_rows);
  const std::vector<std::uint64_t> positives = count_positives(truth, scores.num_labels);
  TunedThresholds tuned;
  tuned.thresholds = Thresholds::uniform(scores.num_labels, 0.0, options.top1_if_empty);
  std::vector<LabelId> pooled;
  double all_positives = 0.0;
  for (std::size_t l = 0; l < scores.num_labels; ++l) {
    const auto label = static_cast<LabelId>(l);
    const auto count = static_cast<double>(positives[l]);
    all_positives += count;
    const Counts counts{count, num_rows - count};
    if (positives[l] < options.min_positives || counts.has_one_class()) {
      pooled.push_back(label);
    } else {
      tuned.thresholds.values[l] =
          best_point(sorted_column(scores, label), truth, counts, point, target);
    }
  }
  pool_labels(tuned, std::move(pooled), options, [&] {
    const double cells = num_rows * static_cast<double>(scores.num_labels);
    return best_point(sorted_cells(scores), truth, {all_positives, cells - all_positives}, point,
                      target);
  });
  return tuned;
}

}  // namespace labelbeam::eval
