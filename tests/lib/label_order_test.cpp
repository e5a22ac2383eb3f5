#include <labelbeam/label_order.h>

#include <stdexcept>
#include <vector>

#include "catch.h"

using labelbeam::LabelId;
using labelbeam::LabelOrder;
using labelbeam::LabelSet;

TEST_CASE("Frequency order puts the most frequent label first and breaks ties by id") {
  const std::vector<std::uint64_t> counts{3, 9, 3, 10};
  const LabelOrder order = LabelOrder::by_frequency(counts);
  CHECK(order.by_rank() == std::vector<LabelId>{3, 1, 0, 2});
  CHECK(order.rank(3) == 0);
  CHECK(order.sequence(LabelSet{0, 1, 2}) == std::vector<LabelId>{1, 0, 2});
}

TEST_CASE("A free order emits ids in ascending order") {
  CHECK_FALSE(LabelOrder::free().is_fixed());
  CHECK(LabelOrder::free().sequence(LabelSet{2, 0}) == std::vector<LabelId>{0, 2});
}

TEST_CASE("A fixed order must be a permutation") {
  CHECK_THROWS_AS(LabelOrder::fixed({}), std::invalid_argument);
  CHECK_THROWS_AS(LabelOrder::fixed({0, 0}), std::invalid_argument);
  CHECK_THROWS_AS(LabelOrder::fixed({0, 2}), std::invalid_argument);
}
