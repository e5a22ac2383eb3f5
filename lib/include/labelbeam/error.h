#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace labelbeam {

/// Input that cannot be used: says which file, where in it, and why.
///
/// The message reads `FILE:LINE: reason` (or `FILE: reason` where a line makes no sense, as in a
/// binary file). A caller's mistake is `std::invalid_argument` instead.
class DataError : public std::runtime_error {
 public:
  /// `line` counts from 1; 0 means that the reason concerns the file as a whole.
  DataError(const std::string& file, std::size_t line, const std::string& reason)
      : std::runtime_error(line == 0 ? file + ": " + reason
                                     : file + ":" + std::to_string(line) + ": " + reason),
        file_(file),
        line_(line) {}

  const std::string& file() const { return file_; }
  std::size_t line() const { return line_; }

 private:
  std::string file_;
  std::size_t line_;
};

/// An input file or folder that is not there or cannot be opened for reading.
class MissingFileError : public DataError {
 public:
  MissingFileError(const std::string& file, const std::string& reason)
      : DataError(file, 0, reason) {}
};

/// An output that could not be written: disk full, no permission, folder missing.
/// What was at the destination before is untouched.
class WriteError : public std::runtime_error {
 public:
  WriteError(const std::string& file, const std::string& reason)
      : std::runtime_error(file + ": " + reason) {}
};

}  // namespace labelbeam
