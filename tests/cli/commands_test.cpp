#include <labelbeam/readers/constraints.h>
#include <labelbeam/readers/predictions.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "catch.h"
#include "program.h"
#include "svg_text.h"
#include "temporary_folder.h"

using nlohmann::json;
using namespace labelbeam;

namespace {

const std::string kRows =
    "id,text,labels,group\n1,one two,a;b,x\n2,three,c,x\n3,\"four, five\",,y\n4,six,a;b,z\n";

std::vector<Arguments> commands() {
  return {{},
          {"import"},
          {"import", "debtags"},
          {"import", "synthetic"},
          {"convert"},
          {"split"},
          {"inspect"},
          {"graph"},
          {"train"},
          {"predict"},
          {"decide"},
          {"evaluate"},
          {"conformal"},
          {"compare"},
          {"rerun"},
          {"completion"},
          {"completion", "bash"}};
}

json document(const Outcome& outcome) {
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
  return json::parse(outcome.out);
}

}  // namespace

TEST_CASE("every command explains itself on standard output") {
  for (const std::string flag : {"--help", "-h"}) {
    for (const Arguments& command : commands()) {
      Arguments arguments = command;
      std::string usage = "Usage: labelbeam";
      for (const std::string& word : command) usage += " " + word;
      arguments.push_back(flag);
      const Outcome outcome = call(arguments);
      INFO(usage << " " << flag);
      CHECK(outcome.code == 0);
      CHECK(outcome.err.empty());
      CHECK_THAT(outcome.out, contains_text(usage));
      CHECK_THAT(outcome.out, contains_text("--json"));
    }
  }
}

TEST_CASE("the help shows that the names of label columns are a list with commas") {
  CHECK_THAT(call({"inspect", "--help"}).out, contains_text("--label-columns A,B,... "));
}

