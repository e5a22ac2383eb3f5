// Small valid files of every format, spoiled in one place each, by rule and by hand: every one is
// refused with the file, the line and a reason, and nothing is written.

#include <labelbeam/error.h>
#include <labelbeam/output_file.h>
#include <labelbeam/random.h>
#include <labelbeam/readers/dataset_reader.h>
#include <labelbeam/writers/dataset_writer.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;
using namespace std::string_literals;
using Files = std::map<std::string, std::string>;  // content by name
using Lines = std::vector<std::string>;

namespace {

struct Spoiled {
  std::string what;
  std::string open;  // the file that is opened
  Files files;
  std::string file;  // the one that is at fault
  std::size_t line;  // 0: the file as a whole
  std::string reason = "";
  ReadOptions options = {};
};

/// A valid set of files, which the rules below spoil.
struct Seed {
  std::string open;
  Files files;
};

const std::string kDenseArff =
    "@relation 'r: -C 2'\n@attribute a {0,1}\n@attribute b {0,1}\n@attribute x numeric\n"
    "@attribute y {u,v}\n@data\n1,0,0.5,u\n0,1,2,v\n";
const std::string kSparseArff =
    "@relation r\n@attribute x numeric\n@attribute y numeric\n@attribute a {0,1}\n"
    "@attribute b {0,1}\n@data\n{0 1.5,1 2,2 1}\n{1 3,3 1}\n";
const std::string kLabelsXml =
    "<labels>\n<label name=\"a\"></label>\n<label name=\"b\"></label>\n</labels>\n";
const std::string kXmc = "2 4 3\n0,2 0:1 3:0.5\n1 2:2\n";
const std::string kSvm = "1,2 1:1 4:0.5\n3 3:2\n";

const std::vector<Seed> kSeeds{
    {"t.fasttext",
     {{"t.fasttext", "__label__a some text\n__label__b __label__a more\nno label\n"}}},
    {"t.src", {{"t.src", "a text\nanother\nthird\n"}, {"t.tgt", "a b\n\nb\n"}}},
    {"t.svm", {{"t.svm", kSvm}}},
    {"t.xmc", {{"t.xmc", kXmc}, {"t.labels.txt", "zero\none\ntwo\n"}}},
    {"t.arff", {{"t.arff", kDenseArff}}},
    {"s.arff", {{"s.arff", kSparseArff}, {"s.xml", kLabelsXml}}},
};

Lines split_lines(const std::string& text) {
  Lines lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

Files with(Files files, const std::string& name, const std::string& content) {
  files[name] = content;
  return files;
}

Files without(Files files, const std::string& name) {
  files.erase(name);
  return files;
}

/// `replacement` for the first `part` of a text.
std::string replaced(std::string text, const std::string& part, const std::string& replacement) {
  const std::size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.replace(at, part.size(), replacement);
}

std::size_t line_of(const std::string& text, const std::string& part) {
  return 1 + static_cast<std::size_t>(std::count(
                 text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.find(part)), '\n'));
}

/// Bytes that no text has, at the start, inside and at the end of every line of every file.
void add_broken_text(std::vector<Spoiled>& all) {
  const std::vector<std::pair<std::string, std::string>> bytes{{"\xff", "is not UTF-8"},
                                                               {"\xc3", "is not UTF-8"},
                                                               {"\xed\xa0\x80", "is not UTF-8"},
                                                               {"\0"s, "is zero"}};
  for (const Seed& seed : kSeeds) {
    for (const auto& [name, content] : seed.files) {
      const Lines lines = split_lines(content);
      for (std::size_t i = 0; i < lines.size(); ++i) {
        for (std::size_t b = 0; b < bytes.size(); ++b) {
          Lines spoiled = lines;
          // The start, the middle and the end, in turn.
          const std::size_t at = (i + b) % 3 * lines[i].size() / 2;
          spoiled[i].insert(at, bytes[b].first);
          all.push_back({"byte " + std::to_string(b), seed.open,
                         with(seed.files, name, joined(spoiled)), name, i + 1, bytes[b].second});
        }
      }
    }
  }
}

/// What no number is, in place of every feature.
void add_broken_numbers(std::vector<Spoiled>& all) {
  const Lines values{"nan",  "NaN",  "inf", "-inf", "Infinity", "1e39",     "-1e39", "1e999",
                     "0x10", "1.5x", "--1", "+-1",  "1..2",     "1e",       "e5",    "x",
                     "-",    "+",    "1_0", "1;5",  "\xd9\xa1", "1\xc2\xa0"};
  const auto add = [&](const std::string& open, const std::string& content, const Files& files,
                       const std::string& before, const std::string& number) {
    for (const std::string& value : values) {
      all.push_back({"number " + value, open,
                     with(files, open, replaced(content, before + number, before + value)), open,
                     line_of(content, before + number), "the feature \""});
    }
  };
  add("t.svm", kSvm, {}, " 4:", "0.5");
  add("t.svm", kSvm, {}, "3 3:", "2");
  add("t.xmc", kXmc, {}, " 3:", "0.5");
  add("t.arff", kDenseArff, {}, "1,0,", "0.5");
  add("s.arff", kSparseArff, {{"s.xml", kLabelsXml}}, "{0 ", "1.5");
}

/// What no index or label id is.
void add_broken_ids(std::vector<Spoiled>& all) {
  const Lines ids{"-1",
                  "1.0",
                  "x",
                  "01",
                  "0x1",
                  "+1",
                  "99999999999999999999",
                  "18446744073709551616",
                  "1e2",
                  "\"1\"",
                  "4294967297"};
  for (const std::string& id : ids) {
    const auto add = [&](const std::string& open, const std::string& content, const Files& files,
                         const std::string& part, const std::string& before,
                         const std::string& after, const std::string& reason) {
      all.push_back({"id " + id, open,
                     with(files, open, replaced(content, part, before + id + after)), open,
                     line_of(content, part), reason});
    };
    add("t.svm", kSvm, {}, " 4:0.5", " ", ":0.5", "the feature index of");
    add("t.xmc", kXmc, {}, " 3:0.5", " ", ":0.5", "the feature index of");
    add("t.xmc", kXmc, {}, "0,2 ", "0,", " ", "is not a whole number below 3");
    add("t.xmc", kXmc, {}, "1 2:2", "", " 2:2", "is not a whole number below 3");
    add("t.xmc", kXmc, {}, "2 4 3", "2 4 ", "", "");
    if (id == "\"1\"") continue;  // quotes are ARFF's
    add("s.arff", kSparseArff, {{"s.xml", kLabelsXml}}, "{1 3", "{", " 3", "the attribute index");
    if (id == "4294967297") continue;
    add("t.svm", kSvm, {}, "1,2 ", "1,", " ", "is not a whole number");
  }
}

/// Lines that are left out, given twice, or stand elsewhere.
void add_broken_headers(std::vector<Spoiled>& all) {
  const Lines arff = split_lines(kDenseArff);
  const auto add = [&](const std::string& what, const Lines& lines, std::size_t line,
                       const std::string& reason) {
    all.push_back({what, "t.arff", {{"t.arff", joined(lines)}}, "t.arff", line, reason});
  };
  for (std::size_t size = 0; size < 6; ++size) {
    add("header cut off", Lines(arff.begin(), arff.begin() + static_cast<std::ptrdiff_t>(size)),
        size, size == 0 ? "is empty" : "the file ends before @data");
  }
  for (std::size_t i = 1; i < 5; ++i) {
    Lines lines = arff;
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(i), arff[i]);
    add("attribute twice", lines, i + 2, "is repeated");
    lines = arff;
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
    // The rows have a value too many; a label may have become x, which is no feature of two values.
    if (i < 3) lines[2] = replaced(lines[2], "x numeric", "x {0,1}");
    add("attribute left out", lines, 6, "");
    lines = arff;
    lines[i] = "@" + lines[i];
    add("another keyword", lines, i + 1, "expected @attribute or @data");
    lines[i] = "attribute x numeric";
    add("no keyword", lines, i + 1, "expected @attribute or @data");
    lines[i] = arff[i].substr(0, 10);
    add("no name", lines, i + 1, "expected the name of an attribute, got the end of the line");
    lines[i] = arff[i].substr(0, 12);
    add("no type", lines, i + 1, "expected the type of the attribute, got the end of the line");
    lines[i] = arff[i] + " more";
    add("more than a type", lines, i + 1, "something follows the type of the attribute");
    for (const std::string type : {"date", "relational", "date 'yyyy'", "double", "0", "[0,1]"}) {
      lines[i] = arff[i].substr(0, 12) + " " + type;
      add("type " + type, lines, i + 1, "has the type");
    }
    for (const std::string type : {"{", "{}", "{0,1", "{0,,1}", "{,0,1}", "{0,1,}", "{0,1,0}",
                                   "{0 '1}", "{0}1}", "{{0,1}}", "{0%,1}", "'numeric", "}"}) {
      lines[i] = arff[i].substr(0, 12) + " " + type;
      add("type " + type, lines, i + 1, "");
    }
  }
  for (const std::string relation :
       {"", "'r: -C'", "'r: -C 0'", "'r: -C -0'", "'r: -C 5'", "'r: -C -5'", "'r: -C x'",
        "'r: -C 2.0'", "'r: -C 99999999999999999999'", "'r: -C --2'", "'r: -C 3'", "'r: -C -1'",
        "r", "'r: -c 2'", "'r", "\"r", "r s", "'r'x", "r'x'"}) {
    Lines lines = arff;
    lines[0] = "@relation " + relation;
    const bool is_attribute = relation == "'r: -C 3'" || relation == "'r: -C -1'";
    // x is numeric, so that its first value shows that it is no label; y is no label at all.
    add("relation " + relation, lines, relation == "'r: -C 3'" ? 7 : is_attribute ? 5 : 1, "");
  }
}

