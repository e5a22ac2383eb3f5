#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/input_file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/crc.hpp>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace labelbeam {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kBlockBytes = std::size_t{256} << 10;
constexpr std::size_t kGzipTrailerBytes = 8;
constexpr std::string_view kGzipMember = "\x1f\x8b\x08"sv;  // how each member starts

struct Compression {
  std::string_view name;
  std::string_view magic;
  int filter;
  int (*support)(archive*);
};

constexpr std::array<Compression, 6> kCompressions{{
    {"gzip", "\x1f\x8b"sv, ARCHIVE_FILTER_GZIP, archive_read_support_filter_gzip},
    {"zstd", "\x28\xb5\x2f\xfd"sv, ARCHIVE_FILTER_ZSTD, archive_read_support_filter_zstd},
    {"xz", "\xfd\x37zXZ\0"sv, ARCHIVE_FILTER_XZ, archive_read_support_filter_xz},
    {"bzip2", "BZh"sv, ARCHIVE_FILTER_BZIP2, archive_read_support_filter_bzip2},
    {"lz4", "\x04\x22\x4d\x18"sv, ARCHIVE_FILTER_LZ4, archive_read_support_filter_lz4},
    {"lz4", "\x02\x21\x4c\x18"sv, ARCHIVE_FILTER_LZ4, archive_read_support_filter_lz4},
}};

/// Text may well start with "BZh"; the first block's mark tells it from bzip2.
bool is_bzip2(std::string_view head) {
  if (head.size() < 10) return head.size() >= 4 && head[3] >= '1' && head[3] <= '9';
  const std::string_view mark = head.substr(4, 6);
  return mark == "\x31\x41\x59\x26\x53\x59"sv || mark == "\x17\x72\x45\x38\x50\x90"sv;
}

const Compression* find_compression(std::string_view head) {
  for (const Compression& compression : kCompressions) {
    if (!head.starts_with(compression.magic)) continue;
    if (compression.filter == ARCHIVE_FILTER_BZIP2 && !is_bzip2(head)) continue;
    return &compression;
  }
  return nullptr;
}

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

int open_for_reading(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) throw MissingFileError(path, "there is no such file");
  if (fd < 0) {
    throw MissingFileError(path, "cannot be opened: " + std::generic_category().message(errno));
  }
  struct stat status {};
  if (::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
    ::close(fd);
    throw MissingFileError(path, "is a folder, not a file");
  }
  return fd;
}

}  // namespace

