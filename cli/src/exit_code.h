#pragma once

#include <stdexcept>

namespace labelbeam::cli {

/// What the program says to its caller; the numbers above 2 are those of sysexits.h.
enum ExitCode {
  kSuccess = 0,
  kGateFailed = 1,  ///< a value that was required was not reached, or figures differ
  kUsage = 2,       ///< options that make no sense
  kBadData = 65,
  kMissingInput = 66,
  kInternal = 70,
  kCannotWrite = 74,
  kSignalBase = 128,  ///< plus the number of the signal
};

/// A value that was required was not reached; the message says which.
class GateFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The command is not in this build.
class NotBuilt : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A signal asked the program to stop, and it did.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace labelbeam::cli