void check_refused(const Spoiled& spoiled) {
  const TemporaryFolder folder;
  for (const auto& [name, content] : spoiled.files) folder.file(name, content);
  const std::vector<std::string> before = folder.names();
  const std::string place = folder / spoiled.file;
  std::string content;
  for (const auto& [name, text] : spoiled.files)
    content += name + ":\n" + text.substr(0, 300) + "\n";
  INFO(spoiled.what << "\n" << content);
  bool refused = false;
  try {
    write_dataset(folder / "out.jsonl", read_dataset(folder / spoiled.open, spoiled.options));
  } catch (const DataError& error) {
    refused = true;
    const std::string message = error.what();
    INFO(message);
    CHECK(error.file() == place);
    CHECK(error.line() == spoiled.line);
    const std::string start =
        place + (spoiled.line > 0 ? ":" + std::to_string(spoiled.line) : "") + ": ";
    CHECK(message.starts_with(start));
    CHECK(message.size() > start.size() + 5);
    CHECK(message.size() < start.size() + 400);
    CHECK(message.find(spoiled.reason) != std::string::npos);
    CHECK(message.find('\n') == std::string::npos);
  }
  CHECK(refused);
  CHECK(folder.names() == before);
}

/// The sentence for one file that is spoiled by hand.
Spoiled one(const std::string& name, const std::string& content, std::size_t line,
            const std::string& reason, const ReadOptions& options = {}) {
  return {reason, name, {{name, content}}, name, line, reason, options};
}

