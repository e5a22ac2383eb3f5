#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

/// What a call of the program gave.
struct Outcome {
  int code = 0;     ///< exit code; 1000 + the number of a signal that killed it
  std::string out;  ///< empty where standard output went elsewhere
  std::string err;
};

enum class Output { capture, closed, closed_pipe };

struct CallOptions {
  std::string input;  ///< standard input
  Output output = Output::capture;
  std::string output_file;               ///< where standard output goes instead
  std::vector<std::string> environment;  ///< NAME=VALUE, besides that of the test
};

using Arguments = std::vector<std::string>;

/// Runs labelbeam and waits for it; after two minutes it is killed.
Outcome call(const Arguments& arguments, const CallOptions& options = {});

/// Runs another program.
Outcome call_program(const std::string& program, const Arguments& arguments,
                     const CallOptions& options = {});

/// Whether that is how labelbeam tells an error: one line with its name in front.
bool is_one_sentence(const std::string& text);

/// A running labelbeam whose standard input stays open.
class RunningProgram {
 public:
  explicit RunningProgram(const Arguments& arguments);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  /// Sends a signal, once the program has taken over what signals do.
  void signal(int number) const;
  /// What it has written to standard error so far.
  std::string err() const;
  /// Waits until standard error holds the text, at most two minutes; whether it does.
  bool wait_for(const std::string& text) const;
  /// Waits for its end; -1 if it has not ended after so many seconds.
  int wait(double seconds);

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  std::string err_file_;
};

void sleep_seconds(double seconds);