TEST_CASE("the version is told") {
  const Outcome outcome = call({"--version"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "labelbeam " LABELBEAM_VERSION "\n");
}

TEST_CASE("rows go through convert, split, inspect and back unchanged") {
  const TemporaryFolder folder;
  const std::string csv = folder.file("rows.csv", kRows);
  CHECK(document(call({"convert", csv, folder / "rows.jsonl.gz", "--json"}))["rows"] == 4);
  CHECK(document(call(
            {"convert", folder / "rows.jsonl.gz", folder / "back.csv", "--json"}))["labels"] == 3);
  const std::string back = bytes_of(folder / "back.csv");
  CHECK_THAT(back, contains_text("\"four, five\"") && contains_text("a;b"));
  CHECK(document(call({"convert", folder / "back.csv", folder / "again.csv", "--json"}))["rows"] ==
        4);
  CHECK(bytes_of(folder / "again.csv") == back);

  const json whole = document(call({"inspect", folder / "rows.jsonl.gz", "--json"}));
  CHECK(whole["labels"] == 3);
  CHECK(whole["splits"][0]["cardinality"] == 1.25);
  CHECK(whole["splits"][0]["empty_sets"] == 1);
  CHECK(whole["frequent_sets"][0]["labels"] == json({"a", "b"}));
}

TEST_CASE("a label graph is written, shown and repeats itself") {
  const TemporaryFolder folder;
  std::string rows = "id,labels\n";
  for (int i = 0; i < 40; ++i) rows += std::to_string(i) + (i % 2 == 0 ? ",a;b\n" : ",c\n");
  const std::string file = folder.file("rows.csv", rows);
  const Arguments arguments{"graph",  file,    "--communities",  "--centralities",
                            "--tree", "--out", folder / "g.json"};
  const Outcome shown = call(arguments);
  CHECK(shown.code == 0);
  CHECK_THAT(shown.out, contains_text("go together"));
  Arguments with_json = arguments;
  with_json.push_back("--json");
  const Outcome printed = call(with_json);
  CHECK(printed.out == bytes_of(folder / "g.json"));
  const json graph = document(printed);
  CHECK(graph["edges"].size() == 3);
  CHECK(graph["edges"][0]["labels"] == json::array({"a", "b"}));
  CHECK(graph["edges"][0]["lift"] == 2.0);
  CHECK(graph["labels"][0]["centrality"]["strength"] == graph["edges"][0]["value"]);
  CHECK(call({"graph", file, "--min-support", "21", "--json"}).out.find("\"lift\"") ==
        std::string::npos);
}

TEST_CASE("a label graph is drawn, as marks and lines and as a matrix") {
  const TemporaryFolder folder;
  std::string rows = "id,labels\n";
  for (int i = 0; i < 40; ++i) rows += std::to_string(i) + (i % 2 == 0 ? ",a;b\n" : ",c\n");
  const std::string file = folder.file("rows.csv", rows);
  REQUIRE(call({"graph", file, "--out", folder / "g.svg"}).code == 0);
  REQUIRE(call({"graph", file, "--max-edges", "1", "--out", folder / "one.svg"}).code == 0);
  REQUIRE(call({"graph", file, "--matrix", "--out", folder / "m.svg"}).code == 0);
  CHECK_THAT(bytes_of(folder / "g.svg"), contains_text("Labels of rows") &&
                                             contains_text("class=\"region\"") &&
                                             contains_text("stroke-dasharray"));
  CHECK(bytes_of(folder / "one.svg").size() < bytes_of(folder / "g.svg").size());
  CHECK_THAT(bytes_of(folder / "m.svg"), contains_text("Area of a square"));
  REQUIRE(call({"graph", file, "--out", folder / "g.SVG"}).code == 0);
  CHECK(bytes_of(folder / "g.SVG") == bytes_of(folder / "g.svg"));
  std::filesystem::create_directory(folder / "set.v1");
  folder.file("set.v1/train.csv", rows);
  for (const std::string name : {"set.v1", "set.v1/", "set.v1/."}) {
    REQUIRE(call({"graph", folder / name, "--out", folder / "folder.svg"}).code == 0);
    CHECK_THAT(bytes_of(folder / "folder.svg"), contains_text("<title>Labels of set.v1</title>"));
  }
}

TEST_CASE("suggested constraints are those that predict reads") {
  const TemporaryFolder folder;
  std::string rows = "id,labels\n";
  for (int i = 0; i < 40; ++i) rows += std::to_string(i) + (i % 2 == 0 ? ",a;b\n" : ",c\n");
  const std::string file = folder.file("rows.csv", rows);
  const Outcome shown = call({"graph", file, "--suggest", folder / "rules.json"});
  CHECK_THAT(shown.out, contains_text("a excludes c") && contains_text("a -> b"));
  const std::vector<std::string> names{"a", "b", "c"};
  const ConstraintSpec spec = read_constraints(folder / "rules.json", LabelVocab(names));
  CHECK(spec.implications == std::vector<Implication>{{LabelSet{0}, LabelSet{1}}});
  CHECK(spec.exclusions == std::vector<LabelSet>{LabelSet{0, 2}, LabelSet{1, 2}});
  const json graph = document(call({"graph", file, "--suggest", folder / "rules.json", "--json"}));
  CHECK(graph["rules"].size() == 3);
  CHECK(graph["breaking_any_rule"] == json({{"share", 0.0}, {"held_out_share", nullptr}}));
}

TEST_CASE("the graphs of predictions are compared with that of the truth") {
  const TemporaryFolder folder;
  std::string rows = "id,labels\n", answers;
  for (int i = 0; i < 40; ++i) {
    const std::string id = std::to_string(i);
    rows += id + (i % 2 == 0 ? ",a;b\n" : ",c\n");
    answers += "{\"id\": \"" + id + "\", \"labels\": " + (i % 2 == 0 ? "[\"a\"" : "[\"c\"") +
               (i % 4 < 2 ? ", \"b\"]}\n" : "]}\n");
  }
  const std::string truth = folder.file("rows.csv", rows);
  const std::string file = folder.file("answers.jsonl", answers);
  const Arguments arguments{"graph", truth, "--compare", file};
  CHECK_THAT(call(arguments).out, contains_text("answers.jsonl, 40 rows: 3 pairs") &&
                                      contains_text("missed") && contains_text("a, b"));
  Arguments more = arguments;
  more.insert(more.end(), {"--json", "--out", folder / "g.svg"});
  const json graphs = document(call(more));
  CHECK(graphs["graphs"][0]["missed"] == 2);
  CHECK(graphs["graphs"][0]["kept"] == 1);
  CHECK_THAT(bytes_of(folder / "g.svg"), contains_text("Above the diagonal: truth"));
  std::filesystem::create_directory(folder / "other");
  const std::string other = folder.file("other/answers.jsonl", answers);
  const std::string third = folder.file("third.jsonl", answers);
  const json several = document(call({"graph", truth, "--compare", file, other, third, "--json"}));
  CHECK(several["graphs"][0]["system"] == file);
  CHECK(several["graphs"][1]["system"] == other);
  CHECK(several["graphs"][2]["system"] == "third.jsonl");
}

TEST_CASE("expected counts of set distributions have a graph, and are compared with the truth") {
  const TemporaryFolder folder;
  std::string rows = "id,labels\n", predictions;
  for (int i = 0; i < 40; ++i) {
    const std::string id = std::to_string(i);
    rows += id + (i % 2 == 0 ? ",a;b\n" : ",c\n");
    const std::string best = i % 2 == 0 ? R"(["a", "b"])" : R"(["c"])";
    predictions += R"({"id": ")" + id + R"(", "labels": ["c"], "sets": [{"labels": )" + best +
                   R"(, "log_prob": -1.0}, {"labels": ["a"], "log_prob": -1.0}]})" + "\n";
  }
  const std::string truth = folder.file("rows.csv", rows);
  const std::string file = folder.file("sets.jsonl", predictions);
  CHECK_THAT(call({"graph", file, "--expected"}).out, contains_text("40 rows, 3 labels"));
  const json graph = document(
      call({"graph", file, "--expected", "--fdr", "1", "--json", "--out", folder / "g.svg"}));
  CHECK(graph["labels"][0] ==
        json({{"label", "a"}, {"rows", 30.0}, {"community", 0}, {"centrality", nullptr}}));
  CHECK(graph["edges"][0]["labels"] == json::array({"a", "b"}));
  CHECK(graph["edges"][0]["rows"] == 10.0);
  CHECK(graph["counted"] == "distributions");
  CHECK_THAT(bytes_of(folder / "g.svg"), contains_text("Expected labels of sets"));
  // Without --expected it is the graph of the answers.
  const json answers = document(call({"graph", file, "--json"}));
  CHECK(answers["counted"] == "rows");
  CHECK(answers["labels"][0]["label"] == "c");
  CHECK(answers["labels"][0]["rows"] == 40.0);
  const Arguments arguments{"graph", truth, "--compare", file, "--expected", "--format", "csv"};
  CHECK_THAT(call(arguments).out, contains_text("in the expected counts"));
  Arguments more = arguments;
  more.insert(more.end(), {"--json", "--out", folder / "c.svg"});
  const json compared = document(call(more))["graphs"][0];
  CHECK(compared["counted"] == "distributions");
  CHECK(compared["found_mass"].get<double>() == Approx(2.0 * std::exp(-1.0)));
  CHECK_THAT(labelbeam::test_support::unwrapped(bytes_of(folder / "c.svg")),
             contains_text("below it: sets.jsonl, expected"));
}

TEST_CASE("an ARFF file is inspected, converted, and written in other formats") {
  const TemporaryFolder folder;
  const std::string arff = folder.file("rows-train.arff",
                                       "@relation r\n@attribute x numeric\n@attribute y {u,v}\n"
                                       "@attribute '1' {0,1}\n@attribute '2' {0,1}\n@data\n"
                                       "0.5,u,1,1\n2,v,0,1\n0,v,0,0\n");
  folder.file("rows.xml", "<labels><label name=\"1\"/><label name=\"2\"/></labels>");
  const json inspected = document(call({"inspect", arff, "--json"}));
  CHECK(inspected["labels"] == 2);
  CHECK(inspected["splits"][0]["features"] == json({{"features", 2},
                                                    {"dense_rows", 3},
                                                    {"sparse_rows", 0},
                                                    {"mean_nonzero", 4.0 / 3.0},
                                                    {"most_nonzero", 2}}));
  CHECK_THAT(call({"inspect", arff}).out, contains_text("features other than 0 a row, mean"));
  CHECK(document(call({"convert", arff, folder / "rows.jsonl", "--json"}))["rows"] == 3);
  CHECK_THAT(bytes_of(folder / "rows.jsonl"),
             contains_text("{\"id\": \"2\", \"labels\": [\"2\"], \"features\": [2, 1]}"));
  CHECK(call({"convert", folder / "rows.jsonl", folder / "rows.svm"}).code == 0);
  CHECK(bytes_of(folder / "rows.svm") == "1,2 1:0.5\n2 1:2 2:1\n 2:1\n");
  CHECK(call({"convert", folder / "rows.jsonl", folder / "m.arff", "--to", "meka"}).code == 0);
  CHECK_THAT(bytes_of(folder / "m.arff"), contains_text("-C 2"));
  CHECK(call({"convert", arff, folder / "x.txt", "--to", "xmc"}).code == 0);
  CHECK(document(call({"inspect", folder / "x.txt", "--format", "xmc", "--json"}))["labels"] == 2);
  CHECK(call({"convert", folder / "rows.jsonl", folder / "x.xml", "--to", "mulan"}).code == 2);
  CHECK_FALSE(std::filesystem::exists(folder / "x.xml"));
  const Outcome refused = call({"convert", folder / "rows.jsonl", folder / "rows.fasttext"});
  CHECK(refused.code == 2);
  CHECK_THAT(refused.err, contains_text("carries no features"));
  const Outcome none = call({"inspect", arff, "--format", "meka"});
  CHECK(none.code == 65);
  CHECK_THAT(none.err, contains_text("rows-train.arff:1: "));
}

TEST_CASE("convert says how many labels no row has") {
  const TemporaryFolder folder;
  const std::string file =
      folder.file("a.tsv", "ID\tTweet\tanger\tfear\tjoy\n1\ta text\t0\t1\t0\n");
  const json converted = document(call({"convert", file, folder / "a.jsonl", "--json"}));
  CHECK(converted["labels"] == 3);
  CHECK(converted["labels_without_rows"] == 2);
  CHECK_THAT(call({"convert", file, folder / "a.jsonl"}).out,
             contains_text("1 rows with 3 labels, 2 of them in no row, to "));
  CHECK(document(call({"convert", folder / "a.jsonl", folder / "b.csv",
                       "--json"}))["labels_without_rows"] == 0);
}

TEST_CASE("fastText labels may have another prefix") {
  const TemporaryFolder folder;
  const std::string file = folder.file("rows.fasttext", "#a some text\n");
  CHECK(call({"convert", file, folder / "b.fasttext", "--label-prefix", "#"}).code == 0);
  CHECK(bytes_of(folder / "b.fasttext") == "#a some text\n");
}

TEST_CASE("standard input is converted") {
  const TemporaryFolder folder;
  CallOptions options;
  options.input = kRows;
  const Outcome outcome =
      call({"convert", "--format", "csv", "-", folder / "rows.jsonl", "--json"}, options);
  CHECK(document(outcome)["rows"] == 4);
  CHECK_THAT(bytes_of(folder / "rows.jsonl"), contains_text("four, five"));
}

TEST_CASE("a split keeps groups together, repeats itself and depends on the seed") {
  const TemporaryFolder folder;
  std::string rows;
  for (int i = 0; i < 300; ++i) {
    std::string group(1, 'g');
    group += std::to_string(i / 3);
    rows +=
        json{{"id", std::to_string(i)}, {"text", "t"}, {"labels", {"a"}}, {"group", group}}.dump() +
        "\n";
  }
  const std::string file = folder.file("rows.jsonl", rows);
  const auto split = [&](const std::string& out, const std::string& seed) {
    return document(call({"split", file, "--out", folder / out, "--train", "0.6", "--valid", "0.2",
                          "--test", "0.2", "--seed", seed, "--json"}));
  };
  const json parts = split("one", "7")["parts"];
  int shared_out = 0;
  for (const json& part : parts) {
    CHECK(part["rows"].get<int>() % 3 == 0);
    shared_out += part["rows"].get<int>();
  }
  CHECK(shared_out == 300);
  CHECK(parts[0]["rows"].get<int>() > 120);
  CHECK(split("two", "7")["parts"] == parts);
  CHECK(bytes_of(folder / "one/test.jsonl.gz") == bytes_of(folder / "two/test.jsonl.gz"));
  split("three", "8");
  CHECK(bytes_of(folder / "one/test.jsonl.gz") != bytes_of(folder / "three/test.jsonl.gz"));
  const json inspected = document(call({"inspect", folder / "one", "--json"}));
  CHECK(inspected["splits"].size() == 3);
  CHECK(inspected["splits"][2]["rows"] == parts[2]["rows"]);
}

TEST_CASE("stratified folds are data folders, each fold test once") {
  const TemporaryFolder folder;
  std::string rows;
  for (int i = 0; i < 40; ++i) {
    json labels = json::array();
    if (i % 2 == 0) labels.push_back("even");
    if (i % 4 == 0) labels.push_back("fourth");
    rows += json{{"id", std::to_string(i)}, {"text", "t"}, {"labels", labels}}.dump() + "\n";
  }
  const std::string file = folder.file("rows.jsonl", rows);
  for (const std::string method : {"stratified", "stratified-pairs"}) {
    const std::string out = folder / method;
    const json made =
        document(call({"split", file, "--out", out, "--method", method, "--folds", "5", "--json"}));
    CHECK(made["parts"].size() == 5);
    CHECK(made["label_distance"].get<double>() < 1e-9);
    CHECK(made["pair_distance"].get<double>() < 1e-9);
    CHECK(made["example_distance"] == 0.0);
    CHECK(made["parts"][4]["name"] == "fold-5");
    int tested = 0;
    for (int fold = 1; fold <= 5; ++fold) {
      const json inspected =
          document(call({"inspect", out + "/fold-" + std::to_string(fold), "--json"}))["splits"];
      CHECK(inspected[0]["rows"] == 24);
      CHECK(inspected[1]["rows"] == 8);
      tested += inspected[2]["rows"].get<int>();
    }
    CHECK(tested == 40);
  }
  const Outcome text = call({"split", file, "--out", folder / "t", "--method", "stratified"});
  CHECK_THAT(text.out, contains_text("40 rows with 2 labels in 1 pairs") && contains_text("(LD)"));
  const auto refused = [&](const std::string& folds, const std::string& reason) {
    const Outcome outcome = call({"split", file, "--out", folder / "f", "--folds", folds});
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, contains_text(reason));
  };
  refused("2", "--folds must be at least 3");
  refused("41", "the number of folds must be 2 to 40");
  refused("40", "would have no rows");
}

