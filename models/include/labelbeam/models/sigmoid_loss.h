#pragma once

#include <labelbeam/models/model_options.h>
#include <torch/types.h>

#include <cstdint>
#include <span>

/// Losses of the sigmoid head: pure functions of logits [B, L] and targets [B, L] (0 or 1, of the
/// logits' type) that give the loss of every row, [B]. z is a logit, p = sigmoid(z), P and N the
/// labels that a row has and has not.
namespace labelbeam::models {

/// Binary cross-entropy summed over labels: -log p(set | x) of independent labels, in nats.
/// `positive_weights`: [L], factors on the terms of P; undefined for none.
torch::Tensor independent_nll(const torch::Tensor& logits, const torch::Tensor& targets,
                              const torch::Tensor& positive_weights = {});

/// The same, averaged over labels. Without weights this is PyTorch's MultiLabelSoftMarginLoss too.
torch::Tensor bce_loss(const torch::Tensor& logits, const torch::Tensor& targets,
                       const torch::Tensor& positive_weights = {});

/// No weight of `positive_weights` is larger, and none smaller than its inverse: the rarest labels
/// would rule the gradient.
inline constexpr double kMaxPositiveWeight = 10.0;

/// Negatives / positives of every label, within those limits: [L], on the CPU.
/// `counts`: [L], documents with the label, of `num_documents` in all.
torch::Tensor positive_weights(std::span<const std::uint64_t> counts, std::uint64_t num_documents);

/// The sum over pairs of P and N of max(0, 1 - (z_P - z_N)), divided by L: a hinge on the order of
/// labels (PyTorch's MultiLabelMarginLoss). 0 where P or N is empty: such rows teach nothing.
torch::Tensor margin_loss(const torch::Tensor& logits, const torch::Tensor& targets);

/// Cross-entropy between softmax(z) and the truth shared out evenly over P. 0 where P is empty:
/// such rows teach nothing.
torch::Tensor softmax_loss(const torch::Tensor& logits, const torch::Tensor& targets);

inline constexpr double kFocalGamma = 2.0;

/// Mean over labels of -(1 - q)^gamma log q, where q is the probability given to what is true
/// (Lin et al. 2017, without the class weight alpha).
torch::Tensor focal_loss(const torch::Tensor& logits, const torch::Tensor& targets);

inline constexpr double kAsymmetricGamma = 4.0;
inline constexpr double kAsymmetricShift = 0.05;

/// Mean over labels of -log p where the label is true and -q^gamma log(1 - q) where it is not, with
/// q = max(p - shift, 0): easy negatives count for nothing (Ridnik et al. 2021, with gamma+ = 0).
torch::Tensor asymmetric_loss(const torch::Tensor& logits, const torch::Tensor& targets);

/// Every label of P against a threshold class, and the threshold class against N (adaptive
/// thresholding, Zhou et al. 2021):
///   -sum over l in P of log(e^z_l / (1 + sum over P of e^z)) - log(1 / (1 + sum over N of e^z)).
/// z is a label's logit minus the threshold class's, which is all that the loss depends on.
torch::Tensor adaptive_threshold_loss(const torch::Tensor& logits, const torch::Tensor& targets);

/// The loss of a name. `weights`: [L], read by `bce_balanced` alone.
torch::Tensor sigmoid_loss(SigmoidLoss loss, const torch::Tensor& logits,
                           const torch::Tensor& targets, const torch::Tensor& weights);

}  // namespace labelbeam::models
