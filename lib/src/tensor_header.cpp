#include "tensor_header.h"

#include <labelbeam/error.h>

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

namespace labelbeam {
namespace {

// A header is bounded by the file that holds it; these bound what its smallest pieces cost in
// memory.
constexpr std::size_t kMaxStringBytes = std::size_t{4} << 20;
constexpr std::size_t kMaxNumberBytes = 64;
constexpr std::size_t kMaxMetadataEntries = 65'536;
constexpr std::size_t kMaxRank = 64;

constexpr std::array<std::pair<TensorType, const char*>, 7> kTypeNames{{{TensorType::f64, "F64"},
                                                                        {TensorType::f32, "F32"},
                                                                        {TensorType::f16, "F16"},
                                                                        {TensorType::bf16, "BF16"},
                                                                        {TensorType::i64, "I64"},
                                                                        {TensorType::i32, "I32"},
                                                                        {TensorType::u8, "U8"}}};

/// Whether a JSON string is longer than `kMaxStringBytes`, or a number than `kMaxNumberBytes`: the
/// parser would hold several copies of it.
bool has_too_long_token(std::string_view text) {
  std::size_t length = 0;
  bool inside_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      inside_string = !inside_string;
      length = 0;
    } else if (inside_string) {
      if (text[i] == '\\') ++i;
      if (++length > kMaxStringBytes) return true;
    } else if (std::string_view("{}[]:, \t\r\n").find(text[i]) != std::string_view::npos) {
      length = 0;
    } else if (++length > kMaxNumberBytes) {
      return true;
    }
  }
  return false;
}

/// Builds the header while the JSON is read: no tree of values, which would take many times the
/// memory of the text.
class HeaderBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit HeaderBuilder(std::string path) : path_(std::move(path)) {}

  TensorHeader take() { return std::move(header_); }

  bool start_object(std::size_t) override {
    switch (where_) {
      case Where::outside:
        where_ = Where::file;
        return true;
      case Where::file_value:
        if (key_ == kMetadataKey) {
          if (std::exchange(metadata_seen_, true)) fail("the key \"__metadata__\" is repeated");
          where_ = Where::metadata;
        } else {
          header_.entries.emplace_back().name = key_;
          seen_fields_ = 0;
          where_ = Where::tensor;
        }
        return true;
      default:
        return fail("an object where none belongs");
    }
  }

  bool end_object() override {
    if (where_ == Where::tensor && seen_fields_ != kAllFields) {
      return fail_in_tensor("\"dtype\", \"shape\" or \"data_offsets\" is missing");
    }
    where_ = where_ == Where::file ? Where::outside : Where::file;
    return true;
  }

  bool key(string_t& key) override {
    if (where_ == Where::file) {
      if (key.empty()) return fail("a tensor without a name");
      where_ = Where::file_value;
    } else if (where_ == Where::tensor) {
      const unsigned field = key == "dtype"          ? kDtype
                             : key == "shape"        ? kShape
                             : key == "data_offsets" ? kOffsets
                                                     : 0;
      if (field == 0) return fail_in_tensor("an unknown key");
      if ((seen_fields_ & field) != 0) return fail_in_tensor("\"" + key + "\" is repeated");
      seen_fields_ |= field;
      field_ = field;
    }
    key_ = std::move(key);
    return true;
  }

  bool string(string_t& value) override {
    if (where_ == Where::metadata) {
      if (header_.metadata.size() == kMaxMetadataEntries) return fail("too much metadata");
      if (!header_.metadata.emplace(std::move(key_), std::move(value)).second) {
        return fail("a metadata key is repeated");
      }
      return true;
    }
    if (where_ != Where::tensor || field_ != kDtype) return fail("a string where none belongs");
    const auto found = std::find_if(kTypeNames.begin(), kTypeNames.end(),
                                    [&](const auto& type) { return value == type.second; });
    if (found == kTypeNames.end()) return fail_in_tensor("an unknown element type");
    header_.entries.back().type = found->first;
    return true;
  }

  bool start_array(std::size_t) override {
    if (where_ != Where::tensor || field_ == kDtype) return fail("an array where none belongs");
    where_ = field_ == kShape ? Where::shape : Where::offsets;
    num_offsets_ = 0;
    return true;
  }

  bool end_array() override {
    if (where_ == Where::offsets && num_offsets_ != 2) {
      return fail_in_tensor("\"data_offsets\" needs two numbers");
    }
    where_ = Where::tensor;
    return true;
  }

  bool number_unsigned(number_unsigned_t value) override {
    TensorEntry* const entry = header_.entries.empty() ? nullptr : &header_.entries.back();
    if (where_ == Where::shape) {
      if (entry->shape.size() == kMaxRank) return fail_in_tensor("more than 64 dimensions");
      entry->shape.push_back(value);
      return true;
    }
    if (where_ != Where::offsets) return fail("a number where none belongs");
    if (num_offsets_ == 2) return fail_in_tensor("\"data_offsets\" needs two numbers");
    (num_offsets_++ == 0 ? entry->begin : entry->end) = value;
    return true;
  }

  bool null() override { return fail("a null"); }
  bool boolean(bool) override { return fail("a true or false"); }
  bool number_integer(number_integer_t) override { return fail("a negative number"); }
  bool number_float(number_float_t, const string_t&) override {
    return fail("a number that is not a whole number below 2^64");
  }
  bool binary(binary_t&) override { return fail("binary data"); }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    return fail("not valid JSON at byte " + std::to_string(position));
  }

 private:
  enum class Where { outside, file, file_value, metadata, tensor, shape, offsets };
  static constexpr unsigned kDtype = 1;
  static constexpr unsigned kShape = 2;
  static constexpr unsigned kOffsets = 4;
  static constexpr unsigned kAllFields = kDtype | kShape | kOffsets;

  [[noreturn]] bool fail(const std::string& reason) const {
    throw DataError(path_, 0, "damaged tensor header: " + reason);
  }
  [[noreturn]] bool fail_in_tensor(const std::string& reason) const {
    fail("tensor \"" + header_.entries.back().name + "\": " + reason);
  }

  std::string path_;
  TensorHeader header_;
  Where where_ = Where::outside;
  std::string key_;
  bool metadata_seen_ = false;
  unsigned field_ = 0;
  unsigned seen_fields_ = 0;
  int num_offsets_ = 0;
};

}  // namespace

const char* tensor_type_name(TensorType type) {
  for (const auto& [candidate, name] : kTypeNames) {
    if (candidate == type) return name;
  }
  throw std::invalid_argument("TensorType: not one of its values");
}

TensorHeader parse_tensor_header(const std::string& path, std::string_view text) {
  if (text.empty() || text.front() != '{') {
    throw DataError(path, 0, "is not a tensor file: its header is not a JSON object");
  }
  // The JSON parser takes a zero byte for the end of its input and would ignore what follows.
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    throw DataError(path, 0,
                    "damaged tensor header: not valid JSON at byte " + std::to_string(zero));
  }
  if (has_too_long_token(text)) {
    throw DataError(path, 0,
                    "damaged tensor header: a string of more than 4 MiB or an endless number");
  }
  HeaderBuilder builder(path);
  nlohmann::json::sax_parse(text, &builder);
  return builder.take();
}

}  // namespace labelbeam
