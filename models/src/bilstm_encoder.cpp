#include <labelbeam/models/bilstm_encoder.h>

#include <cmath>
#include <limits>

namespace labelbeam::models {
namespace {

/// For every position of a padded batch, the position it swaps with when each document is reversed
/// within its own length; padding stays where it is. [B * T] flat indices. Its own inverse.
torch::Tensor reversal(const TokenBatch& batch) {
  const std::int64_t rows = batch.ids.size(0);
  const std::int64_t steps = batch.ids.size(1);
  const auto options = batch.lengths.options();
  const torch::Tensor position = torch::arange(steps, options).unsqueeze(0).expand({rows, steps});
  const torch::Tensor reversed =
      torch::where(batch.mask, batch.lengths.unsqueeze(1) - 1 - position, position);
  return (reversed + torch::arange(rows, options).unsqueeze(1) * steps).reshape(-1);
}

torch::Tensor reverse(const torch::Tensor& x, const torch::Tensor& index) {
  return x.reshape({-1, x.size(2)}).index_select(0, index).view(x.sizes());
}

}  // namespace

BiLstmEncoderImpl::BiLstmEncoderImpl(const WordTables& words, const ModelOptions& options,
                                     Noise& noise)
    : options_(options) {
  trained_words_ = register_parameter("trained_words",
                                      uniform({words.trained, options.embedding_size}, 0.1, noise));
  fixed_words_ = register_buffer(
      "fixed_words", torch::zeros({words.fixed, options.embedding_size}, trained_words_.options()));
  std::int64_t input_size = options.embedding_size;
  for (std::int64_t layer = 0; layer < options.num_layers; ++layer) {
    const std::string prefix = "layer" + std::to_string(layer);
    layers_.push_back({make_lstm(prefix + "_forward", input_size, noise),
                       make_lstm(prefix + "_backward", input_size, noise)});
    input_size = memory_size(options);
  }
  const double bound = 1.0 / std::sqrt(static_cast<double>(input_size));
  attention_weight_ =
      register_parameter("attention_weight", uniform({input_size, input_size}, bound, noise));
  attention_bias_ = register_parameter("attention_bias", uniform({input_size}, bound, noise));
  attention_context_ = register_parameter("attention_context", uniform({input_size}, bound, noise));
}

BiLstmEncoderImpl::Lstm BiLstmEncoderImpl::make_lstm(const std::string& name,
                                                     std::int64_t input_size, Noise& noise) {
  const std::int64_t hidden = options_.hidden_size;
  const double bound = 1.0 / std::sqrt(static_cast<double>(hidden));
  return {register_parameter(name + "_input", uniform({4 * hidden, input_size}, bound, noise)),
          register_parameter(name + "_recurrent", uniform({4 * hidden, hidden}, bound, noise)),
          register_parameter(name + "_input_bias", uniform({4 * hidden}, bound, noise)),
          register_parameter(name + "_recurrent_bias", uniform({4 * hidden}, bound, noise))};
}

torch::Tensor BiLstmEncoderImpl::look_up(const torch::Tensor& ids) const {
  const std::int64_t trained = trained_words_.size(0);
  if (fixed_words_.size(0) == 0) return torch::embedding(trained_words_, ids);
  const torch::Tensor is_fixed = ids >= trained;
  return torch::where(is_fixed.unsqueeze(-1),
                      torch::embedding(fixed_words_, (ids - trained).clamp_min(0)),
                      torch::embedding(trained_words_, ids.masked_fill(is_fixed, 0)));
}

torch::Tensor BiLstmEncoderImpl::run(const Lstm& lstm, const torch::Tensor& inputs) const {
  const torch::Tensor zeros =
      torch::zeros({1, inputs.size(0), options_.hidden_size}, inputs.options());
  return std::get<0>(torch::lstm(inputs, {zeros, zeros},
                                 {lstm.input, lstm.recurrent, lstm.input_bias, lstm.recurrent_bias},
                                 /*has_biases=*/true, /*num_layers=*/1, /*dropout=*/0.0,
                                 /*train=*/torch::GradMode::is_enabled(), /*bidirectional=*/false,
                                 /*batch_first=*/true));
}

Encoding BiLstmEncoderImpl::forward(const TokenBatch& batch, Noise* noise) const {
  const torch::Tensor real = batch.mask.unsqueeze(2);  // [B, T, 1]
  const torch::Tensor index = reversal(batch);
  torch::Tensor x = dropout(look_up(batch.ids), options_.embedding_dropout, noise);
  torch::Tensor ahead, back;
  for (const Layer& layer : layers_) {
    // Padding is at the end, so it never precedes a real token in either direction.
    ahead = run(layer.forward, x);
    back = reverse(run(layer.backward, reverse(x, index)), index);
    x = torch::cat({ahead, back}, 2).masked_fill(~real, 0.0);
    x = dropout(x, options_.encoder_dropout, noise);
  }

  const std::int64_t hidden = options_.hidden_size;
  const torch::Tensor last = (batch.lengths - 1).view({-1, 1, 1}).expand({-1, 1, hidden});
  const torch::Tensor final_ahead = x.narrow(2, 0, hidden).gather(1, last).squeeze(1);
  const torch::Tensor final_back = x.select(1, 0).narrow(1, hidden, hidden);
  const torch::Tensor maximum =
      x.masked_fill(~real, -std::numeric_limits<float>::infinity()).amax(1);
  const torch::Tensor scores = torch::matmul(
      torch::tanh(torch::matmul(x, attention_weight_) + attention_bias_), attention_context_);
  const torch::Tensor weights =
      torch::softmax(scores.masked_fill(~batch.mask, -std::numeric_limits<float>::infinity()), 1);
  const torch::Tensor mean = torch::bmm(weights.unsqueeze(1), x).squeeze(1);
  return {x, batch.mask, torch::cat({final_ahead, final_back, maximum, mean}, 1)};
}

}  // namespace labelbeam::models
