#include <labelbeam/error.h>
#include <labelbeam/readers/dataset_reader.h>
#include <labelbeam/writers/dataset_writer.h>

#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;
using Names = std::vector<std::string>;

namespace {

Example row_of(const std::string& id, LabelSet labels, std::optional<std::string> text) {
  Example row;
  row.id = id;
  row.labels = std::move(labels);
  row.text = std::move(text);
  return row;
}

/// Rows that CSV can carry; every label is used and they are sorted.
Dataset odd_dataset() {
  Dataset data{LabelVocab(Names{"\"quoted\"", "a, b", "line\nbreak\r", "tab\there", "\xc3\xa9",
                                "\xf0\x9f\x98\x80"}),
               {}};
  data.rows = {row_of("1", {0, 1, 2, 3, 4, 5}, "plain"),
               row_of("a,\"b\"", {}, " spaces, \"quotes\"\r\nand\nbreaks\t"),
               row_of("\xf0\x9f\x98\x80", {3}, "")};
  data.rows[0].group = "g, 1";
  data.rows[1].weight = 0.1;
  return data;
}

/// Rows that every format can carry.
Dataset plain_dataset() {
  Dataset data{LabelVocab(Names{"\"quoted\"", "a, b", "\xf0\x9f\x98\x80"}), {}};
  data.rows = {row_of("1", {0, 1, 2}, "a \"text\", with \xc3\xa9"), row_of("2", {}, "")};
  return data;
}

void check_round_trip_as(const std::string& path, const Dataset& data, RowFormat format) {
  write_dataset(path, data, {.format = format});
  const Dataset read = read_dataset(path);
  CHECK(read.labels == data.labels);
  CHECK(read.rows == data.rows);
}

}  // namespace

TEST_CASE("Odd names and texts survive JSONL and CSV, compressed or not") {
  const TemporaryFolder folder;
  for (const std::string name : {"a.jsonl", "a.csv", "a.jsonl.gz", "a.csv.zst"}) {
    DYNAMIC_SECTION(name) {
      check_round_trip_as(folder / name, odd_dataset(), RowFormat::automatic);
    }
  }
}

TEST_CASE("What TSV and the SemEval format can carry survives them") {
  const TemporaryFolder folder;
  check_round_trip_as(folder / "a.tsv", plain_dataset(), RowFormat::automatic);
  check_round_trip_as(folder / "b.tsv.gz", plain_dataset(), RowFormat::semeval);
  Dataset data = plain_dataset();
  data.rows[1].labelled = false;
  check_round_trip_as(folder / "c.txt", data, RowFormat::semeval);
  CHECK_THAT(bytes_of(folder / "c.txt"), contains_text("2\t\tNONE\tNONE\tNONE\n"));
}

TEST_CASE("JSONL carries features, unlabelled rows and rows without a text") {
  const TemporaryFolder folder;
  Dataset data{LabelVocab(Names{"a"}), {}};
  data.rows = {row_of("1", {0}, std::nullopt), row_of("2", {}, "t"), row_of("3", {}, "t")};
  data.rows[0].dense = {0.1f, -1e-38f, 3.4028235e38f};
  data.rows[1].sparse = {{0, 4294967295u}, {1.0f / 3.0f, 2.0f}};
  data.rows[2].labelled = false;
  check_round_trip_as(folder / "a.jsonl", data, RowFormat::automatic);
  data.rows[0].sparse = data.rows[1].sparse;
  CHECK_THROWS_WITH(write_dataset(folder / "b.jsonl", data),
                    contains_text("row \"1\": JSONL carries dense or sparse features, not both"));
}

TEST_CASE("All rows unlabelled make a CSV file without the column") {
  const TemporaryFolder folder;
  Dataset data{LabelVocab(), {row_of("1", {}, "t")}};
  data.rows[0].labelled = false;
  check_round_trip_as(folder / "a.csv", data, RowFormat::automatic);
  CHECK(bytes_of(folder / "a.csv") == "id,text\n1,t\n");
}

TEST_CASE("Another label separator carries names with a semicolon") {
  const TemporaryFolder folder;
  Dataset data{LabelVocab(Names{"a;b", "c"}), {row_of("1", {0, 1}, "t")}};
  CHECK_THROWS_WITH(
      write_dataset(folder / "a.csv", data),
      contains_text("the label \"a;b\" holds the label separator ';'; choose another one"));
  write_dataset(folder / "a.csv", data, {.label_separator = '|'});
  CHECK(read_dataset(folder / "a.csv", {.label_separator = '|'}).rows == data.rows);
}

TEST_CASE("What a format cannot carry is refused with the row, and nothing is written") {
  const TemporaryFolder folder;
  struct Case {
    std::string name;
    RowFormat format;
    void (*spoil)(Dataset&);
    std::string reason;
  };
  const std::vector<Case> cases{
      {"a.tsv", RowFormat::automatic, [](Dataset& d) { d.rows[1].text = "a\tb"; },
       "row \"2\": a tab-separated file cannot carry the tab or line break in \"a\\tb\""},
      {"a.tsv", RowFormat::automatic, [](Dataset& d) { d.rows[1].text = "a\r"; }, "cannot carry"},
      {"a.tsv", RowFormat::semeval, [](Dataset& d) { d.labels.add("new\nline"); }, "cannot carry"},
      {"a.tsv", RowFormat::semeval, [](Dataset& d) { d.rows[1].text.reset(); }, "needs a text"},
      {"a.tsv", RowFormat::semeval,
       [](Dataset& d) {
         d.labels = LabelVocab();
         d.rows.clear();
       },
       "needs at least one label"},
      {"a.tsv", RowFormat::semeval, [](Dataset& d) { d.rows[1].dense = {1.0f}; }, "no features"},
      {"a.csv", RowFormat::automatic, [](Dataset& d) { d.rows[1].dense = {1.0f}; },
       "row \"2\": CSV carries no features; write .jsonl instead"},
      {"a.csv", RowFormat::automatic, [](Dataset& d) { d.rows[1].labelled = false; },
       "labelled and unlabelled rows together"},
      {"a.csv", RowFormat::automatic, [](Dataset& d) { d.rows[1].text.reset(); },
       "with and without a text"},
      {"a.csv", RowFormat::automatic, [](Dataset& d) { d.rows[1].text = "\xff"; }, "not UTF-8"},
      {"a.jsonl", RowFormat::automatic, [](Dataset& d) { d.rows[1].text = "\xff"; },
       "a text is not UTF-8"},
      {"a.jsonl", RowFormat::automatic,
       [](Dataset& d) { d.rows[1].weight = std::numeric_limits<double>::infinity(); },
       "a weight is inf"},
      {"a.dat", RowFormat::automatic, [](Dataset&) {}, "does not tell the format"},
  };
  for (const Case& c : cases) {
    Dataset data = plain_dataset();
    c.spoil(data);
    INFO(c.reason);
    CHECK_THROWS_WITH(write_dataset(folder / c.name, data, {.format = c.format}),
                      contains_text(c.reason));
    CHECK_THROWS_AS(write_dataset(folder / c.name, data, {.format = c.format}),
                    std::invalid_argument);
  }
  CHECK(folder.names().empty());
  CHECK_THROWS_AS(write_dataset(folder / "none/a.csv", plain_dataset()), WriteError);
}
