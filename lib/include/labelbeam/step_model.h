#pragma once

#include <labelbeam/set_semantics.h>

#include <cstdint>
#include <span>

namespace labelbeam {

/// Handle of a decoder state: what the model remembers of one document and one prefix of labels.
using StateId = std::uint32_t;

/// The seam between models and searches: a model that scores the next label given a prefix.
///
/// One object is one decoding session: one batch of documents, one thread. A const trained model
/// opens any number of sessions. States are made once and stepped by handle; hidden state is never
/// copied about, so that one model serves beam, best-first, sampling and permutation sums alike.
class StepModel {
 public:
  virtual ~StepModel() = default;

  virtual const SetSemantics& semantics() const = 0;
  virtual std::size_t num_documents() const = 0;

  /// Makes one state a document, before any label. `roots`: [B].
  virtual void start(std::span<StateId> roots) = 0;

  /// The scores of every next token, unmasked and not normalised.
  /// `states`: [R]; `out`: [R, V] row-major. -inf means impossible; NaN and +inf are faults.
  virtual void logits(std::span<const StateId> states, std::span<float> out) = 0;

  /// Steps each parent by one label; parents stay alive. `parents`, `labels`, `children`: [R].
  /// Labels are below L: END is never stepped.
  virtual void advance(std::span<const StateId> parents, std::span<const LabelId> labels,
                       std::span<StateId> children) = 0;

  /// Gives states back, each id once; their handles may be used again by later calls.
  virtual void release(std::span<const StateId> states) = 0;
};

}  // namespace labelbeam
