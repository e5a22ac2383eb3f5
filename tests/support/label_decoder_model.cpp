#include "label_decoder_model.h"

#include <cmath>

namespace labelbeam::test_support {
namespace {

double spread(CounterRng& random, double width) { return width * (2.0 * random.uniform() - 1.0); }

}  // namespace

LabelDecoderModel::LabelDecoderModel(std::size_t num_labels, std::size_t num_documents,
                                     std::uint64_t seed)
    : num_documents_(num_documents), seed_(seed) {
  semantics_.num_labels = num_labels;
  semantics_.max_size = num_labels;
  semantics_.order = LabelOrder::by_frequency(std::vector<std::uint64_t>(num_labels));
  CounterRng random(seed);
  for (std::size_t i = 0; i < num_documents; ++i) {
    for (std::size_t l = 0; l < num_labels; ++l) {
      const bool relevant = random.uniform() < 3.0 / static_cast<double>(num_labels);
      relevance_.push_back((relevant ? 2.0 : -4.5) + spread(random, 2.0));
    }
  }
}

void LabelDecoderModel::start(std::span<StateId> roots) {
  for (std::size_t i = 0; i < roots.size(); ++i) roots[i] = make({i, 1, 0});
}

void LabelDecoderModel::logits(std::span<const StateId> states, std::span<float> out) {
  const std::size_t num_labels = semantics_.num_labels;
  for (std::size_t r = 0; r < states.size(); ++r) {
    const State& state = states_[states[r]];
    const double* relevance = &relevance_[state.document * num_labels];
    float* row = &out[r * semantics_.num_tokens()];
    CounterRng random(seed_, {state.document, state.prefix});
    double skipped = 0.0;  // the log probability that no label so far is in the set
    for (std::size_t l = 0; l < num_labels; ++l) {
      const bool may_follow = l >= state.next;
      const double log_absent = may_follow ? -std::log1p(std::exp(relevance[l])) : 0.0;
      row[l] = static_cast<float>(skipped + log_absent + relevance[l] + spread(random, 0.7));
      skipped += log_absent;
    }
    row[num_labels] = static_cast<float>(skipped + spread(random, 0.7));
  }
  ++num_calls_;
}

void LabelDecoderModel::advance(std::span<const StateId> parents, std::span<const LabelId> labels,
                                std::span<StateId> children) {
  for (std::size_t r = 0; r < parents.size(); ++r) {
    const State parent = states_[parents[r]];
    const std::uint64_t prefix = (parent.prefix ^ (labels[r] + 1)) * 0x9e3779b97f4a7c15u;
    children[r] = make({parent.document, prefix ^ (prefix >> 29), labels[r] + std::size_t{1}});
  }
}

void LabelDecoderModel::release(std::span<const StateId> states) {
  free_.insert(free_.end(), states.begin(), states.end());
}

StateId LabelDecoderModel::make(State state) {
  if (free_.empty()) {
    states_.push_back(state);
    return static_cast<StateId>(states_.size() - 1);
  }
  const StateId id = free_.back();
  free_.pop_back();
  states_[id] = state;
  return id;
}

}  // namespace labelbeam::test_support
