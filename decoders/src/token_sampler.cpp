#include "token_sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace labelbeam::decoders {

void TokenSampler::add_labels(const MaskedRow& row) {
  first_ = row.first();
  cumulative_.insert(cumulative_.end(), row.weights().begin() + static_cast<std::ptrdiff_t>(first_),
                     row.weights().end());
}

void TokenSampler::load(const MaskedRow& row) {
  cumulative_.assign(1, std::exp(row.end_score()));
  add_labels(row);
  std::partial_sum(cumulative_.begin(), cumulative_.end(), cumulative_.begin());
}

void TokenSampler::load_labels(const MaskedRow& row, std::span<const LabelId> excluded) {
  cumulative_.assign(1, 0.0);
  add_labels(row);
  for (LabelId position : excluded) cumulative_[position - first_ + 1] = 0.0;
  std::partial_sum(cumulative_.begin(), cumulative_.end(), cumulative_.begin());
}

LabelId TokenSampler::draw(double u) const {
  auto at = std::upper_bound(cumulative_.begin(), cumulative_.end(), u * sum());
  // Rounded up to the sum: the last that has a weight.
  if (at == cumulative_.end()) at = std::lower_bound(cumulative_.begin(), cumulative_.end(), sum());
  const auto index = static_cast<std::size_t>(at - cumulative_.begin());
  return index == 0 ? kEndPosition : static_cast<LabelId>(first_ + index - 1);
}

}  // namespace labelbeam::decoders
