#include "shared_matrix.h"

#include <torch/csrc/autograd/custom_function.h>

namespace labelbeam::models {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

using Uses = SharedMatrix::Uses;

torch::Tensor product_of(const torch::Tensor& x, const torch::Tensor& matrix) {
  return matrix.dim() == 2 ? torch::mm(x, matrix) : torch::bmm(x, matrix.narrow(0, 0, x.size(0)));
}

/// The steps side by side: [B, K, d] with K the rows of all steps; zero where a step had fewer
/// documents.
torch::Tensor side_by_side(const std::vector<torch::Tensor>& steps, std::int64_t documents) {
  std::int64_t rows = 0;
  for (const torch::Tensor& step : steps) rows += step.size(1);
  torch::Tensor all =
      torch::zeros({documents, rows, steps.front().size(2)}, steps.front().options());
  std::int64_t at = 0;
  for (const torch::Tensor& step : steps) {
    all.narrow(0, 0, step.size(0)).narrow(1, at, step.size(1)).copy_(step);
    at += step.size(1);
  }
  return all;
}

torch::Tensor matrix_gradient(const Uses& uses) {
  if (uses.matrix.dim() == 2)
    return torch::mm(torch::cat(uses.inputs).t(), torch::cat(uses.gradients));
  const std::int64_t documents = uses.matrix.size(0);
  return torch::bmm(side_by_side(uses.inputs, documents).transpose(1, 2),
                    side_by_side(uses.gradients, documents));
}

c10::intrusive_ptr<Uses> uses_of(AutogradContext* context) {
  return c10::static_intrusive_pointer_cast<Uses>(context->saved_data["uses"].toCapsule());
}

struct Share : torch::autograd::Function<Share> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& matrix,
                               const c10::intrusive_ptr<Uses>& uses) {
    context->saved_data["uses"] = c10::IValue::make_capsule(uses);
    return torch::empty({0}, matrix.options());
  }

  static variable_list backward(AutogradContext* context, const variable_list&) {
    const c10::intrusive_ptr<Uses> uses = uses_of(context);
    torch::Tensor gradient = matrix_gradient(*uses);
    uses->inputs.clear();
    uses->gradients.clear();
    return {gradient, {}};
  }
};

struct Product : torch::autograd::Function<Product> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor&, const c10::intrusive_ptr<Uses>& uses) {
    context->save_for_backward({x});
    context->saved_data["uses"] = c10::IValue::make_capsule(uses);
    return product_of(x, uses->matrix);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const c10::intrusive_ptr<Uses> uses = uses_of(context);
    // Detached, for the graph that leads to x owns `uses`.
    uses->inputs.push_back(context->get_saved_variables().front().detach());
    uses->gradients.push_back(gradients.front().detach());
    return {product_of(gradients.front(), uses->matrix.transpose(-2, -1)), {}, {}};
  }
};

}  // namespace

SharedMatrix::SharedMatrix(const torch::Tensor& matrix) : matrix_(matrix) {
  if (!torch::GradMode::is_enabled() || !matrix.requires_grad()) return;
  uses_ = c10::make_intrusive<Uses>();
  uses_->matrix = matrix.detach();
  link_ = Share::apply(matrix, uses_);
}

torch::Tensor SharedMatrix::product(const torch::Tensor& x) const {
  return uses_ ? Product::apply(x, link_, uses_) : product_of(x, matrix_);
}

}  // namespace labelbeam::models
