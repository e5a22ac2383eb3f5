#include <labelbeam/error.h>
#include <labelbeam/output_file.h>
#include <labelbeam/readers/dataset_reader.h>
#include <labelbeam/readers/mulan_labels.h>
#include <sys/resource.h>

#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;
using Names = std::vector<std::string>;
using Floats = std::vector<float>;
using Indices = std::vector<std::uint32_t>;

namespace {

std::vector<Row> rows_of(const std::string& path, const ReadOptions& options = {}) {
  const auto reader = open_rows(path, options);
  std::vector<Row> rows;
  for (Row row; reader->next(row);) rows.push_back(row);
  return rows;
}

const std::string kXml =
    "<labels xmlns=\"http://mulan.sourceforge.net/labels\">\n"
    "<label name=\"b\"></label>\n<label name=\"a b\"/>\n</labels>\n";

const std::string kArff =
    "% a comment\n@RELATION 'a relation'\n\n@attribute f1 real\n@attribute \"b\" {0,1}\n"
    "@Attribute colour { red, 'dark blue', green }  % of three\n@attribute 'a b' {0, 1}\n@DATA\n"
    "1.5, 1, green, 0\n% between rows\n-2e-3\t0 'dark blue'\t1 % behind a row\n";

}  // namespace

TEST_CASE("fastText: words with the prefix are labels, wherever they stand") {
  const TemporaryFolder folder;
  const std::string file = folder.file("a.fasttext",
                                       "__label__a __label__b some  text\n\nno label\n"
                                       "text __label__c more\r\ntext at the __label__end\n"
                                       "__label__only\n __label__x  y\n");
  const std::vector<Row> rows = rows_of(file);
  REQUIRE(rows.size() == 6);
  CHECK(rows[0].labels == Names{"a", "b"});
  CHECK(rows[0].text == "some  text");
  CHECK(rows[1].labels.empty());
  CHECK(rows[1].labelled);
  CHECK(rows[1].id == "2");
  CHECK(rows[1].line == 3);
  CHECK(rows[2].text == "text more");
  CHECK(rows[2].labels == Names{"c"});
  CHECK(rows[3].text == "text at the");
  CHECK(rows[3].labels == Names{"end"});
  CHECK(rows[4].text == "");
  CHECK(rows[5].labels == Names{"x"});

  const std::vector<Row> other = rows_of(file, {.label_prefix = "__label__o"});
  CHECK(other[4].labels == Names{"nly"});
  CHECK(other[0].labels.empty());
  CHECK_THROWS_AS(rows_of(file, {.label_prefix = ""}), std::invalid_argument);
  CHECK_THROWS_AS(rows_of(file, {.label_prefix = "a b"}), std::invalid_argument);
}

TEST_CASE("SGM: texts and labels stand in two files, line by line") {
  const TemporaryFolder folder;
  const std::string file = folder.file("train.src", "one text\n\nthree\n");
  folder.file("train.tgt", "a b\n\n c \n");
  const std::vector<Row> rows = rows_of(file);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].labels == Names{"a", "b"});
  CHECK(rows[0].text == "one text");
  CHECK(rows[1].labels.empty());
  CHECK(rows[1].text == "");
  CHECK(rows[2].labels == Names{"c"});
  CHECK(rows[2].id == "3");
}

TEST_CASE("SGM: either file may be compressed") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.src.gz", "x\n");
  write_file_atomically(folder / "a.tgt.zst", "l\n");
  CHECK(rows_of(folder / "a.src.gz")[0].labels == Names{"l"});
  folder.file("a.tgt", "plain\n");
  write_file_atomically(folder / "a.tgt.gz", "same\n");
  CHECK(rows_of(folder / "a.src.gz")[0].labels == Names{"same"});
}

TEST_CASE("LIBSVM: label ids are names, and features count from 1") {
  const TemporaryFolder folder;
  const std::vector<Row> rows =
      rows_of(folder.file("a.svm", "1,3,5 2:0.5 7:1\n 1:-1e-3\n \n\n2\n0\t3:+4\n"));
  REQUIRE(rows.size() == 5);
  CHECK(rows[0].labels == Names{"1", "3", "5"});
  CHECK(rows[0].sparse.indices == Indices{1, 6});
  CHECK(rows[0].sparse.values == Floats{0.5f, 1.0f});
  CHECK(rows[1].labels.empty());
  CHECK(rows[1].labelled);
  CHECK(rows[1].sparse.indices == Indices{0});
  CHECK(rows[2].sparse.indices.empty());
  CHECK(rows[3].labels == Names{"2"});
  CHECK(rows[4].sparse.values == Floats{4.0f});
  CHECK(rows_of(folder.file("b.libsvm", "0 4294967296:1\n"))[0].sparse.indices ==
        Indices{std::numeric_limits<std::uint32_t>::max()});
}

