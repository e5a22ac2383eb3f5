#include "signals.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "exit_code.h"

namespace labelbeam::cli {
namespace {

namespace fs = std::filesystem;

constexpr timespec kGrace{5, 0};

std::atomic<int> signal_seen{0};
std::atomic<int> patient_sections{0};

// Never destroyed: the thread below may still use them while the program ends.
std::mutex& folders_mutex() {
  static auto* mutex = new std::mutex;
  return *mutex;
}
std::vector<fs::path>& folders() {
  static auto* folders = new std::vector<fs::path>;
  return *folders;
}

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

void remove_parts() {
  const std::lock_guard lock(folders_mutex());
  const std::string prefix = fmt::format(".labelbeam-{}", ::getpid());
  for (const fs::path& folder : folders()) {
    std::error_code error;
    std::vector<fs::path> parts;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      if (at->path().filename().string().starts_with(prefix)) parts.push_back(at->path());
    }
    for (const fs::path& part : parts) fs::remove_all(part, error);
  }
}

void wait_for_signals() {
  const sigset_t set = stop_signals();
  int signal = 0;
  while (sigwait(&set, &signal) != 0) {
  }
  signal_seen = signal;
  if (patient_sections > 0) {
    const int second = sigtimedwait(&set, nullptr, &kGrace);
    if (second > 0) signal = second;
  }
  remove_parts();
  ::_exit(kSignalBase + signal);
}

}  // namespace

void take_signals() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::thread(wait_for_signals).detach();
}

int stop_signal() { return signal_seen; }

void remove_parts_of(const std::string& folder) {
  const std::lock_guard lock(folders_mutex());
  folders().emplace_back(folder.empty() ? "." : folder);
}

PatientSection::PatientSection() { ++patient_sections; }
PatientSection::~PatientSection() { --patient_sections; }

}  // namespace labelbeam::cli
