#include <fmt/format.h>
#include <labelbeam/eval/optimised_thresholds.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "folds.h"
#include "score_checks.h"
#include "tuning_support.h"

namespace labelbeam::eval {
namespace {

constexpr std::size_t kMaxRounds = 50;

void check_f_beta(const char* who, const Metric& metric, bool samples_too) {
  check_metric(metric);
  const bool fits = metric.kind == MetricKind::f_beta &&
                    (metric.average == Average::micro || metric.average == Average::macro ||
                     (samples_too && metric.average == Average::samples));
  if (fits) return;
  throw std::invalid_argument(
      fmt::format("{}: the metric must be F-beta by micro{} or macro average, got {}", who,
                  samples_too ? ", samples" : "", metric_name(metric)));
}

/// What is optimal for F-beta F* on calibrated probabilities; nothing is predicted for F* = 0.
double share_of_optimum(const std::vector<Cell>& cells, double optimum, double beta) {
  return optimum > 0.0 ? optimum / (1.0 + beta * beta) : threshold_after(cells, 0);
}

/// The sweeps of all labels, each given what the others predict.
class CyclicSearch {
 public:
  CyclicSearch(const ScoreMatrix& scores, std::span<const LabelSet> truth, const Metric& metric,
               const Convention& convention)
      : truth_(truth), metric_(metric), convention_(convention) {
    const std::vector<std::uint64_t> positives = count_positives(truth, scores.num_labels);
    for (std::size_t l = 0; l < scores.num_labels; ++l) {
      columns_.push_back(sorted_column(scores, static_cast<LabelId>(l)));
      counts_.push_back({0.0, 0.0, static_cast<double>(positives[l])});
    }
  }

  std::vector<double> run(std::vector<double> thresholds, const std::vector<LabelId>& held) {
    for (std::size_t l = 0; l < columns_.size(); ++l) counts_[l] = count(l, thresholds[l]);
    for (std::size_t round = 0; round < kMaxRounds; ++round) {
      bool gained = false;
      for (std::size_t l = 0; l < columns_.size(); ++l) {
        if (!is_among(held, static_cast<LabelId>(l))) gained |= improve(l, thresholds[l]);
      }
      if (!gained) break;
    }
    return thresholds;
  }

 private:
  Confusion count(std::size_t label, double threshold) const {
    Confusion counts{0.0, 0.0, counts_[label].actual};
    for (const Cell& cell : columns_[label]) {
      if (cell.score < threshold) break;
      add(counts, cell);
    }
    return counts;
  }

  void add(Confusion& counts, const Cell& cell) const {
    counts.predicted += 1.0;
    if (truth_[cell.row].contains(cell.label)) counts.true_positives += 1.0;
  }

  /// The counts of all other labels, for micro F-beta; none for macro F-beta.
  Confusion others(std::size_t label) const {
    Confusion sum;
    if (metric_.average == Average::macro) return sum;
    for (std::size_t l = 0; l < counts_.size(); ++l) {
      if (l == label) continue;
      sum.true_positives += counts_[l].true_positives;
      sum.predicted += counts_[l].predicted;
      sum.actual += counts_[l].actual;
    }
    return sum;
  }

  bool improve(std::size_t label, double& threshold) {
    const Confusion rest = others(label);
    const auto f_beta = [&](const Confusion& own) {
      return ratio_value(metric_,
                         {rest.true_positives + own.true_positives, rest.predicted + own.predicted,
                          rest.actual + own.actual},
                         convention_)
          .value;
    };
    Confusion counts{0.0, 0.0, counts_[label].actual};
    const Cut cut = best_cut(
        columns_[label], [&](const Cell& cell) { add(counts, cell); },
        [&] { return f_beta(counts); });
    if (cut.quality <= f_beta(counts_[label]) + kTolerance) return false;
    threshold = threshold_after(columns_[label], cut.count);
    counts_[label] = count(label, threshold);
    return true;
  }