Spoiled xml(const std::string& content, std::size_t line, const std::string& reason) {
  return {reason, "s.arff", {{"s.arff", kSparseArff}, {"s.xml", content}}, "s.xml", line, reason};
}

Spoiled meka_row(const std::string& row, const std::string& reason) {
  return one("t.arff", replaced(kDenseArff, "0,1,2,v", row), 8, reason);
}

Spoiled sparse_row(const std::string& row, const std::string& reason) {
  return {reason,
          "s.arff",
          {{"s.arff", replaced(kSparseArff, "{1 3,3 1}", row)}, {"s.xml", kLabelsXml}},
          "s.arff",
          8,
          reason};
}

}  // namespace

TEST_CASE("The files that are spoiled below are valid as they are") {
  for (const Seed& seed : kSeeds) {
    for (const bool compressed : {false, true}) {
      const TemporaryFolder folder;
      for (const auto& [name, content] : seed.files) folder.file(name, content);
      std::string path = folder / seed.open;
      const Dataset plain = read_dataset(path);
      CHECK(plain.rows.size() >= 2);
      if (!compressed) continue;
      path += ".gz";
      write_file_atomically(path, seed.files.at(seed.open));
      CHECK(read_dataset(path).rows == plain.rows);
    }
  }
}

TEST_CASE("Carriage returns and a byte order mark change nothing") {
  for (const Seed& seed : kSeeds) {
    const TemporaryFolder folder, other;
    for (const auto& [name, content] : seed.files) {
      folder.file(name, content);
      std::string windows = "\xef\xbb\xbf";
      for (const char c : content) windows += c == '\n' ? "\r\n" : std::string(1, c);
      other.file(name, windows);
    }
    const Dataset read = read_dataset(other / seed.open);
    CHECK(read.labels == read_dataset(folder / seed.open).labels);
    CHECK(read.rows == read_dataset(folder / seed.open).rows);
  }
}

