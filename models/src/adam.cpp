#include "adam.h"

namespace labelbeam::models {

Adam::Adam(const NamedTensors& parameters) : parameters_(parameters) {
  for (const auto& [name, parameter] : parameters_) {
    means_.push_back(torch::zeros_like(parameter, torch::TensorOptions().requires_grad(false)));
    squares_.push_back(torch::zeros_like(parameter, torch::TensorOptions().requires_grad(false)));
    steps_.push_back(
        torch::zeros({}, torch::TensorOptions().dtype(torch::kFloat32).device(parameter.device())));
  }
}

void Adam::step(double learning_rate, double clip_norm) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> parameters, gradients, norms;
  for (const auto& [name, parameter] : parameters_) {
    TORCH_CHECK(parameter.grad().defined(), "Adam: the objective does not reach the parameter ",
                name);
    parameters.push_back(parameter);
    gradients.push_back(parameter.grad());
    norms.push_back(parameter.grad().norm());
  }
  const double norm = torch::stack(norms).norm().item<double>();
  if (norm > clip_norm) {
    for (torch::Tensor& gradient : gradients) gradient.mul_(clip_norm / norm);
  }
  torch::_foreach_add_(steps_, 1);
  torch::_fused_adam_(parameters, gradients, means_, squares_, {}, steps_, learning_rate, 0.9,
                      0.999,
                      /*weight_decay=*/0.0, /*eps=*/1e-8, /*amsgrad=*/false, /*maximize=*/false);
  for (torch::Tensor& parameter : parameters) parameter.mutable_grad().reset();
}

Adam::NamedTensors Adam::named_state() const {
  NamedTensors state;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const std::string& name = parameters_[i].first;
    state.emplace_back("mean." + name, means_[i]);
    state.emplace_back("square." + name, squares_[i]);
    state.emplace_back("step." + name, steps_[i]);
  }
  return state;
}

}  // namespace labelbeam::models
