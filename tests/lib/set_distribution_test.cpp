#include <labelbeam/set_distribution.h>

#include <cmath>
#include <limits>
#include <vector>

#include "catch.h"

using namespace labelbeam;

TEST_CASE("The mass found is the sum of the probabilities, whatever the weights") {
  const std::vector<ScoredSet> sets{{{0}, std::log(0.5), std::log(0.5), 0.7},
                                    {{}, std::log(0.25), 0.0, 0.3},
                                    {{1}, -std::numeric_limits<double>::infinity(), 0.0, 0.0}};
  CHECK(found_mass(sets) == Approx(0.75));
  CHECK(found_mass({}) == 0.0);
}