TEST_CASE("predictions are evaluated, decided anew and evaluated again") {
  const TemporaryFolder folder;
  const std::string truth = folder.file("rows.csv", kRows);
  const std::string predictions = folder.file(
      "pred.jsonl", R"({"id":"1","labels":["a"],"scores":{"a":0.9,"b":0.4,"c":0.1}})"
                    "\n"
                    R"({"id":"2","labels":["a"],"scores":{"a":0.45,"b":0.2,"c":0.42}})"
                    "\n"
                    R"({"id":"3","labels":[],"scores":{"a":0.1,"b":0.2,"c":0.3}})"
                    "\n"
                    R"({"id":"4","labels":["a","b"],"scores":{"a":0.8,"b":0.7,"c":0.0}})"
                    "\n");
  const auto accuracy = [&](const std::string& file) {
    return document(call(
        {"evaluate", "--truth", truth, "--pred", file, "--json"}))["metrics"]["subset_accuracy"]
        .get<double>();
  };
  CHECK(accuracy(predictions) == 0.5);

  // Written to standard output, these are the lines of the file.
  const Outcome printed =
      call({"decide", "--pred", predictions, "--decision", "fixed", "--threshold", "0.4"});
  CHECK(printed.code == 0);
  const json decided = document(
      call({"decide", "--pred", predictions, "--decision", "fixed", "--threshold", "0.4", "--out",
            folder / "new.jsonl", "--thresholds-out", folder / "t.json", "--json"}));
  CHECK(printed.out == bytes_of(folder / "new.jsonl"));
  CHECK(decided["rows"] == 4);
  CHECK(decided["empty"] == 1);
  CHECK(decided["thresholds"] == json::parse(bytes_of(folder / "t.json")));
  CHECK(accuracy(folder / "new.jsonl") == 0.75);
  CHECK(document(call({"decide", "--pred", predictions, "--thresholds", folder / "t.json", "--out",
                       folder / "again.jsonl", "--json"}))["decision"] == "thresholds");
  CHECK(bytes_of(folder / "again.jsonl") == bytes_of(folder / "new.jsonl"));

  // Tuned where it is applied, the best global threshold can only be better.
  CHECK(call({"decide", "--pred", predictions, "--decision", "global:subset_accuracy",
              "--valid-truth", truth, "--valid-pred", predictions, "--out", folder / "tuned.jsonl"})
            .code == 0);
  CHECK(accuracy(folder / "tuned.jsonl") >= 0.75);
}

