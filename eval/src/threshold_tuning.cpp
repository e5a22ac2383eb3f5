#include <fmt/format.h>
#include <labelbeam/eval/threshold_tuning.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "flip_metric.h"
#include "score_checks.h"

namespace labelbeam::eval {
namespace {

struct Cell {
  double score;
  std::size_t row;
  LabelId label;
};

/// By falling score; then by place, so that sums are added in one order everywhere.
void sort_cells(std::vector<Cell>& cells) {
  std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.row != b.row ? a.row < b.row : a.label < b.label;
  });
}

std::vector<Cell> sorted_cells(const ScoreMatrix& scores) {
  std::vector<Cell> cells;
  cells.reserve(scores.values.size());
  for (std::size_t i = 0; i < scores.num_rows; ++i) {
    for (std::size_t l = 0; l < scores.num_labels; ++l) {
      cells.push_back({scores.row(i)[l], i, static_cast<LabelId>(l)});
    }
  }
  sort_cells(cells);
  return cells;
}

std::vector<Cell> sorted_column(const ScoreMatrix& scores, LabelId label) {
  std::vector<Cell> cells;
  cells.reserve(scores.num_rows);
  for (std::size_t i = 0; i < scores.num_rows; ++i)
    cells.push_back({scores.row(i)[label], i, label});
  sort_cells(cells);
  return cells;
}

/// Half the gap next to an end of the sorted cells; 0.5 where there is no gap.
double end_margin(const std::vector<Cell>& cells, bool at_top) {
  const double end = at_top ? cells.front().score : cells.back().score;
  const auto differs = [end](const Cell& cell) { return cell.score != end; };
  double neighbour = end;
  if (at_top) {
    const auto found = std::find_if(cells.begin(), cells.end(), differs);
    if (found != cells.end()) neighbour = found->score;
  } else {
    const auto found = std::find_if(cells.rbegin(), cells.rend(), differs);
    if (found != cells.rend()) neighbour = found->score;
  }
  return neighbour == end ? 0.5 : std::abs(end / 2.0 - neighbour / 2.0);
}

/// The threshold that the first `count` cells reach and the others do not.
double threshold_after(const std::vector<Cell>& cells, std::size_t count) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (count == 0) {
    const double top = cells.front().score;
    return std::max(top + end_margin(cells, true), std::nextafter(top, kInfinity));
  }
  const double reached = cells[count - 1].score;
  if (count == cells.size()) return reached - end_margin(cells, false);
  const double middle = std::midpoint(cells[count].score, reached);
  // Between neighbouring doubles there is no middle: it rounds to one of them.
  return middle > cells[count].score ? middle : reached;
}

/// Predicts the cells in turn, equal scores together, and gives the threshold of the best moment.
/// `quality()` is higher for better.
template <typename Predict, typename Quality>
double best_threshold(const std::vector<Cell>& cells, Predict predict, Quality quality) {
  constexpr double kTolerance = 1e-12;  // values this close differ by rounding only
  double best = quality();
  std::size_t best_count = 0;
  for (std::size_t next = 0; next < cells.size();) {
    const double score = cells[next].score;
    for (; next < cells.size() && cells[next].score == score; ++next) predict(cells[next]);
    const double value = quality();
    if (value > best + kTolerance) {
      best = value;
      best_count = next;
    }
  }
  return threshold_after(cells, best_count);
}

