#pragma once

#include <labelbeam/progress.h>

#include <optional>
#include <string>
#include <string_view>

namespace labelbeam::cli {

/// Keeps closed standard streams from becoming the first files that are opened. Called once.
void guard_standard_streams();

/// What the program says: results on standard output, everything else on standard error.
class Console {
 public:
  bool quiet = false;   ///< neither notes nor progress; warnings and errors remain
  bool json = false;    ///< results as one JSON document
  bool silent = false;  ///< no results

  /// Writes to standard output; throws `WriteError`.
  void write(std::string_view text);
  /// The result of a command, for people or for programs.
  void result(const std::string& text, const std::string& json_text) {
    if (!silent) write(json ? json_text : text);
  }
  /// One line for people.
  void note(const std::string& line);
  void warn(const std::string& line);
  void error(const std::string& line);
  /// Shows progress on standard error; empty if quiet. It must not outlive this object.
  ProgressSink progress();

 private:
  void say(const std::string& line);

  std::optional<TerminalProgress> progress_;
};

/// The text without line breaks and other control characters.
std::string one_line(std::string_view text);

}  // namespace labelbeam::cli
