#pragma once

#include <labelbeam/tensor_file.h>

#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace labelbeam {

inline constexpr const char* kMetadataKey = "__metadata__";

/// "F32" and the like, the names that files use.
const char* tensor_type_name(TensorType type);

/// One tensor as a header describes it; its bytes are [begin, end) of the data.
struct TensorEntry {
  std::string name;
  TensorType type = TensorType::f32;
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct TensorHeader {
  std::deque<TensorEntry> entries;  // a deque: growing never holds the entries twice
  std::map<std::string, std::string> metadata;
};

/// Parses the JSON header, without looking at the offsets. Repeated tensor names are left to the
/// caller; every other fault is a `DataError`.
TensorHeader parse_tensor_header(const std::string& path, std::string_view text);

}  // namespace labelbeam
