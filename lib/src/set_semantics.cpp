#include <labelbeam/set_semantics.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace labelbeam {

void check(const SetSemantics& semantics) {
  const std::size_t num_labels = semantics.num_labels;
  if (num_labels < 1 || num_labels > kMaxLabels) {
    throw std::invalid_argument("SetSemantics: num_labels must be between 1 and " +
                                std::to_string(kMaxLabels) + ", got " + std::to_string(num_labels));
  }
  if (semantics.max_size < 1 || semantics.max_size > num_labels) {
    throw std::invalid_argument(
        "SetSemantics: max_size must be between 1 and num_labels = " + std::to_string(num_labels) +
        ", got " + std::to_string(semantics.max_size));
  }
  if (semantics.order.is_fixed() && semantics.order.by_rank().size() != num_labels) {
    throw std::invalid_argument("SetSemantics: the order ranks " +
                                std::to_string(semantics.order.by_rank().size()) +
                                " labels, but num_labels is " + std::to_string(num_labels));
  }
  if (semantics.empty_set == EmptySet::learn) {
    throw std::invalid_argument(
        "SetSemantics: EmptySet::learn is a training option; a model allows or forbids the empty "
        "set");
  }
}

EmptySet resolve(EmptySet choice, bool training_has_empty_set) {
  if (choice != EmptySet::learn) return choice;
  return training_has_empty_set ? EmptySet::allow : EmptySet::forbid;
}

void admissible_tokens(const SetSemantics& semantics, const LabelSet& emitted,
                       std::span<unsigned char> mask) {
  std::fill(mask.begin(), mask.end(), static_cast<unsigned char>(1));
  if (emitted.empty()) {
    if (semantics.empty_set == EmptySet::forbid) mask[semantics.end()] = 0;
    return;
  }
  if (!semantics.order.is_fixed()) {
    for (LabelId label : emitted) mask[label] = 0;
    return;
  }
  std::size_t last_rank = 0;
  for (LabelId label : emitted) last_rank = std::max(last_rank, semantics.order.rank(label));
  for (std::size_t rank = 0; rank <= last_rank; ++rank) mask[semantics.order.by_rank()[rank]] = 0;
}

void masked_log_softmax(std::span<const float> logits, std::span<const unsigned char> mask,
                        std::span<double> log_probs) {
  constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();
  double largest = kMinusInfinity;
  for (std::size_t v = 0; v < logits.size(); ++v) {
    if (!mask[v]) continue;
    const double logit = logits[v];
    if (std::isnan(logit) || logit == std::numeric_limits<double>::infinity()) {
      throw std::invalid_argument("masked_log_softmax: the logit of token " + std::to_string(v) +
                                  " is " + std::to_string(logit));
    }
    largest = std::max(largest, logit);
  }
  if (largest == kMinusInfinity) {
    std::fill(log_probs.begin(), log_probs.end(), kMinusInfinity);
    return;
  }
  double sum = 0.0;
  for (std::size_t v = 0; v < logits.size(); ++v) {
    if (mask[v]) sum += std::exp(static_cast<double>(logits[v]) - largest);
  }
  const double log_normaliser = largest + std::log(sum);
  for (std::size_t v = 0; v < logits.size(); ++v) {
    log_probs[v] = mask[v] ? static_cast<double>(logits[v]) - log_normaliser : kMinusInfinity;
  }
}

}  // namespace labelbeam
