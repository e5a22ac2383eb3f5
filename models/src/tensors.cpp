#include "tensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <labelbeam/error.h>

namespace labelbeam::models {
namespace {

std::vector<std::uint64_t> shape_of(const torch::Tensor& tensor) {
  return {tensor.sizes().begin(), tensor.sizes().end()};
}

}  // namespace

Tensor to_file_tensor(const torch::Tensor& tensor) {
  const torch::Tensor plain = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  return Tensor::of<float>(
      shape_of(plain),
      std::span<const float>(plain.data_ptr<float>(), static_cast<std::size_t>(plain.numel())));
}

void copy_from_file(const TensorFile& content, const std::string& name, const std::string& file,
                    const torch::Tensor& target) {
  const auto at = content.tensors.find(name);
  if (at == content.tensors.end())
    throw DataError(file, 0, fmt::format("the tensor {} is missing", name));
  const Tensor& stored = at->second;
  if (stored.type != TensorType::f32 || stored.shape != shape_of(target)) {
    throw DataError(file, 0,
                    fmt::format("the tensor {} should be float32 [{}], but has shape [{}]", name,
                                fmt::join(shape_of(target), ", "), fmt::join(stored.shape, ", ")));
  }
  const std::vector<float> values = stored.values<float>();
  const torch::NoGradGuard no_grad;
  torch::Tensor(target).copy_(torch::tensor(values).view(target.sizes()));
}

}  // namespace labelbeam::models
