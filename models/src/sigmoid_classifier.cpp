#include <labelbeam/models/sigmoid_classifier.h>

#include <cmath>

namespace labelbeam::models {

SigmoidClassifierImpl::SigmoidClassifierImpl(std::int64_t num_labels, const ModelOptions& options,
                                             Noise& noise) {
  const std::int64_t inputs = BiLstmEncoderImpl::summary_size(options);
  const double bound = 1.0 / std::sqrt(static_cast<double>(inputs));
  weight_ = register_parameter("weight", uniform({num_labels, inputs}, bound, noise));
  bias_ = register_parameter("bias",
                             torch::zeros({num_labels}, weight_.options().requires_grad(false)));
}

torch::Tensor SigmoidClassifierImpl::forward(const Encoding& encoding) const {
  return torch::addmm(bias_, encoding.summary, weight_.t());
}

void SigmoidClassifierImpl::start_biases(std::span<const std::uint64_t> counts,
                                         std::uint64_t num_documents) {
  const torch::NoGradGuard no_grad;
  for (std::size_t label = 0; label < counts.size(); ++label) {
    const double with = static_cast<double>(counts[label]) + 0.5;
    const double without = static_cast<double>(num_documents - counts[label]) + 0.5;
    bias_[static_cast<std::int64_t>(label)] = std::log(with / without);
  }
}

}  // namespace labelbeam::models
