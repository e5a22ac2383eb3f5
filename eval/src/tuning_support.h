#pragma once

#include <labelbeam/eval/threshold_tuning.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "confusion.h"
#include "sweep.h"

namespace labelbeam::eval {

/// Throws `std::invalid_argument` for options that no tuning takes.
void check_options(const PerLabelOptions& options);

/// F-beta by the options' beta.
inline Metric f_beta_metric(const PerLabelOptions& options, Average average) {
  return {MetricKind::f_beta, average, options.beta};
}

/// Gives every row without a label its best-scored one.
void fill_empty(std::vector<LabelSet>& sets, const ScoreMatrix& scores);

std::vector<LabelSet> apply(const Thresholds& thresholds, const ScoreMatrix& scores);

MetricValue validate(const Thresholds& thresholds, const ScoreMatrix& scores,
                     std::span<const LabelSet> truth, const Metric& metric,
                     const Convention& convention);

/// The moment of a sweep over `cells` that is best for a metric; `quality` is minus a loss.
Cut best_for_metric(const std::vector<Cell>& cells, const ScoreMatrix& scores,
                    std::span<const LabelSet> truth, const Metric& metric,
                    const Convention& convention, bool top1_if_empty);

/// The threshold of `tune_global`.
double best_global(const ScoreMatrix& scores, std::span<const LabelSet> truth, const Metric& metric,
                   const Convention& convention, bool top1_if_empty);

/// The moment of a sweep over one label's cells that is best for its own F-beta.
Cut best_for_label(const std::vector<Cell>& column, std::span<const LabelSet> truth,
                   std::uint64_t positives, const Metric& f_beta, const Convention& convention);

/// How many rows each label is true in: [L]
std::vector<std::uint64_t> count_positives(std::span<const LabelSet> truth, std::size_t num_labels);

/// The labels with fewer positives than the options ask for.
std::vector<LabelId> rare_labels(const std::vector<std::uint64_t>& positives,
                                 const PerLabelOptions& options);

std::string pooled_labels_warning(std::size_t pooled, std::size_t num_labels,
                                  const PerLabelOptions& options);

/// Gives labels that have no threshold of their own the pooled one, notes them and warns.
/// `pooled()` is called only if there are such labels.
template <typename Pooled>
void pool_labels(TunedThresholds& tuned, std::vector<LabelId> labels,
                 const PerLabelOptions& options, Pooled pooled) {
  if (labels.empty()) return;
  std::vector<double>& values = tuned.thresholds.values;
  const double threshold = pooled();
  for (const LabelId label : labels) values[label] = threshold;
  tuned.warnings.push_back(pooled_labels_warning(labels.size(), values.size(), options));
  tuned.pooled_labels = std::move(labels);
}

/// Whether `label` is among `labels`, which rise.
bool is_among(const std::vector<LabelId>& labels, LabelId label);

}  // namespace labelbeam::eval
