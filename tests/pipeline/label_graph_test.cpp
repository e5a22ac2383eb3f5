#include <labelbeam/error.h>
#include <labelbeam/pipeline/label_graph.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;
using labelbeam::pipeline::expected_label_graph;
using labelbeam::pipeline::label_graph;
using labelbeam::pipeline::LabelGraphRunOptions;

namespace {

/// a and b always together, c without them.
std::string rows(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += "{\"id\": \"" + std::to_string(i) + "\", \"labels\": ";
    text += i % 2 == 0 ? "[\"a\", \"b\"]}\n" : "[\"c\"]}\n";
  }
  return text;
}

}  // namespace

TEST_CASE("The graph of a data folder is that of train, with the tree's gain on valid") {
  const TemporaryFolder folder;
  folder.file("train.jsonl", rows(40));
  folder.file("valid.jsonl", rows(10) + "{\"id\": \"x\", \"labels\": [\"unknown\"]}\n");
  LabelGraphRunOptions options;
  options.communities = true;
  options.centralities = true;
  options.tree = true;
  const LabelGraphDocument document = label_graph(folder.path(), options);
  CHECK(document.graph.total() == 40.0);
  CHECK(document.graph.edges().size() == 3);
  CHECK(document.communities == std::vector<std::uint32_t>{0, 0, 1});
  REQUIRE(document.centralities);
  const std::vector<double>& closeness = document.centralities->closeness;
  CHECK(closeness[0] == Approx(document.graph.edges()[0].value));
  CHECK(closeness[2] == 0.0);  // avoids a and b
  CHECK(document.centralities->strength[1] == document.graph.edges()[0].value);
  REQUIRE(document.tree);
  CHECK(document.tree->gain > 1.0);
  REQUIRE(document.tree->held_out_gain);
  CHECK(*document.tree->held_out_gain < document.tree->gain);

  const std::string text = pipeline::to_text(document);
  CHECK_THAT(text, contains_text("40 rows, 3 labels; 1 pair goes together and 2 avoid each other"));
  CHECK_THAT(text, contains_text("a, b"));
  CHECK_THAT(text, contains_text("communities\n  a, b\n  alone: 1 label\n"));
  CHECK_THAT(text, contains_text("central labels  PageRank  strength  closeness  betweenness\na "));
  CHECK_THAT(text, contains_text("on held-out rows\n  a\n"));
}

TEST_CASE("The graph of a file has no held-out gain, and nothing that was not asked for") {
  const TemporaryFolder folder;
  LabelGraphRunOptions options;
  const std::string file = folder.file("rows.jsonl", rows(40));
  CHECK_FALSE(label_graph(file, options).tree);
  CHECK(label_graph(file, options).communities.empty());
  CHECK_FALSE(label_graph(file, options).centralities);
  options.tree = true;
  CHECK_FALSE(label_graph(file, options).tree->held_out_gain);
}

TEST_CASE("Rows without labels make no graph") {
  const TemporaryFolder folder;
  const std::string file = folder.file("rows.jsonl", "{\"id\": \"1\", \"labels\": []}\n");
  CHECK_THROWS_AS(label_graph(file), DataError);
  const std::string unlabelled =
      folder.file("unlabelled.txt", "ID\tTweet\tanger\tjoy\n1\tone\tNONE\tNONE\n");
  CHECK_THROWS_AS(label_graph(unlabelled), DataError);
  const std::string sets =
      folder.file("sets.jsonl", R"({"id": "1", "sets": [{"labels": ["a"], "log_prob": -0.1}]})"
                                "\n");
  CHECK_THROWS_WITH(
      label_graph(sets),
      contains_text("no row has a label: its sets need a rule first (labelbeam decide), or "
                    "have expected counts (--expected)"));
  const std::string scores = folder.file("scores.jsonl", R"({"id": "1", "scores": {"a": 0.5}})"
                                                         "\n");
  CHECK_THROWS_WITH(label_graph(scores),
                    contains_text("no row has a label: its scores need a rule or thresholds first "
                                  "(labelbeam decide)"));
  CHECK_THROWS_AS(label_graph(folder / "absent.jsonl"), MissingFileError);
  CHECK_THROWS_AS(label_graph(folder.path()), MissingFileError);
}