TEST_CASE("More than 400 files that are spoiled by rule are refused with file, line and reason") {
  std::vector<Spoiled> all;
  add_broken_text(all);
  add_broken_numbers(all);
  add_broken_ids(all);
  add_broken_headers(all);
  CHECK(all.size() > 400);
  for (const Spoiled& spoiled : all) check_refused(spoiled);
}

TEST_CASE("fastText, SGM, LIBSVM and XMC files that are spoiled by hand are refused") {
  const std::string long_name(4097, 'x');
  const std::string huge = "18446744073709551615";
  const std::vector<Spoiled> all{
      one("a.fasttext", "", 0, "is empty: it has no rows"),
      one("a.fasttext", "\n \n\t\n", 0, "is empty: it has no rows"),
      one("a.fasttext", "x\n__label__ y\n", 2, "a label name is empty"),
      one("a.fasttext", "__label__" + long_name + " y\n", 1, "a label name has 4097 bytes"),
      {"no labels", "a.src", {{"a.src", "x\n"}}, "a.tgt", 0, "there is no such file"},
      {"no texts", "a.src", {{"a.tgt", "x\n"}}, "a.src", 0, "there is no such file"},
      {"empty", "a.src", {{"a.src", ""}, {"a.tgt", ""}}, "a.src", 0, "is empty"},
      {"short labels", "a.src", {{"a.src", "x\ny\n"}, {"a.tgt", "l\n"}}, "a.tgt", 2, "ends here"},
      {"short texts", "a.src", {{"a.src", "x\n"}, {"a.tgt", "l\nl\n"}}, "a.src", 2, "ends here"},
      {"no label lines", "a.src", {{"a.src", "x\n"}, {"a.tgt", ""}}, "a.tgt", 1, "a.src goes on"},
      {"a long label", "a.src", {{"a.src", "x\n"}, {"a.tgt", long_name}}, "a.tgt", 1, "4097 bytes"},
      one("a.txt", "x\n", 0, "give NAME.src", {.format = RowFormat::sgm}),
      one("a.svm", "", 0, "is empty: it has no rows"),
      one("a.svm", "\n\n", 0, "is empty: it has no rows"),
      one("a.svm", "1:0.5 2:1\n", 1, "starts with the feature \"1:0.5\""),
      one("a.svm", "1 0:1\n", 1, "of \"0:1\" is not a whole number of at least 1"),
      one("a.svm", "1 2:1 1:1\n", 1, "the feature index 1 is not greater than the one before it"),
      one("a.svm", "1 2:1 2:1\n", 1, "the feature index 2 is not greater"),
      one("a.svm", "1 4294967297:1\n", 1, "below 4294967297"),
      one("a.svm", "1 " + huge + ":1\n", 1, "is not a whole number"),
      one("a.svm", "1 2\n", 1, "\"2\" must be a feature, INDEX:VALUE"),
      one("a.svm", "1, 2 1:1\n", 1, "a label between the commas of \"1,\" is empty"),
      one("a.svm", ",1 1:1\n", 1, "a label between the commas"),
      one("a.svm", "1,,2 1:1\n", 1, "a label between the commas"),
      one("a.svm", "1,a 1:1\n", 1, "the label \"a\" is not a whole number"),
      one("a.svm", "1 1:\n", 1, "the feature \"\" is not a finite number"),
      one("a.svm", "1 1 :2\n", 1, "must be a feature"),
      one("a.svm", "1 :2\n", 1, "the feature index of \":2\""),
      one("a.svm", "1 1:2:3\n", 1, "the feature \"2:3\" is not a finite number"),
      one("a.svm", "1 1:0,5\n", 1, "the feature \"0,5\" is not a finite number"),
      one("a.svm", "1 qid:3 1:2\n", 1, "the feature index of \"qid:3\""),
      one("a.svm", "1 1:" + std::string(100000, '9') + "\n", 1, "is not in the range of a float"),
      one("a.xmc", "", 0, "is empty: it has no header"),
      one("a.xmc", "0 4 3\n", 0, "is empty: it has no rows"),
      one("a.xmc", "2 4\n0 0:1\n", 1,
          "the header must be the numbers of rows, features and labels"),
      one("a.xmc", "2 4 3 1\n", 1, "the header must be"),
      one("a.xmc", "0,2 0:1\n", 1, "the header must be"),
      one("a.xmc", "-2 4 3\n", 1, "the header must be"),
      one("a.xmc", "1 4294967297 3\n0 0:1\n", 1, "4294967297 features, the limit is 2^32"),
      one("a.xmc", "1 4 1048577\n0 0:1\n", 1, "1048577 labels, the limit is 1048576"),
      one("a.xmc", huge + " 4 3\n0 0:1\n", 1, "says " + huge + " rows, but there are 1"),
      one("a.xmc", "2 4 3\n0 0:1\n", 1, "the header says 2 rows, but there are 1"),
      one("a.xmc", "1 4 3\n0 0:1\n1 1:1\n", 3, "more rows than the 1 that the header says"),
      one("a.xmc", "1 4 3\n3 0:1\n", 2, "the label \"3\" is not a whole number below 3"),
      one("a.xmc", "1 4 3\n0 4:1\n", 2, "at least 0 and below 4"),
      one("a.xmc", "1 0 3\n0 0:1\n", 2, "at least 0 and below 0"),
      one("a.xmc", "1 4 3\n0 1:1 0:1\n", 2, "is not greater than the one before it"),
      {"few names",
       "a.xmc",
       {{"a.xmc", kXmc}, {"a.labels.txt", "x\ny\n"}},
       "a.labels.txt",
       2,
       "there are 2 names"},
      {"many names",
       "a.xmc",
       {{"a.xmc", kXmc}, {"a.labels.txt", "x\ny\nz\nw\n"}},
       "a.labels.txt",
       4,
       "there are more names than the 3 labels"},
      {"a name twice",
       "a.xmc",
       {{"a.xmc", kXmc}, {"a.labels.txt", "x\ny\nx\n"}},
       "a.labels.txt",
       3,
       "the label \"x\" is repeated"},
      {"an empty name",
       "a.xmc",
       {{"a.xmc", kXmc}, {"a.labels.txt", "x\n\nz\n"}},
       "a.labels.txt",
       2,
       "a label name is empty"},
      {"a long name",
       "a.xmc",
       {{"a.xmc", kXmc}, {"a.labels.txt", long_name}},
       "a.labels.txt",
       1,
       "4097 bytes"},
  };
  for (const Spoiled& spoiled : all) check_refused(spoiled);
}

