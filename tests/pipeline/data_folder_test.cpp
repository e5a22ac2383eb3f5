#include <labelbeam/error.h>
#include <labelbeam/pipeline/data_folder.h>
#include <labelbeam/readers/dataset_reader.h>
#include <labelbeam/synthetic.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;
using namespace labelbeam::pipeline;
using Names = std::vector<std::string>;

namespace {

SplitDataset some_data() {
  const SyntheticTask task;
  return {task.sample(20, 1, "train"), task.sample(5, 2, "valid"), task.sample(5, 3, "test")};
}

const DataSource kSource{"toy", "made up", true, R"({"n":3})"};

}  // namespace

TEST_CASE("a data folder is read as it was written") {
  const TemporaryFolder folder;
  const SplitDataset data = some_data();
  write_data_folder(folder / "a/b", data, kSource);
  CHECK(Names{"source.json", "test.jsonl.gz", "train.jsonl.gz", "valid.jsonl.gz"} == [&] {
    Names names;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "a/b")) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }());
  const DataFolder read = read_data_folder(folder / "a/b");
  CHECK(read.train.rows == data.train.rows);
  CHECK(read.test.rows.size() == 5);
  const auto source = read_data_source(folder / "a/b");
  REQUIRE(source);
  CHECK(source->name == "toy");
  CHECK(source->source == "made up");
  CHECK(source->synthetic);
  CHECK(source->summary_json == kSource.summary_json);
}

TEST_CASE("a folder is written again over its own files") {
  const TemporaryFolder folder;
  write_data_folder(folder.path(), some_data(), kSource);
  const std::string before = bytes_of(folder / "train.jsonl.gz");
  write_data_folder(folder.path(), some_data(), kSource);
  CHECK(bytes_of(folder / "train.jsonl.gz") == before);
  CHECK(folder.names().size() == 4);
}

TEST_CASE("a split under another name is not doubled") {
  const TemporaryFolder folder;
  folder.file("dev.csv", "id,text,labels\n1,x,a\n");
  CHECK_THROWS_AS(write_data_folder(folder.path(), some_data(), kSource), std::invalid_argument);
  CHECK(folder.names() == Names{"dev.csv"});
}

TEST_CASE("nothing is written where a part has no rows") {
  const TemporaryFolder folder;
  SplitDataset data = some_data();
  data.valid.rows.clear();
  CHECK_THROWS_AS(write_data_folder(folder / "new", data, kSource), std::invalid_argument);
  CHECK(folder.names().empty());
}

TEST_CASE("a folder that cannot be made is a write error") {
  const TemporaryFolder folder;
  const std::string file = folder.file("file", "");
  CHECK_THROWS_AS(write_data_folder(file, some_data(), kSource), WriteError);
  CHECK_THROWS_AS(write_data_folder(folder / "file/below", some_data(), kSource), WriteError);
  CHECK(folder.names() == Names{"file"});
}

TEST_CASE("a failed write leaves neither files nor a new folder") {
  const TemporaryFolder folder;
  SplitDataset data = some_data();
  data.test.rows[0].text = std::string("\xff");  // not UTF-8: cannot be written as JSON
  CHECK_THROWS(write_data_folder(folder / "new", data, kSource));
  CHECK(folder.names().empty());
}

TEST_CASE("a folder without source.json has no source, a damaged one is refused") {
  const TemporaryFolder folder;
  CHECK_FALSE(read_data_source(folder.path()));
  for (const std::string text :
       {"", "{", "[]", "{\"name\":\"x\"}", "{\"name\":1,\"source\":\"y\",\"synthetic\":false}"}) {
    INFO(text);
    folder.file("source.json", text);
    CHECK_THROWS_AS(read_data_source(folder.path()), DataError);
  }
}
