#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>

namespace labelbeam {

/// The longest line that is accepted, in bytes.
inline constexpr std::size_t kMaxLineBytes = std::size_t{64} << 20;

/// How much a compressed file may grow.
struct InputLimits {
  /// Bytes out for each byte in, once `free_bytes` are out.
  std::uint64_t max_expansion = 1000;
  /// Bytes that come out before `max_expansion` counts.
  std::uint64_t free_bytes = std::uint64_t{64} << 20;
};

/// A file read from its start to its end, decompressed on the way.
///
/// gzip, zstd, xz, bzip2 and lz4 are recognised by their first bytes, not by the file name;
/// everything else is passed through. "-" is standard input. Throws `MissingFileError` where there
/// is no such file or it is a folder, `DataError` for a truncated or damaged stream and for one
/// that grows beyond the limits.
class InputFile {
 public:
  explicit InputFile(const std::string& path, InputLimits limits = {});
  ~InputFile();
  InputFile(InputFile&&) noexcept;
  InputFile& operator=(InputFile&&) noexcept;

  /// Fills `buffer` from its start and returns the number of bytes; fewer than its size only at the
  /// end of the file, then 0.
  std::size_t read(std::span<char> buffer);
  /// The path as given; "standard input" for "-".
  const std::string& name() const;

 private:
  class Stream;
  std::unique_ptr<Stream> stream_;
};

/// Reads a file line by line.
class LineReader {
 public:
  /// Where a line is more than text: a quoted CSV field may hold a carriage return.
  enum class CarriageReturn { strip, keep };

  explicit LineReader(const std::string& path,
                      CarriageReturn carriage_return = CarriageReturn::strip);

  /// The next line, without its line feed (and one carriage return before it) and without a UTF-8
  /// byte order mark at the start of the file; false at the end. A line over `kMaxLineBytes` is a
  /// `DataError`.
  bool next(std::string& line);
  /// The number of the line that `next` gave last, from 1; 0 before the first.
  std::size_t line_number() const { return line_number_; }
  const std::string& name() const { return input_.name(); }

 private:
  bool fill();

  InputFile input_;
  CarriageReturn carriage_return_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t line_number_ = 0;
};

/// The most that is read of a file that is held in memory as text.
inline constexpr std::size_t kMaxWholeFileBytes = std::size_t{256} << 20;

/// A whole file, decompressed. Throws as `InputFile` does, and `DataError` beyond `max_bytes`.
std::string read_all(const std::string& path,
                     std::size_t max_bytes = std::numeric_limits<std::size_t>::max());

}  // namespace labelbeam
