#include <sstream>
#include <string>
#include <vector>

#include "catch.h"
#include "program.h"
#include "temporary_folder.h"

namespace {

/// What bash offers behind these words; the last one is being typed.
std::vector<std::string> offers(const std::string& words) {
  const Outcome script = call({"completion", "bash"});
  REQUIRE(script.code == 0);
  const TemporaryFolder folder;
  const std::string bash = "source " + folder.file("script", script.out) + "\nCOMP_WORDS=(" +
                           words +
                           ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_labelbeam\n"
                           "printf '%s\\n' \"${COMPREPLY[@]}\"\n";
  const Outcome outcome = call_program("bash", {"--norc", "-eu", folder.file("test", bash)});
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
  std::vector<std::string> words_offered;
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) words_offered.push_back(line);
  }
  return words_offered;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("bash completes commands, also those below a command") {
  CHECK(offers("labelbeam ins") == Words{"inspect"});
  CHECK(offers("labelbeam --json ev") == Words{"evaluate"});
  CHECK(offers("labelbeam import s") == Words{"synthetic"});
  CHECK(offers("labelbeam completion ba") == Words{"bash"});
  CHECK(offers("labelbeam co") == Words{"convert", "conformal", "compare", "completion"});
}

TEST_CASE("bash completes a command's own options and those of every command") {
  CHECK(offers("labelbeam evaluate --zero") == Words{"--zero-division"});
  CHECK(offers("labelbeam import debtags --fa") == Words{"--facets"});
  CHECK(offers("labelbeam convert --js") == Words{"--json"});
  CHECK(offers("labelbeam convert --facets").empty());
}

TEST_CASE("bash completes the words that an option takes") {
  CHECK(offers("labelbeam decide --from s") == Words{"scores", "sets"});
  CHECK(offers("labelbeam inspect --format c") == Words{"csv"});
}

TEST_CASE("bash is left to complete file names") {
  CHECK(offers("labelbeam evaluate --truth x").empty());
  CHECK(offers("labelbeam inspect x").empty());
}
