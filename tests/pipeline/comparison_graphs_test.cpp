#include <labelbeam/error.h>
#include <labelbeam/pipeline/comparison_graphs.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;
using eval::PairFate;
using pipeline::compare_graphs;

namespace {

const std::array<std::string, 4> kNames{"a", "b", "c", "d"};

std::vector<LabelSet> random_sets(std::size_t rows, bool together, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<LabelSet> sets;
  for (std::size_t i = 0; i < rows; ++i) {
    std::vector<LabelId> labels;
    const bool a = random() % 2 == 0;
    if (a) labels.push_back(0);
    if (together ? a : random() % 2 == 0) labels.push_back(1);
    if (random() % 3 == 0) labels.push_back(2);
    sets.emplace_back(labels);
  }
  return sets;
}

eval::GraphComparison compare(const std::vector<LabelSet>& truth,
                              const std::vector<LabelSet>& answers) {
  return compare_graphs("system", LabelVocab(kNames), count_labels(truth, 4),
                        count_labels(answers, 4));
}

/// Pearson's correlation of two indicators, row by row.
double brute_phi(const std::vector<LabelSet>& sets, LabelId a, LabelId b) {
  double n = 0.0, has_a = 0.0, has_b = 0.0, both = 0.0;
  for (const LabelSet& set : sets) {
    const double x = set.contains(a) ? 1.0 : 0.0, y = set.contains(b) ? 1.0 : 0.0;
    ++n;
    has_a += x;
    has_b += y;
    both += x * y;
  }
  return (both / n - has_a / n * has_b / n) /
         std::sqrt(has_a / n * (1.0 - has_a / n) * has_b / n * (1.0 - has_b / n));
}

}  // namespace

TEST_CASE("Answers that are the truth keep every dependence") {
  const auto sets = random_sets(500, true, 1);
  const eval::GraphComparison graph = compare(sets, sets);
  CHECK(graph.rows == 500);
  CHECK(graph.truth_pairs == 1);
  CHECK(count_pairs(graph, PairFate::kept) == 1);
  CHECK(graph.phi_correlation == Approx(1.0));
  CHECK(graph.phi_difference == 0.0);
  CHECK(graph.npmi_difference == 0.0);
}

TEST_CASE("A dependence that answers lack is missed, one that only they have is invented") {
  const auto together = random_sets(500, true, 2), independent = random_sets(500, false, 3);
  const eval::GraphComparison missed = compare(together, independent);
  REQUIRE(missed.pairs.size() == 1);
  CHECK(missed.pairs[0].fate == PairFate::missed);
  CHECK(missed.pairs[0].truth_phi == Approx(1.0));
  CHECK(missed.pairs[0].system_phi == Approx(brute_phi(independent, 0, 1)));
  // The pairs of labels that the truth has: (0, 1), (0, 2), (1, 2).
  double difference = 0.0;
  for (const auto& [a, b] : {std::pair(0u, 1u), std::pair(0u, 2u), std::pair(1u, 2u)}) {
    difference += std::abs(brute_phi(together, a, b) - brute_phi(independent, a, b)) / 3.0;
  }
  CHECK(missed.phi_difference == Approx(difference));
  const eval::GraphComparison invented = compare(independent, together);
  REQUIRE(invented.pairs.size() == 1);
  CHECK(invented.pairs[0].fate == PairFate::invented);
}

TEST_CASE("A dependence of the other sign, or of less than half the phi, is missed") {
  std::vector<LabelSet> truth, opposite, weak;
  for (int i = 0; i < 400; ++i) {
    truth.push_back(i % 2 == 0 ? LabelSet{0, 1} : LabelSet{});
    opposite.push_back(i % 2 == 0 ? LabelSet{0} : LabelSet{1});
    // phi 0.4: 70 percent agree.
    weak.push_back(i % 10 < 7 ? truth.back() : opposite.back());
  }
  CHECK(compare(truth, opposite).pairs.at(0).fate == PairFate::missed);
  const eval::GraphComparison weaker = compare(truth, weak);
  CHECK(weaker.system_pairs == 1);
  CHECK(weaker.pairs.at(0).fate == PairFate::missed);
}

TEST_CASE("Predictions are matched with the truth by id, and must have labels") {
  const TemporaryFolder folder;
  std::string rows, answers;
  for (int i = 0; i < 40; ++i) {
    const std::string id = std::to_string(i), other = std::to_string(39 - i);
    rows += "{\"id\": \"" + id + "\", \"labels\": " + (i < 20 ? "[\"a\", \"b\"]}\n" : "[\"c\"]}\n");
    answers += "{\"id\": \"" + other +
               "\", \"labels\": " + (i < 20 ? "[\"c\", \"new\"]}\n" : "[\"a\", \"b\"]}\n");
  }
  folder.file("test.jsonl", rows);
  const eval::GraphComparison graph =
      compare_graphs(folder.path(), folder.file("answers.jsonl", answers), ReadOptions{});
  CHECK(graph.system == "answers.jsonl");
  CHECK(graph.labels == std::vector<std::string>{"a", "b", "c", "new"});
  CHECK(graph.truth_pairs == 3);
  CHECK(count_pairs(graph, PairFate::kept) == 3);
  CHECK(count_pairs(graph, PairFate::invented) == 3);  // of the new label with each other one
  CHECK_THAT(pipeline::to_text(graph), contains_text("3 kept, 0 missed, 3 invented"));
  const std::string undecided =
      folder.file("undecided.jsonl", "{\"id\": \"1\", \"scores\": {\"a\": 0.5}}\n");
  CHECK_THROWS_AS(compare_graphs(folder.path(), undecided, ReadOptions{}), DataError);
}

