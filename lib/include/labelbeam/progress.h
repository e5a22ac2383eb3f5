#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

namespace labelbeam {

/// How far a stage of work is.
struct Progress {
  std::string stage;        ///< what is being done: "reading train.jsonl"
  std::string unit;         ///< what is counted, in the plural: "rows"
  std::uint64_t done = 0;   ///< units so far
  std::uint64_t total = 0;  ///< units in all; 0 where that is not known
  double seconds = 0.0;     ///< since the stage began
  std::string note;         ///< anything short to show behind: "loss 0.412"
  bool finished = false;    ///< the last report of the stage
};

/// Who wants to know. The library reports through such a function and never prints; an empty one is
/// not called.
using ProgressSink = std::function<void(const Progress&)>;

/// One line without line break, such as `training: 1,200 of 6,838 rows  17 %  310 rows/s  18 s
/// left`; when finished, such as `training: 6,838 rows in 22 s  310 rows/s`.
std::string format_progress(const Progress& progress);

/// 9.4 s, 42 s, 3 min 05 s, 2 h 07 min.
std::string format_duration(double seconds);

/// Counts the units of one stage, measures its time and reports both.
class ProgressStage {
 public:
  /// Reports the start. `total` = 0: not known.
  ProgressStage(ProgressSink sink, std::string stage, std::string unit, std::uint64_t total = 0);

  void advance(std::uint64_t units = 1);
  void advance(std::uint64_t units, std::string note);
  /// Reports the end. A stage that is left by an exception never reports it.
  void finish();

 private:
  void report();

  ProgressSink sink_;
  Progress progress_;
  std::chrono::steady_clock::time_point start_;
};

/// Shows progress on a terminal: one line that is drawn over, at most ten times a second. A file or
/// a pipe gets one line when a stage starts and one when it ends, so that logs stay readable.
/// For one thread at a time.
class TerminalProgress {
 public:
  /// Asks the system whether `out` is a terminal. `out` must outlive this object.
  explicit TerminalProgress(std::FILE* out);
  /// As told; lines are cut to `columns` - 1 characters on a terminal (0: never).
  TerminalProgress(std::FILE* out, bool is_terminal, std::size_t columns = 0)
      : out_(out), is_terminal_(is_terminal), columns_(columns) {}
  /// Ends a line that was left open.
  ~TerminalProgress();
  TerminalProgress(const TerminalProgress&) = delete;
  TerminalProgress& operator=(const TerminalProgress&) = delete;

  void show(const Progress& progress);
  /// A sink that calls `show`; it must not outlive this object.
  ProgressSink sink();

 private:
  void draw(const Progress& progress);

  std::FILE* out_;
  bool is_terminal_;
  std::size_t columns_;
  std::string stage_;
  double last_drawn_ = 0.0;
  std::size_t drawn_width_ = 0;
};

}  // namespace labelbeam
