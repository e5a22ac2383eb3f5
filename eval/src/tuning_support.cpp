#include "tuning_support.h"

#include <fmt/format.h>
#include <labelbeam/label_ranking.h>

#include <algorithm>

#include "flip_metric.h"

namespace labelbeam::eval {

void check_options(const PerLabelOptions& options) {
  check_convention(options.convention);
  check_metric(f_beta_metric(options, Average::macro));
}

void fill_empty(std::vector<LabelSet>& sets, const ScoreMatrix& scores) {
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (sets[i].empty()) sets[i].insert(best_label(scores.row(i)));
  }
}

std::vector<LabelSet> apply(const Thresholds& thresholds, const ScoreMatrix& scores) {
  std::vector<LabelSet> sets;
  for (std::size_t i = 0; i < scores.num_rows; ++i) {
    sets.push_back(labels_above(scores.row(i), thresholds));
  }
  return sets;
}

MetricValue validate(const Thresholds& thresholds, const ScoreMatrix& scores,
                     std::span<const LabelSet> truth, const Metric& metric,
                     const Convention& convention) {
  return evaluate(metric, truth, apply(thresholds, scores), scores.num_labels, convention);
}

Cut best_for_metric(const std::vector<Cell>& cells, const ScoreMatrix& scores,
                    std::span<const LabelSet> truth, const Metric& metric,
                    const Convention& convention, bool top1_if_empty) {
  FlipMetric state(truth, scores.num_labels, metric, convention);
  // A row without a label has its best one, and still has it once others follow: a sweep reaches
  // the labels of a row in the order of their scores.
  std::vector<LabelId> always;
  if (top1_if_empty) {
    for (std::size_t i = 0; i < scores.num_rows; ++i) {
      always.push_back(best_label(scores.row(i)));
      state.predict(i, always.back());
    }
  }
  const double sign = higher_is_better(metric) ? 1.0 : -1.0;
  return best_cut(
      cells,
      [&](const Cell& cell) {
        if (top1_if_empty && always[cell.row] == cell.label) return;
        state.predict(cell.row, cell.label);
      },
      [&] { return sign * state.value(); });
}

double best_global(const ScoreMatrix& scores, std::span<const LabelSet> truth, const Metric& metric,
                   const Convention& convention, bool top1_if_empty) {
  const std::vector<Cell> cells = sorted_cells(scores);
  return threshold_after(
      cells, best_for_metric(cells, scores, truth, metric, convention, top1_if_empty).count);
}

Cut best_for_label(const std::vector<Cell>& column, std::span<const LabelSet> truth,
                   std::uint64_t positives, const Metric& f_beta, const Convention& convention) {
  Confusion counts{0.0, 0.0, static_cast<double>(positives)};
  return best_cut(
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

std::vector<LabelId> rare_labels(const std::vector<std::uint64_t>& positives,
                                 const PerLabelOptions& options) {
  std::vector<LabelId> rare;
  for (std::size_t l = 0; l < positives.size(); ++l) {
    if (positives[l] < options.min_positives) rare.push_back(static_cast<LabelId>(l));
  }
  return rare;
}

std::string pooled_labels_warning(std::size_t pooled, std::size_t num_labels,
                                  const PerLabelOptions& options) {
  return fmt::format(
      "Thresholds a label: {} of {} labels have fewer than {} positive rows, or rows of one class "
      "only, and got the pooled threshold.",
      pooled, num_labels, options.min_positives);
}

bool is_among(const std::vector<LabelId>& labels, LabelId label) {
  return std::binary_search(labels.begin(), labels.end(), label);
}

}  // namespace labelbeam::eval
