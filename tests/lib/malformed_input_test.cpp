// Every kind of bad input gets one sentence with the file, the line and the reason, and nothing is
// written.

#include <labelbeam/error.h>
#include <labelbeam/output_file.h>
#include <labelbeam/readers/dataset_reader.h>
#include <labelbeam/readers/debtags.h>
#include <labelbeam/readers/predictions.h>
#include <labelbeam/writers/dataset_writer.h>
#include <labelbeam/writers/predictions.h>

#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;

namespace {

struct BadInput {
  std::string what;
  std::string file;
  std::string bytes;
  std::size_t line;  // 0: the file as a whole
  std::string reason;
  ReadOptions options = {};
};

/// What the command line's `convert` does, and what `evaluate` reads.
void convert_rows(const std::string& in, const std::string& out, const ReadOptions& options) {
  write_dataset(out, read_dataset(in, options));
}
void convert_predictions(const std::string& in, const std::string& out, const ReadOptions&) {
  write_predictions(out, read_predictions(in));
}
void import_tags(const std::string& in, const std::string& out, const ReadOptions&) {
  write_dataset(
      out, import_debtags({.list_files = {in}, .list_folders = {}, .min_label_count = 1}).train);
}

void check_all(const std::vector<BadInput>& inputs,
               void (*use)(const std::string&, const std::string&, const ReadOptions&)) {
  for (const BadInput& input : inputs) {
    DYNAMIC_SECTION(input.what) {
      const TemporaryFolder folder;
      const std::string path = folder.file(input.file, input.bytes);
      std::string place = path;
      if (input.line > 0) place.append(":").append(std::to_string(input.line));
      place += ": ";
      std::string message;
      try {
        use(path, folder / "out.jsonl", input.options);
      } catch (const DataError& error) {
        message = error.what();
        CHECK(error.file() == path);
        CHECK(error.line() == input.line);
      }
      CHECK_THAT(message, Catch::Matchers::StartsWith(place));
      CHECK_THAT(message, contains_text(input.reason));
      CHECK(message.find('\n') == std::string::npos);
      CHECK(folder.names() == std::vector<std::string>{input.file});
    }
  }
}

std::string row_with(const std::string& field) { return "{\"id\": \"1\"}\n{" + field + "}\n"; }

}  // namespace