TEST_CASE("The graph of expected counts has each listed set with its share of their probability") {
  using nlohmann::json;
  const TemporaryFolder folder;
  const std::vector<std::vector<std::string>> names{{"c"}, {"a", "b"}, {}, {"b", "c"}, {"a"}};
  // [a, b, c, a and b, a and c, b and c]
  std::vector<double> expected(6);
  std::string lines;
  for (int i = 0; i < 60; ++i) {
    json row{{"id", std::to_string(i)}, {"sets", json::array()}};
    // Sets so improbable that their probabilities round to 0 count like others.
    const double lowest = i % 3 == 0 ? -2000.0 : -5.0;
    std::vector<double> weights;
    double sum = 0.0;
    for (std::size_t k = 0; k < names.size(); ++k) {
      weights.push_back(1.0 + static_cast<double>((static_cast<std::size_t>(i) * 7 + k * 3) % 11));
      sum += weights.back();
      row["sets"].push_back({{"labels", names[k]}, {"log_prob", lowest + std::log(weights[k])}});
    }
    expected[0] += (weights[1] + weights[4]) / sum;
    expected[1] += (weights[1] + weights[3]) / sum;
    expected[2] += (weights[0] + weights[3]) / sum;
    expected[3] += weights[1] / sum;
    expected[5] += weights[3] / sum;
    lines += row.dump() + "\n";
  }
  LabelGraphRunOptions options;
  options.graph.fdr = 1.0;
  options.tree = true;
  const std::string file = folder.file("predictions.jsonl", lines);
  const LabelGraphDocument document = expected_label_graph(file, options);
  // Labels come in the order in which sets name them.
  CHECK(document.labels.names() == std::vector<std::string>{"c", "a", "b"});
  CHECK(document.graph.total() == Approx(60.0));
  const std::vector<double>& counts = document.graph.label_counts();
  CHECK(counts[1] == Approx(expected[0]));
  CHECK(counts[2] == Approx(expected[1]));
  CHECK(counts[0] == Approx(expected[2]));
  REQUIRE(document.graph.edges().size() == 3);
  const std::vector<double> both{expected[4], expected[5], expected[3]};  // c a, c b, a b
  for (std::size_t edge = 0; edge < 3; ++edge) {
    CHECK(document.graph.edges()[edge].table.both == Approx(both[edge]));
  }
  REQUIRE(document.tree);
  CHECK_FALSE(document.tree->held_out_gain);
  CHECK_THAT(pipeline::to_text(document), contains_text("expected counts of 60 rows, 3 labels; "));
  CHECK_THAT(to_json(document), contains_text("\"counted\": \"distributions\""));
}

TEST_CASE("Names with line breaks keep to their row of a table") {
  LabelCounts counts(2);
  for (int row = 0; row < 40; ++row) counts.add(row % 2 == 0 ? LabelSet{0, 1} : LabelSet{});
  LabelGraphDocument document{LabelVocab(std::vector<std::string>{"a\nb", "c\x1b[2J\x01"}),
                              LabelGraph(counts)};
  document.communities = {0, 0};
  document.tree = TreeSummary{ChowLiuTree(counts)};
  const std::string text = pipeline::to_text(document);
  CHECK_THAT(text, contains_text("\na b, c [2J ") && contains_text("\n  a b, c [2J \n") &&
                       contains_text("\n  a b\n    c [2J \n"));
  CHECK(text.find_first_of("\x01\x1b") == std::string::npos);
}

TEST_CASE("Predictions without sets or labels have no graph of expected counts") {
  const TemporaryFolder folder;
  const std::string set = R"("sets": [{"labels": ["a"], "log_prob": -0.1}]})";
  const std::string file = folder.file(
      "p.jsonl", R"({"id": "1", )" + set + "\n" + R"({"id": "2", "scores": {"a": 1.0}})" + "\n");
  CHECK_THROWS_WITH(
      expected_label_graph(file),
      contains_text("p.jsonl:2: has no \"sets\": expected counts are of set distributions"));
  const std::string empty = folder.file(
      "e.jsonl", R"({"id": "1", "sets": [{"labels": [], "log_prob": -0.1}]})" + std::string("\n"));
  CHECK_THROWS_WITH(expected_label_graph(empty), contains_text("no row lists a set with a label"));
  CHECK_THROWS_AS(expected_label_graph(folder.file("none.jsonl", "")), DataError);
  CHECK_THROWS_AS(expected_label_graph(folder / "absent.jsonl"), MissingFileError);
}

