#include <signal.h>

#include <string>

#include "catch.h"
#include "program.h"
#include "temporary_folder.h"

namespace {

/// A truth file and predictions that are right in one row of two.
struct Files {
  TemporaryFolder folder;
  std::string truth = folder.file(
      "truth.jsonl", "{\"id\":\"1\",\"labels\":[\"a\"]}\n{\"id\":\"2\",\"labels\":[\"b\"]}\n");
  std::string predictions = folder.file("pred.jsonl",
                                        "{\"id\":\"1\",\"labels\":[\"a\"],\"scores\":{\"a\":0.9}}\n"
                                        "{\"id\":\"2\",\"labels\":[],\"scores\":{\"a\":0.1}}\n");

  Arguments evaluate(Arguments more = {}) const {
    more.insert(more.begin(), {"evaluate", "--truth", truth, "--pred", predictions});
    return more;
  }
};

}  // namespace

TEST_CASE("success is 0, and results stand alone on standard output") {
  const Outcome outcome = call(Files().evaluate());
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
}

TEST_CASE("a required value that is not reached is 1") {
  const Files files;
  CHECK(call(files.evaluate({"--require", "subset_accuracy>=0.5"})).code == 0);
  CHECK(call(files.evaluate({"--require", "hamming_loss<=0.25"})).code == 0);
  const Outcome outcome = call(
      files.evaluate({"--require", "subset_accuracy>=0.5", "--require", "subset_accuracy>=0.51"}));
  CHECK(outcome.code == 1);
  CHECK(outcome.err ==
        "labelbeam: subset_accuracy>=0.51 is required, but subset_accuracy is 0.5\n");
  CHECK_THAT(outcome.out, contains_text("subset_accuracy"));
}

TEST_CASE("arguments that make no sense are 2 and name the help") {
  const Files files;
  const std::vector<Arguments> cases = {
      {},
      {"guess"},
      {"import"},
      {"import", "guess"},
      {"inspect"},
      {"graph"},
      {"graph", files.truth, "--measure", "guess"},
      {"graph", files.truth, "--fdr", "0"},
      {"graph", files.truth, "--min-support", "0"},
      {"graph", files.truth, "--out", "graph.png"},
      {"graph", files.truth, "--compare", files.truth, "--out", "graph.json"},
      {"graph", files.predictions, "--expected", "--suggest", "rules.json"},
      {"inspect", files.truth, files.truth},
      {"inspect", "--guess", files.truth},
      {"inspect", files.truth, "--top", "few"},
      {"inspect", files.truth, "--top", "-1"},
      {"inspect", files.truth, "--format", "xml"},
      {"inspect", files.truth, "--threads", "-1"},
      {"evaluate", "--truth", files.truth},
      files.evaluate({"--zero-division", "2"}),
      files.evaluate({"--convention", "guess"}),
      files.evaluate({"--convention", "mulan", "--zero-division", "1"}),
      files.evaluate({"--require", "subset_accuracy"}),
      files.evaluate({"--require", "subset_accuracy>0.5"}),
      files.evaluate({"--require", "guess>=0.5"}),
      files.evaluate({"--require", "f1_micro>=x"}),
      {"decide", "--pred", files.predictions, "--decision", "guess"},
      {"decide", "--pred", files.predictions, "--decision", "per_label"},
      {"decide", "--pred", files.predictions, "--json"},
      {"decide", "--pred", files.predictions, "--thresholds-out", files.folder / "t"},
      {"split", files.truth, "--out", files.folder / "s", "--train", "0.9", "--test", "0.9"},
      {"split", files.truth, "--out", files.folder / "s", "--seed", "x"},
      {"import", "synthetic", "--out", files.folder / "s", "--rows", "3"},
  };
  for (const Arguments& arguments : cases) {
    const Outcome outcome = call(arguments);
    std::string line;
    for (const std::string& argument : arguments) line += argument + " ";
    INFO(line << "-> " << outcome.err);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK(is_one_sentence(outcome.err));
    CHECK_THAT(outcome.err, contains_text(" --help)"));
  }
  CHECK(files.folder.names() == std::vector<std::string>{"pred.jsonl", "truth.jsonl"});
}

