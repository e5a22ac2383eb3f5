// Decodes a model that is a table of numbers: two labels, whose four sets have known probabilities.

#include <labelbeam/decoders/beam_search.h>

#include <array>
#include <cmath>
#include <cstdio>

namespace {

using namespace labelbeam;

/// Fixed order, labels 0 and 1: p({}) = .1, p({0}) = .2, p({0, 1}) = .4, p({1}) = .3.
class TableModel : public StepModel {
 public:
  TableModel() {
    semantics_.num_labels = 2;
    semantics_.order = LabelOrder::fixed({0, 1});
    semantics_.max_size = 2;
  }

  const SetSemantics& semantics() const override { return semantics_; }
  std::size_t num_documents() const override { return 1; }
  void start(std::span<StateId> roots) override { roots[0] = kRoot; }

  void logits(std::span<const StateId> states, std::span<float> out) override {
    for (std::size_t row = 0; row < states.size(); ++row) {
      const auto& probabilities = kTable[states[row]];
      for (std::size_t token = 0; token < probabilities.size(); ++token) {
        out[row * probabilities.size() + token] = std::log(probabilities[token]);
      }
    }
  }

  void advance(std::span<const StateId> parents, std::span<const LabelId> labels,
               std::span<StateId> children) override {
    for (std::size_t row = 0; row < parents.size(); ++row) {
      children[row] = labels[row] == 0 ? kAfter0 : kAfter1;
    }
  }

  void release(std::span<const StateId>) override {}

 private:
  static constexpr StateId kRoot = 0, kAfter0 = 1, kAfter1 = 2;
  /// A row a state: the probabilities of label 0, label 1 and END.
  static constexpr std::array<std::array<float, 3>, 3> kTable{
      {{.6F, .3F, .1F}, {0.F, 2.F / 3.F, 1.F / 3.F}, {0.F, 0.F, 1.F}}};

  SetSemantics semantics_;
};

}  // namespace

int main() {
  TableModel model;
  const SetDistribution found = decoders::BeamSearch().search(model).at(0);
  const bool right = found.sets.size() == 4 && found.sets[0].labels == LabelSet{0, 1} &&
                     std::abs(std::exp(found.sets[0].log_prob) - .4) < 1e-6 &&
                     std::abs(found.marginals[1].estimate - .7) < 1e-6;
  std::printf("p({0, 1}) = %.3f, p(1 in set) = %.3f: %s\n", std::exp(found.sets.at(0).log_prob),
              found.marginals.at(1).estimate, right ? "right" : "wrong");
  return right ? 0 : 1;
}