TEST_CASE("ARFF files that are spoiled by hand are refused") {
  const std::string ids =
      "@relation 'r: -C 1'\n@attribute a {0,1}\n@attribute id string\n@data\n1,x\n";
  const std::vector<Spoiled> all{
      one("a.arff", "", 0, "is empty: it has no header"),
      one("a.arff", "% nothing\n", 1, "the file ends before @data"),
      one("a.arff", "@attribute a {0,1}\n@data\n1\n", 1, "expected @relation first"),
      one("a.arff", "@relation a\n@relation b\n", 2, "the file has a second @relation"),
      one("a.arff", "@relation a\n@data\n1\n", 2, "there is no @attribute before @data"),
      one("a.arff", "@relation a\n@attribute '' numeric\n", 2, "the name of an attribute is empty"),
      one("a.arff", "@relation a\n@attribute don't numeric\n", 2, "a quote follows \"don\""),
      one("a.arff", "@relation a\n@attribute 'x'y numeric\n", 2, "text follows the closing quote"),
      one("a.arff", "@relation a\n@attribute x numeric\n@data more\n", 3,
          "something follows @data"),
      one("a.arff", "@relation a\n@attribute x numeric\n@data\n1\n", 1,
          "nothing says which attributes are labels"),
      one("a.arff", "@relation a\n@attribute x numeric\n@data\n1\n", 1, "has no \"-C n\"",
          {.format = RowFormat::meka}),
      one("a.arff", kDenseArff, 0, "there is no XML file", {.format = RowFormat::mulan}),
      one("a.arff", joined(Lines(split_lines(kDenseArff).size(), "")), 8,
          "the file ends before @data"),
      one("a.arff", replaced(kDenseArff, "1,0,0.5,u\n0,1,2,v\n", ""), 0,
          "is empty: it has no rows"),
      one("a.arff", replaced(kDenseArff, "a {0,1}", "a {0,1,2}"), 2,
          "must be an attribute {0,1} or"),
      one("a.arff", replaced(kDenseArff, "a {0,1}", "a {no,yes}"), 2, "the label \"a\" must be"),
      one("a.arff", replaced(kDenseArff, "a {0,1}", "a string"), 2, "the label \"a\" must be"),
      one("a.arff", replaced(kDenseArff, "x numeric", "x string"), 4,
          "the attribute \"x\" is a string, which is no feature"),
      one("a.arff", ids + "0,x\n", 6, "the id \"x\" is repeated; it was first used in line 5"),
      one("a.arff", ids + "0,''\n", 6, "the row has no id"),
      one("a.arff", ids + "0,?\n", 6, "the row has no id"),
      one("a.arff", ids + "{0 1}\n", 6, "the row has no id"),
      meka_row("0,1,2", "the row has 3 values, but there are 4 attributes"),
      meka_row("0,1,2,v,1", "the row has 5 values, but there are 4 attributes"),
      meka_row("0,1,,v", "expected a value, got \",\""),
      meka_row(",0,1,2,v", "expected a value, got \",\""),
      meka_row("0,1,2,v,", "expected a value, got the end of the line"),
      meka_row("0,1,2,% v", "expected a value, got the end of the line"),
      meka_row("0,1,2,w", "the attribute \"y\" cannot be \"w\""),
      meka_row("0,1,2,V", "the attribute \"y\" cannot be \"V\""),
      meka_row("0,1,?,v", "the attribute \"x\" is missing (?)"),
      meka_row("0,1,2,?", "the attribute \"y\" is missing (?)"),
      meka_row("?,1,2,v", "1 of 2 labels are missing (?)"),
      meka_row("2,1,2,v", "the label \"a\" must be 0, 1 or ?, got \"2\""),
      meka_row("true,1,2,v", "the label \"a\" must be 0, 1 or ?"),
      meka_row("-1,1,2,v", "the label \"a\" must be 0, 1 or ?"),
      meka_row("0,1,2,'v", "a quote is never closed"),
      meka_row("0,1,2,\"v", "a quote is never closed"),
      meka_row("0,1,2,'v\\'", "a quote is never closed"),
      meka_row("0,1,2,'v'v", "text follows the closing quote"),
      meka_row("0,1,2,v'u'", "a quote follows \"v\""),
      meka_row("0,1,2,v,{x}", "the weight \"x\" is not a finite number of at least 0"),
      meka_row("0,1,2,v,{-1}", "the weight \"-1\" is not a finite number of at least 0"),
      meka_row("0,1,2,v,{inf}", "the weight \"inf\""),
      meka_row("0,1,2,v,{0,5}", "the weight has no closing brace"),
      meka_row("0,1,2,v,{1", "the weight has no closing brace"),
      meka_row("0,1,2,v,{}", "expected a weight"),
      meka_row("0,1,2,v,{1} x", "something follows the row"),
      meka_row("0,1,{1}", "the row has 2 values, but there are 4 attributes"),
      meka_row("0,1,2}", "expected a value, got \"}\""),
      meka_row("}", "expected a value, got \"}\""),
      sparse_row("{1 3,3 1", "a sparse row has no closing brace"),
      sparse_row("{", "expected the index of an attribute, got the end of the line"),
      sparse_row("{1}", "expected a value, got \"}\""),
      sparse_row("{1 3,}", "expected the index of an attribute, got \"}\""),
      sparse_row("{1 3,,3 1}", "expected the index of an attribute, got \",\""),
      sparse_row("{1,3 1}", "expected a value, got \",\""),
      sparse_row("{3 1,1 3}", "the attribute index 1 is not greater than the one before it"),
      sparse_row("{1 3,1 3}", "the attribute index 1 is not greater than the one before it"),
      sparse_row("{4 1}", "the attribute index \"4\" is not a whole number below 4"),
      sparse_row("{1 3 4}", "a sparse row has no closing brace"),
      sparse_row("{1 3,3 1} {1} {1}", "something follows the row"),
      sparse_row("{1 3,3 1} 5", "something follows the row"),
      sparse_row("{1 ?}", "the attribute \"y\" is missing (?)"),
      sparse_row("{2 ?}", "1 of 2 labels are missing (?)"),
      sparse_row("{3 2}", "the label \"b\" must be 0, 1 or ?"),
      sparse_row("1,2,0", "the row has 3 values, but there are 4 attributes"),
      sparse_row("{3 ", "expected a value, got the end of the line"),
      sparse_row("{{1 3}}", "expected the index of an attribute, got \"{\""),
      {"unequal rows",
       "b.arff",
       {{"b.arff", replaced(kSparseArff, "{1 3,3 1}", "1,2,0,1,1")}, {"b.xml", kLabelsXml}},
       "b.arff",
       8,
       "the row has 5 values"},
  };
  for (const Spoiled& spoiled : all) check_refused(spoiled);
}

