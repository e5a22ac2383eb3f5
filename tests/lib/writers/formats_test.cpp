#include <labelbeam/error.h>
#include <labelbeam/readers/dataset_reader.h>
#include <labelbeam/writers/dataset_writer.h>

#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;
using Names = std::vector<std::string>;

namespace {

constexpr float kLargest = std::numeric_limits<float>::max();

Example row_of(const std::string& id, LabelSet labels) {
  Example row;
  row.id = id;
  row.labels = std::move(labels);
  return row;
}

Example text_row(const std::string& id, LabelSet labels, const std::string& text) {
  Example row = row_of(id, std::move(labels));
  row.text = text;
  return row;
}

/// Names without a space, sorted.
const Names kWords{"\"q\"", "%",   "'",   "1,2",      "<b>&amp;",        "?",
                   "\\n",   "a:b", "{0}", "\xc3\xa9", "\xf0\x9f\x98\x80"};
/// And with everything in them.
const Names kOddNames{"\t tab",
                      "\"q\"",
                      "%",
                      "' '",
                      "1, 2",
                      "<b>&amp;",
                      "?",
                      "\\n\\\\",
                      "a b",
                      "line\nbreak\r",
                      "{0}",
                      "\xc3\xa9",
                      "\xf0\x9f\x98\x80"};

LabelSet all_of(const Names& names) {
  LabelSet set;
  for (std::size_t i = 0; i < names.size(); ++i) set.insert(static_cast<LabelId>(i));
  return set;
}

/// Texts and labels that are words.
Dataset texts(const Names& names = kWords) {
  return {LabelVocab(names),
          {text_row("1", all_of(names), "a \"text\",  with \xc3\xa9 "),
           text_row("2", {}, " b\t'c'"), text_row("3", {0}, ""), text_row("4", {0, 2}, "__lab")}};
}

/// Sparse features; the last feature is in no row.
Dataset sparse(const Names& names) {
  Dataset data{LabelVocab(names), {row_of("1", all_of(names)), row_of("2", {}), row_of("3", {1})}};
  data.rows[0].sparse = {{0, 3}, {0.1f, -kLargest}};
  data.rows[2].sparse = {{4}, {1e-45f}};
  data.num_features = 7;
  return data;
}

/// All that ARFF carries.
Dataset everything(bool dense) {
  Dataset data{LabelVocab(kOddNames),
               {text_row("it's \"1\"\n", all_of(kOddNames), "a\r\nb\t\\ % {x}"), row_of("?", {}),
                text_row("3", {}, "?"), row_of("4", {1})}};
  data.rows[1].labelled = false;
  data.rows[2].group = "g, 1";
  data.rows[3].weight = 0.1;
  for (Example& row : data.rows) {
    if (dense) {
      row.dense = {0.1f, 0.0f, -kLargest};
    } else {
      row.sparse = {{0, 2}, {0.1f, 1e-45f}};
    }
  }
  data.num_features = 3;
  return data;
}

void check_round_trip(const std::string& path, const Dataset& data,
                      RowFormat format = RowFormat::automatic) {
  INFO(path);
  write_dataset(path, data, {.format = format});
  const Dataset read = read_dataset(path, {.format = format});
  CHECK(read.labels == data.labels);
  CHECK(read.rows == data.rows);
  CHECK(read.num_features == data.num_features);
}

}  // namespace

TEST_CASE("fastText and SGM carry texts and odd label names, compressed or not") {
  const TemporaryFolder folder;
  for (const std::string suffix : {"", ".gz", ".zst"}) {
    check_round_trip(folder / ("a.fasttext" + suffix), texts());
    check_round_trip(folder / ("a.src" + suffix), texts());
  }
  CHECK(folder.names().size() == 9);
  CHECK(bytes_of(folder / "a.src").substr(0, 5) == "a \"te");
  CHECK_THAT(bytes_of(folder / "a.fasttext"), contains_text("\n__label__\"q\" \n"));
  write_dataset(folder / "b.fasttext", texts(), {.label_prefix = "#"});
  CHECK(read_dataset(folder / "b.fasttext", {.label_prefix = "#"}).rows == texts().rows);
}

