#include <fmt/format.h>
#include <labelbeam/eval/probability_metrics.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "label_mean.h"
#include "score_checks.h"

namespace labelbeam::eval {
namespace {

constexpr double kLeastProbability = std::numeric_limits<double>::epsilon();
constexpr std::size_t kMaxBins = 1000;

}  // namespace

ProbabilityAccumulator::ProbabilityAccumulator(std::size_t num_labels, std::size_t num_bins)
    : num_labels_(num_labels), num_bins_(num_bins) {
  check_num_labels("ProbabilityAccumulator", num_labels);
  if (num_bins == 0 || num_bins > kMaxBins) {
    throw std::invalid_argument(fmt::format(
        "ProbabilityAccumulator: the number of bins must be 1 to {}, got {}", kMaxBins, num_bins));
  }
  labels_.resize(num_labels);
  bins_.resize(num_labels * num_bins);
}

void ProbabilityAccumulator::add(const LabelSet& truth, std::span<const double> probabilities,
                                 double weight) {
  check_scored_row("ProbabilityAccumulator", truth, probabilities, num_labels_, weight);
  for (const double p : probabilities) {
    if (p < 0.0 || p > 1.0) {
      throw std::invalid_argument(
          fmt::format("ProbabilityAccumulator: a probability must be in [0, 1], got {}", p));
    }
  }
  ++num_rows_;
  weight_.add(weight);
  auto next_true = truth.begin();
  for (std::size_t l = 0; l < num_labels_; ++l) {
    const bool is_true = next_true != truth.end() && *next_true == l;
    if (is_true) ++next_true;
    const double p = probabilities[l];
    const double of_truth = is_true ? p : 1.0 - p;

    Tally& tally = labels_[l];
    const double error = is_true ? 1.0 - p : p;
    tally.squares.add(weight * (error * error));
    tally.log_loss.add(-weight *
                       std::log(std::clamp(of_truth, kLeastProbability, 1.0 - kLeastProbability)));
    if (of_truth < kLeastProbability) ++tally.clipped;

    const auto place = static_cast<std::size_t>(p * static_cast<double>(num_bins_));
    Bin& bin = bins_[l * num_bins_ + std::min(place, num_bins_ - 1)];
    ++bin.rows;
    bin.weight.add(weight);
    bin.probability.add(weight * p);
    if (!is_true) continue;
    tally.positive.add(weight);
    bin.positive.add(weight);
  }
}

void ProbabilityAccumulator::add_bin(Bin& bin, const Bin& other) {
  bin.rows += other.rows;
  bin.weight.add(other.weight);
  bin.probability.add(other.probability);
  bin.positive.add(other.positive);
}

void ProbabilityAccumulator::merge(const ProbabilityAccumulator& other) {
  if (num_labels_ != other.num_labels_ || num_bins_ != other.num_bins_) {
    throw std::invalid_argument(
        "ProbabilityAccumulator: merging needs the same numbers of labels and bins");
  }
  num_rows_ += other.num_rows_;
  weight_.add(other.weight_);
  for (std::size_t l = 0; l < num_labels_; ++l) {
    labels_[l].squares.add(other.labels_[l].squares);
    labels_[l].log_loss.add(other.labels_[l].log_loss);
    labels_[l].positive.add(other.labels_[l].positive);
    labels_[l].clipped += other.labels_[l].clipped;
  }
  for (std::size_t b = 0; b < bins_.size(); ++b) add_bin(bins_[b], other.bins_[b]);
}

double ProbabilityAccumulator::total_weight() const {
  const double total = weight_.value();
  check_total_weight("ProbabilityAccumulator", num_rows_, total);
  return total;
}

double ProbabilityAccumulator::calibration_error(std::span<const Bin> bins) const {
  ExactSum gaps;
  ExactSum total;
  for (const Bin& bin : bins) {
    // Weight times the gap between frequency and mean probability.
    ExactSum gap = bin.positive;
    gap.subtract(bin.probability);
    gaps.add(std::abs(gap.value()));
    total.add(bin.weight);
  }
  return gaps.value() / total.value();
}

std::vector<LabelProbabilityMetrics> ProbabilityAccumulator::label_results() const {
  const double total = total_weight();
  const std::span<const Bin> bins = bins_;
  std::vector<LabelProbabilityMetrics> results;
  results.reserve(num_labels_);
  for (std::size_t l = 0; l < num_labels_; ++l) {
    results.push_back({labels_[l].squares.value() / total, labels_[l].log_loss.value() / total,
                       calibration_error(bins.subspan(l * num_bins_, num_bins_)),
                       labels_[l].clipped});
  }
  return results;
}

std::vector<NamedValue> ProbabilityAccumulator::results() const {
  LabelMean brier;
  LabelMean log_loss;
  LabelMean calibration;
  std::uint64_t clipped = 0;
  const std::vector<LabelProbabilityMetrics> of_label = label_results();
  for (std::size_t l = 0; l < num_labels_; ++l) {
    const double support = labels_[l].positive.value();
    brier.add(of_label[l].brier_score_loss, support);
    log_loss.add(of_label[l].log_loss, support);
    calibration.add(of_label[l].expected_calibration_error, support);
    clipped += of_label[l].clipped;
  }
  std::vector<Bin> pooled(num_bins_);
  for (std::size_t b = 0; b < bins_.size(); ++b) add_bin(pooled[b % num_bins_], bins_[b]);
  const std::string name = Convention::sklearn().name();
  return {
      {"brier_score_loss_macro", brier.value(Average::macro), 0, name},
      {"brier_score_loss_weighted", brier.value(Average::weighted), 0, name},
      {"log_loss_macro", log_loss.value(Average::macro), clipped, name},
      {"log_loss_weighted", log_loss.value(Average::weighted), clipped, name},
      {"expected_calibration_error_micro", calibration_error(pooled), 0, name},
      {"expected_calibration_error_macro", calibration.value(Average::macro), 0, name},
      {"expected_calibration_error_weighted", calibration.value(Average::weighted), 0, name},
  };
}

std::vector<ReliabilityBin> ProbabilityAccumulator::reliability(LabelId label) const {
  if (label >= num_labels_) {
    throw std::invalid_argument(
        fmt::format("ProbabilityAccumulator: there are {} labels, but label {} is asked for",
                    num_labels_, label));
  }
  std::vector<ReliabilityBin> curve;
  for (std::size_t b = 0; b < num_bins_; ++b) {
    const Bin& bin = bins_[label * num_bins_ + b];
    const double weight = bin.weight.value();
    if (weight == 0.0) continue;
    curve.push_back({bin.probability.value() / weight, bin.positive.value() / weight, bin.rows});
  }
  return curve;
}

std::vector<NamedValue> evaluate_probabilities(const ScoreMatrix& probabilities,
                                               std::span<const LabelSet> truth,
                                               std::span<const double> weights) {
  check_matrix("evaluate_probabilities", probabilities, truth.size(), weights.size());
  ProbabilityAccumulator rows(probabilities.num_labels);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    rows.add(truth[i], probabilities.row(i), weights.empty() ? 1.0 : weights[i]);
  }
  return rows.results();
}

}  // namespace labelbeam::eval
