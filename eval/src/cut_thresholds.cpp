#include <fmt/format.h>
#include <labelbeam/eval/cut_thresholds.h>
#include <labelbeam/label_ranking.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "folds.h"
#include "score_checks.h"
#include "tuning_support.h"

namespace labelbeam::eval {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLargestMicroLoss = 0.005;
// From the surest to the boldest, so that the surest of equals is kept.
constexpr std::array<double, 6> kStrengths = {kInfinity, 320.0, 80.0, 20.0, 5.0, 0.0};
constexpr std::array<double, 9> kFloors = {0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8};

/// What SCut knows of labels before it decides.
struct LabelOptima {
  std::vector<std::uint64_t> positives;
  std::vector<double> thresholds;  ///< of the best F-beta
  std::vector<double> f_beta;      ///< the best
  std::vector<double> top_scores;
  double pooled = 0.0;  ///< the threshold of the best micro F-beta
};

LabelOptima find_optima(const ScoreMatrix& scores, std::span<const LabelSet> truth,
                        const PerLabelOptions& options) {
  LabelOptima optima;
  optima.positives = count_positives(truth, scores.num_labels);
  const Metric macro = f_beta_metric(options, Average::macro);
  for (std::size_t l = 0; l < scores.num_labels; ++l) {
    const std::vector<Cell> column = sorted_column(scores, static_cast<LabelId>(l));
    const Cut cut = best_for_label(column, truth, optima.positives[l], macro, options.convention);
    optima.thresholds.push_back(threshold_after(column, cut.count));
    optima.f_beta.push_back(cut.quality);
    optima.top_scores.push_back(column.front().score);
  }
  optima.pooled = best_global(scores, truth, f_beta_metric(options, Average::micro),
                              options.convention, options.top1_if_empty);
  return optima;
}

Thresholds shrink(const LabelOptima& optima, double strength, const std::vector<LabelId>& rare,
                  const PerLabelOptions& options) {
  const std::size_t num_labels = optima.positives.size();
  Thresholds thresholds = Thresholds::uniform(num_labels, optima.pooled, options.top1_if_empty);
  if (strength == kInfinity) return thresholds;
  for (std::size_t l = 0; l < num_labels; ++l) {
    const auto support = static_cast<double>(optima.positives[l]);
    if (support == 0.0 || is_among(rare, static_cast<LabelId>(l))) continue;
    thresholds.values[l] =
        std::lerp(optima.pooled, optima.thresholds[l], support / (support + strength));
  }
  return thresholds;
}

Thresholds hold_to_floor(const LabelOptima& optima, double floor, FbrFallback fallback,
                         const std::vector<LabelId>& rare, const PerLabelOptions& options) {
  const std::size_t num_labels = optima.positives.size();
  Thresholds thresholds = Thresholds::uniform(num_labels, optima.pooled, options.top1_if_empty);
  for (std::size_t l = 0; l < num_labels; ++l) {
    if (is_among(rare, static_cast<LabelId>(l))) continue;
    if (optima.f_beta[l] >= floor) {
      thresholds.values[l] = optima.thresholds[l];
    } else {
      thresholds.values[l] = fallback == FbrFallback::nothing ? std::numeric_limits<double>::max()
                                                              : optima.top_scores[l];
    }
  }
  return thresholds;
}

/// Micro and macro F-beta over all held-out folds together.
struct CrossValidated {
  double micro = 0.0;
  double macro = 0.0;
};

/// For every candidate of `num_candidates`, what its thresholds are worth on rows that they have
/// not seen; none where there are too few rows. `choose(optima, candidate)` gives the thresholds.
template <typename Choose>
std::vector<CrossValidated> cross_validate(const ScoreMatrix& scores,
                                           std::span<const LabelSet> truth,
                                           const PerLabelOptions& options,
                                           const CrossValidation& cross_validation,
                                           std::size_t num_candidates, Choose choose) {
  const std::size_t folds = num_folds(cross_validation, scores.num_rows);
  if (folds == 0) return {};
  std::vector<MetricAccumulator> sums(num_candidates,
                                      MetricAccumulator(scores.num_labels, options.convention));
  for (std::size_t f = 0; f < folds; ++f) {
    const Fold fold = make_fold(scores, truth, cross_validation, f);
    const LabelOptima optima = find_optima(fold.tuned.scores, fold.tuned.truth, options);
    for (std::size_t c = 0; c < num_candidates; ++c) {
      const std::vector<LabelSet> sets = apply(choose(optima, c), fold.held_out.scores);
      for (std::size_t i = 0; i < sets.size(); ++i) sums[c].add(fold.held_out.truth[i], sets[i]);
    }
  }
  std::vector<CrossValidated> values;
  for (const MetricAccumulator& sum : sums) {
    values.push_back({sum.result(f_beta_metric(options, Average::micro)).value,
                      sum.result(f_beta_metric(options, Average::macro)).value});
  }
  return values;
}

void finish(TunedThresholds& tuned, std::vector<LabelId> rare, const ScoreMatrix& scores,
            std::span<const LabelSet> truth, const PerLabelOptions& options, double pooled) {
  pool_labels(tuned, std::move(rare), options, [&] { return pooled; });
  tuned.validation = validate(tuned.thresholds, scores, truth,
                              f_beta_metric(options, Average::macro), options.convention);
}

/// The sets of the first `count` cells.
std::vector<LabelSet> sets_of(const std::vector<Cell>& cells, std::size_t count,
                              const ScoreMatrix& scores, bool top1_if_empty) {
  std::vector<LabelSet> sets(scores.num_rows);
  for (std::size_t c = 0; c < count; ++c) sets[cells[c].row].insert(cells[c].label);
  if (top1_if_empty) fill_empty(sets, scores);
  return sets;
}

}  // namespace