TEST_CASE("LIBSVM carries sparse features and numbered labels, XMC any label that is a line") {
  const TemporaryFolder folder;
  Dataset numbered = sparse({"0", "12", "3"});
  for (const std::string suffix : {"", ".gz", ".zst"}) {
    check_round_trip(folder / ("a.xmc" + suffix), sparse(kWords));
    check_round_trip(folder / ("b.xmc" + suffix),
                     sparse({"0", "1", "10", "11", "2", "3", "4", "5", "6", "7", "8", "9"}));
    numbered.num_features = 0;  // LIBSVM declares none
    check_round_trip(folder / ("a.svm" + suffix), numbered);
  }
  CHECK(bytes_of(folder / "a.svm") == "0,3,12 1:0.1 4:-3.4028235e+38\n \n12 5:1e-45\n");
  CHECK_THAT(bytes_of(folder / "b.xmc"),
             contains_text("3 7 12\n0,1,2,3,4,5,6,7,8,9,10,11 0:0.1 3:-3.4028235e+38\n \n1 4:"));
}

TEST_CASE("Dense features become sparse in LIBSVM and XMC") {
  const TemporaryFolder folder;
  Dataset data{LabelVocab(Names{"0", "1"}), {row_of("1", {1}), row_of("2", {})}};
  data.rows[0].dense = {0.0f, 2.0f, 0.5f};
  data.rows[1].dense = {1.0f, 0.0f, 0.0f};
  write_dataset(folder / "a.svm", data);
  CHECK(bytes_of(folder / "a.svm") == "1 2:2 3:0.5\n 1:1\n");
  write_dataset(folder / "a.xmc", data);
  CHECK(bytes_of(folder / "a.xmc") == "2 3 2\n1 1:2 2:0.5\n 0:1\n");
  CHECK(bytes_of(folder / "a.labels.txt") == "0\n1\n");
}

TEST_CASE("ARFF carries ids, texts, groups, weights, unlabelled rows and any label name") {
  const TemporaryFolder folder;
  for (const bool dense : {true, false}) {
    for (const std::string suffix : {"", ".gz", ".zst"}) {
      check_round_trip(folder / ("a.arff" + suffix), everything(dense));
      check_round_trip(folder / ("a.arff" + suffix), everything(dense), RowFormat::mulan);
      check_round_trip(folder / ("b.arff" + suffix), everything(dense), RowFormat::meka);
    }
  }
  CHECK(folder.names() ==
        Names{"a.arff", "a.arff.gz", "a.arff.zst", "a.xml", "b.arff", "b.arff.gz", "b.arff.zst"});
}

TEST_CASE("ARFF: what is written is what other tools read") {
  const TemporaryFolder folder;
  Dataset data{LabelVocab(Names{"a", "feature_0"}), {row_of("1", {1}), row_of("2", {0})}};
  data.rows[0].dense = {1.5f, 0.0f};
  data.rows[1].dense = {0.0f, 2.0f};
  write_dataset(folder / "a.arff", data);
  CHECK(bytes_of(folder / "a.arff") ==
        "@relation labelbeam\n\n@attribute _feature_0 numeric\n@attribute _feature_1 numeric\n"
        "@attribute 'a' {0,1}\n@attribute 'feature_0' {0,1}\n\n@data\n1.5,0,0,1\n0,2,1,0\n");
  CHECK(bytes_of(folder / "a.xml") ==
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
        "<labels xmlns=\"http://mulan.sourceforge.net/labels\">\n<label name=\"a\"></label>\n"
        "<label name=\"feature_0\"></label>\n</labels>\n");
  for (Example& row : data.rows) {
    row.dense.clear();
    row.sparse = {{1}, {2.0f}};
  }
  write_dataset(folder / "b.arff", data, {.format = RowFormat::meka});
  CHECK(bytes_of(folder / "b.arff") ==
        "@relation 'labelbeam: -C 2'\n\n@attribute 'a' {0,1}\n@attribute 'feature_0' {0,1}\n"
        "@attribute _feature_0 numeric\n@attribute _feature_1 numeric\n\n@data\n{1 1,3 2}\n"
        "{0 1,3 2}\n");
}

