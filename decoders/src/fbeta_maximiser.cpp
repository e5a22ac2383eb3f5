#include "fbeta_maximiser.h"

#include <algorithm>

namespace labelbeam::decoders {

LabelId lowest_absent(const std::vector<LabelId>& labels, std::size_t num_labels) {
  LabelId absent = 0;
  while (absent < labels.size() && labels[absent] == absent) ++absent;
  return std::min(absent, static_cast<LabelId>(num_labels));
}

FbetaMaximiser::FbetaMaximiser(const SizeMarginals& marginals, double beta)
    : marginals_(marginals),
      beta_squared_(beta * beta),
      labels_(marginals.labels),
      size_probs_(marginals.max_size),
      discounts_(marginals.max_size) {
  for (std::size_t i = 0; i < marginals.labels.size(); ++i) {
    for (std::size_t s = 1; s <= marginals.max_size; ++s) {
      size_probs_[s - 1] += marginals.row(i)[s - 1] / static_cast<double>(s);
    }
  }
  const LabelId absent = lowest_absent(labels_, marginals.num_labels);
  if (absent < marginals.num_labels) labels_.push_back(absent);
}

FbetaMaximiser::Best FbetaMaximiser::best_of_size(std::size_t size) {
  const auto k = static_cast<double>(size);
  for (std::size_t s = 1; s <= marginals_.max_size; ++s) {
    discounts_[s - 1] = (1.0 + beta_squared_) / (beta_squared_ * static_cast<double>(s) + k);
  }
  gains_.clear();
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    double gain = 0.0;
    if (i < marginals_.labels.size()) {
      const std::span<const double> row = marginals_.row(i);
      for (std::size_t s = 0; s < row.size(); ++s) gain += row[s] * discounts_[s];
    }
    gains_.push_back({gain, labels_[i]});
  }
  const std::size_t sorted = std::min(size + 1, gains_.size());
  std::partial_sort(gains_.begin(), gains_.begin() + static_cast<std::ptrdiff_t>(sorted),
                    gains_.end(), [](const Gain& a, const Gain& b) {
                      return a.value != b.value ? a.value > b.value : a.label < b.label;
                    });
  Best best;
  std::vector<LabelId> labels;
  double all_but_last = 0.0;
  for (std::size_t i = 0; i < size; ++i) {
    labels.push_back(gains_[i].label);
    if (i + 1 < size) all_but_last += gains_[i].value;
  }
  best.labels = LabelSet(labels);
  best.value = all_but_last + gains_[size - 1].value;
  if (size < sorted) best.runner_up = all_but_last + gains_[size].value;
  return best;
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