TEST_CASE(
    "The tree's gain on its own rows is that of greatest likelihood, 0 where rows are the same") {
  const TemporaryFolder folder;
  LabelGraphRunOptions options;
  options.tree = true;
  std::string same;
  for (int i = 0; i < 50; ++i) {
    same += "{\"id\": \"" + std::to_string(i) + "\", \"labels\": [\"a\", \"b\"]}\n";
  }
  CHECK(label_graph(folder.file("same.jsonl", same), options).tree->gain == 0.0);
  // Each of three labels is in half the rows, and the tree knows two of them from the first.
  CHECK(label_graph(folder.file("rows.jsonl", rows(40)), options).tree->gain ==
        Approx(2.0 * std::log(2.0)));
}

TEST_CASE("Cliques are listed largest first, frequent sets as they are counted") {
  const TemporaryFolder folder;
  const auto row = [](int id, const std::string& labels) {
    return "{\"id\": \"" + std::to_string(id) + "\", \"labels\": [" + labels + "]}\n";
  };
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text += row(4 * i, R"("a", "b", "c", "d")");
    text += row(4 * i + 1, i < 15 ? R"("a", "b", "c", "rare")" : R"("a", "b", "c")");
    text += row(4 * i + 2, R"("x", "y", "z")");
    text += row(4 * i + 3, "");
  }
  const std::string file = folder.file("rows.jsonl", text);
  LabelGraphRunOptions options;
  CHECK_FALSE(label_graph(file, options).cliques);
  CHECK_FALSE(label_graph(file, options).sets);
  options.cliques = true;
  options.num_sets = 3;
  const LabelGraphDocument document = label_graph(file, options);
  const auto set = [&](const std::vector<std::string>& names) {
    LabelSet labels;
    for (const std::string& name : names) labels.insert(*document.labels.find(name));
    return labels;
  };
  REQUIRE(document.cliques);
  CHECK(*document.cliques == std::vector<LabelSet>{set({"a", "b", "c", "d"}),
                                                   set({"a", "b", "c", "rare"}),
                                                   set({"x", "y", "z"})});
  REQUIRE(document.sets);
  REQUIRE(document.sets->size() == 3);  // of the sets with d only the first by its labels
  CHECK((*document.sets)[0] == FrequentSet{set({"a", "b", "c"}), 80});
  CHECK((*document.sets)[1].count == 40);
  const std::string shown = pipeline::to_text(document, 1);
  CHECK_THAT(shown, contains_text(
                        "3 cliques of labels that go together with each other\n  a, b, c, d\n\n"));
  CHECK_THAT(shown, contains_text("a, b, c          80      20.0  4.00"));
  CHECK_THAT(to_json(document),
             contains_text("{\"labels\": [\"a\", \"b\", \"c\"], \"rows\": 80, \"expected\": 20}"));
  options.num_sets = 100;
  CHECK(label_graph(file, options).sets->size() ==
        10);  // 4 + 1 of abcd, 4 - 1 + 1 of abc rare, xyz
  options.graph.min_support = 16.0;
  CHECK(label_graph(file, options).sets->size() == 6);
  options.graph.min_support = 1e30;
  CHECK(label_graph(file, options).sets->empty());
  CHECK_THROWS_AS(expected_label_graph(file, options), std::invalid_argument);

  std::string many = "\"0\"";
  for (int label = 1; label < 30; ++label) many += ", \"" + std::to_string(label) + "\"";
  std::string same;
  for (int i = 0; i < 20; ++i) same += row(i, many);
  options.graph.min_support = 1.0;
  CHECK_THROWS_WITH(label_graph(folder.file("same.jsonl", same), options),
                    contains_text("ask for a higher --min-support"));
}