TEST_CASE("ARFF: no label has the name of a feature, whatever the labels' names and their order") {
  const TemporaryFolder folder;
  for (const Names& names :
       {Names{"_feature_0", "feature_0"}, Names{"feature_0", "_feature_0"},
        Names{"__feature_1", "_feature_0", "feature_x"}, Names{"____feature_0", "_", "feature_"}}) {
    INFO(names[0]);
    Dataset data{LabelVocab(names), {row_of("1", {0}), row_of("2", {1})}};
    for (Example& row : data.rows) row.dense = {0.5f, 2.0f};
    for (const RowFormat format : {RowFormat::mulan, RowFormat::meka}) {
      write_dataset(folder / "a.arff", data, {.format = format});
      const Dataset read = read_dataset(folder / "a.arff", {.format = format});
      CHECK(read.labels.size() == names.size());
      CHECK(read.labels.name(*read.rows[0].labels.begin()) == names[0]);
      CHECK(read.rows[1].dense == data.rows[1].dense);
    }
  }
}

TEST_CASE("ARFF: more attributes than a header should list are refused") {
  const TemporaryFolder folder;
  Dataset data{LabelVocab(Names{"a"}), {row_of("1", {0})}};
  data.rows[0].sparse = {{0}, {1.0f}};
  data.num_features = (std::size_t{1} << 20);
  for (const RowFormat format : {RowFormat::mulan, RowFormat::meka}) {
    CHECK_THROWS_WITH(
        write_dataset(folder / "a.arff", data, {.format = format}),
        contains_text("the rows need 1048577 attributes") && contains_text("at most 1048576"));
    // It is refused before a file is opened: here none could be.
    CHECK_THROWS_AS(write_dataset(folder / "none/a.arff", data, {.format = format}),
                    std::invalid_argument);
  }
  CHECK(folder.names().empty());
}

TEST_CASE("Rows and labels are never written to one file") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(
      write_dataset(folder / "out.xml", everything(true), {.format = RowFormat::mulan}),
      contains_text("would both be written to") && contains_text("out.xml"));
  CHECK(folder.names().empty());
  folder.file("labels", "before");
  for (const std::string name : {"a.xml", "a.labels.txt", "a.tgt"}) {
    std::filesystem::create_symlink("labels", folder / name);
  }
  for (const std::string name : {"a.arff", "a.xmc", "a.src"}) {
    std::filesystem::create_symlink("labels", folder / name);
    const Dataset data = name == "a.arff"  ? everything(true)
                         : name == "a.xmc" ? sparse(kWords)
                                           : texts();
    CHECK_THROWS_AS(write_dataset(folder / name, data), std::invalid_argument);
  }
  CHECK(bytes_of(folder / "labels") == "before");
}

