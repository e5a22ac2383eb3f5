#include <labelbeam/error.h>
#include <labelbeam/readers/constraints.h>
#include <labelbeam/writers/constraints.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;

namespace {

LabelVocab vocabulary() {
  return LabelVocab(std::vector<std::string>{"a", "b", "say \"c\"", "\xc3\xa4\n"});
}

ConstraintSpec read_text(const std::string& text) {
  const TemporaryFolder folder;
  return read_constraints(folder.file("constraints.json", text), vocabulary());
}

}  // namespace

TEST_CASE("Constraints are read by label name") {
  const ConstraintSpec spec = read_text(R"({
    "exclusions": [["b", "a"], ["a", "say \"c\""]],
    "implications": [{"if": ["a"], "then": ["b"]}, {"then": ["say \"c\""], "if": ["b", "a"]}],
    "must": ["a"], "never": [], "min_size": 1, "max_size": 3
  })");
  CHECK(spec.exclusions == std::vector<LabelSet>{{0, 1}, {0, 2}});
  CHECK(spec.implications == std::vector<Implication>{{{0}, {1}}, {{0, 1}, {2}}});
  CHECK(spec.must == LabelSet{0});
  CHECK(spec.never.empty());
  CHECK(spec.min_size == 1);
  CHECK(spec.max_size == 3);
}

TEST_CASE("Every field of a constraints file may be left out") {
  CHECK(read_text("{}") == ConstraintSpec{});
  CHECK(read_text("\xef\xbb\xbf{\"never\": [\"b\"]}") == ConstraintSpec{.never = {1}});
}

TEST_CASE("Constraints read back as they were written, compressed or not") {
  ConstraintSpec full;
  full.exclusions = {{0, 1}, {2, 3}};
  full.implications = {{{0, 2}, {3}}, {{1}, {2, 3}}};
  full.must = {3};
  full.never = {0};
  full.min_size = 2;
  full.max_size = 4;
  const TemporaryFolder folder;
  for (const std::string name : {"c.json", "c.json.gz", "c.json.zst"}) {
    for (const ConstraintSpec& spec : {full, ConstraintSpec{}}) {
      write_constraints(folder / name, spec, vocabulary());
      CHECK(read_constraints(folder / name, vocabulary()) == spec);
    }
  }
}

TEST_CASE("Constraints are written with one rule a line") {
  ConstraintSpec spec;
  spec.exclusions = {{0, 1}};
  spec.implications = {{{0}, {2}}, {{1}, {0}}};
  spec.max_size = 2;
  CHECK(to_json(spec, vocabulary()) == R"({
  "exclusions": [
    ["a", "b"]
  ],
  "implications": [
    {"if": ["a"], "then": ["say \"c\""]},
    {"if": ["b"], "then": ["a"]}
  ],
  "must": [],
  "never": [],
  "min_size": 0,
  "max_size": 2
}
)");
  CHECK_THROWS_AS(to_json({.must = {9}}, vocabulary()), std::out_of_range);
}

TEST_CASE("A constraints file that cannot be used is refused with its reason") {
  struct Bad {
    std::string text;
    std::string reason;
  };
  const std::vector<Bad> inputs = {
      {"", "not valid JSON at byte 1 of the file"},
      {"{\"must\": [\"a\"]", "not valid JSON at byte"},
      {"{}{}", "not valid JSON at byte"},
      {"[]", "expected a JSON object, got a JSON array"},
      {"{\"must\": [\"\xff\"]}", "byte 12 of the file is not UTF-8"},
      {"{\"must\": [], \"must\": []}", "the key \"must\" is repeated"},
      {"{\"most\": []}", "the field \"most\" is not one of \"exclusions\""},
      {"{\"must\": \"a\"}", "\"must\" must be an array, got a JSON string"},
      {"{\"must\": null}", "\"must\" must be an array, got a JSON null"},
      {"{\"never\": [1]}", "a label of \"never\" must be a string, got a JSON number"},
      {"{\"never\": [\"z\"]}", "\"never\" holds the unknown label \"z\""},
      {"{\"never\": [\"a\", \"a\"]}", "\"never\" holds the label \"a\" twice"},
      {"{\"exclusions\": {}}", "\"exclusions\" must be an array, got a JSON object"},
      {"{\"exclusions\": [\"a\"]}", "an exclusion must be an array, got a JSON string"},
      {"{\"exclusions\": [[]]}", "an exclusion has no labels"},
      {"{\"exclusions\": [[\"a\", \"z\"]]}", "an exclusion holds the unknown label \"z\""},
      {"{\"implications\": [[\"a\"]]}",
       "an implication must be an object with \"if\" and \"then\""},
      {"{\"implications\": [{\"if\": [\"a\"]}]}", "an implication must be an object"},
      {"{\"implications\": [{\"if\": [\"a\"], \"than\": [\"b\"]}]}", "an implication must be an"},
      {"{\"implications\": [{\"if\": [\"a\"], \"then\": [\"b\"], \"x\": 1}]}", "\"then\" alone"},
      {"{\"implications\": [{\"if\": [], \"then\": [\"b\"]}]}",
       "the \"if\" of an implication has no labels"},
      {"{\"implications\": [{\"if\": [\"a\"], \"then\": []}]}",
       "the \"then\" of an implication has no labels"},
      {"{\"min_size\": -1}", "\"min_size\" must be a whole number of at least 0, got -1"},
      {"{\"min_size\": 1.5}", "\"min_size\" must be a whole number of at least 0, got 1.5"},
      {"{\"max_size\": \"3\"}", "\"max_size\" must be a whole number of at least 0, got \"3\""},
      {"{\"max_size\": null}", "\"max_size\" must be a whole number of at least 0, got null"},
  };
  for (const Bad& bad : inputs) {
    DYNAMIC_SECTION(bad.text) {
      const TemporaryFolder folder;
      const std::string file = folder.file("c.json", bad.text);
      CHECK_THROWS_AS(read_constraints(file, vocabulary()), DataError);
      CHECK_THROWS_WITH(read_constraints(file, vocabulary()),
                        Catch::Matchers::StartsWith(file + ": ") && contains_text(bad.reason));
    }
  }
  const TemporaryFolder folder;
  CHECK_THROWS_AS(read_constraints(folder / "none.json", vocabulary()), MissingFileError);
}
