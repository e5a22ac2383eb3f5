#include <labelbeam/error.h>
#include <labelbeam/output_file.h>
#include <labelbeam/pipeline/manifest.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;
using namespace labelbeam::pipeline;

TEST_CASE("A fingerprint is of a file's content, compressed or not, and of every byte of it") {
  const TemporaryFolder folder;
  std::string text(200000, 'x');
  const InputRecord plain = record_input("train", folder.file("plain.txt", text));
  write_file_atomically(folder / "same.txt.gz", text);
  const InputRecord compressed = record_input("train", folder / "same.txt.gz");
  CHECK(plain.bytes == 200000);
  CHECK(plain.fingerprint.size() == 16);
  CHECK(compressed.bytes == plain.bytes);
  CHECK(compressed.fingerprint == plain.fingerprint);
  for (const std::size_t place : {std::size_t{0}, std::size_t{65536}, text.size() - 1}) {
    std::string changed = text;
    changed[place] = 'y';
    CHECK(record_input("train", folder.file("other.txt", changed)).fingerprint !=
          plain.fingerprint);
  }
  CHECK(record_input("train", folder.file("empty.txt", "")).bytes == 0);
}

TEST_CASE("Inputs that changed or are gone are named") {
  const TemporaryFolder folder;
  const std::vector<InputRecord> inputs = {record_input("train", folder.file("train.jsonl", "a\n")),
                                           record_input("test", folder.file("test.jsonl", "b\n"))};
  CHECK_NOTHROW(check_inputs(inputs));
  folder.file("test.jsonl", "c\n");
  CHECK_THROWS_WITH(check_inputs(inputs),
                    contains_text("test.jsonl: is not the file of the first run (test)"));
  std::filesystem::remove(folder / "train.jsonl");
  CHECK_THROWS_AS(check_inputs(inputs), MissingFileError);
}

TEST_CASE("The files of labels beside those of rows are recorded, checked and moved with them") {
  const TemporaryFolder folder;
  for (const char* name : {"train", "valid", "test"}) {
    folder.file(std::string(name) + ".src", "a text\n");
    folder.file(std::string(name) + ".tgt", "joy\n");
  }
  std::vector<InputRecord> inputs = record_data(folder.path());
  REQUIRE(inputs.size() == 6);
  CHECK(inputs[1].role == "train");
  CHECK(inputs[1].path == folder / "train.tgt");
  CHECK_NOTHROW(check_inputs(inputs));
  folder.file("train.tgt", "fear\n");
  CHECK_THROWS_WITH(check_inputs(inputs),
                    contains_text("train.tgt: is not the file of the first run (train)"));

  const TemporaryFolder moved;
  for (const std::string& name : folder.names()) {
    std::filesystem::copy(folder / name, moved / name);
  }
  inputs.push_back({"vectors", "vectors.txt", 0, ""});
  move_data(inputs, moved.path());
  CHECK(inputs.back().path == "vectors.txt");
  inputs.pop_back();
  CHECK_THROWS_WITH(check_inputs(inputs), contains_text(moved / "train.tgt"));
  moved.file("train.tgt", "joy\n");
  CHECK_NOTHROW(check_inputs(inputs));
}

TEST_CASE("A file of labels that splits share is recorded once, and stays where an option says") {
  const TemporaryFolder folder;
  for (const char* name : {"train", "dev", "test"}) folder.file(std::string(name) + ".arff", "");
  const std::string xml = folder.file("rows.xml", "<labels/>");
  const std::vector<InputRecord> found = record_data(folder.path());
  REQUIRE(found.size() == 4);
  CHECK(found[1].role == "train");
  CHECK(found[1].path == xml);
  std::vector<InputRecord> named = record_data(folder.path(), {.labels_file = xml});
  REQUIRE(named.size() == 4);
  CHECK(named[1].role == "labels");
  move_data(named, "elsewhere");
  CHECK(named[1].path == xml);
  CHECK(named[2].path == "elsewhere/dev.arff");
}

TEST_CASE("Reports are compared figure by figure, to the last bit") {
  const TemporaryFolder folder;
  const std::string first = folder.file(
      "a.json",
      R"({"data":{"name":"x","rows":3},"list":[0.1,2,null],"text":"t","manifest":{"a":1},)"
      R"("timed":[{"seconds":5}]})");
  const auto against = [&](const std::string& text) {
    return compare_reports(first, folder.file("b.json", text));
  };
  const ReportDifferences same =
      against(R"({"data":{"name":"y","rows":3},"list":[0.1,2,null],"text":"t","manifest":{"a":2},)"
              R"("timed":[{"seconds":7}]})");
  CHECK(same.differences.empty());
  CHECK(same.figures == 3);
  const ReportDifferences other =
      against(R"({"data":{"name":"x"},"list":[0.10000000000000002,2.5,null,4],"text":"u","new":1,)"
              R"("manifest":{},"timed":[{"seconds":7}]})");
  REQUIRE(other.differences.size() == 6);
  CHECK(std::isinf(other.differences[3].size));
  CHECK(other.differences[4].where == "/list/1");
  CHECK(other.differences[4].size == 0.5);
  CHECK(other.differences[5].where == "/list/0");
  CHECK(other.differences[5].size > 0.0);
  CHECK(other.differences[5].size < 1e-16);
  CHECK_THROWS_AS(against("{"), DataError);
}