TEST_CASE("A truth without labels is refused as a graph without labels is") {
  const TemporaryFolder folder;
  const std::string truth = folder.file("truth.jsonl", "{\"id\": \"1\", \"labels\": []}\n");
  for (const char* labels : {"[]", "[\"a\"]"}) {
    const std::string answers =
        folder.file("answers.jsonl", std::string("{\"id\": \"1\", \"labels\": ") + labels + "}\n");
    CHECK_THROWS_WITH(compare_graphs(truth, answers, ReadOptions{}),
                      truth + ": no row has a label");
  }
}

TEST_CASE("Distributions are compared by their expected counts") {
  std::mt19937_64 random(4);
  std::uniform_real_distribution<double> uniform;
  const auto truth = random_sets(300, true, 5);
  std::vector<SetDistribution> distributions;
  // Expected rows with both labels; on the diagonal with the label.
  std::array<std::array<double, 4>, 4> counts{};
  double found = 0.0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    SetDistribution& distribution = distributions.emplace_back();
    const double mass = uniform(random);
    double sum = 0.0;
    for (unsigned bits = 0; bits < 8; bits += 1 + static_cast<unsigned>(random() % 2)) {
      LabelSet set;
      for (LabelId label = 0; label < 3; ++label) {
        if (bits >> label & 1U) set.insert(label);
      }
      distribution.sets.push_back({set, 0.0, 0.0, uniform(random)});
      sum += distribution.sets.back().weight;
    }
    for (ScoredSet& set : distribution.sets) {
      set.weight /= sum;
      set.log_prob = set.log_upper = std::log(mass * set.weight);
      for (const LabelId a : set.labels) {
        for (const LabelId b : set.labels) counts[a][b] += set.weight;
      }
    }
    found += mass;
  }
  const eval::GraphComparison graph =
      compare_graphs("system", LabelVocab(kNames), count_labels(truth, 4), distributions);
  CHECK(graph.counted == eval::CountedSets::distributions);
  CHECK(graph.found_mass.value() == Approx(found / 300.0));
  CHECK(graph.rows == 300);
  REQUIRE(graph.pairs.size() >= 1);
  double difference = 0.0;
  for (const auto& [a, b] : {std::pair(0u, 1u), std::pair(0u, 2u), std::pair(1u, 2u)}) {
    const double x = counts[a][a] / 300.0, y = counts[b][b] / 300.0;
    const double phi = (counts[a][b] / 300.0 - x * y) / std::sqrt(x * (1.0 - x) * y * (1.0 - y));
    difference += std::abs(brute_phi(truth, a, b) - phi) / 3.0;
    for (const eval::ComparedPair& pair : graph.pairs) {
      if (pair.first == a && pair.second == b) CHECK(pair.system_phi == Approx(phi));
    }
  }
  CHECK(graph.phi_difference == Approx(difference));
}

TEST_CASE("Most probable sets may show a dependence that the distributions do not have") {
  using nlohmann::json;
  const TemporaryFolder folder;
  std::string rows, predictions;
  for (int i = 0; i < 400; ++i) {
    const json best = i % 2 == 0 ? json::array({"a", "b"}) : json::array();
    const json one = json::array({"a"}), other = json::array({"b"});
    // Half of the probability is found: 0.2, 0.15 and 0.15.
    const json sets = {{{"labels", one}, {"log_prob", std::log(0.15)}},
                       {{"labels", best}, {"log_prob", std::log(0.2)}},
                       {{"labels", other}, {"log_prob", std::log(0.15)}}};
    const std::string id = std::to_string(i);
    rows += json{{"id", id}, {"labels", best}}.dump() + "\n";
    predictions += json{{"id", id}, {"labels", best}, {"sets", sets}}.dump() + "\n";
  }
  const std::string truth = folder.file("truth.jsonl", rows);
  const std::string file = folder.file("predictions.jsonl", predictions);
  const eval::GraphComparison answers = compare_graphs(truth, file, ReadOptions{});
  CHECK(answers.counted == eval::CountedSets::answers);
  CHECK_FALSE(answers.found_mass.has_value());
  CHECK(answers.pairs.at(0).system_phi == Approx(1.0));
  const eval::GraphComparison expected =
      compare_graphs(truth, file, ReadOptions{}, {}, eval::CountedSets::distributions);
  CHECK(expected.system == "predictions.jsonl");
  CHECK(expected.found_mass.value() == Approx(0.5));
  // Of 400 rows 200 are expected to have a, 200 b and 80 both: phi is -0.2.
  CHECK(expected.system_pairs == 1);
  CHECK(expected.pairs.at(0).system_phi == Approx(-0.2));
  CHECK(expected.pairs.at(0).fate == PairFate::missed);
  CHECK_THAT(pipeline::to_text(expected), contains_text("1 in the expected counts") &&
                                              contains_text("sets found: 0.5000 of") &&
                                              contains_text("phi, expected"));
}

TEST_CASE("Expected counts need the sets of every row") {
  const TemporaryFolder folder;
  const std::string truth = folder.file(
      "truth.jsonl", "{\"id\": \"1\", \"labels\": [\"a\"]}\n{\"id\": \"2\", \"labels\": []}\n");
  const std::string file =
      folder.file("p.jsonl",
                  "{\"id\": \"1\", \"sets\": [{\"labels\": [\"a\"], \"log_prob\": -0.1}]}\n"
                  "{\"id\": \"2\", \"labels\": [\"a\"], \"scores\": {\"a\": 0.5}}\n");
  CHECK_THROWS_WITH(
      compare_graphs(truth, file, ReadOptions{}, {}, eval::CountedSets::distributions),
      contains_text("p.jsonl:2: has no \"sets\": expected counts are of set distributions"));
}
