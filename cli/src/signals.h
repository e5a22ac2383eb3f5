#pragma once

#include <string>

/// SIGINT and SIGTERM, taken by a thread of their own, so that what they start need not be safe
/// inside a signal handler.
///
/// By default the first signal ends the program with code 128 + its number; nothing half-written
/// stays. Inside a `PatientSection` the first signal is noted for the work to see, which then has
/// five seconds to end by itself; a second signal ends the program at once. Files are written
/// aside and renamed, so that the end may come at any moment.
namespace labelbeam::cli {

/// Called once, before any other thread is started. SIGPIPE is ignored: a closed pipe is a write
/// error.
void take_signals();

/// The signal that asked to stop; 0 while there is none.
int stop_signal();

/// Where an ending program removes the files that it was writing aside.
void remove_parts_of(const std::string& folder);

class PatientSection {
 public:
  PatientSection();
  ~PatientSection();
  PatientSection(const PatientSection&) = delete;
  PatientSection& operator=(const PatientSection&) = delete;
};

}  // namespace labelbeam::cli
