#include <labelbeam/random.h>
#include <labelbeam/split_quality.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "catch.h"

using namespace labelbeam;

namespace {

Dataset dataset_of(const std::vector<LabelSet>& sets) {
  Dataset data{LabelVocab(std::vector<std::string>{"a", "b", "c", "d"}), {}};
  for (const LabelSet& set : sets) {
    Example row;
    row.labels = set;
    data.rows.push_back(row);
  }
  return data;
}

/// Mean over things and parts of differences of odds, written down from the definition.
struct Distances {
  double sum = 0.0;
  double terms = 0.0;

  template <typename Has>
  void add(const Dataset& data, const std::vector<std::size_t>& parts, std::size_t num_parts,
           const Has& has) {
    const auto odds = [&](auto in_part) {
      double with = 0.0, without = 0.0;
      for (std::size_t i = 0; i < parts.size(); ++i) {
        if (!data.rows[i].labelled || !in_part(parts[i])) continue;
        (has(data.rows[i].labels) ? with : without) += 1.0;
      }
      return with / without;
    };
    const double all = odds([](std::size_t) { return true; });
    if (all == 0.0 || std::isnan(all)) return;
    for (std::size_t p = 0; p < num_parts; ++p) {
      const double term = std::abs(odds([p](std::size_t part) { return part == p; }) - all);
      if (!std::isfinite(term)) continue;
      sum += term;
      ++terms;
    }
  }
};

}  // namespace

TEST_CASE("Distances of a split are what their definitions say") {
  CounterRng random(1);
  for (int repeat = 0; repeat < 200; ++repeat) {
    const std::size_t rows = 1 + random.below(12);
    std::vector<LabelSet> sets(rows);
    for (LabelSet& set : sets) {
      for (LabelId l = 0; l < 4; ++l) {
        if (random.below(2) == 0) set.insert(l);
      }
    }
    Dataset data = dataset_of(sets);
    std::vector<std::size_t> parts(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      parts[i] = random.below(3);
      data.rows[i].labelled = random.below(6) > 0;
    }
    const double shares[] = {0.5, 0.25, 0.25};
    const SplitQuality quality = split_quality(data, parts, shares);
    Distances labels, pairs;
    for (LabelId a = 0; a < 4; ++a) {
      labels.add(data, parts, 3, [a](const LabelSet& set) { return set.contains(a); });
      for (LabelId b = a + 1; b < 4; ++b) {
        pairs.add(data, parts, 3,
                  [a, b](const LabelSet& set) { return set.contains(a) && set.contains(b); });
      }
    }
    if (labels.terms == 0.0) {
      CHECK(std::isnan(quality.label_distance));
    } else {
      CHECK(quality.label_distance == Approx(labels.sum / labels.terms).epsilon(1e-12));
    }
    if (pairs.terms == 0.0) {
      CHECK(std::isnan(quality.pair_distance));
    } else {
      CHECK(quality.pair_distance == Approx(pairs.sum / pairs.terms).epsilon(1e-12));
    }
    for (std::size_t p = 0; p < 3; ++p) {
      std::set<LabelSet> elsewhere, unseen;
      std::uint64_t unseen_rows = 0;
      for (std::size_t i = 0; i < rows; ++i) {
        if (data.rows[i].labelled && parts[i] != p) elsewhere.insert(data.rows[i].labels);
      }
      for (std::size_t i = 0; i < rows; ++i) {
        if (!data.rows[i].labelled || parts[i] != p) continue;
        if (elsewhere.count(data.rows[i].labels) > 0) continue;
        unseen.insert(data.rows[i].labels);
        ++unseen_rows;
      }
      CHECK(quality.parts[p].unseen_sets == unseen.size());
      CHECK(quality.parts[p].unseen_rows == unseen_rows);
    }
  }
}

TEST_CASE("The quality of a split by hand") {
  // Part 0: {a} {a, b} {b, c}; part 1: {a}, {c}, and a row that says nothing.
  Dataset data = dataset_of({{0}, {0, 1}, {1, 2}, {0}, {2}, {0, 3}});
  data.rows[5].labelled = false;
  const std::vector<std::size_t> parts = {0, 0, 0, 1, 1, 1};
  const double shares[] = {0.6, 0.4};
  const SplitQuality quality = split_quality(data, parts, shares, 0);
  CHECK(quality.labels == 3);
  CHECK(quality.pairs == 2);
  CHECK(quality.example_distance == Approx(0.6));
  const PartQuality& test = quality.parts[1];
  CHECK(test.rows == 3);
  CHECK(test.labelled_rows == 2);
  CHECK(test.wanted_rows == Approx(2.4));
  CHECK(test.absent_labels == 1);
  CHECK(test.absent_pairs == 2);
  CHECK(test.unseen_sets == 1);
  CHECK(test.unseen_rows == 1);
  CHECK(quality.parts[0].unseen_sets == 0);
  // a: 1 against 3/2, b: 0 against 2/3, c: 1 against 2/3.
  CHECK(test.label_distance == Approx((0.5 + 2.0 / 3.0 + 1.0 / 3.0) / 3.0));
  CHECK(test.pair_distance == Approx(0.25));
  REQUIRE(test.largest_deviation);
  CHECK(test.largest_deviation->label == 1);
  CHECK(test.largest_deviation->relative == Approx(1.0));
}

TEST_CASE("A label on every row of a part has no odds, and is counted") {
  const Dataset data = dataset_of({{0}, {0}, {1}, {0, 1}});
  const std::vector<std::size_t> parts = {0, 0, 1, 1};
  const double shares[] = {0.5, 0.5};
  const SplitQuality quality = split_quality(data, parts, shares);
  CHECK(quality.parts[0].undefined_labels == 1);
  CHECK(quality.parts[1].undefined_labels == 1);
  CHECK(quality.parts[0].undefined_pairs == 0);
}

TEST_CASE("Parts that do not fit the rows or the shares are refused") {
  const Dataset data = dataset_of({{0}, {1}});
  const double shares[] = {0.5, 0.5};
  CHECK_THROWS_WITH(split_quality(data, std::vector<std::size_t>{0}, shares),
                    contains_text("2 rows but parts of 1"));
  CHECK_THROWS_WITH(split_quality(data, std::vector<std::size_t>{0, 2}, shares),
                    contains_text("row 1 is in part 2, but there are 2 shares"));
  CHECK_THROWS_AS(split_quality(data, std::vector<std::size_t>{0, 1}, shares, 2),
                  std::invalid_argument);
}
