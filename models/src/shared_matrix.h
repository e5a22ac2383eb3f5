#pragma once

#include <ATen/core/ivalue.h>
#include <torch/types.h>

#include <vector>

namespace labelbeam::models {

/// A matrix [n, m], or one a document [B, n, m], that many steps of a recurrence multiply by.
///
/// Its gradient is a sum over those steps of products as large as the matrix. It is taken here as
/// one product over all steps, once the last of them has gone backward. The graph can be
/// differentiated once, not twice.
class SharedMatrix {
 public:
  explicit SharedMatrix(const torch::Tensor& matrix);

  /// [R, n] -> [R, m]; with one matrix a document, [R, k, n] -> [R, k, m] for the first R
  /// documents.
  torch::Tensor product(const torch::Tensor& x) const;

  /// What the steps leave behind on their way backward.
  struct Uses : torch::CustomClassHolder {
    torch::Tensor matrix;
    std::vector<torch::Tensor> inputs, gradients;  // a step: x and what reached its product
  };

 private:
  torch::Tensor matrix_;
  torch::Tensor link_;  // without elements: orders the steps before the matrix in the graph
  c10::intrusive_ptr<Uses> uses_;
};

}  // namespace labelbeam::models
