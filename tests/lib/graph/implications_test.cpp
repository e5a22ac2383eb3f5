#include <labelbeam/graph/implications.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "catch.h"
#include "planted_sets.h"

using namespace labelbeam;
using labelbeam::test_support::independent_sets;

namespace {

using Pair = std::pair<LabelId, LabelId>;

/// 0 and 1 are animals (2), animals are living (3), 4 is a stone and excludes 3; 5 is noise.
std::vector<LabelSet> taxonomy(std::size_t rows, double noise, std::uint64_t seed) {
  CounterRng random(seed);
  std::vector<LabelSet> sets(rows);
  for (LabelSet& set : sets) {
    switch (random.below(5)) {
      case 0:
        set = {0, 2, 3};
        break;
      case 1:
        set = {1, 2, 3};
        break;
      case 2:
        set = {2, 3};
        break;
      case 3:
        set = {3};
        break;
      default:
        set = {4};
    }
    if (random.uniform() < 0.5) set.insert(5);
    for (LabelId label = 0; label < 5; ++label) {
      if (random.uniform() < noise && !set.erase(label)) set.insert(label);
    }
  }
  return sets;
}

std::vector<Pair> ends_of(const std::vector<NearImplication>& implications) {
  std::vector<Pair> ends;
  for (const NearImplication& each : implications) ends.emplace_back(each.from, each.to);
  return ends;
}

}  // namespace

TEST_CASE("Planted implications are found, with noise, and reduced to a hierarchy") {
  for (const double noise : {0.0, 0.01}) {
    RuleOptions options;
    options.min_confidence = 0.9;
    const auto found = near_implications(count_labels(taxonomy(2000, noise, 1), 6), options);
    CHECK(ends_of(found) == std::vector<Pair>{{0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}});
    CHECK(ends_of(hierarchy(found, 6)) == std::vector<Pair>{{0, 2}, {1, 2}, {2, 3}});
  }
}

TEST_CASE("Fewer planted implications are found in more noise, and hardly a false one") {
  struct Found {
    double planted = 0.0;  // of 5, a mean over ten data sets
    double false_ones = 0.0;
  };
  const std::vector<Pair> planted{{0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}};
  RuleOptions options;
  options.min_confidence = 0.8;
  const auto find = [&](double noise) {
    Found found;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      for (const Pair& pair :
           ends_of(near_implications(count_labels(taxonomy(2000, noise, seed), 6), options))) {
        const bool is_planted = std::find(planted.begin(), planted.end(), pair) != planted.end();
        (is_planted ? found.planted : found.false_ones) += 0.1;
      }
    }
    return found;
  };
  CHECK(find(0.0).planted == Approx(5.0));
  CHECK(find(0.06).planted == Approx(5.0));
  CHECK(find(0.1).planted == Approx(3.5).margin(1.0));
  CHECK(find(0.2).planted < 0.5);
  for (const double noise : {0.0, 0.02, 0.06, 0.1, 0.2}) CHECK(find(noise).false_ones < 0.3);
}

TEST_CASE("Near-implications are those of a look at all pairs") {
  CounterRng random(2);
  const std::vector<double> probs{0.9, 0.8, 0.3, 0.3, 0.1};
  auto sets = independent_sets(500, probs, random);
  for (LabelSet& set : sets) {
    if (set.contains(4)) set.insert(2);
  }
  const LabelCounts counts = count_labels(sets, 5);
  RuleOptions options;
  options.min_confidence = 0.8;
  options.fdr = 1.0;
  std::vector<Pair> expected;
  for (LabelId a = 0; a < 5; ++a) {
    for (LabelId b = 0; b < 5; ++b) {
      if (a == b || counts.count(a) > counts.count(b)) continue;
      const double both = counts.count(a, b);
      const bool is_positive = both * counts.total() > counts.count(a) * counts.count(b);
      if (is_positive && both >= 0.8 * counts.count(a)) expected.emplace_back(a, b);
    }
  }
  CHECK(expected.size() > 2);  // frequent labels follow from anything
  CHECK(ends_of(near_implications(counts, options)) == expected);
  options.fdr = 0.001;  // unless independence is ruled out
  CHECK(ends_of(near_implications(counts, options)) == std::vector<Pair>{{4, 2}});
}

