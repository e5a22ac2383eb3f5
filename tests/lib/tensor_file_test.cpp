#include <labelbeam/error.h>
#include <labelbeam/tensor_file.h>

#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;

namespace {

std::string length_bytes(std::uint64_t length) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes;
}

std::string with_length(const std::string& header, const std::string& data) {
  return length_bytes(header.size()) + header + data;
}

template <typename T>
Tensor tensor(std::vector<std::uint64_t> shape, const std::vector<T>& values) {
  return Tensor::of(std::move(shape), std::span<const T>(values));
}

TensorFile sample() {
  TensorFile file;
  file.tensors["weight"] = tensor<float>({2, 3}, {1, 2, 3, 4, 5, -0.5f});
  file.tensors["bias"] = tensor<double>({2}, {1e-300, std::numeric_limits<double>::infinity()});
  file.tensors["step"] = tensor<std::int64_t>({}, {-42});
  file.tensors["small"] = tensor<std::int32_t>({3}, {1, -2, 3});
  file.tensors["flags \" \\ é"] = tensor<std::uint8_t>({1, 3}, {0, 1, 255});
  file.tensors["none"] = tensor<float>({0, 7}, {});
  file.tensors["half"] = Tensor{TensorType::bf16, {1}, {std::byte{1}, std::byte{2}}};
  file.tensors["other half"] = Tensor{TensorType::f16, {1}, {std::byte{3}, std::byte{4}}};
  file.metadata = {{"format", "labelbeam"}, {"note", "a \"b\" é\n"}};
  return file;
}

struct Malformed {
  const char* name;
  std::string bytes;
  const char* reason;
};