TunedThresholds tune_shrunk(const ScoreMatrix& scores, TuningTruth tuning_truth,
                            const PerLabelOptions& options, const CrossValidation& folds) {
  const std::span<const LabelSet> truth = tuning_truth.rows();
  check_scores("tune_shrunk", scores, truth);
  check_options(options);
  const LabelOptima optima = find_optima(scores, truth, options);
  std::vector<LabelId> rare = rare_labels(optima.positives, options);
  const auto micro_f = [&](const Thresholds& thresholds) {
    return validate(thresholds, scores, truth, f_beta_metric(options, Average::micro),
                    options.convention)
        .value;
  };
  const std::vector<CrossValidated> values =
      cross_validate(scores, truth, options, folds, kStrengths.size(),
                     [&](const LabelOptima& of_fold, std::size_t candidate) {
                       return shrink(of_fold, kStrengths[candidate], rare, options);
                     });
  TunedThresholds tuned;
  tuned.thresholds = shrink(optima, kInfinity, rare, options);
  const double global_micro = micro_f(tuned.thresholds);
  std::size_t best = 0;
  for (std::size_t c = 1; c < values.size(); ++c) {
    if (values[c].micro < values[0].micro - kLargestMicroLoss) continue;
    if (values[c].macro <= values[best].macro + kTolerance) continue;
    Thresholds thresholds = shrink(optima, kStrengths[c], rare, options);
    if (micro_f(thresholds) < global_micro - kLargestMicroLoss) continue;
    best = c;
    tuned.thresholds = std::move(thresholds);
  }
  finish(tuned, std::move(rare), scores, truth, options, optima.pooled);
  return tuned;
}

