#include <labelbeam/eval/exact_sum.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "catch.h"
#include "random_sets.h"

namespace labelbeam::eval {
namespace {

using testing::TestRandom;

double sum_of(const std::vector<double>& terms) {
  ExactSum sum;
  for (const double term : terms) sum.add(term);
  return sum.value();
}

TEST_CASE("an exact sum is rounded once, to even where it lies in the middle") {
  CHECK(sum_of({}) == 0.0);
  CHECK(sum_of({0.1, 0.2, -0.3}) == 0x1.0p-55);  // of the three doubles, not of the decimals
  CHECK(sum_of({1.0, 1e100, 1.0, -1e100}) == 2.0);
  CHECK(sum_of({1.0, 0x1.0p-53}) == 1.0);
  CHECK(sum_of({1.0, 0x1.0p-53, 0x1.0p-200}) == 1.0 + 0x1.0p-52);
  CHECK(sum_of({1.0, 0x1.0p-53, -0x1.0p-200}) == 1.0);
  CHECK(sum_of({-1.0, -0x1.0p-53, -0x1.0p-200}) == -1.0 - 0x1.0p-52);
  CHECK(sum_of({1e16, 1.0, 1e-16}) == 10000000000000002.0);
  CHECK(sum_of(std::vector<double>(1000000, 0.1)) == 100000.0);
}

TEST_CASE("an exact sum is the same bit for bit in any order and split") {
  TestRandom random(1);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<double> terms(1 + random.below(60));
    for (double& term : terms) {
      term = (random.uniform() - 0.4) * std::ldexp(1.0, static_cast<int>(random.below(120)) - 60);
    }
    const double whole = sum_of(terms);
    std::vector<ExactSum> shards(1 + random.below(5));
    for (std::size_t i = terms.size(); i > 1; --i) std::swap(terms[i - 1], terms[random.below(i)]);
    for (const double term : terms) shards[random.below(shards.size())].add(term);
    ExactSum merged;
    for (const ExactSum& shard : shards) merged.add(shard);
    CHECK(merged.value() == whole);
    merged.add(merged);
    CHECK(merged.value() == 2.0 * whole);
    merged.subtract(merged);
    CHECK(merged.value() == 0.0);
  }
}

TEST_CASE("a plain sum would depend on the order") {
  const std::vector<double> terms = {1e16, 1.0, 1.0, -1e16};
  double plain = 0.0;
  for (const double term : terms) plain += term;
  CHECK(plain != 2.0);
  CHECK(sum_of(terms) == 2.0);
}

}  // namespace
}  // namespace labelbeam::eval
