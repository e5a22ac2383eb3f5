#pragma once

#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

namespace labelbeam::models {

/// Adam (Kingma & Ba 2015, beta 0.9 and 0.999) over named parameters, with global norm clipping.
/// Its whole state is `named_state()`, so that a run can be stored and taken up again.
class Adam {
 public:
  using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

  explicit Adam(const NamedTensors& parameters);

  /// One step along the parameters' gradients, scaled down to a global norm of at most `clip_norm`;
  /// the gradients are cleared.
  void step(double learning_rate, double clip_norm);

  /// The moments and step counts; the tensors are the optimiser's own, to be read or overwritten.
  NamedTensors named_state() const;

 private:
  NamedTensors parameters_;
  std::vector<torch::Tensor> means_, squares_, steps_;
};

}  // namespace labelbeam::models