TEST_CASE("conformal regions are printed, or written beside a summary") {
  const TemporaryFolder folder;
  const std::string truth = folder.file("rows.csv", kRows);
  std::string lines;
  for (const char* id : {"1", "2", "3", "4"}) {
    lines += "{\"id\":\"" + std::string(id) +
             R"(","sets":[{"labels":["a","b"],"log_prob":-0.5},{"labels":["c"],"log_prob":-1.5}]})"
             "\n";
  }
  const std::string predictions = folder.file("pred.jsonl", lines);
  const Arguments base{"conformal", "--truth",    truth,     "--pred",
                       predictions, "--coverage", "0.5,0.99"};
  const auto with = [&](Arguments more) {
    more.insert(more.begin(), base.begin(), base.end());
    return call(more);
  };
  const json summary = document(with({"--json", "--halves", "4", "--score", "lac"}));
  CHECK(summary["rows"] == 4);
  CHECK(summary["unlisted"] == 1);
  CHECK(summary["levels"][0]["rank"] == 3);
  CHECK(summary["levels"][1]["everything"] == true);
  CHECK(summary["levels"][0]["halves"]["splits"] == 4);

  const Outcome printed = with({"--apply", predictions});
  CHECK(printed.code == 0);
  CHECK_THAT(printed.err, contains_text("too few for a coverage of 0.99"));
  const std::string out = folder / "regions.jsonl";
  CHECK(document(with({"--apply", predictions, "--out", out, "--json"}))["applied_rows"] == 4);
  CHECK(printed.out == bytes_of(out));
  CHECK(with({"--seed", "7", "--apply", predictions}).out != printed.out);

  CHECK(with({"--out", out}).code == 2);
  CHECK(with({"--truth-of", truth}).code == 2);
  CHECK(with({"--apply", predictions, "--json"}).code == 2);
  CHECK(with({"--halves", "-1"}).code == 2);
  CHECK(call({"conformal", "--truth", truth, "--pred", predictions, "--coverage", "1"}).code == 2);
  CHECK(call({"conformal", "--truth", truth, "--pred", folder / "absent"}).code == 66);
}