TEST_CASE("Suggested constraints come with their violations on valid") {
  const TemporaryFolder folder;
  folder.file("train.jsonl", rows(40));
  folder.file("valid.jsonl", rows(10) + "{\"id\": \"x\", \"labels\": [\"a\", \"c\"]}\n");
  LabelGraphRunOptions options;
  CHECK_FALSE(label_graph(folder.path(), options).rules);
  options.rules = true;
  const LabelGraphDocument document = label_graph(folder.path(), options);
  REQUIRE(document.rules);
  const std::vector<SuggestedRule>& rules = document.rules->rules;
  REQUIRE(rules.size() == 3);  // a excludes c, b excludes c, a -> b
  for (const SuggestedRule& rule : rules) {
    CHECK(rule.violations == 0.0);
    REQUIRE(rule.held_out_violations);
    const bool is_broken = rule.is_implication || rule.first == 0;
    CHECK((*rule.held_out_violations > 0.0) == is_broken);
  }
  const std::string text = pipeline::to_text(document);
  CHECK_THAT(text, contains_text("\n3 constraints are suggested\n") &&
                       contains_text("a excludes c") && contains_text("a -> b"));
  const std::string first = pipeline::to_text(document, 1);
  CHECK_THAT(first, contains_text("\n3 constraints are suggested\n") &&
                        contains_text("a excludes c") && !contains_text("b excludes c") &&
                        !contains_text("a -> b"));
  CHECK_THAT(to_json(document), contains_text("\"kind\": \"implication\""));
}

TEST_CASE("Constraints are suggested at the graph's false discovery rate and support") {
  const TemporaryFolder folder;
  const std::string file = folder.file("rows.jsonl", rows(40));
  LabelGraphRunOptions options;
  options.rules = true;
  const auto count_rules = [&](const std::string& path) {
    return label_graph(path, options).rules->rules.size();
  };
  CHECK(count_rules(file) == 3);
  options.graph.min_support = 21.0;  // a and b are in 20 rows
  CHECK(count_rules(file) == 2);
  options.graph.min_support = 1.0;
  options.graph.fdr = 1e-20;
  CHECK(count_rules(file) == 0);
  options.graph.fdr = 0.05;
  // Of 9 rows no implication is suggested, whatever support edges have.
  CHECK(count_rules(folder.file("few.jsonl", rows(18))) == 0);
}

TEST_CASE("Rows that break several suggested constraints count once") {
  const TemporaryFolder folder;
  const auto repeated = [](int count, const std::string& labels) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      text += "{\"id\": \"" + labels + std::to_string(i) + "\", \"labels\": [";
      for (const char label : labels) {
        text += std::string(text.back() == '[' ? "\"" : ", \"") + label + '"';
      }
      text += "]}\n";
    }
    return text;
  };
  const std::string file =
      folder.file("train.jsonl", repeated(39, "ab") + repeated(1, "a") + repeated(60, "b") +
                                     repeated(98, "c") + "{\"id\": \"e\", \"labels\": []}\n" +
                                     "{\"id\": \"f\", \"text\": \"not labelled\"}\n");
  // The second row breaks a -> b and a excludes c.
  folder.file("valid.jsonl", repeated(5, "ab") + repeated(1, "ac") + repeated(1, "bc") +
                                 repeated(2, "c") + "{\"id\": \"e\", \"labels\": []}\n");
  LabelGraphRunOptions options;
  options.rules = true;
  const LabelGraphDocument document = label_graph(folder.path(), options);
  REQUIRE(document.rules->rules.size() == 3);  // a -> b, a excludes c, b excludes c
  CHECK(document.rules->breaking == 1.0 / 199.0);
  CHECK(document.rules->held_out_breaking == 0.2);
  CHECK_THAT(pipeline::to_text(document),
             contains_text("\nrows that break any: 0.50 %, 20.00 % of held-out rows\n"));
  CHECK_THAT(to_json(document), contains_text("\"breaking_any_rule\": {\"share\": 0.005") &&
                                    contains_text("\"held_out_share\": 0.2}"));
  const LabelGraphDocument alone = label_graph(file, options);
  CHECK(alone.rules->breaking == 1.0 / 199.0);
  CHECK_FALSE(alone.rules->held_out_breaking);
  CHECK_THAT(pipeline::to_text(alone), contains_text("\nrows that break any: 0.50 %\n"));
  CHECK_THAT(to_json(alone), contains_text("\"held_out_share\": null}"));
}
