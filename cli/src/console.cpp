#include "console.h"

#include <fcntl.h>
#include <labelbeam/error.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace labelbeam::cli {
namespace {

/// 0, or the number of the error.
int write_fully(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

bool is_closed(int fd) { return ::fcntl(fd, F_GETFD) < 0 && errno == EBADF; }

}  // namespace

void guard_standard_streams() {
  // The lowest free number is given out, so each call fills the one that is closed. Standard output
  // is opened for reading, so that what is written to it fails as it should.
  if (is_closed(STDIN_FILENO)) (void)::open("/dev/null", O_RDONLY);
  if (is_closed(STDOUT_FILENO)) (void)::open("/dev/null", O_RDONLY);
  if (is_closed(STDERR_FILENO)) (void)::open("/dev/null", O_WRONLY);
}

void Console::write(std::string_view text) {
  if (const int error = write_fully(STDOUT_FILENO, text)) {
    throw WriteError("standard output", std::generic_category().message(error));
  }
}

void Console::say(const std::string& line) {
  // Ends the line that progress is drawn on; a log has no such line.
  if (::isatty(STDERR_FILENO)) progress_.reset();
  (void)write_fully(STDERR_FILENO, line + '\n');
}

void Console::note(const std::string& line) {
  if (!quiet) say(line);
}

void Console::warn(const std::string& line) { say("labelbeam: warning: " + one_line(line)); }

void Console::error(const std::string& line) { say("labelbeam: " + one_line(line)); }

ProgressSink Console::progress() {
  if (quiet) return {};
  return [this](const Progress& progress) {
    if (!progress_) progress_.emplace(stderr);
    progress_->show(progress);
  };
}

std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace labelbeam::cli