TEST_CASE("Suggested rules say how often they are broken, here and on other rows") {
  const LabelCounts counts = count_labels(taxonomy(2000, 0.0, 3), 6);
  const LabelCounts others = count_labels(taxonomy(1000, 0.02, 4), 6);
  const auto rules = suggest_rules(counts, {}, &others);
  const ConstraintSpec spec = to_constraints(rules);
  CHECK(spec.implications.size() == 3);
  // 0 and 1, and 4 with each of 0 to 3.
  CHECK(spec.exclusions.size() == 5);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const SuggestedRule& rule = rules[i];
    CHECK(rule.violations == 0.0);
    CHECK(rule.violations_upper > 0.0);
    CHECK(rule.violations_upper < 0.02);
    if (i > 0) CHECK(rules[i - 1].violations_upper <= rule.violations_upper);
    const double first = others.count(rule.first);
    const double both = others.count(rule.first, rule.second);
    const double expected = rule.is_implication ? (first - both) / first
                                                : both / (first + others.count(rule.second) - both);
    REQUIRE(rule.held_out_violations);
    CHECK(*rule.held_out_violations == Approx(expected));
    CHECK(*rule.held_out_violations > 0.0);
  }
  CHECK_FALSE(suggest_rules(counts).front().held_out_violations);
}

TEST_CASE("No exclusion is suggested of labels that one label implies") {
  // Nearly all sets with 0 have 1, and nearly all with 1 have 2, but none has 0 and 2.
  std::vector<LabelSet> sets;
  const auto add = [&](std::size_t times, const LabelSet& set) {
    sets.insert(sets.end(), times, set);
  };
  add(19, {0, 1});
  add(1, {0});
  add(380, {1, 2});
  add(320, {2});
  add(280, {});
  const ConstraintSpec spec = to_constraints(suggest_rules(count_labels(sets, 3)));
  CHECK(spec.implications ==
        std::vector<Implication>{{LabelSet{1}, LabelSet{2}}, {LabelSet{0}, LabelSet{1}}});
  CHECK(spec.exclusions.empty());
}

TEST_CASE("A hierarchy of a few of very many labels takes no memory for all pairs") {
  const PairTable table{20, 20, 40, 100};
  const std::vector<NearImplication> implications{
      {5, 900000, table}, {5, 1000000, table}, {900000, 1000000, table}};
  CHECK(ends_of(hierarchy(implications, std::size_t{1} << 20)) ==
        std::vector<Pair>{{5, 900000}, {900000, 1000000}});
  CHECK(hierarchy({}, 4).empty());
}

TEST_CASE("Exclusions may allow a share of the expected sets") {
  const LabelCounts counts = count_labels(taxonomy(3000, 0.01, 5), 6);
  RuleOptions options;
  CHECK(to_constraints(suggest_rules(counts, options)).exclusions.size() < 5);
  options.max_observed = 0.2;
  CHECK(to_constraints(suggest_rules(counts, options)).exclusions.size() == 5);
}

TEST_CASE("Rules of independent labels are hardly ever suggested") {
  int suggested = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CounterRng random(seed);
    const std::vector<double> probs{0.97, 0.6, 0.1, 0.1, 0.1, 0.05};
    RuleOptions options;
    options.max_observed = 0.9;
    const auto sets = independent_sets(600, probs, random);
    suggested += suggest_rules(count_labels(sets, 6), options).empty() ? 0 : 1;
  }
  CHECK(suggested <= 13);  // P(binomial(100, .05) > 13) < .001
}

TEST_CASE("Rule options, circles and foreign counts are refused") {
  const LabelCounts counts = count_labels(taxonomy(100, 0.0, 6), 6);
  const auto with = [&](auto change) {
    RuleOptions options;
    change(options);
    return suggest_rules(counts, options);
  };
  CHECK_THROWS_AS(with([](auto& o) { o.min_confidence = 0.5; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& o) { o.min_support = 0.0; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& o) { o.max_observed = 1.0; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& o) { o.min_expected = 0.0; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& o) { o.fdr = 0.0; }), std::invalid_argument);
  const LabelCounts others(5);
  CHECK_THROWS_AS(suggest_rules(counts, {}, &others), std::invalid_argument);
  const PairTable table{1, 1, 1, 1};
  const std::vector<NearImplication> circle{{0, 1, table}, {1, 0, table}};
  CHECK_THROWS_AS(hierarchy(circle, 2), std::invalid_argument);
  CHECK_THROWS_AS(hierarchy(circle, 1), std::invalid_argument);
}