TEST_CASE("XML files of labels that are spoiled by hand are refused") {
  std::string deep, many;
  for (int i = 0; i < 100; ++i) deep += "<label name=\"l" + std::to_string(i) + "\">\n";
  for (int i = 0; i < 100; ++i) deep += "</label>";
  for (int i = 0; i < 200000; ++i) many += "<label name=\"a\">";
  const std::string bomb =
      "<?xml version=\"1.0\"?>\n<!DOCTYPE labels [\n<!ENTITY a \"aaaaaaaaaa\">\n"
      "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\n<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">\n]>\n"
      "<labels><label name=\"&c;\"/></labels>";
  const std::vector<Spoiled> all{
      xml("", 1, "not valid XML"),
      xml("  \n\n", 3, "not valid XML"),
      xml("a\nb\n", 3, "not valid XML: No document element found"),
      xml("<labels>\n<label name=\"a\">\n", 2, "not valid XML"),
      xml("<labels>\n<label name=\"a\"></labels>\n", 2, "not valid XML"),
      xml("<labels>\n<label name=\"a/>\n</labels>\n", 2, "not valid XML"),
      xml("<labels>\n<label name=a/>\n</labels>\n", 2, "not valid XML"),
      xml("<labels>\n<label na", 2, "not valid XML"),
      xml("<labels>\n<label name=\"a\"/>\n</labels>\n<labels/>", 4,
          "something follows the element"),
      xml("<label name=\"a\"/>", 1, "the outermost element must be labels, got \"label\""),
      xml("\n<Labels><label name=\"a\"/></Labels>", 2, "the outermost element must be labels"),
      xml("<labels></labels>", 1, "there is no label"),
      xml("<labels>\n<!-- <label name=\"a\"/> --></labels>", 1, "there is no label"),
      xml("<labels>\n<label/></labels>", 2, "a label has no attribute name"),
      xml("<labels>\n<label Name=\"a\"/></labels>", 2, "a label has no attribute name"),
      xml("<labels>\n<label name=\"\"/></labels>", 2, "a label name is empty"),
      xml("<labels>\n<lable name=\"a\"/></labels>", 2, "expected an element label, got \"lable\""),
      xml("<labels>\n<label name=\"a\"/>\nb</labels>", 2, "text stands between the labels"),
      xml("<labels>\n<label name=\"a\"/>\n<label name=\"a\"/></labels>", 3,
          "the label \"a\" is repeated"),
      xml("<labels>\n<label name=\"a\">\n<label name=\"a\"/></label></labels>", 3, "is repeated"),
      xml("<labels>\n<label name=\"a\"/>\n<label name=\"c\"/></labels>", 3,
          "the label \"c\" is no attribute of"),
      xml("<labels>\n<label name=\"A\"/></labels>", 2, "the label \"A\" is no attribute of"),
      xml("<labels>\n<label name=\"a \"/></labels>", 2, "the label \"a \" is no attribute of"),
      xml("<labels>\n<label name=\"a&#0;\"/></labels>", 2, "a character reference is no character"),
      xml("<labels>\n<label name=\"a&#x0;\"/></labels>", 2,
          "a character reference is no character"),
      xml("<labels>\n<label name=\"a&#x110000;\"/></labels>", 2, "is no character"),
      xml("<labels>\n<label name=\"a&#99999999999999999999;\"/></labels>", 2, "is no character"),
      xml("<labels>\n<label name=\"&#xD800;\"/></labels>", 2, "that is no character"),
      xml("<labels>\n<label name=\"&undefined;\"/></labels>", 2, "is no attribute of"),
      xml("<labels>\n<label name=\"" + std::string(5000, 'a') + "\"/></labels>", 2, "5000 bytes"),
      xml(bomb, 2, "a document type is not accepted"),
      xml("<!DOCTYPE labels SYSTEM \"file:///etc/passwd\">\n" + kLabelsXml, 1, "document type"),
      xml("<labels>\n" + deep + "</labels>", 34, "nested more than 32 levels deep"),
      xml("<labels>" + many, 1, "not valid XML"),
      xml("\xff\xfe<\0l\0"s, 1, "is not UTF-8"),
  };
  for (const Spoiled& spoiled : all) check_refused(spoiled);
}

