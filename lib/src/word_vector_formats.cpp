#include "word_vector_formats.h"

#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/input_file.h>
#include <labelbeam/word_vectors.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

namespace labelbeam {
namespace {

constexpr std::size_t kSniffedBytes = 1 << 16;
constexpr std::size_t kMaxWordBytes = 1 << 16;

/// The first line of word2vec and fastText files.
struct Header {
  std::uint64_t num_words = 0;
  std::size_t dimension = 0;
};

bool is_blank(char c) { return c == ' ' || c == '\t'; }

void split_fields(std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  std::size_t begin = 0;
  while (true) {
    while (begin < line.size() && is_blank(line[begin])) ++begin;
    if (begin == line.size()) return;
    std::size_t end = begin;
    while (end < line.size() && !is_blank(line[end])) ++end;
    fields.push_back(line.substr(begin, end - begin));
    begin = end;
  }
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Header> parse_header(std::string_view line) {
  std::vector<std::string_view> fields;
  split_fields(line, fields);
  if (fields.size() != 2) return std::nullopt;
  const auto num_words = parse_number<std::uint64_t>(fields[0]);
  const auto dimension = parse_number<std::uint64_t>(fields[1]);
  if (!num_words || !dimension) return std::nullopt;
  return Header{*num_words, static_cast<std::size_t>(*dimension)};
}

/// Settles the dimension of a file: stated or counted, within limits, the same as before.
void settle_dimension(const std::string& file, std::size_t line, std::size_t found,
                      std::size_t& dimension) {
  if (found == 0) throw DataError(file, line, "a word without a vector");
  if (found > kMaxVectorDimension) {
    throw DataError(file, line,
                    fmt::format("vectors of {} components; at most {} are accepted", found,
                                kMaxVectorDimension));
  }
  if (dimension != 0 && found != dimension) {
    throw DataError(
        file, line,
        fmt::format("vectors of {} components, but the files before have {}", found, dimension));
  }
  dimension = found;
}

/// Reads a line of text: a word, which may hold blanks, and `row.size()` numbers.
class LineParser {
 public:
  LineParser(const LineReader& lines, std::size_t dimension) : lines_(lines), row_(dimension) {}

  void parse(std::string_view line, const VectorRowSink& sink) {
    split_fields(line, fields_);
    const std::size_t dimension = row_.size();
    if (fields_.size() < dimension + 1 ||
        (fields_.size() > dimension + 1 &&
         parse_number<double>(fields_[fields_.size() - dimension - 1]))) {
      fail(fmt::format("{} numbers where {} belong", fields_.empty() ? 0 : fields_.size() - 1,
                       dimension));
    }
    const auto numbers = std::span(fields_).last(dimension);
    for (std::size_t i = 0; i < dimension; ++i) row_[i] = parse_component(numbers[i]);
    const char* const word_end = fields_[fields_.size() - dimension - 1].data() +
                                 fields_[fields_.size() - dimension - 1].size();
    sink({fields_.front().data(), static_cast<std::size_t>(word_end - fields_.front().data())},
         row_);
  }

 private:
  float parse_component(std::string_view text) const {
    const auto number = parse_number<double>(text);
    if (!number) fail(fmt::format("\"{}\" is not a number", text.substr(0, 40)));
    const auto component = static_cast<float>(*number);
    if (!std::isfinite(component)) {
      fail(fmt::format("\"{}\" is not a finite number", text.substr(0, 40)));
    }
    return component;
  }

  [[noreturn]] void fail(const std::string& reason) const {
    throw DataError(lines_.name(), lines_.line_number(), reason);
  }

  const LineReader& lines_;
  std::vector<std::string_view> fields_;
  std::vector<float> row_;
};

void read_text(const std::string& path, std::size_t& dimension, const VectorRowSink& sink) {
  LineReader lines(path);
  std::string line;
  if (!lines.next(line)) throw DataError(path, 0, "the file is empty");
  const auto header = parse_header(line);
  if (header) {
    settle_dimension(path, 1, header->dimension, dimension);
    if (!lines.next(line)) throw DataError(path, 1, "no vectors behind the header");
  } else {
    std::vector<std::string_view> fields;
    split_fields(line, fields);
    settle_dimension(path, 1, fields.empty() ? 0 : fields.size() - 1, dimension);
  }
  LineParser parser(lines, dimension);
  std::uint64_t num_words = 0;
  do {
    parser.parse(line, sink);
    ++num_words;
  } while (lines.next(line));
  if (header && header->num_words != num_words) {
    throw DataError(path, 1,
                    fmt::format("the header promises {} words, but there are {}", header->num_words,
                                num_words));
  }
}

/// Bytes of a file, one at a time or many.
class ByteReader {
 public:
  explicit ByteReader(const std::string& path) : input_(path), buffer_(kSniffedBytes) {}

  std::optional<char> next() {
    if (begin_ == end_ && !fill()) return std::nullopt;
    return buffer_[begin_++];
  }

  bool read(std::span<char> out) {
    while (!out.empty()) {
      if (begin_ == end_ && !fill()) return false;
      const std::size_t size = std::min(out.size(), end_ - begin_);
      std::memcpy(out.data(), buffer_.data() + begin_, size);
      begin_ += size;
      out = out.subspan(size);
    }
    return true;
  }

 private:
  bool fill() {
    begin_ = 0;
    end_ = input_.read(buffer_);
    return end_ > 0;
  }

  InputFile input_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// The word before the next vector; some writers put a line break before it.
void read_binary_word(ByteReader& bytes, std::string& word, const std::string& path,
                      std::uint64_t number) {
  word.clear();
  while (const auto byte = bytes.next()) {
    if (*byte == ' ' && !word.empty()) return;
    if (*byte == '\n' && word.empty()) continue;
    if (word.size() == kMaxWordBytes) throw DataError(path, number, "a word of over 64 KiB");
    word.push_back(*byte);
  }
  throw DataError(path, number, "the file ends before this word, which the header promises");
}

void read_binary(const std::string& path, const Header& header, std::size_t& dimension,
                 const VectorRowSink& sink) {
  settle_dimension(path, 1, header.dimension, dimension);
  ByteReader bytes(path);
  while (bytes.next() != '\n') {
  }
  std::string word;
  std::vector<float> row(dimension);
  for (std::uint64_t number = 1; number <= header.num_words; ++number) {
    read_binary_word(bytes, word, path, number);
    if (!bytes.read({reinterpret_cast<char*>(row.data()), row.size() * sizeof(float)})) {
      throw DataError(path, number, "the file ends inside the vector of this word");
    }
    if (!std::all_of(row.begin(), row.end(), [](float x) { return std::isfinite(x); })) {
      throw DataError(path, number, "the vector of this word holds a value that is not finite");
    }
    sink(word, row);
  }
  while (const auto byte = bytes.next()) {
    if (*byte != '\n') throw DataError(path, header.num_words, "more words than the header says");
  }
}

bool is_text_byte(char c) { return c == '\t' || c == '\r' || c == '\n' || (c >= ' ' && c <= '~'); }

/// Whether what follows the first word of `rows` are bytes of floats rather than digits.
bool looks_binary(std::string_view rows, std::size_t dimension) {
  const std::size_t blank = rows.find(' ');
  if (blank == std::string_view::npos) return false;
  const std::string_view vector = rows.substr(blank + 1, dimension * sizeof(float));
  const std::string_view line = vector.substr(0, vector.find('\n'));
  const auto is_control = [](char c) { return c >= 0 && !is_text_byte(c); };
  return std::any_of(vector.begin(), vector.end(), is_control) ||
         !std::all_of(line.begin(), line.end(), is_text_byte);
}

/// The header of a binary file; nothing for a text file.
std::optional<Header> sniff_binary(const std::string& path) {
  std::string start(kSniffedBytes, '\0');
  InputFile input(path);
  start.resize(input.read(start));
  const std::size_t line_end = start.find('\n');
  if (line_end == std::string::npos) return std::nullopt;
  const auto header = parse_header(std::string_view(start).substr(0, line_end));
  if (!header) return std::nullopt;
  const std::size_t dimension = std::min(header->dimension, kMaxVectorDimension);
  if (!looks_binary(std::string_view(start).substr(line_end + 1), dimension)) return std::nullopt;
  return header;
}

}  // namespace

void read_vector_file(const std::string& path, std::size_t& dimension, const VectorRowSink& sink) {
  if (path == "-") {
    throw DataError("standard input", 0, "vectors are read twice and so need a file");
  }
  if (const auto header = sniff_binary(path)) {
    read_binary(path, *header, dimension, sink);
  } else {
    read_text(path, dimension, sink);
  }
}

}  // namespace labelbeam
