// Decoding a step model of one's own, without LibTorch: two labels, a table of logits.
#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/decision.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

using namespace labelbeam;

/// A state is the set emitted so far, as bits; its row of the table scores label 0, label 1 and
/// END.
class TinyModel final : public StepModel {
 public:
  const SetSemantics& semantics() const override { return semantics_; }
  std::size_t num_documents() const override { return 1; }
  void start(std::span<StateId> roots) override { roots[0] = 0; }
  void logits(std::span<const StateId> states, std::span<float> out) override {
    for (std::size_t r = 0; r < states.size(); ++r)
      std::ranges::copy(kTable[states[r]], out.begin() + static_cast<std::ptrdiff_t>(3 * r));
  }
  void advance(std::span<const StateId> parents, std::span<const LabelId> labels,
               std::span<StateId> children) override {
    for (std::size_t r = 0; r < parents.size(); ++r) children[r] = parents[r] | 1u << labels[r];
  }
  void release(std::span<const StateId>) override {}

 private:
  static constexpr std::array<std::array<float, 3>, 4> kTable{
      {{1.0f, 0.5f, -1.0f}, {0.0f, 2.0f, 0.0f}, {0.0f, 0.0f, 1.0f}, {0.0f, 0.0f, 0.0f}}};
  SetSemantics semantics_{2, LabelOrder::fixed({0, 1}), EmptySet::allow, 2};
};

int main() {
  TinyModel model;
  const SetDistribution found = decoders::BeamSearch().search(model).front();
  for (const ScoredSet& set : found.sets) {
    std::printf("{");
    for (LabelId label : set.labels) std::printf(" %u", label);
    std::printf(" }  p = %.4f\n", std::exp(set.log_prob));
  }
  const decoders::Decision best =
      decoders::decide_fbeta(found, 1.0, decoders::EmptyConvention::zero);
  std::printf("best for F1: %zu labels, expected F1 %.4f\n", best.labels.size(),
              best.expected_utility);
  return found.certified ? 0 : 1;
}
