#include <labelbeam/error.h>
#include <labelbeam/output_file.h>
#include <labelbeam/readers/row_reader.h>

#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;
using Names = std::vector<std::string>;

namespace {

std::vector<Row> all_rows(const std::string& path, const ReadOptions& options = {}) {
  const auto reader = open_rows(path, options);
  std::vector<Row> rows;
  Row row;
  while (reader->next(row)) rows.push_back(row);
  return rows;
}

}  // namespace

TEST_CASE("JSON lines give every field, and defaults where one is absent or null") {
  const TemporaryFolder folder;
  const auto rows = all_rows(folder.file(
      "a.jsonl",
      "\xef\xbb\xbf{\"id\": \"x\", \"text\": \"caf\\u00e9\", \"labels\": [\"b\", \"a, "
      "\\\"c\\\"\"], "
      "\"group\": \"g\", \"weight\": 0.25, \"features\": [1, -2.5]}\r\n"
      "\n"
      "{\"id\": 17, \"features\": {\"10\": 2, \"3\": 0.5}, \"more\": {\"is\": [\"ignored\"]}}\n"
      "{\"labels\": [], \"text\": null, \"id\": null}"));
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].id == "x");
  CHECK(rows[0].text == "caf\xc3\xa9");
  CHECK(rows[0].labels == Names{"b", "a, \"c\""});
  CHECK(rows[0].group == "g");
  CHECK(rows[0].weight == 0.25);
  CHECK(rows[0].dense == std::vector<float>{1.0f, -2.5f});
  CHECK(rows[0].line == 1);
  CHECK(rows[1].id == "17");
  CHECK_FALSE(rows[1].text.has_value());
  CHECK_FALSE(rows[1].labelled);
  CHECK(rows[1].sparse == SparseFeatures{{3, 10}, {0.5f, 2.0f}});
  CHECK(rows[1].weight == 1.0);
  CHECK(rows[1].line == 3);
  CHECK(rows[2].id == "3");
  CHECK(rows[2].labelled);
  CHECK(rows[2].labels.empty());
}

TEST_CASE("JSON nested as deep as the limit is read") {
  const TemporaryFolder folder;
  const std::string nested = std::string(31, '[') + std::string(31, ']');
  CHECK(all_rows(folder.file("a.jsonl", "{\"x\": " + nested + "}")).size() == 1);
}

TEST_CASE("CSV follows RFC 4180: quotes, commas, doubled quotes and line breaks") {
  const TemporaryFolder folder;
  const auto rows = all_rows(folder.file("a.csv",
                                         "id,text,labels,group,weight\r\n"
                                         "1,\"a \"\"quoted\"\", text\",x;y,g,2\r\n"
                                         "\r\n"
                                         "2,\"two\r\nlines\n\nand more\",,,0.5\r\n"
                                         "3,,\"a,b;c\",g,1e-3"));
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].text == "a \"quoted\", text");
  CHECK(rows[0].labels == Names{"x", "y"});
  CHECK(rows[0].group == "g");
  CHECK(rows[0].weight == 2.0);
  CHECK(rows[1].text == "two\r\nlines\n\nand more");
  CHECK(rows[1].labelled);
  CHECK(rows[1].labels.empty());
  CHECK(rows[1].line == 4);
  CHECK(rows[2].text == "");
  CHECK(rows[2].labels == Names{"a,b", "c"});
  CHECK(rows[2].weight == 1e-3);
  CHECK(rows[2].line == 8);
}

TEST_CASE("TSV takes quotes as they are") {
  const TemporaryFolder folder;
  const auto rows = all_rows(folder.file("a.tsv", "text\tlabels\n\"so\" he said\ta|b\n"),
                             {.label_separator = '|'});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].id == "1");
  CHECK(rows[0].text == "\"so\" he said");
  CHECK(rows[0].labels == Names{"a", "b"});
}

TEST_CASE("Columns may have other names, and labels a 0/1 column each") {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.csv", "key,body,joy,fear\nk1,hello,1,0\nk2,bye,1,1\n");
  const ReadOptions options{
      .id_column = "key", .text_column = "body", .label_columns = {"fear", "joy"}};
  const auto rows = all_rows(path, options);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].id == "k1");
  CHECK(rows[0].text == "hello");
  CHECK(rows[0].labels == Names{"joy"});
  CHECK(rows[1].labels == Names{"fear", "joy"});
  CHECK(open_rows(path, options)->header_labels() == Names{"fear", "joy"});
}

TEST_CASE("The stem of a file of rows lacks one suffix of the format and one of the compression") {
  for (const char* file : {"rows", "rows.jsonl", "folder.d/rows.csv.zst", "./rows.txt.bz2"}) {
    CHECK(stem_of_rows(file) == "rows");
  }
  CHECK(stem_of_rows("rows.v2.jsonl.gz") == "rows.v2");
  CHECK(stem_of_rows("rows.v2") == "rows.v2");
  CHECK(stem_of_rows("rows.csv.jsonl") == "rows.csv");
}

TEST_CASE("A CSV file without a column of labels says nothing of them") {
  const TemporaryFolder folder;
  const auto rows = all_rows(folder.file("a.csv", "text\nhello\n"));
  REQUIRE(rows.size() == 1);
  CHECK_FALSE(rows[0].labelled);
}

TEST_CASE("SemEval files are known by their header and NONE means unlabelled") {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.txt",
                                       "ID\tTweet\tanger\tjoy\r\n"
                                       "t1\tso \"happy\" \xf0\x9f\x98\x80\t0\t1\r\n"
                                       "t2\tmeh\t0\t0\r\n"
                                       "t3\t?\tNONE\tNONE\r\n");
  const auto rows = all_rows(path);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].id == "t1");
  CHECK(rows[0].text == "so \"happy\" \xf0\x9f\x98\x80");
  CHECK(rows[0].labels == Names{"joy"});
  CHECK(rows[1].labelled);
  CHECK(rows[1].labels.empty());
  CHECK_FALSE(rows[2].labelled);
  CHECK(open_rows(path)->header_labels() == Names{"anger", "joy"});
}

TEST_CASE("The format goes by the file name, compressed or not, and an option overrides it") {
  const TemporaryFolder folder;
  const std::string json = "{\"id\": \"x\"}\n";
  for (const std::string name :
       {"a.jsonl", "a.json", "a.ndjson", "a.jsonl.gz", "a.v2.jsonl.zst", "a.jsonl.xz"}) {
    write_file_atomically(folder / name, json);
    CHECK(all_rows(folder / name).front().id == "x");
  }
  CHECK(all_rows(folder.file("a.csv", json), {.format = RowFormat::jsonl}).front().id == "x");
  CHECK(all_rows(folder.file("a.log", "id\ttext\ny\tz\n"), {.format = RowFormat::tsv}).front().id ==
        "y");
  CHECK(all_rows(folder.file("b.tsv", "ID\tTweet\tjoy\ny\tz\t1\n"),
                 {.format = RowFormat::tsv, .id_column = "ID", .text_column = "Tweet"})
            .front()
            .labels.empty());
  CHECK_THROWS_WITH(open_rows(folder.file("a.dat", json)),
                    contains_text("a.dat: the name does not tell the format"));
  CHECK_THROWS_AS(open_rows(folder / "none.dat"), MissingFileError);
}
