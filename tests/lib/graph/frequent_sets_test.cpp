#include <labelbeam/graph/frequent_sets.h>

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <vector>

#include "catch.h"
#include "planted_sets.h"

using namespace labelbeam;
using labelbeam::test_support::grouped_sets;

TEST_CASE("Frequent label sets are those of a look at all sets") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CounterRng random(seed);
    const auto sets = grouped_sets(120, 8, 2, 0.7, 0.1, random);
    FrequentSetOptions options;
    options.min_support = 5 * seed;
    options.min_size = 1 + seed % 3;
    options.max_size = 4;
    std::vector<FrequentSet> expected;
    for (std::uint32_t bits = 1; bits < 256; ++bits) {
      LabelSet labels;
      for (LabelId label = 0; label < 8; ++label) {
        if ((bits >> label) & 1u) labels.insert(label);
      }
      const auto count = static_cast<std::size_t>(std::count_if(
          sets.begin(), sets.end(), [&](const LabelSet& set) { return labels.is_subset_of(set); }));
      if (count >= options.min_support && labels.size() >= options.min_size &&
          labels.size() <= options.max_size) {
        expected.push_back({labels, count});
      }
    }
    std::sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) {
      return a.count != b.count ? a.count > b.count : a.labels < b.labels;
    });
    CHECK(frequent_label_sets(sets, options) == expected);
  }
}

TEST_CASE("Options of frequent label sets are checked, and their number is limited") {
  const std::vector<LabelSet> sets{{0, 1, 2}, {0, 1, 2}};
  CHECK(frequent_label_sets(sets, {2, 2, 8, 4}).size() == 4);
  CHECK(frequent_label_sets({}).empty());
  CHECK_THROWS_AS(frequent_label_sets(sets, {2, 2, 8, 3}), std::length_error);
  CHECK_THROWS_AS(frequent_label_sets(sets, {0, 2, 8, 10}), std::invalid_argument);
  CHECK_THROWS_AS(frequent_label_sets(sets, {1, 0, 8, 10}), std::invalid_argument);
  CHECK_THROWS_AS(frequent_label_sets(sets, {1, 3, 2, 10}), std::invalid_argument);
}
