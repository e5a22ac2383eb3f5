#include <fmt/format.h>
#include <labelbeam/eval/compensated_sum.h>
#include <labelbeam/eval/threshold_tuning.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "folds.h"
#include "score_checks.h"
#include "tuning_support.h"

namespace labelbeam::eval {
namespace {

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
  check_options(options);
  const Metric macro = f_beta_metric(options, Average::macro);
  TunedThresholds tuned;
  tuned.thresholds = Thresholds::uniform(scores.num_labels, 0.0, options.top1_if_empty);
  const std::vector<std::uint64_t> positives = count_positives(truth, scores.num_labels);
  std::vector<LabelId> rare = rare_labels(positives, options);
  for (std::size_t l = 0; l < scores.num_labels; ++l) {
    const auto label = static_cast<LabelId>(l);
    if (is_among(rare, label)) continue;
    const std::vector<Cell> column = sorted_column(scores, label);
    const Cut cut = best_for_label(column, truth, positives[l], macro, options.convention);
    tuned.thresholds.values[l] = threshold_after(column, cut.count);
  }
  pool_labels(tuned, std::move(rare), options, [&] {
    return best_global(scores, truth, f_beta_metric(options, Average::micro), options.convention,
                       false);
  });
  tuned.validation = validate(tuned.thresholds, scores, truth, macro, options.convention);
  return tuned;
}

TunedThresholds class_means(const ScoreMatrix& scores, TuningTruth tuning_truth,
                            const PerLabelOptions& options) {
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
  tuned.thresholds = Thresholds::uniform(scores.num_labels, 0.0, options.top1_if_empty);
  std::vector<LabelId> pooled;
  std::size_t inverted = 0;
  for (std::size_t l = 0; l < scores.num_labels; ++l) {
    if (!sums[l].has_both() || sums[l].positives < options.min_positives) {
      pooled.push_back(static_cast<LabelId>(l));
      continue;
    }
    tuned.thresholds.values[l] = sums[l].midpoint();
    if (sums[l].positive_mean() < sums[l].negative_mean()) ++inverted;
  }
  pool_labels(tuned, std::move(pooled), options, [&] { return pooled_class_means(pool, scores); });
  if (inverted > 0) {
    tuned.warnings.push_back(fmt::format(
        "Class means: {} of {} labels score their negative rows higher than their positive ones.",
        inverted, scores.num_labels));
  }
  return tuned;
}

std::vector<LabelSet> answers_out_of_fold(
    const ScoreMatrix& scores, TuningTruth truth, const CrossValidation& folds,
    const std::function<std::vector<LabelSet>(const ScoreMatrix& scores, TuningTruth truth,
                                              const ScoreMatrix& held_out)>& decide) {
  check_scores("answers_out_of_fold", scores, truth.rows());
  const std::size_t runs = num_folds(folds, truth.rows().size());
  if (runs < 2) {
    throw std::invalid_argument("answers_out_of_fold: at least 2 folds and 2 rows are needed");
  }
  std::vector<LabelSet> answers(truth.rows().size());
  for (std::size_t run = 0; run < runs; ++run) {
    const Fold fold = make_fold(scores, truth.rows(), folds, run);
    const std::vector<LabelSet> of_fold =
        decide(fold.tuned.scores, assume_not_test(fold.tuned.truth), fold.held_out.scores);
    for (std::size_t i = 0; i < of_fold.size(); ++i) answers[fold.held_out.rows[i]] = of_fold[i];
  }
  return answers;
}

ThresholdSpread spread_over_folds(
    const ScoreMatrix& scores, TuningTruth tuning_truth, const CrossValidation& folds,
    const std::function<Thresholds(const ScoreMatrix&, TuningTruth)>& tune) {
  const std::span<const LabelSet> truth = tuning_truth.rows();
  check_scores("spread_over_folds", scores, truth);
  const std::size_t runs = num_folds(folds, scores.num_rows);
  if (runs < 2) {
    throw std::invalid_argument(
        fmt::format("spread_over_folds: there must be at least 2 folds and 2 rows, got {} and {}",
                    folds.folds, scores.num_rows));
  }
  std::vector<std::vector<double>> values(scores.num_labels);
  for (std::size_t f = 0; f < runs; ++f) {
    const ScoredRows rows = make_fold(scores, truth, folds, f).tuned;
    const Thresholds tuned = tune(rows.scores, assume_not_test(rows.truth));
    for (std::size_t l = 0; l < scores.num_labels; ++l) values[l].push_back(tuned.values.at(l));
  }
  ThresholdSpread spread;
  for (const std::vector<double>& of_label : values) {
    const auto count = static_cast<double>(runs);
    CompensatedSum sum;
    for (const double value : of_label) sum.add(value / count);
    CompensatedSum squares;
    for (const double value : of_label) {
      squares.add((value - sum.value()) * (value - sum.value()) / (count - 1.0));
    }
    spread.deviations.push_back(std::sqrt(squares.value()));
    spread.lowest.push_back(std::ranges::min(of_label));
    spread.highest.push_back(std::ranges::max(of_label));
  }
  return spread;
}

}  // namespace labelbeam::eval