TEST_CASE("Malformed JSON lines are refused with line and reason") {
  const std::string deep = std::string(40, '[') + std::string(40, ']');
  check_all(
      {
          {"empty file", "a.jsonl", "", 0, "is empty: it has no rows"},
          {"blank lines only", "a.jsonl", "\n \n", 0, "is empty: it has no rows"},
          {"byte order mark only", "a.jsonl", "\xef\xbb\xbf", 0, "is empty"},
          {"no JSON", "a.jsonl", "{\"id\": 1}\nhello\n", 2, "not valid JSON at byte 1"},
          {"cut-off object", "a.jsonl", "{\"id\": \"1\", \"text\": \"a", 1, "not valid JSON"},
          {"two objects on a line", "a.jsonl", "{} {}\n", 1, "not valid JSON at byte 4"},
          {"trailing comma", "a.jsonl", "{\"id\": 1,}\n", 1, "not valid JSON"},
          {"NaN", "a.jsonl", row_with("\"weight\": NaN"), 2, "not valid JSON"},
          {"control character", "a.jsonl", row_with("\"text\": \"a\tb\""), 2, "not valid JSON"},
          {"lone surrogate", "a.jsonl", row_with("\"text\": \"\\ud800\""), 2, "not valid JSON"},
          {"zero byte", "a.jsonl", row_with(std::string("\"text\": \"\0\"", 11)), 2,
           "byte 11 of the line is zero"},
          {"broken UTF-8", "a.jsonl", row_with("\"text\": \"\xc3(\""), 2,
           "byte 11 of the line is not UTF-8"},
          {"UTF-16", "a.jsonl", std::string("\xff\xfe{\0}\0", 6), 1,
           "byte 1 of the line is not UTF-8"},
          {"overlong UTF-8", "a.jsonl", row_with("\"text\": \"\xc0\xaf\""), 2, "not UTF-8"},
          {"an array", "a.jsonl", "[1, 2]\n", 1, "expected a JSON object, got a JSON array"},
          {"a string", "a.jsonl", "\"x\"\n", 1, "expected a JSON object, got a JSON string"},
          {"nested too deep", "a.jsonl", row_with("\"x\": " + deep), 2,
           "JSON is nested more than 32 levels deep"},
          {"a repeated key", "a.jsonl", row_with("\"labels\": [], \"labels\": [\"a\"]"), 2,
           "the key \"labels\" is repeated"},
          {"a fraction as id", "a.jsonl", row_with("\"id\": 1.5"), 2,
           "\"id\" must be a string or a whole number, got 1.5"},
          {"an empty id", "a.jsonl", row_with("\"id\": \"\""), 2, "\"id\" is empty"},
          {"a repeated id", "a.jsonl", row_with("\"id\": 1"), 2,
           "the id \"1\" is repeated; it was first used in line 1"},
          {"a row number that is an id", "a.jsonl", "{\"id\": \"2\"}\n{}\n", 2, "is repeated"},
          {"a text that is a number", "a.jsonl", row_with("\"text\": 5"), 2,
           "\"text\" must be a string, got a JSON number"},
          {"labels in a string", "a.jsonl", row_with("\"labels\": \"a,b\""), 2,
           "\"labels\" must be an array, got a JSON string"},
          {"a label that is a number", "a.jsonl", row_with("\"labels\": [1]"), 2,
           "a label must be a string, got a JSON number"},
          {"an empty label", "a.jsonl", row_with("\"labels\": [\"\"]"), 2, "a label name is empty"},
          {"a long label", "a.jsonl", row_with("\"labels\": [\"" + std::string(4097, 'x') + "\"]"),
           2, "a label name has 4097 bytes, the limit is 4096"},
          {"a group that is an array", "a.jsonl", row_with("\"group\": []"), 2,
           "\"group\" must be"},
          {"a negative weight", "a.jsonl", row_with("\"weight\": -1"), 2,
           "\"weight\" is negative: -1"},
          {"a weight in quotes", "a.jsonl", row_with("\"weight\": \"1\""), 2,
           "\"weight\" must be a number, got a JSON string"},
          {"a weight beyond doubles", "a.jsonl", row_with("\"weight\": 1e999"), 2,
           "a number is too large for a double"},
          {"features in a string", "a.jsonl", row_with("\"features\": \"1 2\""), 2,
           "\"features\" must be an array of numbers or an object"},
          {"a feature that is null", "a.jsonl", row_with("\"features\": [1, null]"), 2,
           "a feature must be a number, got a JSON null"},
          {"a feature beyond floats", "a.jsonl", row_with("\"features\": [1e39]"), 2,
           "the feature 1e+39 is too large for a float"},
          {"a feature index with a sign", "a.jsonl", row_with("\"features\": {\"-1\": 1}"), 2,
           "the feature index \"-1\" is not a whole number below 2^32"},
          {"a feature index too large", "a.jsonl", row_with("\"features\": {\"4294967296\": 1}"), 2,
           "is not a whole number below 2^32"},
          {"a feature index written twice", "a.jsonl",
           row_with("\"features\": {\"1\": 1, \"01\": 1}"), 2, "the feature index \"01\""},
          {"rows of unequal length", "a.jsonl",
           "{\"id\": 1, \"features\": [1, 2]}\n{\"id\": 2, \"features\": [1]}\n", 2,
           "the row has 1 features, but rows before it have 2"},
          {"an unknown suffix", "a.dat", "{}\n", 0, "the name does not tell the format"},
      },
      convert_rows);
}

