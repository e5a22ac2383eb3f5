#include <labelbeam/progress.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "catch.h"

using namespace labelbeam;

namespace {

Progress at(std::uint64_t done, std::uint64_t total, double seconds) {
  Progress progress;
  progress.stage = std::string("training");
  progress.unit = std::string("rows");
  progress.done = done;
  progress.total = total;
  progress.seconds = seconds;
  return progress;
}

Progress finished(Progress progress) {
  progress.finished = true;
  return progress;
}

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// A file that tests read back.
class Output {
 public:
  Output() : file_(std::tmpfile()) { REQUIRE(file_); }
  std::FILE* file() { return file_.get(); }
  std::string text() {
    std::rewind(file());
    std::string text(10'000, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file()));
    return text;
  }

 private:
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace

TEST_CASE("Durations are short and easy to read") {
  CHECK(format_duration(-1.0) == "0.0 s");
  CHECK(format_duration(9.44) == "9.4 s");
  CHECK(format_duration(9.97) == "10 s");
  CHECK(format_duration(59.4) == "59 s");
  CHECK(format_duration(59.6) == "1 min 00 s");
  CHECK(format_duration(185.0) == "3 min 05 s");
  CHECK(format_duration(7620.0) == "2 h 07 min");
  CHECK(format_duration(1e300).find(" h ") != std::string::npos);
}

TEST_CASE("Progress shows share, rate and time left") {
  CHECK(format_progress(at(1200, 6838, 4.0)) ==
        "training: 1,200 of 6,838 rows  17 %  300 rows/s  19 s left");
  CHECK(format_progress(at(3, 6, 30.0)) == "training: 3 of 6 rows  50 %  0.1 rows/s  30 s left");
}

TEST_CASE("Progress says nothing that it does not know") {
  CHECK(format_progress(at(0, 10, 0.0)) == "training: 0 of 10 rows  0 %");
  CHECK(format_progress(at(0, 10, 5.0)) == "training: 0 of 10 rows  0 %");
  CHECK(format_progress(at(1'234'567, 0, 10.0)) == "training: 1,234,567 rows  123,457 rows/s");
  CHECK(format_progress(at(12, 10, 1.0)) == "training: 12 of 10 rows  100 %  12 rows/s");
}

TEST_CASE("A finished stage shows what it took, and its note") {
  Progress progress = finished(at(6838, 6838, 22.0));
  progress.note = std::string("loss 0.412");
  CHECK(format_progress(progress) == "training: 6,838 rows in 22 s  311 rows/s  loss 0.412");
}

TEST_CASE("A stage reports its start, every advance and its end") {
  std::vector<Progress> reports;
  ProgressStage stage([&](const Progress& progress) { reports.push_back(progress); }, "reading",
                      "rows", 3);
  stage.advance();
  stage.advance(2, "half empty");
  stage.finish();
  REQUIRE(reports.size() == 4);
  CHECK(reports[0].done == 0);
  CHECK(reports[1].done == 1);
  CHECK(reports[2].done == 3);
  CHECK(reports[2].note == "half empty");
  CHECK_FALSE(reports[2].finished);
  CHECK(reports[3].finished);
  CHECK(reports[3].total == 3);
  CHECK(reports[3].seconds >= reports[0].seconds);
}

TEST_CASE("A stage without a sink is silent") {
  ProgressStage stage({}, "reading", "rows");
  stage.advance();
  CHECK_NOTHROW(stage.finish());
}

TEST_CASE("A log gets one line at the start and one at the end of a stage") {
  Output out;
  {
    TerminalProgress progress(out.file());
    const ProgressSink sink = progress.sink();
    for (std::uint64_t i = 0; i <= 100; ++i) sink(at(i, 100, static_cast<double>(i)));
    sink(finished(at(100, 100, 100.0)));
    sink(finished(at(100, 100, 100.0)));
  }
  CHECK(out.text() ==
        "training ...\n"
        "training: 100 rows in 1 min 40 s  1 rows/s\n"
        "training: 100 rows in 1 min 40 s  1 rows/s\n");
}

TEST_CASE("A terminal line is drawn over at most ten times a second") {
  Output out;
  {
    TerminalProgress progress(out.file(), true);
    progress.show(at(1, 0, 1.0));
    progress.show(at(2, 0, 1.05));
    progress.show(at(300, 0, 1.5));
    progress.show(finished(at(300, 0, 1.6)));
  }
  CHECK(out.text() ==
        "\rtraining: 1 rows  1 rows/s"
        "\rtraining: 300 rows  200 rows/s"
        "\rtraining: 300 rows in 1.6 s  188 rows/s\n");
}

TEST_CASE("A shorter terminal line covers a longer one, and an open line is ended") {
  Output out;
  {
    TerminalProgress progress(out.file(), true);
    Progress report = at(0, 0, 0.0);
    report.note = std::string("long");
    progress.show(report);
    report.note = std::string("x");
    report.seconds = 1.0;
    progress.show(report);
  }
  CHECK(out.text() == "\rtraining: 0 rows  long\rtraining: 0 rows  x   \n");
}

TEST_CASE("A terminal line is cut before it wraps, between characters") {
  Output out;
  {
    TerminalProgress progress(out.file(), true, 6);
    Progress report = at(0, 0, 0.0);
    report.stage = std::string("éééééé");
    progress.show(report);
  }
  CHECK(out.text() == "\rééééé\n");
}
