#include <fmt/format.h>
#include <labelbeam/eval/propensity.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "cutoffs.h"
#include "score_checks.h"

namespace labelbeam::eval {
namespace {

/// The labels with the `count` highest scores, best first; of equal scores the lowest label.
std::vector<LabelId> top_labels(std::span<const double> scores, std::size_t count) {
  std::vector<LabelId> labels(scores.size());
  std::iota(labels.begin(), labels.end(), LabelId{0});
  const auto end = labels.begin() + static_cast<std::ptrdiff_t>(count);
  std::partial_sort(labels.begin(), end, labels.end(), [scores](LabelId a, LabelId b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  });
  labels.erase(end, labels.end());
  return labels;
}

NamedValue ratio(std::string name, const ExactSum& gain, const ExactSum& best) {
  const double whole = best.value();
  const bool undefined = whole == 0.0;
  return {std::move(name), undefined ? 0.0 : gain.value() / whole, undefined ? std::uint64_t{1} : 0,
          Convention::xmc().name()};
}

}  // namespace

std::vector<double> inverse_propensities(std::span<const std::uint64_t> label_rows,
                                         std::uint64_t num_rows, const PropensityOptions& options) {
  if (num_rows < 3) {
    throw std::invalid_argument(fmt::format(
        "inverse_propensities: the model needs at least 3 training rows, got {}", num_rows));
  }
  for (const double constant : {options.a, options.b}) {
    if (!std::isfinite(constant) || constant <= 0.0) {
      throw std::invalid_argument(fmt::format(
          "inverse_propensities: A and B must be finite and above 0, got {}", constant));
    }
  }
  const double c =
      (std::log(static_cast<double>(num_rows)) - 1.0) * std::pow(options.b + 1.0, options.a);
  std::vector<double> inverse;
  inverse.reserve(label_rows.size());
  for (const std::uint64_t rows : label_rows) {
    if (rows > num_rows) {
      throw std::invalid_argument(fmt::format(
          "inverse_propensities: a label is in {} of {} training rows", rows, num_rows));
    }
    inverse.push_back(1.0 + c * std::pow(static_cast<double>(rows) + options.b, -options.a));
  }
  return inverse;
}

PropensityAccumulator::PropensityAccumulator(std::vector<double> inverse_propensities,
                                             std::vector<std::size_t> cutoffs)
    : inverse_propensities_(std::move(inverse_propensities)),
      cutoffs_(std::move(cutoffs)),
      gains_(cutoffs_.size()) {
  check_num_labels("PropensityAccumulator", inverse_propensities_.size());
  check_cutoffs("PropensityAccumulator", cutoffs_);
  for (const double inverse : inverse_propensities_) {
    if (!std::isfinite(inverse) || inverse <= 0.0) {
      throw std::invalid_argument(fmt::format(
          "PropensityAccumulator: an inverse propensity must be finite and above 0, got {}",
          inverse));
    }
  }
  if (cutoffs_.empty()) return;
  const std::size_t depth = std::min(cutoffs_.back(), inverse_propensities_.size());
  for (std::size_t rank = 1; rank <= depth; ++rank) {
    discounts_.push_back(1.0 / std::log2(1.0 + static_cast<double>(rank)));
  }
}

void PropensityAccumulator::add(const LabelSet& truth, std::span<const double> scores,
                                double weight) {
  check_scored_row("PropensityAccumulator", truth, scores, inverse_propensities_.size(), weight);
  ++num_rows_;
  weight_.add(weight);
  std::vector<double> found;  // what each of the first ranks gains
  for (const LabelId label : top_labels(scores, discounts_.size())) {
    found.push_back(truth.contains(label) ? inverse_propensities_[label] : 0.0);
  }
  std::vector<double> best;
  for (const LabelId label : truth) best.push_back(inverse_propensities_[label]);
  std::sort(best.begin(), best.end(), std::greater<>());
  best.resize(found.size());  // ranks beyond the true labels gain 0

  for (std::size_t c = 0; c < cutoffs_.size(); ++c) {
    const std::size_t depth = std::min(cutoffs_[c], found.size());
    double precision = 0.0, best_precision = 0.0, dcg = 0.0, best_dcg = 0.0;
    for (std::size_t r = 0; r < depth; ++r) {
      precision += found[r];
      best_precision += best[r];
      dcg += found[r] * discounts_[r];
      best_dcg += best[r] * discounts_[r];
    }
    gains_[c].precision.add(weight * precision);
    gains_[c].best_precision.add(weight * best_precision);
    gains_[c].dcg.add(weight * dcg);
    gains_[c].best_dcg.add(weight * best_dcg);
  }
}

void PropensityAccumulator::merge(const PropensityAccumulator& other) {
  if (inverse_propensities_ != other.inverse_propensities_ || cutoffs_ != other.cutoffs_) {
    throw std::invalid_argument(
        "PropensityAccumulator: merging needs the same propensities and cutoffs");
  }
  num_rows_ += other.num_rows_;
  weight_.add(other.weight_);
  for (std::size_t c = 0; c < gains_.size(); ++c) {
    gains_[c].precision.add(other.gains_[c].precision);
    gains_[c].best_precision.add(other.gains_[c].best_precision);
    gains_[c].dcg.add(other.gains_[c].dcg);
    gains_[c].best_dcg.add(other.gains_[c].best_dcg);
  }
}

std::vector<NamedValue> PropensityAccumulator::results() const {
  check_total_weight("PropensityAccumulator", num_rows_, weight_.value());
  std::vector<NamedValue> values;
  for (std::size_t c = 0; c < cutoffs_.size(); ++c) {
    values.push_back(ratio(fmt::format("propensity_scored_precision_at_{}", cutoffs_[c]),
                           gains_[c].precision, gains_[c].best_precision));
    values.push_back(ratio(fmt::format("propensity_scored_ndcg_at_{}", cutoffs_[c]), gains_[c].dcg,
                           gains_[c].best_dcg));
  }
  return values;
}

}  // namespace labelbeam::eval
