#pragma once

#include <labelbeam/models/model_options.h>
#include <labelbeam/models/noise.h>
#include <labelbeam/models/token_batch.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <vector>

namespace labelbeam::models {

/// What the encoder says of a batch of documents.
struct Encoding {
  torch::Tensor memory;   ///< [B, T, 2H]; zero at padding
  torch::Tensor mask;     ///< [B, T] bool, true at real tokens
  torch::Tensor summary;  ///< [B, 6H]: final states, maximum, attention-weighted mean over tokens
};

/// How many words have a vector: ids 0 .. trained-1 learn (padding, the unknown word and the words
/// of the training data), ids trained .. trained+fixed-1 keep the vectors they are given.
struct WordTables {
  std::int64_t trained = 2;
  std::int64_t fixed = 0;

  bool operator==(const WordTables&) const = default;
};

/// Word vectors and a bidirectional LSTM over them; lengths are respected in both directions.
///
/// The summary joins three views of a document: the forward state at its *last real* token with the
/// backward state at its first, the maximum over real tokens, and their mean weighted by a learned
/// attention vector (Yang et al. 2016). Nothing is remembered from one batch to the next.
class BiLstmEncoderImpl : public torch::nn::Module {
 public:
  BiLstmEncoderImpl(const WordTables& words, const ModelOptions& options, Noise& noise);

  Encoding forward(const TokenBatch& batch, Noise* noise) const;

  /// [trained, E]; row 0 belongs to padding and never reaches an output.
  torch::Tensor trained_words() const { return trained_words_; }
  /// [fixed, E]; words whose vectors are known but which training data do not hold.
  torch::Tensor fixed_words() const { return fixed_words_; }

  static std::int64_t memory_size(const ModelOptions& options) { return 2 * options.hidden_size; }
  static std::int64_t summary_size(const ModelOptions& options) { return 6 * options.hidden_size; }

 private:
  struct Lstm {
    torch::Tensor input, recurrent, input_bias, recurrent_bias;  // [4H, E], [4H, H], [4H], [4H]
  };
  struct Layer {
    Lstm forward, backward;
  };

  Lstm make_lstm(const std::string& name, std::int64_t input_size, Noise& noise);
  torch::Tensor look_up(const torch::Tensor& ids) const;
  torch::Tensor run(const Lstm& lstm, const torch::Tensor& inputs) const;

  ModelOptions options_;
  torch::Tensor trained_words_;  // [W, E]
  torch::Tensor fixed_words_;    // [F, E]
  std::vector<Layer> layers_;
  torch::Tensor attention_weight_;   // [2H, 2H]
  torch::Tensor attention_bias_;     // [2H]
  torch::Tensor attention_context_;  // [2H]
};
TORCH_MODULE(BiLstmEncoder);

}  // namespace labelbeam::models