std::vector<Malformed> malformed_files() {
  const std::string four(4, '\0');
  const std::string eight(8, '\0');
  const auto one = [](const std::string& fields) { return "{\"a\":{" + fields + "}}"; };
  const std::string good = "\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]";
  const auto pair = [](const char* a, const char* b) {
    return std::string("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":") + a +
           "},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":" + b + "}}";
  };
  const auto shape = [&](const std::string& extents) {
    return one("\"dtype\":\"F32\",\"shape\":[" + extents + "],\"data_offsets\":[0,4]");
  };
  std::string ones = "1";
  for (int i = 0; i < 64; ++i) ones += ",1";
  std::string deep(100'000, '[');
  return {
      {"empty", "", "shorter than its 8-byte header length"},
      {"seven bytes", std::string(7, '\0'), "shorter than its 8-byte header length"},
      {"no header", length_bytes(0), "not a JSON object"},
      {"header longer than the file", length_bytes(3) + "{}", "a header of 3 bytes"},
      {"huge header", length_bytes(std::numeric_limits<std::uint64_t>::max()) + "{}",
       "a header of"},
      {"header over 100 MB", length_bytes(100'000'001) + "{}", "a header of 100000001 bytes"},
      {"header is an array", with_length("[]", ""), "not a JSON object"},
      {"header is blank", with_length(" {}", ""), "not a JSON object"},
      {"header is not JSON", with_length("{\"a\"", ""), "not valid JSON"},
      {"trailing text", with_length("{}x", ""), "not valid JSON"},
      {"second object", with_length("{}{}", ""), "not valid JSON"},
      {"header is not UTF-8", with_length("{\"\xFF\":1}", ""), "not valid JSON"},
      {"text behind a zero byte", with_length(std::string("{}\0x", 4), ""), "not valid JSON"},
      {"a pickle", with_length("\x80\x04\x95", ""), "not a JSON object"},
      {"data without tensors", with_length("{}", "x"), "belong to none"},
      {"tensor is a number", with_length("{\"a\":1}", ""), "a number where none belongs"},
      {"tensor is a string", with_length("{\"a\":\"b\"}", ""), "a string where none belongs"},
      {"tensor is an array", with_length("{\"a\":[]}", ""), "an array where none belongs"},
      {"tensor is null", with_length("{\"a\":null}", ""), "a null"},
      {"tensor is true", with_length("{\"a\":true}", ""), "a true or false"},
      {"deep arrays", with_length("{\"a\":" + deep, ""), "an array where none belongs"},
      {"deep objects", with_length("{\"a\":{\"dtype\":{}}}", ""), "an object where none belongs"},
      {"nested shape", with_length(shape("[1]"), four), "an array where none belongs"},
      {"unnamed tensor", with_length("{\"\":{" + good + "}}", four), "without a name"},
      {"no fields", with_length(one(""), ""), "is missing"},
      {"no dtype", with_length(one("\"shape\":[1],\"data_offsets\":[0,4]"), four), "is missing"},
      {"no shape", with_length(one("\"dtype\":\"F32\",\"data_offsets\":[0,4]"), four),
       "is missing"},
      {"no offsets", with_length(one("\"dtype\":\"F32\",\"shape\":[1]"), four), "is missing"},
      {"unknown field", with_length(one(good + ",\"x\":1"), four), "an unknown key"},
      {"repeated field", with_length(one(good + ",\"shape\":[1]"), four), "is repeated"},
      {"repeated tensor", with_length("{\"a\":{" + good + "},\"a\":{" + good + "}}", four),
       "\"a\" is there twice"},
      {"repeated metadata", with_length("{\"__metadata__\":{},\"__metadata__\":{}}", ""),
       "is repeated"},
      {"repeated metadata key", with_length("{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}", ""),
       "is repeated"},
      {"metadata is no string", with_length("{\"__metadata__\":{\"a\":1}}", ""),
       "a number where none belongs"},
      {"unknown dtype",
       with_length(one("\"dtype\":\"C64\",\"shape\":[1],\"data_offsets\":[0,8]"), eight),
       "unknown element type"},
      {"dtype is a number",
       with_length(one("\"dtype\":32,\"shape\":[1],\"data_offsets\":[0,4]"), four),
       "a number where none belongs"},
      {"negative extent", with_length(shape("-1"), four), "a negative number"},
      {"fractional extent", with_length(shape("1.0"), four), "not a whole number"},
      {"extent beyond 64 bits", with_length(shape("18446744073709551616"), four),
       "not a whole number"},
      {"extent beyond any double", with_length(shape("1e999"), four), "not valid JSON"},
      {"65 dimensions", with_length(shape(ones), four), "more than 64 dimensions"},
      {"product overflows to 4", with_length(shape("4611686018427387905"), four),
       "does not fit its shape"},
      {"product of two overflows to 0", with_length(shape("4294967296,4294967296"), ""),
       "does not fit its shape"},
      {"too few bytes for the shape", with_length(shape("2"), four), "does not fit its shape"},
      {"one offset", with_length(one("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]"), four),
       "needs two numbers"},
      {"three offsets",
       with_length(one("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,4]"), four),
       "needs two numbers"},
      {"offsets swapped",
       with_length(one("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]"), four),
       "does not fit its shape"},
      {"offsets behind the file", with_length("{\"a\":{" + good + "}}", "abc"), "ends behind"},
      {"huge offsets",
       with_length(one("\"dtype\":\"U8\",\"shape\":[18446744073709551615],"
                       "\"data_offsets\":[0,18446744073709551615]"),
                   four),
       "ends behind"},
      {"overlap", with_length(pair("[0,4]", "[2,6]"), eight), "an overlap"},
      {"same range", with_length(pair("[0,4]", "[0,4]"), four), "an overlap"},
      {"hole between", with_length(pair("[0,4]", "[5,9]"), eight + "x"), "a hole"},
      {"hole at the start",
       with_length(one("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]"), eight), "a hole"},
      {"bytes at the end", with_length("{\"a\":{" + good + "}}", four + "xy"),
       "2 bytes behind the last tensor"},
      {"endless string", with_length("{\"" + std::string(5 << 20, 'a'), ""), "more than 4 MiB"},
      {"endless number", with_length("{\"a\":{\"shape\":[" + std::string(100, '1'), ""),
       "endless number"},
  };
}

}  // namespace

TEST_CASE("What is written to a tensor file is read back") {
  const TemporaryFolder folder;
  const std::string path = folder / "model.safetensors";
  write_tensor_file(path, sample());
  const TensorFile read = read_tensor_file(path);
  CHECK(read == sample());
  CHECK(read.tensors.at("weight").values<float>() == std::vector<float>{1, 2, 3, 4, 5, -0.5f});
  CHECK(read.tensors.at("step").values<std::int64_t>() == std::vector<std::int64_t>{-42});
}

TEST_CASE("A file without tensors is read back") {
  const TemporaryFolder folder;
  write_tensor_file(folder / "empty", TensorFile{});
  CHECK(read_tensor_file(folder / "empty") == TensorFile{});
}

TEST_CASE("Tensor files have the published layout") {
  const TemporaryFolder folder;
  TensorFile file;
  file.tensors["b"] = tensor<std::uint8_t>({2}, {7, 8});
  file.tensors["a"] = tensor<std::uint8_t>({1}, {9});
  write_tensor_file(folder / "x", file);
  const std::string header = R"({"a":{"data_offsets":[0,1],"dtype":"U8","shape":[1]},)"
                             R"("b":{"data_offsets":[1,3],"dtype":"U8","shape":[2]}})";
  const std::string padding((8 - header.size() % 8) % 8, ' ');
  CHECK(bytes_of(folder / "x") == with_length(header + padding, "\x09\x07\x08"));
}

