#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace labelbeam {

/// Element types of a tensor file. `f16` and `bf16` are carried as raw 16-bit words.
enum class TensorType { f64, f32, f16, bf16, i64, i32, u8 };

/// Bytes of one element.
std::size_t element_size(TensorType type);

/// The `TensorType` of a C++ type; raw 16-bit words have none.
template <typename T>
constexpr TensorType tensor_type() {
  static_assert(std::is_same_v<T, double> || std::is_same_v<T, float> ||
                    std::is_same_v<T, std::int64_t> || std::is_same_v<T, std::int32_t> ||
                    std::is_same_v<T, std::uint8_t>,
                "no tensor type for this C++ type");
  if (std::is_same_v<T, double>) return TensorType::f64;
  if (std::is_same_v<T, float>) return TensorType::f32;
  if (std::is_same_v<T, std::int64_t>) return TensorType::i64;
  if (std::is_same_v<T, std::int32_t>) return TensorType::i32;
  return TensorType::u8;
}

/// A row-major array of numbers; `bytes` holds product(shape) elements, little-endian.
struct Tensor {
  TensorType type = TensorType::f32;
  std::vector<std::uint64_t> shape;  ///< empty: a scalar, one element
  std::vector<std::byte> bytes;

  /// Copies values in. Throws `std::invalid_argument` unless their number is product(shape).
  template <typename T>
  static Tensor of(std::vector<std::uint64_t> shape, std::span<const T> values);

  /// The elements; throws `std::invalid_argument` where T is not the tensor's type.
  template <typename T>
  std::vector<T> values() const;

  bool operator==(const Tensor&) const = default;
};

/// Throws `std::invalid_argument` unless `bytes` holds product(shape) elements of the type.
void check(const Tensor& tensor);

/// Named tensors, and strings that describe them: the content of a safetensors file.
struct TensorFile {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;

  bool operator==(const TensorFile&) const = default;
};

/// Reads a safetensors file. Nothing of the data is allocated before the header is validated.
///
/// Throws `MissingFileError`, or `DataError` for anything but: an 8-byte header length of at most
/// 100 MB inside the file; a JSON object without repeated keys; known types; sizes equal to
/// product(shape) x element size; data ranges that fill the rest of the file without hole or
/// overlap.
TensorFile read_tensor_file(const std::string& path);

/// Writes a safetensors file whole or not at all: the same content gives the same bytes.
///
/// Throws `std::invalid_argument` for a tensor whose bytes do not match its shape, or a name that
/// is empty, `__metadata__` or not UTF-8; `WriteError` where the file cannot be written.
void write_tensor_file(const std::string& path, const TensorFile& content);

template <typename T>
Tensor Tensor::of(std::vector<std::uint64_t> shape, std::span<const T> values) {
  Tensor tensor{tensor_type<std::remove_const_t<T>>(), std::move(shape), {}};
  tensor.bytes.resize(values.size_bytes());
  if (!values.empty()) std::memcpy(tensor.bytes.data(), values.data(), values.size_bytes());
  check(tensor);
  return tensor;
}

template <typename T>
std::vector<T> Tensor::values() const {
  if (type != tensor_type<T>()) {
    throw std::invalid_argument("Tensor: values() asked for another type than the tensor holds");
  }
  check(*this);
  std::vector<T> out(bytes.size() / sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

}  // namespace labelbeam
