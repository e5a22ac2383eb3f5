#pragma once

#include <labelbeam/models/bilstm_encoder.h>
#include <labelbeam/models/model_options.h>
#include <labelbeam/models/noise.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <span>

namespace labelbeam::models {

/// One logit a label from the encoder's summary: labels are independent given the text.
class SigmoidClassifierImpl : public torch::nn::Module {
 public:
  SigmoidClassifierImpl(std::int64_t num_labels, const ModelOptions& options, Noise& noise);

  /// [B, L] logits.
  torch::Tensor forward(const Encoding& encoding) const;

  /// Starts the biases at the labels' log-odds (smoothed by half a count), so that rare labels are
  /// calibrated from the first step. `counts`: [L]; `num_documents`: n.
  void start_biases(std::span<const std::uint64_t> counts, std::uint64_t num_documents);

 private:
  torch::Tensor weight_;  // [L, 6H]
  torch::Tensor bias_;    // [L]
};
TORCH_MODULE(SigmoidClassifier);

}  // namespace labelbeam::models