LabelId best_label(std::span<const double> scores) {
  return static_cast<LabelId>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

std::vector<LabelSet> apply(const Thresholds& thresholds, const ScoreMatrix& scores) {
  std::vector<LabelSet> sets(scores.num_rows);
  for (std::size_t i = 0; i < scores.num_rows; ++i) {
    const std::span<const double> row = scores.row(i);
    for (std::size_t l = 0; l < row.size(); ++l) {
      if (row[l] >= thresholds.values[l]) sets[i].insert(static_cast<LabelId>(l));
    }
    if (sets[i].empty() && thresholds.top1_if_empty) sets[i].insert(best_label(row));
  }
  return sets;
}

MetricValue validate(const Thresholds& thresholds, const ScoreMatrix& scores,
                     std::span<const LabelSet> truth, const Metric& metric,
                     const Convention& convention) {
  return evaluate(metric, truth, apply(thresholds, scores), scores.num_labels, convention);
}

double best_global(const ScoreMatrix& scores, std::span<const LabelSet> truth, const Metric& metric,
                   const Convention& convention, bool top1_if_empty) {
  FlipMetric state(truth, scores.num_labels, metric, convention);
  // A row without a label has its best one, and still has it once a label reaches the threshold.
  std::vector<LabelId> always;
  if (top1_if_empty) {
    for (std::size_t i = 0; i < scores.num_rows; ++i) {
      always.push_back(best_label(scores.row(i)));
      state.predict(i, always.back());
    }
  }
  const double sign = higher_is_better(metric) ? 1.0 : -1.0;
  return best_threshold(
      sorted_cells(scores),
      [&](const Cell& cell) {
        if (top1_if_empty && always[cell.row] == cell.label) return;
        state.predict(cell.row, cell.label);
      },
      [&] { return sign * state.value(); });
}

double best_for_label(const std::vector<Cell>& column, std::span<const LabelSet> truth,
                      double positives, const Metric& f_beta, const Convention& convention) {
  Confusion counts{0.0, 0.0, positives};
  return best_threshold(
      column,
      [&](const Cell& cell) {
        counts.predicted += 1.0;
        if (truth[cell.row].contains(cell.label)) counts.true_positives += 1.0;
      },
      [&] { return ratio_value(f_beta, counts, convention).value; });
}

std::vector<std::uint64_t> count_positives(std::span<const LabelSet> truth,
                                           std::size_t num_labels) {
  std::vector<std::uint64_t> positives(num_labels);
  for (const LabelSet& set : truth) {
    for (const LabelId label : set) ++positives[label];
  }
  return positives;
}

/// Sums of scores by class, and their midpoint.
struct ClassSums {
  CompensatedSum positive_sum;
  CompensatedSum negative_sum;
  std::uint64_t positives = 0;
  std::uint64_t negatives = 0;

  void add(double score, bool positive) {
    (positive ? positive_sum : negative_sum).add(score);
    ++(positive ? positives : negatives);
  }
  bool has_both() const { return positives > 0 && negatives > 0; }
  double positive_mean() const { return positive_sum.value() / static_cast<double>(positives); }
  double negative_mean() const { return negative_sum.value() / static_cast<double>(negatives); }
  double midpoint() const { return std::midpoint(positive_mean(), negative_mean()); }
};

double pooled_class_means(const ClassSums& pool, const ScoreMatrix& scores) {
  if (pool.has_both()) return pool.midpoint();
  const std::vector<Cell> cells = sorted_cells(scores);
  return threshold_after(cells, pool.positives == 0 ? 0 : cells.size());
}

}  // namespace

TunedThresholds fixed(std::size_t num_labels, double value, bool top1_if_empty) {
  if (num_labels == 0) throw std::invalid_argument("fixed: there must be at least 1 label, got 0");
  if (!std::isfinite(value)) {
    throw std::invalid_argument(fmt::format("fixed: the threshold must be finite, got {}", value));
  }
  TunedThresholds tuned;
  tuned.thresholds = Thresholds::uniform(num_labels, value, top1_if_empty);
  return tuned;
}

TunedThresholds tune_global(const ScoreMatrix& scores, TuningTruth tuning_truth,
                            const Metric& metric, const Convention& convention,
                            bool top1_if_empty) {
  const std::span<const LabelSet> truth = tuning_truth.rows();
  check_scores("tune_global", scores, truth);
  check_metric(metric);
  check_convention(convention);
  TunedThresholds tuned;
  tuned.thresholds = Thresholds::uniform(
      scores.num_labels, best_global(scores, truth, metric, convention, top1_if_empty),
      top1_if_empty);
  tuned.validation = validate(tuned.thresholds, scores, truth, metric, convention);
  return tuned;
}

