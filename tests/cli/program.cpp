#include "program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <thread>

#include "temporary_folder.h"

namespace {

constexpr double kLongestCall = 120.0;

struct Streams {
  int in = -1;
  int out = -1;  // -1: closed
  int err = -1;
};

/// Starts a program; the streams are closed on this side.
pid_t start(const std::string& program, const Arguments& arguments, const Streams& streams,
            const std::vector<std::string>& environment) {
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid == 0) {
    for (const std::string& entry : environment) ::putenv(const_cast<char*>(entry.c_str()));
    ::dup2(streams.in, STDIN_FILENO);
    ::dup2(streams.err, STDERR_FILENO);
    if (streams.out >= 0) {
      ::dup2(streams.out, STDOUT_FILENO);
    } else {
      ::close(STDOUT_FILENO);
    }
    ::execvp(program.c_str(), argv.data());
    ::_exit(127);
  }
  ::close(streams.in);
  ::close(streams.err);
  if (streams.out >= 0) ::close(streams.out);
  return pid;
}

int open_file(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (fd < 0) throw std::runtime_error("cannot open " + path);
  return fd;
}

int open_new(const std::string& path) { return open_file(path, O_WRONLY | O_CREAT | O_TRUNC); }

/// The exit code; -1 if the program has not ended in time.
int wait_for_end(pid_t pid, double seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (true) {
    int status = 0;
    if (::waitpid(pid, &status, WNOHANG) == pid) {
      return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    }
    if (std::chrono::steady_clock::now() > end) return -1;
    sleep_seconds(0.005);
  }
}

int open_output(const CallOptions& options, const std::string& captured) {
  if (!options.output_file.empty()) return open_file(options.output_file, O_WRONLY);
  if (options.output == Output::closed) return -1;
  if (options.output == Output::capture) return open_new(captured);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
  ::close(ends[0]);
  return ends[1];
}

/// Whether the main thread of a process leaves a signal to another thread.
bool blocks(pid_t pid, int number) {
  const std::string status = bytes_of("/proc/" + std::to_string(pid) + "/status");
  const std::string field = "SigBlk:\t";
  const std::size_t at = status.find(field);
  if (at == std::string::npos) return false;
  return (std::stoull(status.substr(at + field.size(), 16), nullptr, 16) >> (number - 1) & 1U) != 0;
}

}  // namespace

void sleep_seconds(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

Outcome call_program(const std::string& program, const Arguments& arguments,
                     const CallOptions& options) {
  const TemporaryFolder folder;
  Streams streams;
  streams.in = open_file(folder.file("in", options.input), O_RDONLY);
  streams.out = open_output(options, folder / "out");
  streams.err = open_new(folder / "err");
  const pid_t pid = start(program, arguments, streams, options.environment);
  Outcome outcome;
  outcome.code = wait_for_end(pid, kLongestCall);
  if (outcome.code < 0) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  outcome.out = bytes_of(folder / "out");
  outcome.err = bytes_of(folder / "err");
  return outcome;
}

Outcome call(const Arguments& arguments, const CallOptions& options) {
  return call_program(LABELBEAM_PROGRAM, arguments, options);
}

bool is_one_sentence(const std::string& text) {
  return text.rfind("labelbeam: ", 0) == 0 && text.find('\n') == text.size() - 1;
}

RunningProgram::RunningProgram(const Arguments& arguments) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
  input_ = ends[1];
  std::string name = (std::filesystem::temp_directory_path() / "labelbeam-err-XXXXXX").string();
  const int err = ::mkostemp(name.data(), O_CLOEXEC);
  err_file_ = name;
  pid_ = start(LABELBEAM_PROGRAM, arguments, {ends[0], open_file("/dev/null", O_WRONLY), err}, {});
}

RunningProgram::~RunningProgram() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(input_);
  std::remove(err_file_.c_str());
}

void RunningProgram::signal(int number) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(kLongestCall);
  while (!blocks(pid_, number)) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("no signal is taken");
    sleep_seconds(0.01);
  }
  ::kill(pid_, number);
}

std::string RunningProgram::err() const { return bytes_of(err_file_); }

bool RunningProgram::wait_for(const std::string& text) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(kLongestCall);
  while (err().find(text) == std::string::npos) {
    if (std::chrono::steady_clock::now() > end) return false;
    sleep_seconds(0.01);
  }
  return true;
}

int RunningProgram::wait(double seconds) {
  const int code = wait_for_end(pid_, seconds);
  if (code >= 0) pid_ = -1;
  return code;
}
