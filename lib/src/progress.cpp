#include <fmt/format.h>
#include <labelbeam/progress.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace labelbeam {
namespace {

constexpr double kSecondsBetweenDraws = 0.1;

/// 6,838: in no locale.
std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

std::string rate(const Progress& progress) {
  const double units_per_second = static_cast<double>(progress.done) / progress.seconds;
  if (units_per_second < 10.0) return fmt::format("{:.2g} {}/s", units_per_second, progress.unit);
  return fmt::format("{} {}/s", grouped(static_cast<std::uint64_t>(std::llround(units_per_second))),
                     progress.unit);
}

bool starts_code_point(char c) { return (c & '\xC0') != '\x80'; }

/// Columns that a line takes, a code point each.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_code_point));
}

/// The first `columns` code points.
std::string cut(const std::string& text, std::size_t columns) {
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    if (starts_code_point(text[end]) && seen++ == columns) break;
  }
  return text.substr(0, end);
}

std::size_t terminal_columns(std::FILE* out) {
  winsize size{};
  return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

std::string format_duration(double seconds) {
  if (!(seconds > 0.0)) seconds = 0.0;
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  constexpr double kLongest = 1e15;
  const auto whole = static_cast<std::uint64_t>(std::llround(std::min(seconds, kLongest)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

std::string format_progress(const Progress& progress) {
  std::string line = progress.stage + ": ";
  const bool total_known = progress.total > 0;
  if (progress.finished || !total_known) {
    line += fmt::format("{} {}", grouped(progress.done), progress.unit);
  } else {
    const double share =
        std::min(1.0, static_cast<double>(progress.done) / static_cast<double>(progress.total));
    line += fmt::format("{} of {} {}  {} %", grouped(progress.done), grouped(progress.total),
                        progress.unit, static_cast<int>(share * 100.0));
  }
  if (progress.finished) line += " in " + format_duration(progress.seconds);
  const bool rate_known = progress.done > 0 && progress.seconds > 0.0;
  if (rate_known) line += "  " + rate(progress);
  if (rate_known && total_known && !progress.finished && progress.done < progress.total) {
    const double seconds_a_unit = progress.seconds / static_cast<double>(progress.done);
    line += fmt::format(
        "  {} left",
        format_duration(seconds_a_unit * static_cast<double>(progress.total - progress.done)));
  }
  if (!progress.note.empty()) line += "  " + progress.note;
  return line;
}

ProgressStage::ProgressStage(ProgressSink sink, std::string stage, std::string unit,
                             std::uint64_t total)
    : sink_(std::move(sink)), start_(std::chrono::steady_clock::now()) {
  progress_.stage = std::move(stage);
  progress_.unit = std::move(unit);
  progress_.total = total;
  report();
}

void ProgressStage::advance(std::uint64_t units) {
  progress_.done += units;
  report();
}

void ProgressStage::advance(std::uint64_t units, std::string note) {
  progress_.note = std::move(note);
  advance(units);
}

void ProgressStage::finish() {
  progress_.finished = true;
  report();
}

void ProgressStage::report() {
  if (!sink_) return;
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  progress_.seconds = elapsed.count();
  sink_(progress_);
}

TerminalProgress::TerminalProgress(std::FILE* out)
    : TerminalProgress(out, isatty(fileno(out)) != 0, terminal_columns(out)) {}

TerminalProgress::~TerminalProgress() {
  if (is_terminal_ && drawn_width_ > 0) std::fputc('\n', out_);
}

void TerminalProgress::show(const Progress& progress) {
  const bool begins = progress.stage != stage_;
  if (is_terminal_) {
    const bool due = progress.seconds - last_drawn_ >= kSecondsBetweenDraws;
    if (begins || due || progress.finished) draw(progress);
  } else if (progress.finished) {
    std::fprintf(out_, "%s\n", format_progress(progress).c_str());
  } else if (begins) {
    std::fprintf(out_, "%s ...\n", progress.stage.c_str());
  }
  if (is_terminal_ || begins || progress.finished) std::fflush(out_);
  stage_ = progress.finished ? std::string() : progress.stage;
}

ProgressSink TerminalProgress::sink() {
  return [this](const Progress& progress) { show(progress); };
}

void TerminalProgress::draw(const Progress& progress) {
  std::string line = format_progress(progress);
  // A line that wraps could not be drawn over.
  if (columns_ > 1) line = cut(line, columns_ - 1);
  const std::size_t line_width = width(line);
  const std::size_t leftover = drawn_width_ > line_width ? drawn_width_ - line_width : 0;
  std::fprintf(out_, "\r%s%s", line.c_str(), std::string(leftover, ' ').c_str());
  last_drawn_ = progress.seconds;
  drawn_width_ = line_width;
  if (progress.finished) {
    std::fputc('\n', out_);
    last_drawn_ = 0.0;
    drawn_width_ = 0;
  }
}

}  // namespace labelbeam