TEST_CASE("Compressed files of every format that are cut off anywhere are refused") {
  for (const Seed& seed : kSeeds) {
    const TemporaryFolder folder;
    for (const std::string suffix : {".gz", ".zst"}) {
      const std::string name = seed.open + suffix;
      write_file_atomically(folder / name, seed.files.at(seed.open));
      const std::string whole = bytes_of(folder / name);
      for (std::size_t size = 4; size < whole.size(); size += whole.size() / 6) {
        Files files = without(seed.files, seed.open);
        files[name] = whole.substr(0, size);
        check_refused({"cut off", name, files, name, 0, ""});
      }
    }
  }
}

TEST_CASE("Whatever is done to a file, it is read or refused") {
  CounterRng rng(17);
  const std::string alphabet = "{}'\"%,:?@\\ \t\n<>&;-+.0129ea\xc3\xff"s + '\0';
  std::size_t refused = 0;
  for (const Seed& seed : kSeeds) {
    for (int round = 0; round < 100; ++round) {
      const TemporaryFolder folder;
      for (const auto& [name, content] : seed.files) {
        std::string spoiled = content;
        for (std::uint64_t edits = 1 + rng.below(3); edits > 0; --edits) {
          const auto at = static_cast<std::size_t>(rng.below(spoiled.size()));
          const char c = alphabet[rng.below(alphabet.size())];
          const std::uint64_t kind = rng.below(4);
          if (kind == 0) spoiled[at] = c;
          if (kind == 1) spoiled.insert(at, 1, c);
          if (kind == 2) spoiled.erase(at, 1 + rng.below(8));
          if (kind == 3)
            spoiled.insert(at, spoiled.substr(rng.below(spoiled.size()), rng.below(20)));
          if (spoiled.empty()) spoiled.push_back(' ');
        }
        folder.file(name, spoiled);
      }
      try {
        read_dataset(folder / seed.open);
      } catch (const DataError& error) {
        ++refused;
        CHECK(error.file().starts_with(folder.path()));
      }
    }
  }
  CHECK(refused > 150);
}