TEST_CASE("XMC: the header counts, and a file of names may stand beside") {
  const TemporaryFolder folder;
  const std::string text = "3 10 3\n0,2 0:1 9:0.25\n 3:1\n1\n";
  const std::string file = folder.file("a.xmc", text);
  const Dataset plain = read_dataset(file);
  CHECK(plain.labels.names() == Names{"0", "1", "2"});
  CHECK(plain.num_features == 10);
  CHECK(plain.rows[0].sparse.indices == Indices{0, 9});
  CHECK(plain.rows[1].labels.empty());
  folder.file("a.labels.txt", "zero\n\"one\", <1>\n\xf0\x9f\x98\x80\n");
  CHECK(rows_of(file)[0].labels == Names{"zero", "\xf0\x9f\x98\x80"});
  CHECK(rows_of(file)[2].labels == Names{"\"one\", <1>"});
  const std::string other = folder.file("b.txt", text);
  const std::string names = folder.file("names", "x\ny\nz\n");
  CHECK(rows_of(other, {.format = RowFormat::xmc, .labels_file = names})[0].labels ==
        Names{"x", "z"});
}

TEST_CASE("XMC: a header that counts a million labels costs no memory for them") {
  const TemporaryFolder folder;
  const auto peak = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;  // KiB
  };
  const std::string file = folder.file("a.xmc", "1 1 1048576\n0,1048575 0:1\n");
  CHECK(open_rows(file)->header_labels().empty());
  const auto before = peak();
  const Dataset data = read_dataset(file);
  CHECK(peak() - before < 16 * 1024);
  CHECK(data.labels.names() == Names{"0", "1048575"});
}

TEST_CASE("The files that rows are read from") {
  const TemporaryFolder folder;
  CHECK(files_of_rows(folder / "a.jsonl.gz") == Names{folder / "a.jsonl.gz"});
  CHECK(files_of_rows(folder / "a.src.gz") == Names{folder / "a.src.gz", folder / "a.tgt"});
  folder.file("a.tgt.zst", "");
  CHECK(files_of_rows(folder / "a.src") == Names{folder / "a.src", folder / "a.tgt.zst"});
  CHECK_THROWS_AS(files_of_rows(folder / "a.txt", {.format = RowFormat::sgm}), DataError);
  const std::string arff = folder / "rows-train.arff";
  CHECK(files_of_rows(arff) == Names{arff});
  folder.file("rows.xml", kXml);
  CHECK(files_of_rows(arff) == Names{arff, folder / "rows.xml"});
  CHECK(files_of_rows(arff, {.format = RowFormat::meka}) == Names{arff});
  CHECK(files_of_rows(arff, {.labels_file = "other.xml"}) == Names{arff, "other.xml"});
  CHECK(files_of_rows(folder / "a.xmc") == Names{folder / "a.xmc"});
  folder.file("a.labels.txt", "");
  CHECK(files_of_rows(folder / "a.xmc") == Names{folder / "a.xmc", folder / "a.labels.txt"});
}

TEST_CASE("MULAN: an XML file names the labels; nominal features are positions") {
  const TemporaryFolder folder;
  const std::string file = folder.file("rows.arff", kArff);
  folder.file("rows.xml", kXml);
  const Dataset data = read_dataset(file);
  CHECK(data.labels.names() == Names{"a b", "b"});
  CHECK(data.num_features == 2);
  REQUIRE(data.rows.size() == 2);
  CHECK(data.rows[0].dense == Floats{1.5f, 2.0f});
  CHECK(data.rows[0].labels == LabelSet{1});
  CHECK(data.rows[1].dense == Floats{-0.002f, 1.0f});
  CHECK(data.rows[1].labels == LabelSet{0});
}

TEST_CASE("MULAN: which XML file belongs to an ARFF file") {
  const TemporaryFolder folder;
  const std::string file = folder.file("rows-train.v2.arff", kArff);
  const auto labels = [&] { return open_rows(file)->header_labels(); };
  CHECK_THROWS_WITH(labels(), contains_text("nothing says which attributes are labels"));
  CHECK_THROWS_AS(open_rows(file, {.format = RowFormat::mulan}), MissingFileError);
  const auto xml = [](const std::string& name) {
    return "<labels><label name=\"" + name + "\"/></labels>";
  };
  folder.file("row.xml", xml("f1"));  // "row" ends inside a word, but it is the only one
  CHECK(labels() == Names{"f1"});
  folder.file("other.xml", xml("a b"));
  CHECK_THROWS_AS(labels(), DataError);
  folder.file("rows.xml", xml("b"));
  CHECK(labels() == Names{"b"});
  write_file_atomically(folder / "rows-train.xml.gz", xml("a b"));
  CHECK(labels() == Names{"a b"});
  CHECK(open_rows(file, {.labels_file = folder / "rows.xml"})->header_labels() == Names{"b"});
}

