#include <algorithm>
#include <string>
#include <vector>

#include "catch.h"
#include "program.h"
#include "temporary_folder.h"

namespace {

const std::string kTruth = "{\"id\":\"1\",\"labels\":[\"a\"]}\n{\"id\":\"2\",\"labels\":[\"b\"]}\n";
const std::string kPredictions =
    "{\"id\":\"1\",\"labels\":[\"a\"],\"scores\":{\"a\":0.9}}\n"
    "{\"id\":\"2\",\"labels\":[\"b\"],\"scores\":{\"b\":0.9}}\n";

/// A file that is put into the folder under a name (none where the name is empty), a call whose
/// arguments may hold @ for the folder, and what must come of it.
struct Case {
  std::string name;
  std::string bytes;
  Arguments arguments;
  int code;
  std::string message;
};

const Arguments kEvaluate{"evaluate", "--truth", "@/truth.jsonl", "--pred", "@/pred.jsonl"};
const Arguments kEvaluateBad{"evaluate", "--truth", "@/truth.jsonl", "--pred", "@/bad.jsonl"};

Arguments bad_truth(const std::string& file, Arguments more = {}) {
  more.insert(more.begin(), {"evaluate", "--truth", "@/" + file, "--pred", "@/pred.jsonl"});
  return more;
}

Arguments convert(const std::string& file) { return {"convert", "@/" + file, "@/new.jsonl"}; }

Arguments decide(const std::string& file, Arguments more = {}) {
  more.insert(more.begin(), {"decide", "--pred", "@/" + file, "--out", "@/new.jsonl"});
  return more;
}

std::vector<Case> cases() {
  const std::string gzip = from_hex("1f8b0800000000000003abae");
  const std::string deep(5000, '[');
  return {
      // Files that are not there.
      {"", "", bad_truth("absent.jsonl"), 66, "absent.jsonl: "},
      {"", "", {"evaluate", "--truth", "@/truth.jsonl", "--pred", "@/absent"}, 66, "absent: "},
      {"", "", {"inspect", "@/absent"}, 66, "absent"},
      {"", "", {"inspect", "@"}, 66, "has no train, valid or test file"},
      {"",
       "",
       {"import", "debtags", "--lists", "@", "--out", "@/new"},
       66,
       "@: there is no package list"},
      {"",
       "",
       {"import", "debtags", "--list-file", "@/x_Packages", "--out", "@/new"},
       66,
       "x_Packages"},
      {"",
       "",
       {"evaluate", "--truth", "@", "--pred", "@/pred.jsonl", "--format", "jsonl"},
       66,
       "folder"},
      {"", "", bad_truth("truth.jsonl", {"--labels", "@/absent"}), 66, "absent: "},
      {"", "", decide("pred.jsonl", {"--thresholds", "@/absent"}), 66, "absent: "},
      // Rows.
      {"bad.jsonl", "", convert("bad.jsonl"), 65, "bad.jsonl: is empty"},
      {"bad.jsonl", "{\"id\":\"1\"}\n{\"id\":\n", convert("bad.jsonl"), 65, "bad.jsonl:2: "},
      {"bad.jsonl", "[1]\n", convert("bad.jsonl"), 65, "bad.jsonl:1: "},
      {"bad.jsonl", "{\"id\":\"1\",\"labels\":\"a\"}\n", convert("bad.jsonl"), 65, "bad.jsonl:1: "},
      {"bad.jsonl", "{\"id\":\"1\",\"labels\":[\"\"]}\n", convert("bad.jsonl"), 65,
       "bad.jsonl:1: "},
      {"bad.jsonl", "{\"id\":\"1\",\"weight\":-1}\n", convert("bad.jsonl"), 65, "bad.jsonl:1: "},
      {"bad.jsonl", deep + "\n", convert("bad.jsonl"), 65, "bad.jsonl:1: "},
      {"bad.jsonl", "{\"id\":\"x\"}\n{\"id\":\"x\"}\n", convert("bad.jsonl"), 65,
       "bad.jsonl:2: the id \"x\" is repeated"},
      {"bad.jsonl", "{\"id\":\"1\",\"text\":\"\xff\"}\n", convert("bad.jsonl"), 65,
       "bad.jsonl:1: "},
      {"bad.csv", "id,text,labels\n1,x\n", convert("bad.csv"), 65, "bad.csv:2: "},
      {"bad.csv", "id,text,labels\n1,\"x,a\n", convert("bad.csv"), 65, "bad.csv:"},
      {"bad.csv", "id,text,labels\n1,\xc3\x28,a\n", convert("bad.csv"), 65, "bad.csv:2: "},
      {"bad.csv", "id,text,a\n1,x,2\n", bad_truth("bad.csv", {"--label-columns", "a"}), 65,
       "bad.csv:2: "},
      {"bad.csv", "id,text,a\n1,x,1\n", bad_truth("bad.csv", {"--label-columns", "b"}), 65,
       "bad.csv"},
      {"bad.tsv", "ID\tTweet\tanger\n1\tx\tmaybe\n", convert("bad.tsv"), 65, "bad.tsv:2: "},
      {"bad.xyz", "1\n", convert("bad.xyz"), 65, "bad.xyz"},
      {"bad.jsonl.gz", gzip, convert("bad.jsonl.gz"), 65, "bad.jsonl.gz"},
      {"train.csv", "id,text,labels\n1,x,a\n", {"split", "@/truth.jsonl", "--out", "@"}, 2, "@"},
      // Predictions.
      {"bad.jsonl", "", kEvaluateBad, 65, "bad.jsonl: "},
      {"bad.jsonl", "{\"labels\":[]}\n", kEvaluateBad, 65, "bad.jsonl:1: there is no \"id\""},
      {"bad.jsonl", "{\"id\":\"1\"}\n", kEvaluateBad, 65, "bad.jsonl:1: "},
      {"bad.jsonl", kPredictions + "{\"id\":\"1\",\"labels\":[]}\n", kEvaluateBad, 65,
       "bad.jsonl:3: "},
      {"bad.jsonl", "{\"id\":\"1\",\"labels\":[\"a\"]}\n", kEvaluateBad, 65,
       "has no prediction for 1 of 2 rows"},
      {"bad.jsonl", kPredictions + "{\"id\":\"9\",\"labels\":[]}\n", kEvaluateBad, 65,
       "lacks: \"9\""},
      {"bad.jsonl", "{\"id\":\"1\",\"sets\":[{\"labels\":[],\"log_prob\":1}]}\n", kEvaluateBad, 65,
       "bad.jsonl:1: "},
      {"bad.jsonl", "{\"id\":\"1\",\"scores\":{\"a\":1e999}}\n", kEvaluateBad, 65, "bad.jsonl:1: "},
      {"bad.jsonl", "{\"id\":\"1\",\"scores\":{\"a\":0.5}}\n", kEvaluateBad, 65,
       "bad.jsonl:1: has no \"labels\""},
      {"bad.jsonl", "{\"id\":\"1\",\"labels\":[],\"residual\":2}\n", kEvaluateBad, 65,
       "bad.jsonl:1: "},
      {"bad.jsonl",
       "{\"id\":\"1\",\"labels\":[\"a\"]}\n",
       {"graph", "@/bad.jsonl", "--expected"},
       65,
       "bad.jsonl:1: has no \"sets\": expected counts are of set distributions"},
      {"",
       "",
       {"graph", "@/truth.jsonl", "--compare", "@/pred.jsonl", "--expected"},
       65,
       "pred.jsonl:1: has no \"sets\""},
      {"", "", {"graph", "@", "--expected"}, 66, "folder"},
      {"",
       "",
       {"graph", "@/pred.jsonl", "--expected", "--format", "jsonl"},
       2,
       "--format excludes --expected without --compare"},
      {"",
       "",
       {"graph", "@/truth.jsonl", "--compare", "@/pred.jsonl", "--tree"},
       2,
       "--tree excludes --compare"},
      {"",
       "",
       {"graph", "@/truth.jsonl", "--matrix", "--out", "@/g.dot"},
       2,
       "--matrix requires --out FILE.svg"},
      {"",
       "",
       {"graph", "@/truth.jsonl", "--max-edges", "5"},
       2,
       "--max-edges requires --out FILE.svg"},
      {"",
       "",
       {"graph", "@/truth.jsonl", "--matrix", "--max-edges", "5", "--out", "@/g.svg"},
       2,
       "--matrix excludes --max-edges"},
      {"",
       "",
       {"graph", "@/absent.jsonl", "--out", "@/g.txt"},
       2,
       "a label graph is written as .svg, .dot, .gv, .graphml, .json or .csv, which"},
      {"",
       "",
       {"graph", "@/truth.jsonl", "--suggest", "@/r.json", "--out", "@/folder/../r.json"},
       2,
       "--suggest: names the file of --out"},
      {"",
       "",
       {"graph", "@/truth.jsonl", "--suggest", "@/truth.jsonl"},
       2,
       "--suggest would overwrite "},
      {"pred.svg",
       kPredictions,
       {"graph", "@/truth.jsonl", "--compare", "@/pred.svg", "--out", "@/pred.svg"},
       2,
       "--out would overwrite "},
      {"",
       "",
       {"graph", "@/absent", "--fdr", "2"},
       2,
       "--fdr: must be above 0 and at most 1, got 2"},
      {"",
       "",
       {"graph", "@/absent", "--min-support", "0"},
       2,
       "--min-support: must be above 0, got 0"},
      {"train.json",
       kTruth,
       {"graph", "@/train.json", "--format", "jsonl", "--out", "@/train.json"},
       2,
       "--out would overwrite "},
      {"train.jsonl",
       kTruth,
       {"graph", "@", "--suggest", "@/train.jsonl"},
       2,
       "train.jsonl, which is read: name another file"},
      {"", "", {"convert", "@/truth.jsonl", "@/truth.jsonl"}, 2, "OUT would overwrite "},
      {"labels",
       "a\nb\n",
       {"convert", "@/truth.jsonl", "--labels-file", "@/labels", "@/labels", "--to", "csv"},
       2,
       "OUT would overwrite "},
      {"",
       "",
       {"conformal", "--truth", "@/truth.jsonl", "--pred", "@/pred.jsonl", "--apply",
        "@/pred.jsonl", "--out", "@/pred.jsonl"},
       2,
       "--out would overwrite "},
      {"", "", decide("pred.jsonl", {"--thresholds-out", "@/new.jsonl"}), 2,
       "--thresholds-out names the file of --out"},
      {"",
       "",
       {"decide", "--pred", "@/pred.jsonl", "--out", "@/pred.jsonl"},
       2,
       "--out would overwrite "},
      {"",
       "",
       {"graph", "@/pred.jsonl", "--expected", "--sets", "3"},
       2,
       "--sets excludes --expected"},
      {"bad.jsonl",
       "{\"id\":\"1\",\"sets\":[{\"labels\":[\"a\"],\"log_prob\":0}]}\n",
       {"graph", "@/truth.jsonl", "--compare", "@/bad.jsonl"},
       65,
       "or have expected counts (--expected)"},
      {"bad.jsonl",
       "{\"id\":\"1\",\"scores\":{\"a\":0.5}}\n",
       {"graph", "@/bad.jsonl"},
       65,
       "bad.jsonl: no row has a label: its scores need"},
      {"bad.jsonl", "{\"id\":\"1\",\"labels\":[\"a\"]}\n", decide("bad.jsonl"), 65,
       "bad.jsonl:1: has neither"},
      {"bad.jsonl", "{\"id\":\"1\",\"scores\":{\"a\":7}}\n", decide("bad.jsonl"), 65,
       "the score of \"a\" is 7"},
      // Other files.
      {"labels", "a\na\n", bad_truth("truth.jsonl", {"--labels", "@/labels"}), 65,
       "labels:2: the label \"a\" is repeated"},
      {"labels", "a\n", bad_truth("truth.jsonl", {"--labels", "@/labels"}), 65,
       "truth.jsonl:2: the label \"b\""},
      {"t.json", "{\"thresholds\":{\"a\":1}}", decide("pred.jsonl", {"--thresholds", "@/t.json"}),
       65, "t.json: has no threshold for the label \"b\""},
      {"t.json", "{", decide("pred.jsonl", {"--thresholds", "@/t.json"}), 65,
       "t.json: is not valid JSON"},
      {"x_Packages",
       "Package: a\n\tno colon here\nnonsense\n",
       {"import", "debtags", "--lists", "@", "--out", "@/new"},
       65,
       "x_Packages"},
      {"x_Packages",
       "Package: a\nVersion: 1\n",
       {"import", "debtags", "--lists", "@", "--out", "@/new"},
       65,
       "tag"},
  };
}

}  // namespace