TEST_CASE("What the text and feature formats cannot carry is refused, and nothing is written") {
  const TemporaryFolder folder;
  struct Case {
    std::string name;
    Dataset data;
    void (*spoil)(Dataset&);
    std::string reason;
    RowFormat format = RowFormat::automatic;
  };
  const auto second_label = [](const std::string& name) { return LabelVocab(Names{"a", name}); };
  const auto features = [](Dataset& d) { d.rows[1].sparse = {{0}, {1.0f}}; };
  const auto unlabelled = [](Dataset& d) { d.rows[1].labelled = false; };
  const auto no_text = [](Dataset& d) { d.rows[1].text.reset(); };
  const auto line_break = [](Dataset& d) { d.rows[1].text = "a\nb"; };
  const auto nothing = [](Dataset&) {};
  const auto with_text = [](Dataset& d) { d.rows[1].text = "t"; };
  const auto not_finite = [](Dataset& d) {
    d.rows[1].sparse = {{0}, {std::numeric_limits<float>::quiet_NaN()}};
  };
  const auto bom = [](Dataset& d) {
    d.rows[0].text = "\xef\xbb\xbf";
    d.rows[0].labels = {};
  };
  std::vector<Case> cases;
  for (const std::string name : {"a.fasttext", "a.src"}) {
    cases.push_back({name, texts(), features, "row \"2\": the "});
    cases.push_back({name, texts(), features, "format carries no features; write .jsonl instead"});
    cases.push_back({name, texts(), unlabelled, "row \"2\": the "});
    cases.push_back({name, texts(), unlabelled, "labels are not known"});
    cases.push_back({name, texts(), no_text, "needs a text"});
    cases.push_back({name, texts(), line_break, "cannot carry the line break in \"a\\nb\""});
    cases.push_back({name, texts(), bom, "row \"1\": the file would start with a byte order mark"});
    cases.push_back({name, texts(), [](Dataset& d) { d.rows[1].text = "\xff"; }, "not UTF-8"});
    for (const std::string space : {"a b", "a\tb", "a\nb", " "}) {
      Dataset data{second_label(space), {text_row("x", {0, 1}, "t")}};
      cases.push_back({name, data, nothing, "row \"x\": the "});
      cases.push_back({name, data, nothing, "cannot carry the space in the label \""});
    }
  }
  cases.push_back({"a.fasttext", texts(), [](Dataset& d) { d.rows[3].text = "x __label__y"; },
                   "row \"4\": a word of the text starts with \"__label__\", as labels do"});
  cases.push_back({"a.fasttext", texts(), [](Dataset& d) { d.rows[1].text = " "; },
                   "row \"2\": a row without labels and words would be a blank line"});
  cases.push_back({"a.txt", texts(), nothing, "is no NAME.src", RowFormat::sgm});
  for (const std::string name : {"a.svm", "a.xmc"}) {
    const Dataset data = sparse({"0", "1", "2"});
    cases.push_back({name, data, with_text, "format carries no texts; write .jsonl instead"});
    cases.push_back({name, data, unlabelled, "labels are not known"});
    cases.push_back({name, data, not_finite, "row \"2\": a feature is nan"});
  }
  cases.push_back({"a.svm", sparse({"0", "joy"}), nothing,
                   "row \"1\": the label \"joy\" is not a whole number"});
  cases.push_back(
      {"a.svm", sparse({"0", "01"}), nothing, "the label \"01\" is not a whole number"});
  cases.push_back({"a.xmc", sparse({"a", "new\nline"}), nothing,
                   "row \"1\": the XMC format cannot carry the line break in the label \"new\\n"});
  for (const RowFormat format : {RowFormat::mulan, RowFormat::meka}) {
    const Dataset data = everything(false);
    cases.push_back({"a.arff", data, not_finite, "row \"?\": a feature is nan", format});
    cases.push_back(
        {"a.arff", data, [](Dataset& d) { d.rows[1].id.clear(); }, "needs an id", format});
    cases.push_back({"a.arff", data, [](Dataset& d) { d.rows[1].text = "\xff"; }, "UTF-8", format});
    cases.push_back(
        {"a.arff", data, [](Dataset& d) { d.rows[1].weight = -1.0; }, "weight is -1", format});
    cases.push_back({"a.arff", data, [](Dataset& d) { d.labels.add("text"); },
                     "the label \"text\" has the name", format});
    cases.push_back({"a.arff", Dataset{}, nothing, "needs at least one label", format});
    cases.push_back(
        {"a.arff", data, [](Dataset& d) { d.labels.add("\xff"); }, "not UTF-8", format});
    cases.push_back({"a.arff", everything(true), [](Dataset& d) { d.rows[2].dense = {1.0f}; },
                     "row \"3\": the row has 1 features, but there are 3", format});
  }
  cases.push_back({"a.arff", everything(false), [](Dataset& d) { d.labels.add("\x01"); },
                   "the label \"\\u0001\" holds a control character"});
  for (Case& c : cases) {
    c.spoil(c.data);
    INFO(c.name << ": " << c.reason);
    CHECK_THROWS_WITH(write_dataset(folder / c.name, c.data, {.format = c.format}),
                      contains_text(c.reason));
    CHECK_THROWS_AS(write_dataset(folder / c.name, c.data, {.format = c.format}),
                    std::invalid_argument);
  }
  CHECK(folder.names().empty());
  CHECK_THROWS_AS(write_dataset(folder / "none/a.src", texts()), WriteError);
}
