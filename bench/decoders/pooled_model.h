#pragma once

#include <labelbeam/step_model.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <utility>
#include <vector>

namespace labelbeam::decoders::bench {

/// Costs next to nothing a row, so that what is measured is the search: a state is the number of a
/// row in a pool of random ones. Sets have about three labels.
class PooledModel : public StepModel {
 public:
  PooledModel(std::size_t num_labels, std::size_t num_documents, LabelOrder order,
              std::size_t most_labels = 16)
      : num_documents_(num_documents) {
    semantics_.num_labels = num_labels;
    semantics_.max_size = std::min(num_labels, most_labels);
    semantics_.order = std::move(order);
    std::mt19937 random(1);
    std::normal_distribution<float> logit(0.0f, 3.0f);
    pool_.resize(kPoolRows * semantics_.num_tokens());
    for (float& value : pool_) value = logit(random);
    for (std::size_t row = 0; row < kPoolRows; ++row) {
      pool_[(row + 1) * semantics_.num_tokens() - 1] = row < num_documents ? 0.0f : 7.0f;
    }
  }

  const SetSemantics& semantics() const override { return semantics_; }
  std::size_t num_documents() const override { return num_documents_; }
  void start(std::span<StateId> roots) override {
    for (std::size_t i = 0; i < roots.size(); ++i) roots[i] = static_cast<StateId>(i);
  }
  void logits(std::span<const StateId> states, std::span<float> out) override {
    const std::size_t num_tokens = semantics_.num_tokens();
    for (std::size_t r = 0; r < states.size(); ++r) {
      std::copy_n(pool_.begin() + static_cast<std::ptrdiff_t>(states[r] * num_tokens), num_tokens,
                  out.begin() + static_cast<std::ptrdiff_t>(r * num_tokens));
    }
  }
  void advance(std::span<const StateId> parents, std::span<const LabelId> labels,
               std::span<StateId> children) override {
    const std::size_t first = num_documents_;
    for (std::size_t r = 0; r < parents.size(); ++r) {
      const std::uint32_t hash = (parents[r] * 2654435761u) ^ (labels[r] * 40503u);
      children[r] = static_cast<StateId>(first + hash % (kPoolRows - first));
    }
  }
  void release(std::span<const StateId>) override {}

 private:
  static constexpr std::size_t kPoolRows = 1024;
  SetSemantics semantics_;
  std::size_t num_documents_;
  std::vector<float> pool_;
};

}  // namespace labelbeam::decoders::bench
