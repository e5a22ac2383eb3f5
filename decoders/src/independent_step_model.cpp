#include <fmt/format.h>
#include <labelbeam/decoders/independent_step_model.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "label_probs.h"

namespace labelbeam::decoders {

// A state is all there is to know: document * (L + 1) + 1 + rank of the last label, or + 0 at the
// root.

IndependentStepModel::IndependentStepModel(const ScoreMatrix& probs, const SetSemantics& semantics)
    : probs_(probs), semantics_(semantics) {
  check(semantics_);
  if (!semantics_.order.is_fixed()) {
    throw std::invalid_argument(
        "IndependentStepModel: the label order must be fixed, got a free one");
  }
  if (probs_.num_labels != semantics_.num_labels) {
    throw std::invalid_argument(
        fmt::format("IndependentStepModel: probabilities of {} labels, but semantics of {}",
                    probs_.num_labels, semantics_.num_labels));
  }
  if (probs_.num_rows > std::numeric_limits<StateId>::max() / semantics_.num_tokens()) {
    throw std::invalid_argument(
        fmt::format("IndependentStepModel: {} documents of {} labels are more than 2^32 states",
                    probs_.num_rows, probs_.num_labels));
  }
  for (std::size_t i = 0; i < probs_.num_rows; ++i) {
    check_label_probs(probs_.row(i), semantics_.empty_set);
  }
}

void IndependentStepModel::start(std::span<StateId> roots) {
  for (std::size_t i = 0; i < roots.size(); ++i) {
    roots[i] = static_cast<StateId>(i * semantics_.num_tokens());
  }
}

void IndependentStepModel::logits(std::span<const StateId> states, std::span<float> out) {
  const std::size_t num_tokens = semantics_.num_tokens();
  for (std::size_t r = 0; r < states.size(); ++r) {
    const std::span<const double> probs = probs_.row(states[r] / num_tokens);
    const std::span<float> row = out.subspan(r * num_tokens, num_tokens);
    std::fill(row.begin(), row.end(), -std::numeric_limits<float>::infinity());
    double log_none = 0.0;  // that none of the ranks passed so far is in the set
    for (std::size_t rank = states[r] % num_tokens; rank < semantics_.num_labels; ++rank) {
      const LabelId label = semantics_.order.by_rank()[rank];
      row[label] = static_cast<float>(std::log(probs[label]) + log_none);
      log_none += std::log1p(-probs[label]);
    }
    row[semantics_.end()] = static_cast<float>(log_none);
  }
}

void IndependentStepModel::advance(std::span<const StateId> parents,
                                   std::span<const LabelId> labels, std::span<StateId> children) {
  const std::size_t num_tokens = semantics_.num_tokens();
  for (std::size_t r = 0; r < parents.size(); ++r) {
    const std::size_t root = parents[r] / num_tokens * num_tokens;
    children[r] = static_cast<StateId>(root + 1 + semantics_.order.rank(labels[r]));
  }
}

}  // namespace labelbeam::decoders