TEST_CASE("Tensors may lie in any order and headers may be written by others") {
  const TemporaryFolder folder;
  const std::string header =
      R"({ "z": {"shape": [1], "dtype": "U8", "data_offsets": [0, 1]},)"
      R"( "__metadata__": {"k": "\u00e9"}, "empty": {"dtype":"F64","shape":[3,0],)"
      R"("data_offsets":[1,1]}, "a": {"dtype": "U8", "shape": [], "data_offsets": [1, 2]}}   )";
  const TensorFile file = read_tensor_file(folder.file("x", with_length(header, "\x05\x06")));
  CHECK(file.tensors.at("z").values<std::uint8_t>() == std::vector<std::uint8_t>{5});
  CHECK(file.tensors.at("a").values<std::uint8_t>() == std::vector<std::uint8_t>{6});
  CHECK(file.tensors.at("empty").values<double>().empty());
  CHECK(file.metadata.at("k") == "é");
}

TEST_CASE("Malformed tensor files are refused with the file and a reason") {
  const TemporaryFolder folder;
  for (const Malformed& malformed : malformed_files()) {
    INFO(malformed.name);
    const std::string path = folder.file("bad", malformed.bytes);
    CHECK_THROWS_AS(read_tensor_file(path), DataError);
    CHECK_THROWS_WITH(read_tensor_file(path),
                      contains_text(path) && contains_text(malformed.reason));
  }
  CHECK(malformed_files().size() >= 50);
}

TEST_CASE("A tensor file cut at any byte is refused") {
  const TemporaryFolder folder;
  write_tensor_file(folder / "whole", sample());
  const std::string bytes = bytes_of(folder / "whole");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    INFO(size);
    const std::string path = folder.file("cut", std::string_view(bytes).substr(0, size));
    CHECK_THROWS_AS(read_tensor_file(path), DataError);
  }
}

TEST_CASE("A flipped bit in the header is refused or gives a file of the same size") {
  const TemporaryFolder folder;
  TensorFile whole;
  whole.tensors["a b"] = tensor<float>({2, 1}, {1, 2});
  whole.tensors["none"] = tensor<std::int64_t>({0}, {});
  whole.metadata["k"] = "v";
  write_tensor_file(folder / "whole", whole);
  const std::string bytes = bytes_of(folder / "whole");
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), 8);
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < 8 * (8 + header_size); ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    try {
      const TensorFile read = read_tensor_file(folder.file("damaged", damaged));
      std::size_t data = 0;
      for (const auto& [name, tensor] : read.tensors) data += tensor.bytes.size();
      CHECK(data + 8 + header_size == bytes.size());
      CHECK(read != whole);  // a changed name, string or type of the same width
    } catch (const DataError&) {
      ++refused;
    }
  }
  CHECK(refused > 8 * header_size / 2);
}

TEST_CASE("A missing tensor file and a folder are reported as missing") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(read_tensor_file(folder / "nobody"), MissingFileError);
  CHECK_THROWS_AS(read_tensor_file(folder.path()), MissingFileError);
}

TEST_CASE("A tensor whose bytes do not fill its shape is not written") {
  const TemporaryFolder folder;
  const std::string path = folder.file("x", "before");
  TensorFile file;
  file.tensors["a"] = Tensor{TensorType::f32, {2}, std::vector<std::byte>(7)};
  CHECK_THROWS_AS(write_tensor_file(path, file), std::invalid_argument);
  file.tensors["a"].shape = {std::uint64_t{1} << 62, 4};
  file.tensors["a"].bytes.clear();
  CHECK_THROWS_AS(write_tensor_file(path, file), std::invalid_argument);
  CHECK(bytes_of(path) == "before");
  CHECK(folder.names() == std::vector<std::string>{"x"});
}

TEST_CASE("Names that cannot be read back are not written") {
  const TemporaryFolder folder;
  for (const char* name : {"", "__metadata__", "\xFF"}) {
    TensorFile file;
    file.tensors[name] = tensor<float>({1}, {1});
    CHECK_THROWS_AS(write_tensor_file(folder / "x", file), std::invalid_argument);
  }
  CHECK(folder.names().empty());
}

TEST_CASE("Where a tensor file cannot be written, the error says so") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(write_tensor_file(folder / "none/x", sample()), WriteError);
}

TEST_CASE("Values are handed out in their own type only") {
  const Tensor floats = tensor<float>({2}, {1, 2});
  CHECK_THROWS_AS(floats.values<double>(), std::invalid_argument);
  CHECK_THROWS_AS(tensor<float>({3}, {1, 2}), std::invalid_argument);
  CHECK_THROWS_AS(tensor<float>({}, {}), std::invalid_argument);
}
