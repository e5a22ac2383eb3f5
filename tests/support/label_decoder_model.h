#pragma once

#include <labelbeam/random.h>
#include <labelbeam/step_model.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace labelbeam::test_support {

/// A model with the shape of a trained label decoder under a fixed order, without one.
///
/// Labels are in a set independently with p = sigmoid(relevance to the document), factorised by
/// label: log p(next is l) = log p_l + the sum of log(1 - p_j) over the labels between; END: over
/// all that are left. A term in [-0.7, 0.7] of the prefix is added to every logit. Three labels a
/// document on average are relevant (2 +- 2), the others not (-4.5 +- 2): chosen for sets of two to
/// three labels of which the most probable has a third to a half of the mass.
class LabelDecoderModel : public StepModel {
 public:
  LabelDecoderModel(std::size_t num_labels, std::size_t num_documents, std::uint64_t seed);

  const SetSemantics& semantics() const override { return semantics_; }
  std::size_t num_documents() const override { return num_documents_; }
  void start(std::span<StateId> roots) override;
  void logits(std::span<const StateId> states, std::span<float> out) override;
  void advance(std::span<const StateId> parents, std::span<const LabelId> labels,
               std::span<StateId> children) override;
  void release(std::span<const StateId> states) override;

  std::size_t num_calls() const { return num_calls_; }

 private:
  struct State {
    std::size_t document;
    std::uint64_t prefix;
    std::size_t next;  // the first label that may follow
  };

  StateId make(State state);

  SetSemantics semantics_;
  std::size_t num_documents_;
  std::uint64_t seed_;
  std::vector<double> relevance_;  // [B, L]
  std::vector<State> states_;
  std::vector<StateId> free_;
  std::size_t num_calls_ = 0;
};

}  // namespace labelbeam::test_support
