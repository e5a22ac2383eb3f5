#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/output_file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "ascii.h"

namespace labelbeam {
namespace {

namespace fs = std::filesystem;

constexpr int kBufferBytes = 64 << 10;

std::string error_text(int error) { return std::generic_category().message(error); }

/// Writes everything; 0 or the error number.
int write_fully(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

int sync_folder(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno;
  const int error = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  // Some file systems cannot sync a folder; the rename itself stands.
  return error == EINVAL ? 0 : error;
}

}  // namespace

class OutputFile::Stream {
 public:
  explicit Stream(const std::string& path) : path_(path) {
    try {
      open();
      if (path.ends_with(".gz")) start_compression(archive_write_add_filter_gzip);
      if (path.ends_with(".zst")) start_compression(archive_write_add_filter_zstd);
    } catch (...) {
      discard();
      throw;
    }
  }
  ~Stream() { discard(); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  const std::string& path() const { return path_; }

  void write(std::string_view bytes) {
    if (fd_ < 0) throw std::logic_error("OutputFile: write after commit");
    if (!archive_) return write_bytes(bytes);
    while (!bytes.empty()) {
      const la_ssize_t written = archive_write_data(archive_, bytes.data(), bytes.size());
      if (written <= 0) fail_archive();
      if (error_ != 0) fail(error_);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  void commit() {
    if (fd_ < 0) throw std::logic_error("OutputFile: commit was called twice");
    finish_compression();
    if (!temporary_.empty() && ::fsync(fd_) != 0) fail(errno);
    const int closed = ::close(fd_) == 0 ? 0 : errno;
    fd_ = -1;
    if (closed != 0) fail(closed);
    if (temporary_.empty()) return;
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno);
    temporary_.clear();
    if (const int error = sync_folder(folder_)) fail(error);
  }

 private:
  void open() {
    target_ = path_;
    std::error_code ignored;
    if (fs::is_symlink(target_, ignored)) target_ = fs::weakly_canonical(target_, ignored);
    folder_ = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
    struct stat status {};
    const bool exists = ::stat(target_.c_str(), &status) == 0;
    if (exists && S_ISDIR(status.st_mode)) throw WriteError(path_, "is a folder, not a file");
    if (exists && !S_ISREG(status.st_mode)) {
      fd_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC);
      if (fd_ < 0) fail(errno);
      return;
    }
    open_temporary();
    if (exists) ::fchmod(fd_, status.st_mode & 07777);
  }

  void open_temporary() {
    for (unsigned attempt = 0; fd_ < 0; ++attempt) {
      const fs::path candidate =
          folder_ / fmt::format(".labelbeam-{}-{}.part", ::getpid(), attempt);
      fd_ = ::open(candidate.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      const int error = errno;
      if (fd_ >= 0) {
        temporary_ = candidate;
        return;
      }
      if (std::error_code ignored; !fs::is_directory(folder_, ignored)) {
        throw WriteError(path_, fmt::format("the folder {} does not exist", folder_.string()));
      }
      if (error != EEXIST) fail(error);
    }
  }

  /// The callback of libarchive. A failed write is kept here and not reported to it: after an error
  /// libarchive does not free what its compressors hold.
  static la_ssize_t take(archive*, void* self, const void* bytes, std::size_t size) {
    auto* stream = static_cast<Stream*>(self);
    if (stream->error_ == 0) {
      stream->error_ = write_fully(stream->fd_, {static_cast<const char*>(bytes), size});
    }
    return static_cast<la_ssize_t>(size);
  }

  void start_compression(int (*add_filter)(archive*)) {
    archive_ = archive_write_new();
    if (!archive_) throw std::bad_alloc();
    // ARCHIVE_WARN would mean that an external program does the work: never started from here.
    if (add_filter(archive_) != ARCHIVE_OK) fail_archive();
    archive_write_set_format_raw(archive_);
    archive_write_set_filter_option(archive_, "gzip", "timestamp", nullptr);
    archive_write_set_bytes_per_block(archive_, kBufferBytes);
    archive_write_set_bytes_in_last_block(archive_, 1);
    if (archive_write_open(archive_, this, nullptr, take, nullptr) != ARCHIVE_OK) fail_archive();
    archive_entry* entry = archive_entry_new();
    archive_entry_set_filetype(entry, AE_IFREG);
    const int status = archive_write_header(archive_, entry);
    archive_entry_free(entry);
    if (status != ARCHIVE_OK) fail_archive();
  }

  void finish_compression() {
    if (!archive_) return;
    if (archive_write_close(archive_) != ARCHIVE_OK) fail_archive();
    if (error_ != 0) fail(error_);
    archive_write_free(archive_);
    archive_ = nullptr;
  }

  void write_bytes(std::string_view bytes) {
    if (const int error = write_fully(fd_, bytes)) fail(error);
  }

  [[noreturn]] void fail(int error) const {
    throw WriteError(path_, "cannot be written: " + error_text(error));
  }
  [[noreturn]] void fail_archive() const {
    const char* reason = archive_error_string(archive_);
    throw WriteError(path_, fmt::format("cannot be written: {}",
                                        reason ? reason : "compression is not available"));
  }

  void discard() {
    if (archive_) {
      error_ = ECANCELED;  // or freeing it would write the rest
      archive_write_free(archive_);
      archive_ = nullptr;
    }
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
    temporary_.clear();
  }

  std::string path_;
  fs::path target_;
  fs::path folder_;
  fs::path temporary_;  // empty: the target is written to directly
  int fd_ = -1;
  int error_ = 0;  // of a write on behalf of libarchive
  archive* archive_ = nullptr;
};

OutputFile::OutputFile(const std::string& path) : stream_(std::make_unique<Stream>(path)) {}
OutputFile::~OutputFile() = default;
OutputFile::OutputFile(OutputFile&&) noexcept = default;
OutputFile& OutputFile::operator=(OutputFile&&) noexcept = default;

void OutputFile::write(std::string_view bytes) { stream_->write(bytes); }
void OutputFile::commit() { stream_->commit(); }
const std::string& OutputFile::path() const { return stream_->path(); }

std::string suffix_of(const std::string& path) {
  return lower_ascii(fs::path(path).extension().string());
}

void write_file_atomically(const std::string& path, std::string_view bytes) {
  OutputFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace labelbeam