TEST_CASE("people get an aligned table") {
  const TemporaryFolder folder;
  const std::string truth = folder.file("t.jsonl", "{\"id\":\"1\",\"labels\":[\"a\"]}\n");
  const std::string predictions = folder.file("p.jsonl", "{\"id\":\"1\",\"labels\":[\"a\"]}\n");
  const Outcome outcome = call({"evaluate", "--truth", truth, "--pred", predictions});
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  CHECK_THAT(outcome.out, contains_text("subset_accuracy             1.0000\n") &&
                              contains_text("f1_micro                    1.0000\n"));
}

TEST_CASE("synthetic data repeat themselves and depend on the seed") {
  const TemporaryFolder folder;
  const auto make = [&](const std::string& out, const std::string& seed) {
    return document(call(
        {"import", "synthetic", "--out", folder / out, "--rows", "200", "--seed", seed, "--json"}));
  };
  const json one = make("one", "1");
  CHECK(one["synthetic"] == true);
  CHECK(one["rows"] == json({{"train", 160}, {"valid", 20}, {"test", 20}}));
  CHECK(one["summary"]["least_test_set_nll"].get<double>() > 0.0);
  make("two", "1");
  make("three", "2");
  CHECK(bytes_of(folder / "one/train.jsonl.gz") == bytes_of(folder / "two/train.jsonl.gz"));
  CHECK(bytes_of(folder / "one/train.jsonl.gz") != bytes_of(folder / "three/train.jsonl.gz"));
  CHECK(json::parse(bytes_of(folder / "one/source.json"))["synthetic"] == true);
}

