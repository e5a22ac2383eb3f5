#include <labelbeam/parallel_for.h>
#include <labelbeam/random.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <stdexcept>
#include <vector>

#include "catch.h"

using labelbeam::CounterRng;
using labelbeam::philox4x32;

namespace {

constexpr int kDraws = 200'000;

/// Pearson's statistic of counts that should be in proportion to `expected`.
double chi_squared(const std::vector<int>& counts, const std::vector<double>& expected) {
  double sum = 0.0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double difference = counts[i] - expected[i];
    sum += difference * difference / expected[i];
  }
  return sum;
}

}  // namespace

TEST_CASE("Philox gives the published known answers") {
  using Counter = std::array<std::uint32_t, 4>;
  CHECK(philox4x32({0, 0, 0, 0}, {0, 0}) ==
        Counter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        Counter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Counter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("A generator without a stream counts up under its seed") {
  CounterRng rng(0);
  CHECK(rng() == 0xe169c58d6627e8d5);
  CHECK(rng() == 0x9b00dbd8bc57ac4c);
  CHECK(rng.position() == 2);
}

TEST_CASE("Equal seeds and streams give equal numbers, others do not") {
  const auto first = [](CounterRng rng) { return rng(); };
  CHECK(first(CounterRng(7, {1, 2})) == first(CounterRng(7, {1, 2})));
  std::set<std::uint64_t> seen;
  const std::vector<CounterRng> different = {
      CounterRng(7),         CounterRng(8),         CounterRng(7, {0}),    CounterRng(7, {1}),
      CounterRng(7, {0, 0}), CounterRng(7, {1, 2}), CounterRng(7, {2, 1}), CounterRng(7, {1, 2, 0}),
      CounterRng(8, {1, 2})};
  for (const CounterRng& rng : different) seen.insert(first(rng));
  CHECK(seen.size() == different.size());
}

TEST_CASE("Seeking to a saved position goes on with the same numbers") {
  CounterRng rng(3, {9});
  for (int i = 0; i < 5; ++i) rng();
  const std::uint64_t position = rng.position();
  const double normal = rng.normal();
  const std::uint64_t below = rng.below(1000);
  CounterRng again(3, {9});
  again.seek(position);
  CHECK(again.normal() == normal);
  CHECK(again.below(1000) == below);
}

TEST_CASE("Streams do not depend on the number of threads") {
  const auto draw = [](std::size_t num_threads) {
    std::vector<double> out(1000);
    labelbeam::parallel_for(out.size(), num_threads,
                            [&](std::size_t i) { out[i] = CounterRng(5, {i}).normal(); });
    return out;
  };
  CHECK(draw(1) == draw(7));
}

TEST_CASE("Uniform numbers are at least 0, below 1 and evenly spread") {
  CounterRng rng(11);
  std::vector<int> counts(20, 0);
  for (int i = 0; i < kDraws; ++i) {
    const double u = rng.uniform();
    REQUIRE(u >= 0.0);
    REQUIRE(u < 1.0);
    ++counts[static_cast<std::size_t>(u * 20)];
  }
  CHECK(chi_squared(counts, std::vector<double>(20, kDraws / 20.0)) < 50.0);  // 19 degrees: p 1e-4
}

TEST_CASE("Numbers below n are equally likely, also where n is no power of two") {
  CounterRng rng(12);
  std::vector<int> counts(6, 0);
  for (int i = 0; i < kDraws; ++i) ++counts.at(rng.below(6));
  CHECK(chi_squared(counts, std::vector<double>(6, kDraws / 6.0)) < 26.0);
  CHECK(rng.below(1) == 0);
  CHECK_THROWS_AS(rng.below(0), std::invalid_argument);

  // With 3/4 of the range of 64 bits, taking a remainder would favour the lower third twofold.
  const std::uint64_t n = std::uint64_t{3} << 62;
  int low = 0;
  for (int i = 0; i < 30'000; ++i) low += rng.below(n) < n / 3 ? 1 : 0;
  CHECK(std::abs(low - 10'000) < 400);
  CHECK(rng.below(std::numeric_limits<std::uint64_t>::max()) <
        std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("Normal numbers have the moments of the normal distribution") {
  CounterRng rng(13);
  double sum = 0.0, squares = 0.0, fourth = 0.0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.normal();
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
  }
  CHECK(sum / kDraws == Approx(0.0).margin(0.01));
  CHECK(squares / kDraws == Approx(1.0).margin(0.015));
  CHECK(fourth / kDraws == Approx(3.0).margin(0.12));
}

TEST_CASE("The largest of logits with Gumbel noise is a sample of their softmax") {
  CounterRng rng(14);
  const std::vector<double> logits = {0.0, 1.0, -1.0};
  double total = 0.0;
  for (const double logit : logits) total += std::exp(logit);
  std::vector<double> expected;
  for (const double logit : logits) expected.push_back(kDraws * std::exp(logit) / total);
  std::vector<int> counts(3, 0);
  for (int i = 0; i < kDraws; ++i) {
    std::vector<double> noisy = logits;
    for (double& x : noisy) x += rng.gumbel();
    ++counts[static_cast<std::size_t>(std::max_element(noisy.begin(), noisy.end()) -
                                      noisy.begin())];
  }
  CHECK(chi_squared(counts, expected) < 18.5);
}

TEST_CASE("Categorical samples follow their weights and never take a zero") {
  CounterRng rng(15);
  const std::vector<double> weights = {0.0, 1.0, 0.0, 3.0, 4.0, 0.0};
  std::vector<int> counts(weights.size(), 0);
  for (int i = 0; i < kDraws; ++i) ++counts[rng.categorical(weights)];
  CHECK(counts[0] + counts[2] + counts[5] == 0);
  CHECK(chi_squared({counts[1], counts[3], counts[4]},
                    {kDraws / 8.0, kDraws * 3.0 / 8.0, kDraws / 2.0}) < 18.5);
}

TEST_CASE("Categorical sampling refuses weights that are no distribution") {
  CounterRng rng(16);
  const double infinity = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(rng.categorical({}), std::invalid_argument);
  for (const std::vector<double>& weights :
       std::vector<std::vector<double>>{{0.0, 0.0}, {1.0, -1e-9}, {nan, 1.0}, {infinity, 1.0}}) {
    CHECK_THROWS_AS(rng.categorical(weights), std::invalid_argument);
  }
}

TEST_CASE("A shuffle gives every order of three items equally often") {
  CounterRng rng(17);
  std::map<std::vector<int>, int> counts;
  for (int i = 0; i < 60'000; ++i) {
    std::vector<int> items = {1, 2, 3};
    rng.shuffle(std::span<int>(items));
    ++counts[items];
  }
  REQUIRE(counts.size() == 6);
  for (const auto& [order, count] : counts) CHECK(std::abs(count - 10'000) < 450);
}

TEST_CASE("The generator serves the standard library") {
  CounterRng rng(18);
  std::vector<int> items(100);
  std::iota(items.begin(), items.end(), 0);
  const std::vector<int> before = items;
  std::shuffle(items.begin(), items.end(), rng);
  CHECK(items != before);
  std::sort(items.begin(), items.end());
  CHECK(items == before);
}
