#include <fmt/format.h>
#include <labelbeam/eval/compensated_sum.h>
#include <labelbeam/eval/optimised_thresholds.h>
#include <labelbeam/random.h>
#include <nlopt.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <new>
#include <stdexcept>

#include "score_checks.h"
#include "smoothed_f_beta.h"
#include "tuning_support.h"

namespace labelbeam::eval {
namespace {

constexpr std::uint64_t kHopStream = 0x686f7073;
constexpr double kRelativeGain = 1e-7;  // a local search stops below this gain
constexpr double kMargin = 1.0;         // how far thresholds may leave a label's scores

void check_search(const Metric& metric, const BasinHopping& search) {
  check_metric(metric);
  if (metric.kind != MetricKind::f_beta || metric.average == Average::weighted) {
    throw std::invalid_argument(fmt::format(
        "tune_smoothed: the metric must be F-beta by micro, macro or samples average, got {}",
        metric_name(metric)));
  }
  if (search.evaluations == 0) {
    throw std::invalid_argument("tune_smoothed: evaluations must be at least 1, got 0");
  }
  for (const auto& [name, value] : {std::pair{"step", search.step},
                                    {"temperature", search.temperature},
                                    {"width", search.width}}) {
    if (value > 0.0 && std::isfinite(value)) continue;
    throw std::invalid_argument(
        fmt::format("tune_smoothed: {} must be finite and positive, got {}", name, value));
  }
}

/// Scores of mean 0 and standard deviation 1 a label, so that one width and one step fit all labels
/// and any scale of scores.
struct StandardScores {
  ScoreMatrix scores;
  std::vector<double> means;
  std::vector<double> deviations;  ///< 1 for a label of one score

  explicit StandardScores(const ScoreMatrix& raw) : scores(raw) {
    const auto num_rows = static_cast<double>(raw.num_rows);
    for (std::size_t l = 0; l < raw.num_labels; ++l) {
      CompensatedSum sum;
      for (std::size_t i = 0; i < raw.num_rows; ++i) sum.add(raw.row(i)[l] / num_rows);
      const double mean = sum.value();
      CompensatedSum squares;
      for (std::size_t i = 0; i < raw.num_rows; ++i) {
        squares.add((raw.row(i)[l] - mean) * (raw.row(i)[l] - mean) / num_rows);
      }
      means.push_back(mean);
      deviations.push_back(squares.value() > 0.0 ? std::sqrt(squares.value()) : 1.0);
      for (std::size_t i = 0; i < raw.num_rows; ++i) scores.row(i)[l] = standard(raw.row(i)[l], l);
    }
  }

  double standard(double value, std::size_t label) const {
    return (value - means[label]) / deviations[label];
  }
  double raw(double value, std::size_t label) const {
    return means[label] + value * deviations[label];
  }
};

/// Maximises a smoothed F-beta over the thresholds that are not held.
class LocalSearch {
 public:
  LocalSearch(SmoothedFBeta& objective, const StandardScores& standard, std::vector<bool> held,
              std::size_t evaluations)
      : objective_(objective),
        held_(std::move(held)),
        optimiser_(nlopt_create(NLOPT_LD_LBFGS, static_cast<unsigned>(held_.size())),
                   &nlopt_destroy),
        lower_(held_.size()),
        upper_(held_.size()) {
    if (!optimiser_) throw std::bad_alloc();
    for (std::size_t l = 0; l < held_.size(); ++l) {
      double lowest = standard.scores.row(0)[l];
      double highest = lowest;
      for (std::size_t i = 0; i < standard.scores.num_rows; ++i) {
        lowest = std::min(lowest, standard.scores.row(i)[l]);
        highest = std::max(highest, standard.scores.row(i)[l]);
      }
      lower_[l] = lowest - kMargin;
      upper_[l] = highest + kMargin;
    }
    nlopt_set_max_objective(optimiser_.get(), &LocalSearch::evaluate, this);
    nlopt_set_ftol_rel(optimiser_.get(), kRelativeGain);
    nlopt_set_maxeval(optimiser_.get(), static_cast<int>(evaluations));
  }
  LocalSearch(const LocalSearch&) = delete;
  LocalSearch& operator=(const LocalSearch&) = delete;