TEST_CASE("Malformed CSV is refused with line and reason") {
  const std::string header = "id,text,labels\n";
  check_all(
      {
          {"empty file", "a.csv", "", 0, "is empty: it has no header"},
          {"header only", "a.csv", header, 0, "is empty: it has no rows"},
          {"too few fields", "a.csv", header + "1,a,x\n2,b\n", 3,
           "the row has 2 fields, but the header has 3"},
          {"too many fields", "a.csv", header + "1,a,b,x\n", 2, "the row has 4 fields"},
          {"an open quote", "a.csv", header + "1,\"a,x\n2,b,y\n", 2,
           "a quoted field is never closed"},
          {"text after a quote", "a.csv", header + "1,\"a\"b,x\n", 2,
           "text follows the closing quote of a field"},
          {"text after a quote of two lines", "a.csv", header + "1,\"a\nb\"c,x\n", 3,
           "text follows the closing quote of a field"},
          {"a quote inside a plain field", "a.csv", header + "1,a \"b\" c,x\n", 2,
           "a quote stands inside a field that does not start with one"},
          {"broken UTF-8", "a.csv", header + "1,\xe9,x\n", 2, "byte 3 of the line is not UTF-8"},
          {"broken UTF-8 inside quotes", "a.csv", header + "1,\"a\n\xe9\",x\n", 3,
           "byte 1 of the line is not UTF-8"},
          {"a zero byte", "a.csv", header + std::string("1,\0,x\n", 6), 2, "is zero"},
          {"an empty id", "a.csv", header + ",a,x\n", 2, "the column \"id\" is empty"},
          {"a repeated id", "a.csv", header + "1,a,x\n\n1,b,y\n", 4, "first used in line 2"},
          {"an empty label", "a.csv", header + "1,a,x;;y\n", 2, "a label name is empty"},
          {"a separator at the end", "a.csv", header + "1,a,x;\n", 2, "a label name is empty"},
          {"a repeated column", "a.csv", "id,text,text\n1,a,b\n", 1,
           "the header names the column \"text\" twice"},
          {"a column without a name", "a.csv", "id,,text\n1,a,b\n", 1,
           "a column of the header has no name"},
          {"no useful column", "a.csv", "id,tweet\n1,a\n", 1,
           "neither a column \"text\" nor \"labels\", but \"id\", \"tweet\""},
          {"a chosen column that is not there",
           "a.csv",
           header + "1,a,x\n",
           1,
           "the header has no column \"body\"",
           {.text_column = "body"}},
          {"a label column that is not there",
           "a.csv",
           header + "1,a,x\n",
           1,
           "the header has no column \"joy\"",
           {.label_columns = {"joy"}}},
          {"a label column that is not 0 or 1",
           "a.csv",
           "text,joy\na,yes\n",
           2,
           "the column \"joy\" must be 0 or 1, got \"yes\"",
           {.label_columns = {"joy"}}},
          {"a weight that is no number", "a.csv", "text,weight\na,1.0x\n", 2,
           "the weight \"1.0x\" is not a finite number"},
          {"a weight with a decimal comma", "a.csv", "text,weight\na,\"0,5\"\n", 2,
           "the weight \"0,5\" is not a finite number"},
          {"an infinite weight", "a.csv", "text,weight\na,inf\n", 2, "is not a finite number"},
          {"a negative weight", "a.csv", "text,weight\na,-1\n", 2,
           "is not a finite number of at least 0"},
      },
      convert_rows);
}

TEST_CASE("Malformed TSV and SemEval files are refused with line and reason") {
  const std::string header = "ID\tTweet\tanger\tjoy\n";
  check_all(
      {
          {"TSV: empty file", "a.tsv", "\n\n", 0, "is empty: it has no header"},
          {"TSV: a tab too many", "a.tsv", "id\ttext\n1\ta\tb\n", 2, "the row has 3 fields"},
          {"TSV: broken UTF-8", "a.tsv", "id\ttext\n1\t\xf0\x9f\x98\n", 2, "not UTF-8"},
          {"TSV: commas instead of tabs", "a.tsv", "id,text\n1,a\n", 1, "but \"id,text\""},
          {"header only", "a.txt", header, 0, "is empty: it has no rows"},
          {"a two", "a.txt", header + "1\thi\t0\t2\n", 2,
           "the column \"joy\" must be 0 or 1, or every label column NONE, got \"2\""},
          {"an empty cell", "a.txt", header + "1\thi\t\t1\n", 2, "the column \"anger\""},
          {"NONE here, a value there", "a.txt", header + "1\thi\tNONE\t1\n", 2, "got \"1\""},
          {"a value here, NONE there", "a.txt", header + "1\thi\t1\tNONE\n", 2, "got \"NONE\""},
          {"a column too few", "a.txt", header + "1\thi\t1\n", 2,
           "the row has 3 fields, but the header has 4"},
          {"an empty id", "a.txt", header + "\thi\t0\t1\n", 2, "the column \"ID\" is empty"},
          {"a repeated id", "a.txt", header + "1\thi\t0\t1\n1\tho\t0\t1\n", 3, "is repeated"},
          {"a repeated label", "a.txt", "ID\tTweet\tjoy\tjoy\n1\thi\t0\t1\n", 1, "\"joy\" twice"},
          {"another header",
           "a.txt",
           "id\ttext\n1\thi\n",
           1,
           "the header must be ID, Tweet and at least one label",
           {.format = RowFormat::semeval}},
          {"a header without labels",
           "a.txt",
           "ID\tTweet\n1\thi\n",
           1,
           "at least one label",
           {.format = RowFormat::semeval}},
      },
      convert_rows);
}

