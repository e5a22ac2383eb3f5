#include <labelbeam/error.h>
#include <labelbeam/readers/dataset_reader.h>

#include <algorithm>
#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;
using Names = std::vector<std::string>;

namespace {

const std::string kRows =
    "{\"id\": \"1\", \"text\": \"t\", \"labels\": [\"z\", \"b\"]}\n"
    "{\"id\": \"2\", \"labels\": [\"a\", \"a\", \"z\"], \"group\": \"g\", \"weight\": 2}\n"
    "{\"id\": \"3\"}\n";

std::string numbered_rows(int count) {
  std::string rows;
  for (int i = 0; i < count; ++i) {
    rows +=
        "{\"id\": \"r" + std::to_string(i) + "\", \"labels\": [\"l" + std::to_string(i) + "\"]}\n";
  }
  return rows;
}

Names ids_of(const Dataset& data) {
  Names ids;
  for (const Example& row : data.rows) ids.push_back(row.id);
  return ids;
}

}  // namespace

TEST_CASE("A data set's labels are sorted by name, whatever the order of rows") {
  const TemporaryFolder folder;
  const Dataset data = read_dataset(folder.file("a.jsonl", kRows));
  CHECK(data.labels.names() == Names{"a", "b", "z"});
  REQUIRE(data.rows.size() == 3);
  CHECK(data.rows[0].labels == LabelSet{1, 2});
  CHECK(data.rows[0].text == "t");
  CHECK(data.rows[1].labels == LabelSet{0, 2});
  CHECK(data.rows[1].group == "g");
  CHECK(data.rows[1].weight == 2.0);
  CHECK_FALSE(data.rows[2].labelled);
}

TEST_CASE("Labels of the header count even where no row has them") {
  const TemporaryFolder folder;
  const Dataset data =
      read_dataset(folder.file("a.tsv", "ID\tTweet\tjoy\tanger\nx\thello\t1\t0\n"));
  CHECK(data.labels.names() == Names{"anger", "joy"});
  CHECK(data.rows[0].labels == LabelSet{1});
}

TEST_CASE("Unknown labels are an error, are ignored, or are added to be missed") {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.jsonl", kRows);
  const LabelVocab known(Names{"z", "y"});
  CHECK_THROWS_WITH(read_dataset(path, {}, known, UnknownLabels::error),
                    contains_text(path + ":1: the label \"b\" is not among the 2 known labels"));

  const DatasetWithUnknowns ignored = read_dataset(path, {}, known, UnknownLabels::ignore);
  CHECK(ignored.data.labels == known);
  CHECK(ignored.data.rows[1].labels == LabelSet{0});
  CHECK(ignored.unknown == UnknownLabelCounts{3, 2, {"a", "b"}});

  const DatasetWithUnknowns missed = read_dataset(path, {}, known, UnknownLabels::miss);
  CHECK(missed.data.labels.names() == Names{"z", "y", "b", "a"});
  CHECK(missed.data.rows[1].labels == LabelSet{0, 3});
  CHECK(missed.unknown == ignored.unknown);
}

TEST_CASE("A sample of rows depends on ids only and keeps the vocabulary") {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.jsonl", numbered_rows(100));
  const Dataset sample = read_dataset(path, {}, 10);
  CHECK(sample.rows.size() == 10);
  CHECK(sample.labels.size() == 100);
  const Names ids = ids_of(sample);
  const Names larger = ids_of(read_dataset(path, {}, 20));
  for (const std::string& id : ids) {
    CHECK(std::find(larger.begin(), larger.end(), id) != larger.end());
  }
  CHECK(ids != Names{"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9"});
  CHECK(read_dataset(path, {}, 1000).rows.size() == 100);
  CHECK(ids_of(read_dataset(path, {}, sample.labels, UnknownLabels::error, 10).data) == ids);
}

TEST_CASE("A data folder's training file defines the vocabulary") {
  const TemporaryFolder folder;
  folder.file("train.jsonl", kRows);
  folder.file("dev.csv", "id,text,labels\n1,x,a;b\n");
  folder.file("test.tsv", "id\ttext\tlabels\n1\tx\tnew\n2\ty\tz\n");
  folder.file("README.md", "not data");
  CHECK_THROWS_WITH(read_data_folder(folder.path()),
                    contains_text("test.tsv:2: the label \"new\" is not among the 3 known labels"));
  const DataFolder data =
      read_data_folder(folder.path(), {.unknown_labels = UnknownLabels::miss, .max_train_rows = 2});
  CHECK(data.train.rows.size() == 2);
  CHECK(data.valid.labels == data.train.labels);
  CHECK(data.valid_unknown.occurrences == 0);
  CHECK(data.test.labels.names() == Names{"a", "b", "z", "new"});
  CHECK(data.test_unknown == UnknownLabelCounts{1, 1, {"new"}});
}

TEST_CASE("A data folder without a split, or with two of one, is refused") {
  const TemporaryFolder folder;
  folder.file("train.jsonl.gz", "");
  CHECK(find_split(folder.path(), "train") == folder / "train.jsonl.gz");
  CHECK_THROWS_WITH(
      find_split(folder.path(), "valid"),
      contains_text(folder.path() + ": has no valid file (valid.jsonl, .csv, .tsv, .txt, "
                                    ".fasttext, .src, .svm, .arff or .xmc, compressed or not; dev "
                                    "will do for valid)"));
  CHECK_THROWS_AS(read_data_folder(folder.path()), MissingFileError);
  folder.file("valid.jsonl", "");
  folder.file("dev.jsonl", "");
  CHECK_THROWS_WITH(find_split(folder.path(), "valid"), contains_text("has two valid files"));
  CHECK_THROWS_WITH(find_split(folder / "none", "train"), contains_text("there is no such folder"));
  CHECK_THROWS_WITH(find_split(folder / "dev.jsonl", "train"),
                    contains_text("is a file, not a folder"));
}
