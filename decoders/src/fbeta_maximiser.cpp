#include "fbeta_maximiser.h"

#include <algorithm>

namespace labelbeam::decoders {

FbetaMaximiser::FbetaMaximiser(const SizeMarginals& marginals, double beta)
    : marginals_(marginals),
      beta_squared_(beta * beta),
      size_probs_(marginals.max_size),
      discounts_(marginals.max_size) {
  for (std::size_t i = 0; i < marginals.labels.size(); ++i) {
    for (std::size_t s = 1; s <= marginals.max_size; ++s) {
      size_probs_[s - 1] += marginals.row(i)[s - 1] / static_cast<double>(s);
    }
  }
}

Decision FbetaMaximiser::best_of_size(std::size_t size) {
  const auto k = static_cast<double>(size);
  for (std::size_t s = 1; s <= marginals_.max_size; ++s) {
    discounts_[s - 1] = (1.0 + beta_squared_) / (beta_squared_ * static_cast<double>(s) + k);
  }
  gains_.clear();
  for (std::size_t i = 0; i < marginals_.labels.size(); ++i) {
    const std::span<const double> row = marginals_.row(i);
    double gain = 0.0;
    for (std::size_t s = 0; s < row.size(); ++s) gain += row[s] * discounts_[s];
    gains_.push_back({gain, marginals_.labels[i]});
  }
  const auto last = gains_.begin() + static_cast<std::ptrdiff_t>(size);
  std::partial_sort(gains_.begin(), last, gains_.end(), [](const Gain& a, const Gain& b) {
    return a.value != b.value ? a.value > b.value : a.label < b.label;
  });
  Decision decision;
  std::vector<LabelId> labels;
  for (auto gain = gains_.begin(); gain != last; ++gain) {
    labels.push_back(gain->label);
    decision.expected_utility += gain->value;
  }
  decision.labels = LabelSet(labels);
  return decision;
}

double FbetaMaximiser::bound(std::size_t size) const {
  const auto k = static_cast<double>(size);
  double bound = 0.0;
  for (std::size_t i = 0; i < size_probs_.size(); ++i) {
    const auto s = static_cast<double>(i + 1);
    bound += size_probs_[i] * (1.0 + beta_squared_) * std::min(s, k) / (beta_squared_ * s + k);
  }
  return bound;
}

}  // namespace labelbeam::decoders
