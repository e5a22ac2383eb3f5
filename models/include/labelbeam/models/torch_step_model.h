#pragma once

#include <labelbeam/models/set_model.h>
#include <labelbeam/step_model.h>

#include <span>
#include <vector>

namespace labelbeam::models {

/// A decoding session of a trained model over one batch of documents: the reference `StepModel`.
///
/// States live as rows of growing tensors and are stepped by index. Where a call's rows are spread
/// unevenly over the documents they are padded to the fullest document, so calls that treat
/// documents alike (as a beam does) waste nothing.
class TorchStepModel final : public StepModel {
 public:
  /// Keeps `model` alive; `encoding` is that of the batch.
  TorchStepModel(SetModel model, const Encoding& encoding);

  const SetSemantics& semantics() const override { return model_->semantics(); }
  std::size_t num_documents() const override { return num_documents_; }
  void start(std::span<StateId> roots) override;
  void logits(std::span<const StateId> states, std::span<float> out) override;
  void advance(std::span<const StateId> parents, std::span<const LabelId> labels,
               std::span<StateId> children) override;
  void release(std::span<const StateId> states) override;

 private:
  /// Stores rows of `state` under new handles. `documents`: the document of each row.
  void store(const DecoderState& state, std::span<const std::size_t> documents,
             std::span<StateId> handles);

  SetModel model_;
  Encoding encoding_;
  DecoderMemory memory_;
  std::size_t num_documents_;
  DecoderState pool_;                     // [capacity, D_h] each
  std::vector<std::size_t> document_of_;  // [capacity]
  std::vector<StateId> free_;
};

}  // namespace labelbeam::models
