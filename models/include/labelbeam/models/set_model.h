#pragma once

#include <labelbeam/models/bilstm_encoder.h>
#include <labelbeam/models/label_decoder.h>
#include <labelbeam/models/model_options.h>
#include <labelbeam/models/noise.h>
#include <labelbeam/models/sigmoid_classifier.h>
#include <labelbeam/set_semantics.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <span>

namespace labelbeam::models {

/// One encoder with a sigmoid classifier, a label decoder, or both on it.
///
/// Const members may be called from many threads at once.
class SetModelImpl : public torch::nn::Module {
 public:
  /// Throws `std::invalid_argument` for options or semantics that fail their checks.
  SetModelImpl(const WordTables& words, const SetSemantics& semantics, const ModelOptions& options,
               Noise& noise);

  const SetSemantics& semantics() const { return semantics_; }
  const ModelOptions& options() const { return options_; }
  torch::Device device() const { return encoder_->trained_words().device(); }

  Encoding encode(const TokenBatch& batch, Noise* noise) const;
  const BiLstmEncoder& encoder() const { return encoder_; }
  /// Only where the system has a sigmoid head; else `std::invalid_argument`.
  const SigmoidClassifier& classifier() const;
  /// Only where the system has a decoder; else `std::invalid_argument`.
  const LabelDecoder& decoder() const;

  /// Starts the heads' biases from the labels' counts. `counts`: [L].
  void start_biases(std::span<const std::uint64_t> counts, std::uint64_t num_documents);
  /// See `LabelDecoder::start_label_embeddings`; a model without a decoder has none to start.
  void start_label_embeddings(const LabelEmbeddings& embeddings);

 private:
  ModelOptions options_;
  SetSemantics semantics_;
  BiLstmEncoder encoder_{nullptr};
  SigmoidClassifier classifier_{nullptr};
  LabelDecoder decoder_{nullptr};
};
TORCH_MODULE(SetModel);

}  // namespace labelbeam::models
