#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/output_file.h>
#include <labelbeam/tensor_file.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <system_error>
#include <tuple>

#include "tensor_header.h"

namespace labelbeam {
namespace {

static_assert(std::endian::native == std::endian::little, "tensor files are little-endian");

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;
constexpr std::size_t kAlignment = 8;

/// Bytes of product(shape) elements, or nothing where that overflows.
std::optional<std::uint64_t> num_bytes(TensorType type, std::span<const std::uint64_t> shape) {
  std::uint64_t bytes = element_size(type);
  // A zero anywhere makes the product zero, whatever the other extents would overflow to.
  if (std::find(shape.begin(), shape.end(), 0u) != shape.end()) return 0;
  for (const std::uint64_t extent : shape) {
    if (bytes > std::numeric_limits<std::uint64_t>::max() / extent) return std::nullopt;
    bytes *= extent;
  }
  return bytes;
}

std::ifstream open_for_reading(const std::string& path, std::uint64_t& file_size) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) throw MissingFileError(path, "no such file");
  if (!std::filesystem::is_regular_file(path, error)) {
    throw MissingFileError(path, "is not a file");
  }
  file_size = std::filesystem::file_size(path, error);
  std::ifstream in(path, std::ios::binary);
  if (error || !in) throw MissingFileError(path, "cannot be opened for reading");
  return in;
}

void read_bytes(std::ifstream& in, const std::string& path, void* to, std::size_t size) {
  in.read(static_cast<char*>(to), static_cast<std::streamsize>(size));
  if (!in) throw DataError(path, 0, "the file ends too early or cannot be read");
}

/// Throws unless every range has the size of its tensor, and the ranges in order of their offsets
/// fill [0, data_size).
void check_ranges(const std::string& path, TensorHeader& header, std::uint64_t data_size) {
  for (const TensorEntry& entry : header.entries) {
    const auto bytes = num_bytes(entry.type, entry.shape);
    if (entry.begin > entry.end || bytes != entry.end - entry.begin) {
      throw DataError(path, 0,
                      fmt::format("tensor \"{}\": the data range {} to {} does not fit its shape",
                                  entry.name, entry.begin, entry.end));
    }
    if (entry.end > data_size) {
      throw DataError(path, 0,
                      fmt::format("tensor \"{}\": the data range {} to {} ends behind the {} bytes "
                                  "of data in the file",
                                  entry.name, entry.begin, entry.end, data_size));
    }
  }
  std::sort(header.entries.begin(), header.entries.end(),
            [](const TensorEntry& a, const TensorEntry& b) {
              return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
            });
  std::uint64_t filled = 0;
  for (const TensorEntry& entry : header.entries) {
    if (entry.begin != filled) {
      throw DataError(
          path, 0,
          fmt::format("tensor \"{}\": there is {} before its data range {} to {}", entry.name,
                      entry.begin < filled ? "an overlap" : "a hole", entry.begin, entry.end));
    }
    filled = entry.end;
  }
  if (filled != data_size) {
    throw DataError(
        path, 0, fmt::format("{} bytes behind the last tensor belong to none", data_size - filled));
  }
}

void check_names_differ(const std::string& path, const TensorHeader& header) {
  std::vector<std::string_view> names;
  names.reserve(header.entries.size());
  for (const TensorEntry& entry : header.entries) names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  const auto repeated = std::adjacent_find(names.begin(), names.end());
  if (repeated != names.end()) {
    throw DataError(path, 0, fmt::format("the tensor \"{}\" is there twice", *repeated));
  }
}

std::string read_header_text(std::ifstream& in, const std::string& path, std::uint64_t file_size) {
  if (file_size < kLengthBytes) {
    throw DataError(path, 0, "is not a tensor file: shorter than its 8-byte header length");
  }
  std::uint64_t length = 0;
  read_bytes(in, path, &length, kLengthBytes);
  if (length > kMaxHeaderBytes || length > file_size - kLengthBytes) {
    throw DataError(path, 0,
                    fmt::format("is not a tensor file: a header of {} bytes in a file of {} "
                                "bytes (at most {} are accepted)",
                                length, file_size, kMaxHeaderBytes));
  }
  std::string text(length, '\0');
  read_bytes(in, path, text.data(), text.size());
  return text;
}

}  // namespace

std::size_t element_size(TensorType type) {
  switch (type) {
    case TensorType::f64:
    case TensorType::i64:
      return 8;
    case TensorType::f32:
    case TensorType::i32:
      return 4;
    case TensorType::f16:
    case TensorType::bf16:
      return 2;
    case TensorType::u8:
      return 1;
  }
  throw std::invalid_argument("TensorType: not one of its values");
}

void check(const Tensor& tensor) {
  const auto bytes = num_bytes(tensor.type, tensor.shape);
  if (bytes != tensor.bytes.size()) {
    throw std::invalid_argument(fmt::format("Tensor: {} bytes do not fill the shape [{}]",
                                            tensor.bytes.size(), fmt::join(tensor.shape, ", ")));
  }
}

TensorFile read_tensor_file(const std::string& path) {
  std::uint64_t file_size = 0;
  std::ifstream in = open_for_reading(path, file_size);
  TensorHeader header;
  std::uint64_t data_size = 0;
  {
    const std::string text = read_header_text(in, path, file_size);
    data_size = file_size - kLengthBytes - text.size();
    header = parse_tensor_header(path, text);
  }
  check_names_differ(path, header);
  check_ranges(path, header, data_size);

  TensorFile content;
  content.metadata = std::move(header.metadata);
  for (TensorEntry& entry : header.entries) {
    Tensor tensor{entry.type, std::move(entry.shape), {}};
    tensor.bytes.resize(entry.end - entry.begin);
    read_bytes(in, path, tensor.bytes.data(), tensor.bytes.size());
    content.tensors.emplace(std::move(entry.name), std::move(tensor));
  }
  return content;
}

void write_tensor_file(const std::string& path, const TensorFile& content) {
  nlohmann::json header = nlohmann::json::object();
  if (!content.metadata.empty()) header[kMetadataKey] = content.metadata;
  std::uint64_t offset = 0;
  for (const auto& [name, tensor] : content.tensors) {
    check(tensor);
    if (name.empty() || name == kMetadataKey) {
      throw std::invalid_argument("TensorFile: a tensor cannot be called \"" + name + "\"");
    }
    const std::uint64_t end = offset + tensor.bytes.size();
    header[name] = {{"dtype", tensor_type_name(tensor.type)},
                    {"shape", tensor.shape},
                    {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::type_error&) {
    throw std::invalid_argument("TensorFile: a name or a metadata string is not valid UTF-8");
  }
  // Padded, as is usual, so that the data begin at a multiple of 8.
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
  if (text.size() > kMaxHeaderBytes) {
    throw std::invalid_argument("TensorFile: names and metadata take more than 100 MB");
  }
  const std::uint64_t length = text.size();

  OutputFile out(path);
  out.write({reinterpret_cast<const char*>(&length), kLengthBytes});
  out.write(text);
  for (const auto& [name, tensor] : content.tensors) {
    out.write({reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()});
  }
  out.commit();
}

}  // namespace labelbeam