TEST_CASE("bad input is one sentence with the file and the reason, and leaves no file") {
  for (const Case& bad : cases()) {
    const TemporaryFolder folder;
    folder.file("truth.jsonl", kTruth);
    folder.file("pred.jsonl", kPredictions);
    if (!bad.name.empty()) folder.file(bad.name, bad.bytes);
    const std::vector<std::string> before = folder.names();
    const auto filled = [&](std::string text) {
      const std::size_t at = text.find('@');
      return at == std::string::npos ? text : text.replace(at, 1, folder.path());
    };
    Arguments arguments;
    std::string line;
    for (const std::string& argument : bad.arguments) {
      arguments.push_back(filled(argument));
      line += argument + " ";
    }
    const Outcome outcome = call(arguments);
    INFO(line << "with \"" << bad.bytes.substr(0, 80) << "\" -> " << outcome.err);
    CHECK(outcome.code == bad.code);
    CHECK(outcome.out.empty());
    const std::size_t start = outcome.err.rfind("labelbeam: ");
    REQUIRE(start != std::string::npos);
    CHECK((start == 0 || outcome.err[start - 1] == '\n'));  // only notes stand before it
    CHECK(std::count(outcome.err.begin() + static_cast<std::ptrdiff_t>(start), outcome.err.end(),
                     '\n') == 1);
    CHECK_THAT(outcome.err, contains_text(filled(bad.message)));
    CHECK(folder.names() == before);
  }
}

TEST_CASE("input that is right passes the calls that bad input fails") {
  const TemporaryFolder folder;
  folder.file("truth.jsonl", kTruth);
  folder.file("pred.jsonl", kPredictions);
  Arguments arguments;
  for (std::string argument : kEvaluate) {
    if (argument[0] == '@') argument.replace(0, 1, folder.path());
    arguments.push_back(argument);
  }
  CHECK(call(arguments).code == 0);
}
