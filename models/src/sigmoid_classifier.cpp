#include <labelbeam/models/sigmoid_classifier.h>
#include <labelbeam/models/sigmoid_loss.h>

#include <cmath>

namespace labelbeam::models {

SigmoidClassifierImpl::SigmoidClassifierImpl(std::int64_t num_labels, const ModelOptions& options,
                                             Noise& noise)
    : loss_(options.loss) {
  const std::int64_t outputs = num_labels + (loss_ == SigmoidLoss::adaptive_threshold ? 1 : 0);
  const std::int64_t inputs = BiLstmEncoderImpl::summary_size(options);
  const double bound = 1.0 / std::sqrt(static_cast<double>(inputs));
  weight_ = register_parameter("weight", uniform({outputs, inputs}, bound, noise));
  bias_ =
      register_parameter("bias", torch::zeros({outputs}, weight_.options().requires_grad(false)));
}

torch::Tensor SigmoidClassifierImpl::forward(const Encoding& encoding) const {
  const torch::Tensor logits = torch::addmm(bias_, encoding.summary, weight_.t());
  if (loss_ != SigmoidLoss::adaptive_threshold) return logits;
  const std::int64_t num_labels = logits.size(1) - 1;
  return logits.narrow(1, 0, num_labels) - logits.narrow(1, num_labels, 1);
}

void SigmoidClassifierImpl::start_biases(std::span<const std::uint64_t> counts,
                                         std::uint64_t num_documents) {
  const torch::NoGradGuard no_grad;
  for (std::size_t label = 0; label < counts.size(); ++label) {
    const double with = static_cast<double>(counts[label]) + 0.5;
    const double without = static_cast<double>(num_documents - counts[label]) + 0.5;
    bias_[static_cast<std::int64_t>(label)] = std::log(with / without);
  }
  if (loss_ == SigmoidLoss::bce_balanced) {
    bias_ += positive_weights(counts, num_documents).log().to(bias_.device());
  }
}

}  // namespace labelbeam::models