  std::span<const LabelSet> truth_;
  Metric metric_;
  Convention convention_;
  std::vector<std::vector<Cell>> columns_;
  std::vector<Confusion> counts_;  ///< at the thresholds of the moment
};

}  // namespace

void check_probabilities(const std::string& who, const ScoreMatrix& scores) {
  for (std::size_t i = 0; i < scores.num_rows; ++i) {
    for (const double score : scores.row(i)) {
      if (score >= 0.0 && score <= 1.0) continue;
      throw std::invalid_argument(fmt::format(
          "{} needs probabilities, but row {} has the score {}, which is outside [0, 1]", who, i,
          score));
    }
  }
}

double cost_threshold(double false_positive_cost, double false_negative_cost) {
  const double sum = false_positive_cost + false_negative_cost;
  if (!(false_positive_cost >= 0.0 && false_negative_cost >= 0.0 && sum > 0.0 &&
        std::isfinite(sum))) {
    throw std::invalid_argument(fmt::format(
        "cost_threshold: costs must be finite, not negative and not both 0, got {} and {}",
        false_positive_cost, false_negative_cost));
  }
  return false_positive_cost / sum;
}

double largest_f_threshold(double beta) {
  check_metric({MetricKind::f_beta, Average::micro, beta});
  return 1.0 / (1.0 + beta * beta);
}

TunedThresholds tune_half_f(const ScoreMatrix& scores, TuningTruth tuning_truth,
                            const Metric& f_beta, const PerLabelOptions& options) {
  const std::span<const LabelSet> truth = tuning_truth.rows();
  check_scores("tune_half_f", scores, truth);
  check_f_beta("tune_half_f", f_beta, false);
  check_convention(options.convention);
  check_probabilities("tune_half_f", scores);
  const std::vector<std::uint64_t> positives = count_positives(truth, scores.num_labels);
  const auto pooled = [&] {
    const std::vector<Cell> cells = sorted_cells(scores);
    const Metric micro{MetricKind::f_beta, Average::micro, f_beta.beta};
    const bool ever_true = std::ranges::any_of(positives, [](auto count) { return count > 0; });
    const double optimum =
        ever_true ? best_for_metric(cells, scores, truth, micro, options.convention, false).quality
                  : 0.0;
    return share_of_optimum(cells, optimum, f_beta.beta);
  };
  TunedThresholds tuned;
  tuned.thresholds = Thresholds::uniform(scores.num_labels, 0.0, options.top1_if_empty);
  if (f_beta.average == Average::micro) {
    std::ranges::fill(tuned.thresholds.values, pooled());
  } else {
    std::vector<LabelId> rare;
    for (std::size_t l = 0; l < scores.num_labels; ++l) {
      const auto label = static_cast<LabelId>(l);
      if (positives[l] == 0 || positives[l] < options.min_positives) {
        rare.push_back(label);
        continue;
      }
      const std::vector<Cell> column = sorted_column(scores, label);
      tuned.thresholds.values[l] = share_of_optimum(
          column, best_for_label(column, truth, positives[l], f_beta, options.convention).quality,
          f_beta.beta);
    }
    pool_labels(tuned, std::move(rare), options, pooled);
  }
  tuned.validation = validate(tuned.thresholds, scores, truth, f_beta, options.convention);
  return tuned;
}

TunedThresholds tune_cyclic(const ScoreMatrix& scores, TuningTruth tuning_truth,
                            const Metric& f_beta, const PerLabelOptions& options,
                            const CrossValidation& folds) {
  const std::span<const LabelSet> truth = tuning_truth.rows();
  check_scores("tune_cyclic", scores, truth);
  check_f_beta("tune_cyclic", f_beta, false);
  check_convention(options.convention);
  std::vector<LabelId> rare = rare_labels(count_positives(truth, scores.num_labels), options);
  const Metric micro{MetricKind::f_beta, Average::micro, f_beta.beta};
  const double pooled = best_global(scores, truth, micro, options.convention, false);
  const auto run = [&](const ScoreMatrix& of_rows, std::span<const LabelSet> true_sets) {
    const double start = best_global(of_rows, true_sets, f_beta, options.convention, false);
    std::vector<double> thresholds(scores.num_labels, start);
    for (const LabelId label : rare) thresholds[label] = pooled;
    return CyclicSearch(of_rows, true_sets, f_beta, options.convention)
        .run(std::move(thresholds), rare);
  };
  TunedThresholds tuned;
  tuned.thresholds = Thresholds::uniform(scores.num_labels, 0.0, options.top1_if_empty);
  const std::size_t runs = num_folds(folds, scores.num_rows);
  if (runs < 2) {
    tuned.thresholds.values = run(scores, truth);
  } else {
    for (std::size_t f = 0; f < runs; ++f) {
      const ScoredRows rows = make_fold(scores, truth, folds, f).tuned;
      const std::vector<double> of_fold = run(rows.scores, rows.truth);
      for (std::size_t l = 0; l < of_fold.size(); ++l) {
        tuned.thresholds.values[l] += of_fold[l] / static_cast<double>(runs);
      }
    }
  }
  pool_labels(tuned, std::move(rare), options, [&] { return pooled; });
  tuned.validation = validate(tuned.thresholds, scores, truth, f_beta, options.convention);
  return tuned;
}

}  // namespace labelbeam::eval