TEST_CASE("Damaged compressed files are refused") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.gz", "{\"id\": 1, \"text\": \"some text\"}\n");
  write_file_atomically(folder / "a.zst", "{\"id\": 1, \"text\": \"some text\"}\n");
  const std::string gz = bytes_of(folder / "a.gz");
  const std::string zst = bytes_of(folder / "a.zst");
  std::string wrong_checksum = gz;
  wrong_checksum[gz.size() - 8] = static_cast<char>(~wrong_checksum[gz.size() - 8]);
  check_all(
      {
          {"gzip cut off", "a.jsonl.gz", gz.substr(0, gz.size() / 2), 0, "is damaged or cut off"},
          {"gzip without its trailer", "a.jsonl.gz", gz.substr(0, gz.size() - 8), 0, "is damaged"},
          {"gzip without a header", "a.jsonl.gz", gz.substr(0, 5), 0, "is damaged or cut off"},
          {"gzip with another checksum", "a.jsonl.gz", wrong_checksum, 0,
           "the gzip checksum is wrong"},
          {"gzip with something behind it", "a.jsonl.gz", gz + "more", 0, "something follows it"},
          {"gzip's mark and noise", "a.jsonl.gz", "\x1f\x8b\xff\xff\xff\xff nonsense", 0,
           "gzip data cannot be decompressed"},
          {"zstd cut off", "a.jsonl.zst", zst.substr(0, zst.size() - 3), 0,
           "is damaged or cut off"},
          {"zstd's mark and noise", "a.jsonl.zst", "\x28\xb5\x2f\xfdnonsense and more of it", 0,
           "zstd data cannot be decompressed"},
          {"bzip2 cut off", "a.jsonl.bz2", "BZh91AY&SY\x01\x02", 0,
           "bzip2 data cannot be decompressed"},
      },
      convert_rows);
}

