#pragma once

#include <labelbeam/score_matrix.h>
#include <labelbeam/step_model.h>

namespace labelbeam::decoders {

/// Independent labels as a step model, so that every search, with its constraints and completions,
/// serves them as it serves a decoder.
///
/// Under a fixed order independent labels are a chain: after a label of rank q the next one is that
/// of rank r with p_r prod_{q<j<r} (1 - p_j), and END has prod_{q<j} (1 - p_j). Probabilities pass
/// through float logits: right to about 1e-6, where `independent_distribution` is exact in double.
class IndependentStepModel : public StepModel {
 public:
  /// `probs`: [B, L], which must outlive this. Throws `std::invalid_argument` for a probability
  /// outside [0, 1], another number of labels than `semantics` has, a free order, and more than
  /// 2^32 states, that is B (L + 1).
  IndependentStepModel(const ScoreMatrix& probs, const SetSemantics& semantics);

  const SetSemantics& semantics() const override { return semantics_; }
  std::size_t num_documents() const override { return probs_.num_rows; }
  void start(std::span<StateId> roots) override;
  void logits(std::span<const StateId> states, std::span<float> out) override;
  void advance(std::span<const StateId> parents, std::span<const LabelId> labels,
               std::span<StateId> children) override;
  void release(std::span<const StateId>) override {}

 private:
  const ScoreMatrix& probs_;
  SetSemantics semantics_;
};

}  // namespace labelbeam::decoders
