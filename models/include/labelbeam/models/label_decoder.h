#pragma once

#include <labelbeam/graph/label_embeddings.h>
#include <labelbeam/label_set.h>
#include <labelbeam/models/bilstm_encoder.h>
#include <labelbeam/models/model_options.h>
#include <labelbeam/models/noise.h>
#include <labelbeam/set_semantics.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <span>

namespace labelbeam::models {

/// What the decoder remembers of R prefixes; D_h is its hidden size.
struct DecoderState {
  torch::Tensor hidden;    ///< [R, D_h]
  torch::Tensor cell;      ///< [R, D_h]
  torch::Tensor combined;  ///< [R, D_h]: attention output, fed to the next step and to the logits
};

/// A batch of documents as the decoder looks at them.
struct DecoderMemory {
  torch::Tensor values;  ///< [B, T, 2H]
  torch::Tensor keys;    ///< [B, T, D_h]
  torch::Tensor mask;    ///< [B, T] bool
};

/// An LSTM cell that emits the labels of a set one by one, with general attention over the
/// encoder's memory and input feeding (Luong et al. 2015): the cell reads [label embedding, last
/// combined], combined = tanh(W [hidden, context]), logits = U combined + b over L + 1 tokens.
class LabelDecoderImpl : public torch::nn::Module {
 public:
  /// The masks of training come from `semantics`, which must have a fixed order.
  LabelDecoderImpl(const SetSemantics& semantics, const ModelOptions& options, Noise& noise);

  DecoderMemory attend_to(const Encoding& encoding) const;
  /// One state a document, before any label.
  DecoderState start(const Encoding& encoding, const DecoderMemory& memory) const;

  /// Steps states by labels. Row r of a state belongs to document r / K of `memory`, where
  /// K = R / B: every document has the same number of rows. `labels`: [R] int64, in 0 .. L-1.
  DecoderState step(const DecoderState& state, const torch::Tensor& labels,
                    const DecoderMemory& memory) const;

  /// [R, V] logits, unmasked.
  torch::Tensor logits(const torch::Tensor& combined) const;

  /// -log p(set | x) of each document under the fixed order, mask before softmax: [B] nats.
  torch::Tensor nll(const Encoding& encoding, std::span<const LabelSet* const> sets,
                    Noise* noise) const;

  /// Starts the output biases at the log frequencies of the tokens (smoothed by half a count); END
  /// ends each of the `num_documents` sequences. `counts`: [L].
  void start_biases(std::span<const std::uint64_t> counts, std::uint64_t num_documents);

  /// Starts the first columns of the labels' embeddings from [L, d] others, brought to the mean
  /// square of the random numbers they replace. Further columns, labels at zero and the start's
  /// embedding stay random. Throws `std::invalid_argument` for embeddings of another L or not of L
  /// d numbers.
  void start_label_embeddings(const LabelEmbeddings& embeddings);

 private:
  struct StepMatrices;

  StepMatrices step_matrices(const DecoderMemory& memory) const;
  StepMatrices training_matrices(const Encoding& encoding) const;
  DecoderState start(const Encoding& encoding, const StepMatrices& matrices) const;
  /// Steps the first `documents` documents of the memory.
  DecoderState step(const DecoderState& state, const torch::Tensor& labels, std::int64_t documents,
                    const StepMatrices& matrices) const;
  torch::Tensor add(const std::string& name, torch::IntArrayRef shape, std::int64_t fan_in,
                    Noise& noise);

  SetSemantics semantics_;
  double dropout_;
  torch::Tensor masks_;  // [L + 1, V]: 0 or -inf; row 0: root, row r + 1: after the label of rank r
  torch::Tensor label_embeddings_;  // [L + 1, E_l]; row L stands for the start
  torch::Tensor input_, recurrent_, input_bias_, recurrent_bias_;  // the cell
  torch::Tensor start_weight_, start_bias_;                        // [6H, 2 D_h], [2 D_h]
  torch::Tensor key_weight_;                                       // [2H, D_h]
  torch::Tensor combine_weight_, combine_bias_;                    // [D_h + 2H, D_h], [D_h]
  torch::Tensor output_weight_, output_bias_;                      // [D_h, V], [V]
};
TORCH_MODULE(LabelDecoder);

}  // namespace labelbeam::models