TunedThresholds tune_per_label(const ScoreMatrix& scores, TuningTruth tuning_truth,
                               const PerLabelOptions& options) {
  const std::span<const LabelSet> truth = tuning_truth.rows();
  check_scores("tune_per_label", scores, truth);
  check_convention(options.convention);
  const Metric macro{MetricKind::f_beta, Average::macro, options.beta};
  check_metric(macro);

  TunedThresholds tuned;
  tuned.thresholds = Thresholds::uniform(scores.num_labels, 0.0, options.top1_if_empty);
  const std::vector<std::uint64_t> positives = count_positives(truth, scores.num_labels);
  for (std::size_t l = 0; l < scores.num_labels; ++l) {
    const auto label = static_cast<LabelId>(l);
    if (positives[l] < options.min_positives) {
      tuned.pooled_labels.push_back(label);
      continue;
    }
    tuned.thresholds.values[l] =
        best_for_label(sorted_column(scores, label), truth, static_cast<double>(positives[l]),
                       macro, options.convention);
  }
  if (!tuned.pooled_labels.empty()) {
    const Metric micro{MetricKind::f_beta, Average::micro, options.beta};
    const double pooled = best_global(scores, truth, micro, options.convention, false);
    for (const LabelId label : tuned.pooled_labels) tuned.thresholds.values[label] = pooled;
    tuned.warnings.push_back(fmt::format(
        "Thresholds a label: {} of {} labels have fewer than {} positive rows and got the pooled "
        "threshold.",
        tuned.pooled_labels.size(), scores.num_labels, options.min_positives));
  }
  tuned.validation = validate(tuned.thresholds, scores, truth, macro, options.convention);
  return tuned;
}

TunedThresholds class_means(const ScoreMatrix& scores, TuningTruth tuning_truth,
                            bool top1_if_empty) {
  const std::span<const LabelSet> truth = tuning_truth.rows();
  check_scores("class_means", scores, truth);
  std::vector<ClassSums> sums(scores.num_labels);
  ClassSums pool;
  for (std::size_t i = 0; i < scores.num_rows; ++i) {
    for (std::size_t l = 0; l < scores.num_labels; ++l) {
      const bool positive = truth[i].contains(static_cast<LabelId>(l));
      sums[l].add(scores.row(i)[l], positive);
      pool.add(scores.row(i)[l], positive);
    }
  }

  TunedThresholds tuned;
  tuned.thresholds = Thresholds::uniform(scores.num_labels, 0.0, top1_if_empty);
  std::size_t inverted = 0;
  for (std::size_t l = 0; l < scores.num_labels; ++l) {
    if (!sums[l].has_both()) {
      tuned.pooled_labels.push_back(static_cast<LabelId>(l));
      continue;
    }
    tuned.thresholds.values[l] = sums[l].midpoint();
    if (sums[l].positive_mean() < sums[l].negative_mean()) ++inverted;
  }
  if (!tuned.pooled_labels.empty()) {
    const double pooled = pooled_class_means(pool, scores);
    for (const LabelId label : tuned.pooled_labels) tuned.thresholds.values[label] = pooled;
    tuned.warnings.push_back(fmt::format(
        "Class means: {} of {} labels have positive rows only or negative rows only and got the "
        "pooled threshold.",
        tuned.pooled_labels.size(), scores.num_labels));
  }
  if (inverted > 0) {
    tuned.warnings.push_back(fmt::format(
        "Class means: {} of {} labels score their negative rows higher than their positive ones.",
        inverted, scores.num_labels));
  }
  return tuned;
}

}  // namespace labelbeam::eval
