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
///
/// Under `SigmoidLoss::adaptive_threshold` a threshold class has a logit too, and the outputs are
/// the labels' logits minus it: a label is predicted iff its output is above 0.
class SigmoidClassifierImpl : public torch::nn::Module {
 public:
  SigmoidClassifierImpl(std::int64_t num_labels, const ModelOptions& options, Noise& noise);

  /// [B, L] outputs, whose sigmoids are the scores.
  torch::Tensor forward(const Encoding& encoding) const;

  /// Starts the biases at the labels' log-odds (smoothed by half a count), so that rare labels are
  /// calibrated from the first step; weighted positives count as often as their weight says.
  /// `counts`: [L]; `num_documents`: n.
  void start_biases(std::span<const std::uint64_t> counts, std::uint64_t num_documents);

 private:
  SigmoidLoss loss_;
  torch::Tensor weight_;  // [L, 6H]; [L + 1, 6H] with a threshold class, which is the last
  torch::Tensor bias_;    // [L] or [L + 1]
};
TORCH_MODULE(SigmoidClassifier);

}  // namespace labelbeam::models