TEST_CASE("MULAN: nested labels are flattened, and their parents are known") {
  const TemporaryFolder folder;
  const MulanLabels labels = read_mulan_labels(folder.file(
      "a.xml",
      "<?xml version=\"1.0\"?>\n<!-- of two levels -->\n<labels>\n<label name=\"p\">\n"
      "<label name=\"c &amp; &#x20AC; &lt;d&gt;\"/>\n</label>\n<label name='q'/></labels>"));
  CHECK(labels.names == Names{"p", "c & \xe2\x82\xac <d>", "q"});
  CHECK(labels.parents == std::vector<std::optional<std::size_t>>{std::nullopt, 0, std::nullopt});
  CHECK(labels.lines == std::vector<std::size_t>{4, 5, 7});
}

TEST_CASE("MEKA: the relation counts the labels, at either end") {
  const TemporaryFolder folder;
  const auto read = [&](const std::string& relation) {
    return read_dataset(
        folder.file("a.arff", "@relation " + relation +
                                  "\n@attribute a {0,1}\n@attribute b {0,1}\n@attribute x numeric\n"
                                  "@attribute c {0,1}\n@attribute d numeric\n@data\n1,0,7,0,1\n"));
  };
  const Dataset first = read("'name: -C 2 -split-percentage 66'");
  CHECK(first.labels.names() == Names{"a", "b"});
  CHECK(first.rows[0].labels == LabelSet{0});
  CHECK(first.rows[0].dense == Floats{7.0f, 0.0f, 1.0f});
  const Dataset last = read("'name: -t x -C -2'");
  CHECK(last.labels.names() == Names{"c", "d"});
  CHECK(last.rows[0].labels == LabelSet{1});
  CHECK(last.rows[0].dense == Floats{1.0f, 0.0f, 7.0f});
}

TEST_CASE("ARFF: sparse rows, weights, unknown labels, and strings that are no features") {
  const TemporaryFolder folder;
  const std::string file = folder.file(
      "a.arff",
      "@relation 'r: -C 2'\n@attribute a {0,1}\n@attribute b {1,0}\n@attribute id string\n"
      "@attribute x numeric\n@attribute text string\n@attribute y {u,v}\n@attribute group string\n"
      "@data\n"
      "{2 r1, 3 0.5, 4 'it\\'s, a \\\"text\\\"', 5 v}\n"
      "{ 0 1 , 1 0 , 2 'r 2' , 3 1 , 6 g },{0.25}\n"
      "{0 ?,1 ?,2 r3}\n"
      "1,0,r4,2,?,u,g, {2}\n"
      "?,?,'?',2,'a\\nb\\\\',u,?\n");
  const std::vector<Row> rows = rows_of(file);
  REQUIRE(rows.size() == 5);
  CHECK(rows[0].id == "r1");
  CHECK(rows[0].text == "it's, a \"text\"");
  CHECK(rows[0].labels == Names{"b"});  // left out: the first value of the declaration, 1
  CHECK(rows[0].sparse.indices == Indices{0, 1});
  CHECK(rows[0].sparse.values == Floats{0.5f, 1.0f});
  CHECK(rows[1].labels == Names{"a"});
  CHECK(rows[1].weight == 0.25);
  CHECK(rows[1].group == "g");
  CHECK_FALSE(rows[1].text);
  CHECK_FALSE(rows[2].labelled);
  CHECK(rows[2].sparse.indices.empty());
  CHECK(rows[3].weight == 2.0);
  CHECK(rows[3].dense == Floats{2.0f, 0.0f});
  CHECK(rows[3].labels == Names{"a"});
  CHECK(rows[4].id == "?");
  CHECK_FALSE(rows[4].labelled);
  CHECK(rows[4].text == "a\nb\\");
  CHECK(rows[4].group.empty());
}

TEST_CASE("Numbers at the ends of a float's range are features") {
  const TemporaryFolder folder;
  const std::vector<Row> rows =
      rows_of(folder.file("a.svm", "0 1:3.4028235e38 2:1e-45 3:1e-60 4:-0.0 5:1e5\n"));
  CHECK(rows[0].sparse.values == Floats{std::numeric_limits<float>::max(),
                                        std::numeric_limits<float>::denorm_min(), 0.0f, -0.0f,
                                        100000.0f});
}