TEST_CASE("Malformed predictions are refused with line and reason") {
  const std::string good = "{\"id\": \"1\", \"labels\": []}\n";
  const auto with = [&](const std::string& fields) {
    return good + "{\"id\": 2, " + fields + "}\n";
  };
  check_all(
      {
          {"empty file", "p.jsonl", "", 0, "is empty: it has no predictions"},
          {"no JSON", "p.jsonl", good + "oops\n", 2, "not valid JSON"},
          {"no id", "p.jsonl", "{\"labels\": []}\n", 1, "there is no \"id\""},
          {"nothing predicted", "p.jsonl", good + "{\"id\": 2}\n", 2,
           "there is no \"labels\", \"scores\" or \"sets\""},
          {"a repeated id", "p.jsonl", good + good, 2,
           "the id \"1\" is repeated; it was first used in line 1"},
          {"a repeated label", "p.jsonl", with("\"labels\": [\"a\", \"b\", \"a\"]"), 2,
           "the label \"a\" is repeated within a set"},
          {"labels that are no array", "p.jsonl", with("\"labels\": {}"), 2, "must be an array"},
          {"scores in an array", "p.jsonl", with("\"scores\": [0.5]"), 2,
           "\"scores\" must be an object from label to number"},
          {"a score that is null", "p.jsonl", with("\"scores\": {\"a\": null}"), 2,
           "the score of \"a\" must be a number, got a JSON null"},
          {"a score beyond doubles", "p.jsonl", with("\"scores\": {\"a\": 1e400}"), 2, "too large"},
          {"a score of NaN", "p.jsonl", with("\"scores\": {\"a\": NaN}"), 2, "not valid JSON"},
          {"two scores of a label", "p.jsonl", with("\"scores\": {\"a\": 0, \"a\": 1}"), 2,
           "the key \"a\" is repeated"},
          {"a score of no label", "p.jsonl", with("\"scores\": {\"\": 0}"), 2, "name is empty"},
          {"sets that are no array", "p.jsonl", with("\"sets\": {}"), 2,
           "\"sets\" must be an array"},
          {"a set without probability", "p.jsonl", with("\"sets\": [{\"labels\": []}]"), 2,
           "every entry of \"sets\" must be an object"},
          {"a set that is a list", "p.jsonl", with("\"sets\": [[\"a\"]]"), 2, "every entry"},
          {"a log_prob above 0", "p.jsonl", with("\"sets\": [{\"labels\": [], \"log_prob\": 0.1}]"),
           2, "\"log_prob\" must be at most 0, got 0.1"},
          {"a repeated set", "p.jsonl",
           with("\"sets\": [{\"labels\": [\"a\", \"b\"], \"log_prob\": -2}, "
                "{\"labels\": [\"b\", \"a\"], \"log_prob\": -2}]"),
           2, "the set [\"b\",\"a\"] is repeated"},
          {"more mass than one", "p.jsonl",
           with("\"sets\": [{\"labels\": [], \"log_prob\": -0.5}, "
                "{\"labels\": [\"a\"], \"log_prob\": -0.5}]"),
           2, "the probabilities of the sets and the residual sum to 1.21"},
          {"a residual above 1", "p.jsonl", with("\"labels\": [], \"residual\": 1.5"), 2,
           "\"residual\" must be between 0 and 1, got 1.5"},
          {"a residual below 0", "p.jsonl", with("\"labels\": [], \"residual\": -0.5"), 2,
           "\"residual\" must be between 0 and 1"},
      },
      convert_predictions);
}

TEST_CASE("Malformed package lists are refused with line and reason") {
  const std::string good = "Package: a\nDescription: d\nTag: x::y\n\n";
  const auto tagged = [&](const std::string& tags) {
    return good + "Package: b\nTag: " + tags + "\n";
  };
  check_all(
      {
          {"no field name", "Packages", good + "Package: b\nnonsense\n", 6, "expected a field"},
          {"a colon first", "Packages", good + ": x\n", 5, "expected a field"},
          {"an indented start", "Packages", good + " x\n", 5, "starts with an indented line"},
          {"no package", "Packages", good + "Version: 1\nTag: x::y\n", 5, "has no field Package"},
          {"a repeated field", "Packages", good + "Package: b\nTag: x::y\nTag: x::z\n", 7,
           "the field Tag is repeated; it was first given in line 6"},
          {"broken UTF-8", "Packages", good + "Package: b\nDescription: \xe9\n", 6, "not UTF-8"},
          {"broken UTF-8 further down", "Packages", good + "Package: b\nDescription: x\n \xe9\n", 7,
           "byte 2 of the line is not UTF-8"},
          {"an open brace", "Packages", tagged("x::{y, z"), 6, "a brace is never closed"},
          {"a closing brace", "Packages", tagged("x::y}"), 6,
           "a brace is closed that was not opened"},
          {"braces in braces", "Packages", tagged("x::{y,{z}}"), 6, "inside braces"},
          {"text after a brace", "Packages", tagged("x::{y}z"), 6, "text follows a closing brace"},
          {"an empty tag", "Packages", tagged("x::y,, x::z"), 6, "a tag of the field Tag is empty"},
          {"an empty tag in braces", "Packages", tagged("x::{y,}"), 6, "between braces"},
          {"a long tag", "Packages", tagged("x::" + std::string(5000, 'y')), 6, "has 5003 bytes"},
          {"a translation of nothing", "Packages", good + "Package: b\nDescription-en: x\n", 5,
           "a translation has no field Description-md5"},
          {"no tags", "Packages", "Package: a\nDescription: d\n", 0,
           "none of 1 packages has a tag"},
          {"an empty list", "Packages", "", 0, "there is no package list with packages"},
      },
      import_tags);
}
