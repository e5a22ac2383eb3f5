#include "masked_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "log_math.h"
#include "positions.h"

namespace labelbeam::decoders {
MaskedRow::MaskedRow(const SetSemantics& semantics, const Constraints* constraints,
                     std::string search)
    : semantics_(semantics),
      constraints_(constraints),
      search_(std::move(search)),
      scores_(semantics.num_labels),
      weights_(semantics.num_labels),
      allowed_(constraints != nullptr ? semantics.num_tokens() : 0) {
  if (constraints_ != nullptr && constraints_->semantics() != semantics_) {
    throw std::invalid_argument(search_ + ": the constraints were made for other set semantics");
  }
}

void MaskedRow::gather(std::span<const float> logits, std::span<const LabelId> emitted) {
  const std::size_t num_labels = semantics_.num_labels;
  if (semantics_.order.is_fixed()) {
    const std::vector<LabelId>& by_rank = semantics_.order.by_rank();
    first_ = emitted.empty() ? 0 : emitted.front() + 1;
    for (std::size_t i = first_; i < num_labels; ++i) scores_[i] = logits[by_rank[i]];
  } else {
    first_ = 0;
    for (std::size_t i = 0; i < num_labels; ++i) scores_[i] = logits[i];
    for (LabelId label : emitted) scores_[label] = kMinusInfinity;
  }
  const bool end_admissible = !emitted.empty() || semantics_.empty_set != EmptySet::forbid;
  end_score_ = end_admissible ? logits[semantics_.end()] : kMinusInfinity;
}

bool MaskedRow::has(ConstraintMeaning meaning) const {
  return constraints_ != nullptr && constraints_->meaning() == meaning;
}

/// Takes the scores and weights of the tokens that the constraints disallow.
void MaskedRow::disallow(std::span<const LabelId> emitted) {
  std::fill(allowed_.begin(), allowed_.end(), static_cast<unsigned char>(0));
  for (std::size_t i = first_; i < scores_.size(); ++i) {
    allowed_[label_at(semantics_, i)] = scores_[i] != kMinusInfinity;
  }
  allowed_[semantics_.end()] = end_score_ != kMinusInfinity;
  LabelSet labels;
  for (LabelId position : emitted) labels.insert(label_at(semantics_, position));
  constraints_->restrict(labels, allowed_);
  for (std::size_t i = first_; i < scores_.size(); ++i) {
    if (allowed_[label_at(semantics_, i)]) continue;
    scores_[i] = kMinusInfinity;
    weights_[i] = 0.0;
  }
  if (!allowed_[semantics_.end()]) end_score_ = kMinusInfinity;
}

void MaskedRow::load(std::span<const float> logits, std::span<const LabelId> emitted,
                     std::size_t document) {
  gather(logits, emitted);
  if (has(ConstraintMeaning::renormalise)) disallow(emitted);
  double largest = end_score_;
  bool sound = end_score_ < kInfinity;
  for (std::size_t i = first_; i < scores_.size(); ++i) {
    sound &= scores_[i] < kInfinity;  // false for NaN too
    largest = std::max(largest, scores_[i]);
  }
  if (!sound) report_fault(logits, document);
  if (largest == kMinusInfinity) {
    std::fill(weights_.begin(), weights_.end(), 0.0);
    weight_sum_ = 0.0;
    label_prob_ = 0.0;
    log_normaliser_ = 0.0;  // scores of -inf stay log probabilities of -inf
    return;
  }
  double label_sum = 0.0;
  for (std::size_t i = first_; i < scores_.size(); ++i) {
    scores_[i] -= largest;
    weights_[i] = std::exp(scores_[i]);
    label_sum += weights_[i];
  }
  end_score_ -= largest;
  weight_sum_ = label_sum + std::exp(end_score_);
  log_normaliser_ = std::log(weight_sum_);
  if (has(ConstraintMeaning::condition)) {
    disallow(emitted);
    label_sum = std::accumulate(weights_.begin() + static_cast<std::ptrdiff_t>(first_),
                                weights_.end(), 0.0);
  }
  label_prob_ = label_sum / weight_sum_;
}

void MaskedRow::report_fault(std::span<const float> logits, std::size_t document) const {
  const auto is_fault = [](double score) { return !(score < kInfinity); };
  std::size_t token = semantics_.end();
  for (std::size_t i = first_; i < scores_.size(); ++i) {
    if (!is_fault(scores_[i])) continue;
    token = label_at(semantics_, i);
    break;
  }
  throw std::invalid_argument(fmt::format("{}: document {}: the logit of token {} is {}", search_,
                                          document, token, logits[token]));
}

}  // namespace labelbeam::decoders