class InputFile::Stream {
 public:
  Stream(const std::string& path, InputLimits limits)
      : name_(path == "-" ? "standard input" : path),
        limits_(limits),
        fd_(path == "-" ? STDIN_FILENO : open_for_reading(path)) {
    try {
      block_.resize(kBlockBytes);
      block_.resize(read_raw(block_));
      compression_ = find_compression({block_.data(), block_.size()});
      if (compression_) open_archive();
    } catch (...) {
      close();
      throw;
    }
  }
  ~Stream() { close(); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  const std::string& name() const { return name_; }

  std::size_t read(std::span<char> buffer) {
    return compression_ ? read_archive(buffer) : read_plain(buffer);
  }

 private:
  void close() {
    if (archive_) archive_read_free(archive_);
    archive_ = nullptr;
    if (fd_ > STDIN_FILENO) ::close(fd_);
    fd_ = -1;
  }

  /// Fills the buffer from the descriptor; fewer bytes only at the end.
  std::size_t read_raw(std::span<char> buffer) {
    std::size_t filled = 0;
    while (filled < buffer.size()) {
      const ssize_t got = ::read(fd_, buffer.data() + filled, buffer.size() - filled);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) {
        throw DataError(name_, 0, "cannot be read: " + std::generic_category().message(errno));
      }
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    return filled;
  }

  std::size_t read_plain(std::span<char> buffer) {
    const std::size_t peeked = std::min(buffer.size(), block_.size() - consumed_);
    std::copy_n(block_.begin() + static_cast<std::ptrdiff_t>(consumed_), peeked, buffer.begin());
    consumed_ += peeked;
    return peeked + read_raw(buffer.subspan(peeked));
  }

  static la_ssize_t feed(archive*, void* self, const void** block) {
    return static_cast<Stream*>(self)->next_block(block);
  }

  /// The callback of libarchive: exceptions must not cross it, so a failed read is kept for later.
  la_ssize_t next_block(const void** block) noexcept {
    try {
      if (consumed_ > 0) {
        block_.resize(kBlockBytes);
        block_.resize(read_raw(block_));
      }
    } catch (...) {
      read_error_ = std::current_exception();
      return ARCHIVE_FATAL;
    }
    if (compression_->filter == ARCHIVE_FILTER_GZIP) watch_gzip({block_.data(), block_.size()});
    consumed_ += block_.size();
    *block = block_.data();
    return static_cast<la_ssize_t>(block_.size());
  }

  void open_archive() {
    archive_ = archive_read_new();
    if (!archive_) throw std::bad_alloc();
    // ARCHIVE_WARN would mean that an external program does the work: never started from here.
    if (compression_->support(archive_) != ARCHIVE_OK) {
      throw DataError(name_, 0,
                      fmt::format("this build cannot decompress {} files", compression_->name));
    }
    archive_read_support_format_raw(archive_);
    archive_read_support_format_empty(archive_);
    if (archive_read_open(archive_, this, nullptr, feed, nullptr) != ARCHIVE_OK) fail();
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(archive_, &entry);
    if (status != ARCHIVE_OK && status != ARCHIVE_EOF) fail();
    if (archive_filter_code(archive_, 0) != compression_->filter) fail();
    // A stream cut off before its first byte of content looks empty, but leaves an error behind.
    if (status == ARCHIVE_EOF && archive_errno(archive_) != 0) fail();
    at_end_ = status == ARCHIVE_EOF;
  }

  std::size_t read_archive(std::span<char> buffer) {
    std::size_t filled = 0;
    while (filled < buffer.size() && !at_end_) {
      const std::span<char> rest =
          buffer.subspan(filled, std::min(kBlockBytes, buffer.size() - filled));
      const la_ssize_t got = archive_read_data(archive_, rest.data(), rest.size());
      if (got < 0) fail();
      const auto size = static_cast<std::size_t>(got);
      at_end_ = got == 0;
      produced_ += size;
      if (compression_->filter == ARCHIVE_FILTER_GZIP) checksum_.process_bytes(rest.data(), size);
      check_expansion();
      filled += size;
    }
    if (at_end_) check_gzip_trailer();
    return filled;
  }

  void check_expansion() const {
    if (produced_ <= limits_.free_bytes || produced_ / limits_.max_expansion <= consumed_) return;
    throw DataError(name_, 0,
                    fmt::format("grows to more than {} times its size when decompressed",
                                limits_.max_expansion));
  }

  /// libarchive does not compare gzip's checksum, so the file's last bytes are kept for that. They
  /// speak for the last member only; where there may be several, nothing can be compared.
  void watch_gzip(std::string_view block) {
    const std::string seam = tail_ + std::string(block.substr(0, kGzipMember.size()));
    if (seam.find(kGzipMember, consumed_ == 0 ? 1 : 0) != std::string::npos ||
        block.find(kGzipMember, 1) != std::string_view::npos) {
      may_have_members_ = true;
    }
    tail_ += block.substr(block.size() - std::min(block.size(), kGzipTrailerBytes));
    tail_.erase(0, tail_.size() - std::min(tail_.size(), kGzipTrailerBytes));
  }

  void check_gzip_trailer() const {
    if (compression_->filter != ARCHIVE_FILTER_GZIP || may_have_members_) return;
    const std::string_view tail = tail_;
    if (tail.size() == kGzipTrailerBytes && little_endian(tail) == checksum_.checksum() &&
        little_endian(tail.substr(4)) == static_cast<std::uint32_t>(produced_)) {
      return;
    }
    throw DataError(name_, 0, "is damaged: the gzip checksum is wrong, or something follows it");
  }

  [[noreturn]] void fail() const {
    if (read_error_) std::rethrow_exception(read_error_);
    const char* reason = archive_error_string(archive_);
    throw DataError(name_, 0,
                    fmt::format("is damaged or cut off: {} data cannot be decompressed{}",
                                compression_->name, reason ? fmt::format(" ({})", reason) : ""));
  }

  std::string name_;
  InputLimits limits_;
  int fd_ = -1;
  std::vector<char> block_;
  std::uint64_t consumed_ = 0;  // bytes of the file handed on
  const Compression* compression_ = nullptr;
  archive* archive_ = nullptr;
  std::exception_ptr read_error_;
  std::uint64_t produced_ = 0;  // bytes decompressed
  std::string tail_;            // the last bytes of the compressed file
  boost::crc_32_type checksum_;
  bool may_have_members_ = false;
  bool at_end_ = false;
};

InputFile::InputFile(const std::string& path, InputLimits limits) {
  if (limits.max_expansion == 0) {
    throw std::invalid_argument("InputFile: max_expansion must be at least 1, got 0");
  }
  stream_ = std::make_unique<Stream>(path, limits);
}
InputFile::~InputFile() = default;
InputFile::InputFile(InputFile&&) noexcept = default;
InputFile& InputFile::operator=(InputFile&&) noexcept = default;

std::size_t InputFile::read(std::span<char> buffer) { return stream_->read(buffer); }
const std::string& InputFile::name() const { return stream_->name(); }

LineReader::LineReader(const std::string& path, CarriageReturn carriage_return)
    : input_(path), carriage_return_(carriage_return) {}

bool LineReader::fill() {
  buffer_.resize(kBlockBytes);
  begin_ = 0;
  end_ = input_.read(buffer_);
  return end_ > 0;
}

bool LineReader::next(std::string& line) {
  line.clear();
  if (begin_ == end_ && !fill()) return false;
  ++line_number_;
  do {
    const char* start = buffer_.data() + begin_;
    const auto* feed = static_cast<const char*>(std::memchr(start, '\n', end_ - begin_));
    const std::size_t size = feed ? static_cast<std::size_t>(feed - start) : end_ - begin_;
    if (line.size() + size > kMaxLineBytes) {
      throw DataError(name(), line_number_,
                      fmt::format("the line is longer than {} MiB", kMaxLineBytes >> 20));
    }
    line.append(start, size);
    begin_ += size + (feed ? 1 : 0);
    if (feed) break;
  } while (fill());
  if (line_number_ == 1 && line.starts_with("\xef\xbb\xbf")) line.erase(0, 3);
  if (carriage_return_ == CarriageReturn::strip && line.ends_with('\r')) line.pop_back();
  return true;
}

std::string read_all(const std::string& path, std::size_t max_bytes) {
  InputFile input(path);
  std::string bytes;
  for (;;) {
    const std::size_t size = bytes.size();
    bytes.resize(size + kBlockBytes);
    const std::size_t got = input.read(std::span(bytes).subspan(size));
    bytes.resize(size + got);
    if (bytes.size() > max_bytes) {
      throw DataError(input.name(), 0, fmt::format("is larger than {} bytes", max_bytes));
    }
    if (got < kBlockBytes) return bytes;
  }
}

}  // namespace labelbeam
