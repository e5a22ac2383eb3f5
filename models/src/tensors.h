#pragma once

#include <labelbeam/tensor_file.h>
#include <torch/types.h>

#include <string>

namespace labelbeam::models {

/// Copies a float32 tensor of any device into a tensor of a file.
Tensor to_file_tensor(const torch::Tensor& tensor);

/// Overwrites `target` in place by the tensor `name` of a file. Throws `DataError` naming `file` if
/// it is missing or has another type or shape.
void copy_from_file(const TensorFile& content, const std::string& name, const std::string& file,
                    const torch::Tensor& target);

}  // namespace labelbeam::models
