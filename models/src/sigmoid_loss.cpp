#include <labelbeam/models/sigmoid_loss.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <stdexcept>

namespace labelbeam::models {
namespace {

/// log(1 + sum of e^z over the chosen labels): [B, 1].
torch::Tensor log_one_plus_sum(const torch::Tensor& logits, const torch::Tensor& chosen) {
  const torch::Tensor others_out =
      logits.masked_fill(chosen.logical_not(), -std::numeric_limits<double>::infinity());
  const torch::Tensor threshold = torch::zeros({logits.size(0), 1}, logits.options());
  return torch::logsumexp(torch::cat({threshold, others_out}, 1), 1, /*keepdim=*/true);
}

}  // namespace

torch::Tensor independent_nll(const torch::Tensor& logits, const torch::Tensor& targets,
                              const torch::Tensor& positive_weights) {
  const auto weights = positive_weights.defined() ? std::optional(positive_weights) : std::nullopt;
  return torch::binary_cross_entropy_with_logits(logits, targets, {}, weights,
                                                 torch::Reduction::None)
      .sum(1);
}

torch::Tensor bce_loss(const torch::Tensor& logits, const torch::Tensor& targets,
                       const torch::Tensor& positive_weights) {
  return independent_nll(logits, targets, positive_weights) / static_cast<double>(logits.size(1));
}

torch::Tensor positive_weights(std::span<const std::uint64_t> counts, std::uint64_t num_documents) {
  torch::Tensor weights = torch::empty({static_cast<std::int64_t>(counts.size())});
  auto weight = weights.accessor<float, 1>();
  for (std::size_t label = 0; label < counts.size(); ++label) {
    const auto with = static_cast<double>(counts[label]);
    const auto without = static_cast<double>(num_documents - counts[label]);
    const double ratio = with > 0.0 ? without / with : kMaxPositiveWeight;
    weight[static_cast<std::int64_t>(label)] =
        static_cast<float>(std::clamp(ratio, 1.0 / kMaxPositiveWeight, kMaxPositiveWeight));
  }
  return weights;
}

torch::Tensor margin_loss(const torch::Tensor& logits, const torch::Tensor& targets) {
  // The operation wants the true labels' ids first in a row, and -1 after them.
  const torch::Tensor ids =
      torch::argsort(targets, /*stable=*/true, /*dim=*/1, /*descending=*/true);
  const torch::Tensor rank = torch::arange(targets.size(1), ids.options());
  const torch::Tensor listed =
      ids.masked_fill(rank >= targets.sum(1, /*keepdim=*/true), static_cast<std::int64_t>(-1));
  return torch::multilabel_margin_loss(logits, listed, torch::Reduction::None);
}

torch::Tensor softmax_loss(const torch::Tensor& logits, const torch::Tensor& targets) {
  const torch::Tensor shares = targets / targets.sum(1, /*keepdim=*/true).clamp_min(1.0);
  return torch::cross_entropy_loss(logits, shares, {}, torch::Reduction::None);
}

torch::Tensor focal_loss(const torch::Tensor& logits, const torch::Tensor& targets) {
  const torch::Tensor towards_truth = logits * (2.0 * targets - 1.0);
  const torch::Tensor focus = torch::sigmoid(-towards_truth).pow(kFocalGamma);
  return -(focus * torch::log_sigmoid(towards_truth)).mean(1);
}

torch::Tensor asymmetric_loss(const torch::Tensor& logits, const torch::Tensor& targets) {
  const torch::Tensor shifted = (torch::sigmoid(logits) - kAsymmetricShift).clamp_min(0.0);
  const torch::Tensor negative = shifted.pow(kAsymmetricGamma) * torch::log1p(-shifted);
  return -(targets * torch::log_sigmoid(logits) + (1.0 - targets) * negative).mean(1);
}

torch::Tensor adaptive_threshold_loss(const torch::Tensor& logits, const torch::Tensor& targets) {
  const torch::Tensor positive = targets > 0.5;
  const torch::Tensor above = targets * (log_one_plus_sum(logits, positive) - logits);
  return above.sum(1) + log_one_plus_sum(logits, positive.logical_not()).squeeze(1);
}

torch::Tensor sigmoid_loss(SigmoidLoss loss, const torch::Tensor& logits,
                           const torch::Tensor& targets, const torch::Tensor& weights) {
  switch (loss) {
    case SigmoidLoss::bce:
    case SigmoidLoss::multilabel_soft_margin:
      return bce_loss(logits, targets);
    case SigmoidLoss::bce_balanced:
      return bce_loss(logits, targets, weights);
    case SigmoidLoss::multilabel_margin:
      return margin_loss(logits, targets);
    case SigmoidLoss::softmax:
      return softmax_loss(logits, targets);
    case SigmoidLoss::focal:
      return focal_loss(logits, targets);
    case SigmoidLoss::asymmetric:
      return asymmetric_loss(logits, targets);
    case SigmoidLoss::adaptive_threshold:
      return adaptive_threshold_loss(logits, targets);
  }
  throw std::invalid_argument("sigmoid_loss: unknown loss");
}

}  // namespace labelbeam::models
