#include <labelbeam/error.h>
#include <labelbeam/pipeline/comparison_graphs.h>

#include <array>
#include <cmath>
#include <random>
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
  CHECK(missed.pairs[0].answers_phi == Approx(brute_phi(independent, 0, 1)));
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
  CHECK(weaker.answers_pairs == 1);
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
