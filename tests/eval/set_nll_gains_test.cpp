#include <labelbeam/eval/set_nll_gains.h>
#include <labelbeam/eval/significance.h>
#include <labelbeam/random.h>

#include <cmath>
#include <numeric>
#include <string>

#include "catch.h"
#include "infinity.h"

namespace labelbeam::eval {
namespace {

using test_support::kInfinity;

using RowValues = std::vector<double>;

/// NLL about `level`, of rows whose common part is `documents`.
RowValues noisy_nll(const RowValues& documents, double level, double spread, CounterRng& random) {
  RowValues nll;
  for (const double document : documents)
    nll.push_back(document + level + spread * random.normal());
  return nll;
}

struct ComparedNlls {
  std::vector<SystemSetNll> systems;
  std::vector<bool> seen;

  SetNllGains gains(const ResamplingOptions& options = {.num_resamples = 1000}) const {
    return set_nll_gains(systems, seen, options);
  }
};

/// Three systems of two seeds on rows of which two in three are seen.
ComparedNlls three_systems(std::size_t num_rows, std::uint64_t seed) {
  CounterRng random(seed);
  ComparedNlls compared;
  RowValues documents;
  for (std::size_t i = 0; i < num_rows; ++i) {
    documents.push_back(10.0 + random.normal());
    compared.seen.push_back(i % 3 != 0);
  }
  for (const auto& [name, level] :
       {std::pair("sigmoid", 3.0), std::pair("tree", 2.5), std::pair("joint", 2.4)}) {
    SystemSetNll system{name, {}};
    for (int s = 0; s < 2; ++s) system.seeds.push_back(noisy_nll(documents, level, 0.3, random));
    compared.systems.push_back(std::move(system));
  }
  return compared;
}

double mean(const RowValues& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Row differences of two systems, the mean over two seeds, of the rows that are as `seen` says.
RowValues differences(const ComparedNlls& compared, std::size_t system, std::size_t opponent,
                      std::optional<bool> seen = {}) {
  RowValues result;
  for (std::size_t i = 0; i < compared.seen.size(); ++i) {
    if (seen && compared.seen[i] != *seen) continue;
    const auto& own = compared.systems[system].seeds;
    const auto& other = compared.systems[opponent].seeds;
    result.push_back((other[0][i] + other[1][i]) / 2.0 - (own[0][i] + own[1][i]) / 2.0);
  }
  return result;
}

TEST_CASE("every system's set NLL is compared with that of each before it, by part") {
  const ComparedNlls compared = three_systems(90, 1);
  const SetNllGains found = compared.gains();
  CHECK(found.warnings.empty());
  const std::vector<std::pair<std::size_t, std::size_t>> pairs = {{1, 0}, {2, 0}, {2, 1}};
  REQUIRE(found.gains.size() == pairs.size());
  RowValues p;
  for (std::size_t g = 0; g < pairs.size(); ++g) {
    const std::size_t system = pairs[g].first, opponent = pairs[g].second;
    const SetNllGain& gain = found.gains[g];
    CHECK(gain.system == compared.systems[system].system);
    CHECK(gain.opponent == compared.systems[opponent].system);
    const auto check_part = [&](const NllGainPart& part, std::optional<bool> seen) {
      const RowValues rows = differences(compared, system, opponent, seen);
      CHECK(part.rows == rows.size());
      CHECK(part.gain == Approx(mean(rows)));
      const RowValues replicates =
          bootstrap_means(std::vector<RowValues>{rows}, {.num_resamples = 1000})[0];
      const Interval expected = bca_interval(mean(rows), replicates, mean_jackknife(rows)).interval;
      REQUIRE(part.interval.has_value());
      CHECK(part.interval->lower == Approx(expected.lower));
      CHECK(part.interval->upper == Approx(expected.upper));
      CHECK(part.interval->lower < part.gain);
      CHECK(part.interval->upper > part.gain);
    };
    check_part(gain.all, {});
    check_part(gain.seen, true);
    check_part(gain.unseen, false);
    p.push_back(*gain.p_permutation);
    CHECK(p.back() ==
          sign_flip_p(differences(compared, system, opponent), {.num_resamples = 1000}));
  }
  CHECK(found.gains[0].all.gain > 0.4);  // by construction about 0.5
  const RowValues adjusted = holm(p);
  for (std::size_t g = 0; g < p.size(); ++g) CHECK(*found.gains[g].p_adjusted == adjusted[g]);
  CHECK(adjusted[0] > p[0]);  // the smallest, of three
}

TEST_CASE("95 % intervals of a mean gain hold the true gain about 95 times in 100") {
  constexpr std::size_t kTrials = 400;
  constexpr double kGain = 0.2;
  double coverage = 0.0;
  double of_another_gain = 0.0;
  CounterRng random(2);
  for (std::size_t trial = 0; trial < kTrials; ++trial) {
    ComparedNlls compared;
    const RowValues documents(100, 5.0);
    compared.seen.assign(documents.size(), true);
    compared.systems = {{"sigmoid", {noisy_nll(documents, kGain, 0.5, random)}},
                        {"joint", {noisy_nll(documents, 0.0, 0.5, random)}}};
    const SetNllGains found = compared.gains({.num_resamples = 400, .seed = trial});
    const Interval& interval = *found.gains[0].all.interval;
    CHECK(interval == *found.gains[0].seen.interval);
    const auto holds = [&](double gain) {
      return interval.lower <= gain && gain <= interval.upper ? 1.0 / kTrials : 0.0;
    };
    coverage += holds(kGain);
    of_another_gain += holds(kGain + 0.1);
  }
  const double error = 4.0 * std::sqrt(0.95 * 0.05 / kTrials);
  CHECK(std::abs(coverage - 0.95) <= error);
  CHECK(std::abs(of_another_gain - 0.95) > error);  // the check can fail
}

TEST_CASE("a row of probability 0 leaves its parts without a gain, and a warning") {
  ComparedNlls compared = three_systems(60, 3);
  REQUIRE_FALSE(compared.seen[3]);
  compared.systems[1].seeds[1][3] = kInfinity;  // of one seed of the tree
  const SetNllGains found = compared.gains();
  for (const std::size_t g : {0U, 2U}) {
    const SetNllGain& gain = found.gains[g];
    for (const NllGainPart& part : {gain.all, gain.unseen}) {
      CHECK(std::isnan(part.gain));
      CHECK_FALSE(part.interval.has_value());
    }
    CHECK(gain.all.rows == 60);
    CHECK_FALSE(gain.p_permutation.has_value());
    CHECK_FALSE(gain.p_adjusted.has_value());
    CHECK(gain.seen.gain == Approx(three_systems(60, 3).gains().gains[g].seen.gain));
    CHECK(gain.seen.interval.has_value());
  }
  CHECK(found.gains[1].all.interval.has_value());
  CHECK(*found.gains[1].p_adjusted == *found.gains[1].p_permutation);  // the only test
  REQUIRE(found.warnings.size() == 2);
  CHECK_THAT(found.warnings[0],
             contains_text("Rows of test with probability 0 under tree or sigmoid: 1."));
  // Both are certain that it cannot be: nothing tells them apart, and it is no number either.
  compared.systems[2].seeds[0][3] = kInfinity;
  const SetNllGains both = compared.gains();
  CHECK(std::isnan(both.gains[2].all.gain));
  CHECK(both.warnings.size() == 3);
}

TEST_CASE("parts of no row or a single one have no interval") {
  ComparedNlls compared = three_systems(20, 4);
  compared.seen.assign(20, true);
  const SetNllGain none = compared.gains().gains[0];
  CHECK(none.unseen.rows == 0);
  CHECK(std::isnan(none.unseen.gain));
  CHECK_FALSE(none.unseen.interval.has_value());
  CHECK(none.seen.interval == none.all.interval);
  compared.seen[7] = false;
  const SetNllGain single = compared.gains().gains[0];
  CHECK(single.unseen.rows == 1);
  CHECK(single.unseen.gain == Approx(differences(compared, 1, 0)[7]));
  CHECK_FALSE(single.unseen.interval.has_value());
  CHECK(ComparedNlls{{{"sigmoid", {{}}}, {"joint", {{}}}}, {}}.gains().gains[0].all.rows == 0);
}

TEST_CASE("equal systems gain nothing over each other") {
  ComparedNlls compared = three_systems(40, 5);
  compared.systems.resize(2);
  compared.systems[1].seeds = compared.systems[0].seeds;
  const SetNllGains found = compared.gains();
  CHECK(found.gains[0].all.gain == 0.0);
  CHECK(*found.gains[0].all.interval == Interval{0.0, 0.0});
  CHECK(*found.gains[0].p_permutation == 1.0);
  // The gain is constant over resamples, which BCa has no interval for.
  REQUIRE(found.warnings.size() == 3);
  CHECK_THAT(found.warnings[0], contains_text("set NLL gain of tree over sigmoid, all rows"));
  compared.systems.resize(1);
  CHECK(compared.gains().gains.empty());
}

TEST_CASE("gains in set NLL do not depend on the number of threads") {
  const ComparedNlls compared = three_systems(70, 6);
  const SetNllGains one = compared.gains({.num_resamples = 500, .num_threads = 1});
  const SetNllGains three = compared.gains({.num_resamples = 500, .num_threads = 3});
  for (std::size_t g = 0; g < one.gains.size(); ++g) {
    CHECK(one.gains[g].all.interval == three.gains[g].all.interval);
    CHECK(one.gains[g].unseen.interval == three.gains[g].unseen.interval);
    CHECK(one.gains[g].p_permutation == three.gains[g].p_permutation);
  }
}

TEST_CASE("rows that no gain can be had of are refused") {
  const ComparedNlls good = three_systems(10, 7);
  const auto refused = [&](auto change) {
    ComparedNlls compared = good;
    change(compared);
    CHECK_THROWS_AS(compared.gains(), std::invalid_argument);
  };
  refused([](ComparedNlls& c) { c.systems[1].seeds.clear(); });
  refused([](ComparedNlls& c) { c.systems[2].seeds[1].pop_back(); });
  refused([](ComparedNlls& c) { c.seen.pop_back(); });
  refused([](ComparedNlls& c) { c.systems[0].seeds[0][4] = std::nan(""); });
  refused([](ComparedNlls& c) { c.systems[0].seeds[0][4] = -kInfinity; });
  CHECK_THROWS_AS(good.gains({.num_resamples = 0}), std::invalid_argument);
}

}  // namespace
}  // namespace labelbeam::eval