  /// The best thresholds seen on the way from `start`, and their value.
  double run(std::vector<double>& thresholds) {
    std::vector<double> lower = lower_;
    std::vector<double> upper = upper_;
    for (std::size_t l = 0; l < held_.size(); ++l) {
      if (held_[l]) lower[l] = upper[l] = thresholds[l];
      thresholds[l] = std::clamp(thresholds[l], lower[l], upper[l]);
    }
    nlopt_set_lower_bounds(optimiser_.get(), lower.data());
    nlopt_set_upper_bounds(optimiser_.get(), upper.data());
    best_value_ = objective_.value(thresholds, {});
    best_ = thresholds;
    double value = 0.0;
    // A search that ends on rounding or on a flat stretch is a failure to NLopt; what it saw is
    // kept all the same.
    nlopt_optimize(optimiser_.get(), thresholds.data(), &value);
    thresholds = best_;
    return best_value_;
  }

 private:
  static double evaluate(unsigned size, const double* thresholds, double* gradient, void* data) {
    auto& self = *static_cast<LocalSearch*>(data);
    const std::span<const double> at(thresholds, size);
    const std::span<double> slope(gradient, gradient == nullptr ? 0 : size);
    const double value = self.objective_.value(at, slope);
    for (std::size_t l = 0; l < slope.size(); ++l) {
      if (self.held_[l]) slope[l] = 0.0;
    }
    if (value > self.best_value_) {
      self.best_value_ = value;
      self.best_.assign(at.begin(), at.end());
    }
    return value;
  }

  SmoothedFBeta& objective_;
  std::vector<bool> held_;
  std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)> optimiser_;
  std::vector<double> lower_;
  std::vector<double> upper_;
  std::vector<double> best_;
  double best_value_ = 0.0;
};

}  // namespace

TunedThresholds tune_smoothed(const ScoreMatrix& scores, TuningTruth tuning_truth,
                              const Metric& f_beta, const PerLabelOptions& options,
                              const BasinHopping& search) {
  const std::span<const LabelSet> truth = tuning_truth.rows();
  check_scores("tune_smoothed", scores, truth);
  check_search(f_beta, search);
  check_convention(options.convention);
  std::vector<LabelId> rare = rare_labels(count_positives(truth, scores.num_labels), options);
  const double pooled =
      best_global(scores, truth, f_beta, options.convention, options.top1_if_empty);

  const StandardScores standard(scores);
  std::vector<bool> held(scores.num_labels);
  std::vector<double> current(scores.num_labels);
  for (std::size_t l = 0; l < scores.num_labels; ++l) {
    const std::vector<Cell> column = sorted_column(scores, static_cast<LabelId>(l));
    held[l] =
        is_among(rare, static_cast<LabelId>(l)) || column.front().score == column.back().score;
    current[l] = standard.standard(pooled, l);
  }

  TunedThresholds tuned;
  tuned.thresholds = Thresholds::uniform(scores.num_labels, pooled, options.top1_if_empty);
  tuned.validation = validate(tuned.thresholds, scores, truth, f_beta, options.convention);
  const auto keep_if_better = [&](const std::vector<double>& candidate) {
    Thresholds thresholds = tuned.thresholds;
    for (std::size_t l = 0; l < candidate.size(); ++l) {
      if (!held[l]) thresholds.values[l] = standard.raw(candidate[l], l);
    }
    const MetricValue value = validate(thresholds, scores, truth, f_beta, options.convention);
    if (value.value <= tuned.validation->value) return;
    tuned.thresholds = std::move(thresholds);
    tuned.validation = value;
  };

  SmoothedFBeta objective(standard.scores, truth, f_beta, search.width);
  LocalSearch local(objective, standard, held, search.evaluations);
  CounterRng rng(search.seed, {kHopStream});
  double current_value = local.run(current);
  keep_if_better(current);
  for (std::size_t hop = 0; hop < search.hops; ++hop) {
    std::vector<double> next = current;
    for (std::size_t l = 0; l < next.size(); ++l) {
      const double step = search.step * rng.normal();
      if (!held[l]) next[l] += step;
    }
    const double value = local.run(next);
    keep_if_better(next);
    const double chance = std::exp((value - current_value) / search.temperature);
    if (rng.uniform() < chance) {
      current = std::move(next);
      current_value = value;
    }
  }
  pool_labels(tuned, std::move(rare), options, [&] { return pooled; });
  return tuned;
}

}  // namespace labelbeam::eval
