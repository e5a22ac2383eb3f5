#include <labelbeam/graph/label_counts.h>

#include <limits>
#include <stdexcept>
#include <vector>

#include "catch.h"
#include "planted_sets.h"

using labelbeam::count_labels;
using labelbeam::CounterRng;
using labelbeam::Dataset;
using labelbeam::LabelCounts;
using labelbeam::LabelId;
using labelbeam::LabelSet;
using labelbeam::PairCount;
using labelbeam::PairTable;
using labelbeam::SetDistribution;
using labelbeam::test_support::independent_sets;

namespace {

std::vector<LabelSet> random_sets(std::size_t num_labels, double density, std::uint64_t seed) {
  CounterRng random(seed);
  return independent_sets(120, std::vector<double>(num_labels, density), random);
}

double brute_force(const std::vector<LabelSet>& sets, LabelId a, LabelId b) {
  double count = 0.0;
  for (const LabelSet& set : sets) count += set.contains(a) && set.contains(b) ? 1.0 : 0.0;
  return count;
}

bool same_counts(const LabelCounts& a, const LabelCounts& b) {
  if (a.total() != b.total() || a.label_counts() != b.label_counts()) return false;
  for (LabelId first = 0; first < a.num_labels(); ++first) {
    if (a.pairs_of(first) != b.pairs_of(first)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("Labels and pairs are counted as a loop over all of them counts") {
  // 200 labels: rows of counts begin as hash tables, and the dense data fill some up.
  for (const std::size_t num_labels : {2u, 9u, 200u}) {
    for (const double density : {0.01, 0.1, 0.7}) {
      const auto sets = random_sets(num_labels, density, num_labels);
      const LabelCounts counts = count_labels(sets, num_labels);
      CHECK(counts.total() == 120.0);
      std::size_t seen = 0;
      bool equal = true;
      for (LabelId a = 0; a < num_labels; ++a) {
        equal = equal && counts.count(a) == brute_force(sets, a, a);
        std::vector<PairCount> pairs;
        for (LabelId b = a + 1; b < num_labels; ++b) {
          const double count = brute_force(sets, a, b);
          equal = equal && counts.count(a, b) == count && counts.count(b, a) == count;
          equal = equal && counts.table(b, a) == PairTable{count, brute_force(sets, b, b),
                                                           brute_force(sets, a, a), 120.0};
          if (count > 0.0) pairs.push_back({a, b, count});
        }
        equal = equal && counts.pairs_of(a) == pairs;
        seen += pairs.size();
      }
      CHECK(equal);
      CHECK(counts.num_pairs() == seen);
    }
  }
}

TEST_CASE("Counts depend neither on threads nor on how rows are shared out") {
  const auto sets = random_sets(60, 0.1, 3);
  const LabelCounts whole = count_labels(sets, 60);
  CHECK(same_counts(whole, count_labels(sets, 60, 3)));
  LabelCounts merged(60);
  const std::span<const LabelSet> rows(sets);
  merged.merge(count_labels(rows.subspan(70), 60));
  merged.merge(count_labels(rows.subspan(20, 50), 60));
  merged.merge(count_labels(rows.first(20), 60));
  CHECK(same_counts(whole, merged));
  LabelCounts grown = count_labels(rows.subspan(20), 60);
  grown.merge(count_labels(rows.first(20), 60));
  CHECK(same_counts(whole, grown));
}

TEST_CASE("Only labelled rows of a data set count, once each") {
  Dataset data;
  data.labels = labelbeam::LabelVocab(std::vector<std::string>{"a", "b"});
  data.rows.resize(3);
  data.rows[0].labels = {0, 1};
  data.rows[0].weight = 7.0;
  data.rows[1].labels = {0};
  data.rows[2].labelled = false;
  const LabelCounts counts = count_labels(data);
  CHECK(counts.total() == 2.0);
  CHECK(counts.label_counts() == std::vector<double>{2.0, 1.0});
  CHECK(counts.count(0, 1) == 1.0);
}

TEST_CASE("Distributions give expected counts by the weights of their sets") {
  SetDistribution distribution;
  distribution.sets = {
      {LabelSet{0, 1}, 0.0, 0.0, 0.5}, {LabelSet{1}, 0.0, 0.0, 0.25}, {LabelSet{}, 0.0, 0.0, 0.25}};
  const std::vector<SetDistribution> two{distribution, distribution};
  const LabelCounts counts = count_labels(two, 3);
  CHECK(counts.total() == 2.0);
  CHECK(counts.label_counts() == std::vector<double>{1.0, 1.5, 0.0});
  CHECK(counts.count(1, 0) == 1.0);
  CHECK(counts.count(1, 2) == 0.0);
}

TEST_CASE("Labels out of range and senseless weights are not counted") {
  CHECK_THROWS_AS(LabelCounts(0), std::invalid_argument);
  CHECK_THROWS_AS(LabelCounts(labelbeam::kMaxLabels + 1), std::invalid_argument);
  LabelCounts counts(2);
  CHECK_THROWS_AS(counts.add(LabelSet{0, 2}), std::invalid_argument);
  CHECK_THROWS_AS(counts.add(LabelSet{0}, -1.0), std::invalid_argument);
  CHECK_THROWS_AS(counts.add(LabelSet{0}, std::numeric_limits<double>::infinity()),
                  std::invalid_argument);
  CHECK_THROWS_AS(counts.merge(LabelCounts(3)), std::invalid_argument);
  CHECK_THROWS_AS(counts.count(0, 0), std::invalid_argument);
  CHECK_THROWS_AS(count_labels(std::vector<LabelSet>{LabelSet{2}}, 2), std::invalid_argument);
  CHECK(counts.total() == 0.0);
}