TunedThresholds tune_scut_fbr(const ScoreMatrix& scores, TuningTruth tuning_truth,
                              FbrFallback fallback, std::optional<double> floor,
                              const PerLabelOptions& options, const CrossValidation& folds) {
  const std::span<const LabelSet> truth = tuning_truth.rows();
  check_scores("tune_scut_fbr", scores, truth);
  check_options(options);
  if (floor && !(*floor >= 0.0 && *floor <= 1.0)) {
    throw std::invalid_argument(
        fmt::format("tune_scut_fbr: the floor of F-beta must be in [0, 1], got {}", *floor));
  }
  const LabelOptima optima = find_optima(scores, truth, options);
  std::vector<LabelId> rare = rare_labels(optima.positives, options);
  if (!floor) {
    const std::vector<CrossValidated> values =
        cross_validate(scores, truth, options, folds, kFloors.size(),
                       [&](const LabelOptima& of_fold, std::size_t candidate) {
                         return hold_to_floor(of_fold, kFloors[candidate], fallback, rare, options);
                       });
    std::size_t best = 0;
    for (std::size_t c = 1; c < values.size(); ++c) {
      if (values[c].macro > values[best].macro + kTolerance) best = c;
    }
    floor = kFloors[best];
  }
  TunedThresholds tuned;
  tuned.thresholds = hold_to_floor(optima, *floor, fallback, rare, options);
  finish(tuned, std::move(rare), scores, truth, options, optima.pooled);
  return tuned;
}

TunedRule tune_top_k(const ScoreMatrix& scores, TuningTruth tuning_truth, const Metric& metric,
                     const Convention& convention, bool top1_if_empty) {
  const std::span<const LabelSet> truth = tuning_truth.rows();
  check_scores("tune_top_k", scores, truth);
  check_metric(metric);
  check_convention(convention);
  std::vector<Cell> cells;
  cells.reserve(scores.values.size());
  const std::size_t num_rows = scores.num_rows;
  for (std::size_t i = 0; i < num_rows; ++i) {
    const std::vector<LabelId> ranking = ranked_labels(scores.row(i));
    for (std::size_t r = 0; r < ranking.size(); ++r) {
      cells.push_back({-static_cast<double>(r), i, ranking[r]});
    }
  }
  sort_cells(cells);
  const Cut cut = best_for_metric(cells, scores, truth, metric, convention, top1_if_empty);
  const std::size_t count = std::max(cut.count, top1_if_empty ? num_rows : 0);
  return {TopK{count / num_rows}, evaluate(metric, truth, sets_of(cells, count, scores, false),
                                           scores.num_labels, convention)};
}

TunedRule tune_shares(const ScoreMatrix& scores, TuningTruth tuning_truth, const Metric& metric,
                      const Convention& convention, bool top1_if_empty) {
  const std::span<const LabelSet> truth = tuning_truth.rows();
  check_scores("tune_shares", scores, truth);
  check_metric(metric);
  check_convention(convention);
  const std::vector<std::uint64_t> positives = count_positives(truth, scores.num_labels);
  // Cells by the x at which they are taken: the middle rank of their equals over the positives, a
  // ratio of integers, so that equal ratios are equal numbers.
  std::vector<Cell> cells;
  for (std::size_t l = 0; l < scores.num_labels; ++l) {
    if (positives[l] == 0) continue;
    const std::vector<Cell> column = sorted_column(scores, static_cast<LabelId>(l));
    for (std::size_t begin = 0, end = 0; begin < column.size(); begin = end) {
      while (end < column.size() && column[end].score == column[begin].score) ++end;
      const double x = static_cast<double>(begin + end) / (2.0 * static_cast<double>(positives[l]));
      for (std::size_t c = begin; c < end; ++c) {
        cells.push_back({-x, column[c].row, column[c].label});
      }
    }
  }
  sort_cells(cells);
  const Cut cut = best_for_metric(cells, scores, truth, metric, convention, false);
  const double x = cells.empty() ? 0.0 : std::max(-threshold_after(cells, cut.count), 0.0);
  ShareCut rule{{}, top1_if_empty};
  for (const std::uint64_t count : positives) {
    rule.shares.push_back(x * static_cast<double>(count) / static_cast<double>(scores.num_rows));
  }
  return {rule, evaluate(metric, truth, sets_of(cells, cut.count, scores, top1_if_empty),
                         scores.num_labels, convention)};
}

}  // namespace labelbeam::eval