TEST_CASE("package tags are imported from given lists") {
  const TemporaryFolder folder;
  std::string packages;
  for (int i = 0; i < 60; ++i) {
    packages += std::string("Package: p") + std::to_string(i) +
                "\nVersion: 1\nDescription: package number " + std::to_string(i) +
                "\nTag: role::program, " + (i % 2 == 0 ? "use::editing" : "interface::shell") +
                "\n\n";
  }
  const std::string list = folder.file("x_Packages", packages);
  const Outcome outcome =
      call({"import", "debtags", "--list-file", list, "--out", folder / "data", "--json"});
  const json imported = document(outcome);
  CHECK(imported["summary"]["packages"] == 60);
  CHECK(imported["labels"] == 3);
  CHECK(imported["synthetic"] == false);
  const json use = document(call({"import", "debtags", "--lists", folder.path(), "--facets",
                                  "use,interface", "--out", folder / "two", "--json"}));
  CHECK(use["labels"] == 2);
  const json few = document(call({"import", "debtags", "--lists", folder.path(), "--min-count",
                                  "31", "--out", folder / "three", "--json"}));
  CHECK(few["labels"] == 1);
}

TEST_CASE("options of every command may stand before or behind it") {
  const TemporaryFolder folder;
  const std::string file = folder.file("rows.csv", kRows);
  const Outcome before = call({"--json", "inspect", file});
  const Outcome behind = call({"inspect", file, "--json"});
  CHECK(before.code == 0);
  CHECK(before.out == behind.out);
}

TEST_CASE("numbers do not depend on the locale") {
  const TemporaryFolder folder;
  const std::string file = folder.file("rows.csv", kRows);
  CallOptions german;
  german.environment = {"LC_ALL=de_DE.UTF-8", "LANG=de_DE.UTF-8"};
  CHECK(call({"inspect", file, "--json"}, german).out == call({"inspect", file, "--json"}).out);
  CHECK(call({"inspect", file}, german).out == call({"inspect", file}).out);
  const Outcome split = call(
      {"split", file, "--out", folder / "s", "--train", "0.5", "--valid", "0,5", "--test", "0"},
      german);
  CHECK(split.code == 2);
}

TEST_CASE("quiet leaves nothing on standard error") {
  const TemporaryFolder folder;
  folder.file("x_Packages", "Package: p\nVersion: 1\nDescription: d\nTag: role::program\n");
  const Outcome loud = call({"import", "debtags", "--lists", folder.path(), "--out", folder / "d"});
  CHECK_THAT(loud.err, contains_text("Reading package lists."));
  const Outcome quiet =
      call({"import", "debtags", "--lists", folder.path(), "--out", folder / "d", "--quiet"});
  CHECK(quiet.err.find("Reading") == std::string::npos);
}