TEST_CASE("a link to a file that is read is not written to") {
  const Files files;
  const std::string link = files.folder / "link.jsonl";
  std::filesystem::create_symlink(files.truth, link);
  for (const Arguments& arguments :
       {Arguments{"convert", files.truth, link}, Arguments{"convert", link, files.truth},
        Arguments{"graph", files.truth, "--suggest", link}}) {
    const Outcome outcome = call(arguments);
    INFO(outcome.err);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, contains_text(" would overwrite "));
    CHECK(std::filesystem::is_symlink(link));
  }
}

TEST_CASE("output that cannot be written is 74") {
  const Files files;
  CallOptions options;
  const auto check_refused = [&](const Arguments& arguments) {
    const Outcome outcome = call(arguments, options);
    INFO(outcome.err);
    CHECK(outcome.code == 74);
    CHECK(is_one_sentence(outcome.err));
  };
  const std::vector<Arguments> printing = {
      files.evaluate(),
      files.evaluate({"--json"}),
      {"inspect", files.truth},
      {"decide", "--pred", files.predictions, "--decision", "fixed"},
      {"completion", "bash"},
      {"--help"},
      {"--version"}};
  for (const Arguments& arguments : printing) {
    options = {};
    options.output_file = "/dev/full";
    check_refused(arguments);
    options = {};
    options.output = Output::closed;
    check_refused(arguments);
    options = {};
    options.output = Output::closed_pipe;
    check_refused(arguments);
  }
  options = {};
  std::filesystem::create_symlink("/dev/full", files.folder / "full.jsonl");
  check_refused({"convert", files.truth, files.folder / "full.jsonl"});
  std::filesystem::remove(files.folder / "full.jsonl");
  check_refused({"convert", files.truth, files.folder / "absent/out.jsonl"});
  check_refused({"decide", "--pred", files.predictions, "--decision", "fixed", "--out",
                 files.folder / "absent/out.jsonl"});
  check_refused({"decide", "--pred", files.predictions, "--decision", "fixed", "--out",
                 files.folder / "out.jsonl", "--thresholds-out", "/dev/full"});
  check_refused({"import", "synthetic", "--rows", "10", "--out", files.truth});
  CHECK(files.folder.names() == std::vector<std::string>{"pred.jsonl", "truth.jsonl"});
}

TEST_CASE("a closed standard output does not end in the first file that is opened") {
  const Files files;
  CallOptions options;
  options.output = Output::closed;
  CHECK(call({"convert", files.truth, files.folder / "out.csv"}, options).code == 74);
  CHECK(bytes_of(files.folder / "out.csv").rfind("id,", 0) == 0);
  CHECK(bytes_of(files.folder / "out.csv").find("Wrote") == std::string::npos);
}

TEST_CASE("a signal ends the program with 128 and its number, and leaves no file") {
  for (const int number : {SIGINT, SIGTERM}) {
    const TemporaryFolder folder;
    // Waits for standard input, which stays open.
    RunningProgram program({"convert", "--format", "jsonl", "-", folder / "out.jsonl"});
    program.signal(number);
    CHECK(program.wait(5.0) == 128 + number);
    CHECK(folder.names().empty());
  }
}

TEST_CASE("a signal while files are written leaves none of them half-written") {
  int interrupted = 0;
  for (int trial = 0; trial < 8; ++trial) {
    const TemporaryFolder folder;
    RunningProgram program({"import", "synthetic", "--rows", "20000", "--out", folder / "data"});
    sleep_seconds(0.05 * (trial + 1));
    program.signal(SIGTERM);
    const int code = program.wait(30.0);
    REQUIRE((code == 0 || code == 128 + SIGTERM));
    interrupted += code == 0 ? 0 : 1;
    if (!std::filesystem::exists(folder / "data")) continue;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "data")) {
      INFO(entry.path().string());
      CHECK(entry.path().filename().string().front() != '.');
    }
  }
  CHECK(interrupted > 0);
}

#if !LABELBEAM_HAS_MODELS
TEST_CASE("commands that need LibTorch say that this build has no models") {
  for (const std::string command : {"train", "predict", "compare", "rerun"}) {
    const Outcome outcome = call({command, "--data", "x", "--out", "y"});
    CHECK(outcome.code == 2);
    CHECK(is_one_sentence(outcome.err));
    CHECK_THAT(outcome.err, contains_text("this build has no models: " + command));
  }
}
#endif
