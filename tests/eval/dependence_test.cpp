#include <labelbeam/eval/dependence.h>

#include <array>
#include <cmath>
#include <string>

#include "catch.h"
#include "random_sets.h"

namespace labelbeam::eval {
namespace {

using testing::TestRandom;

constexpr std::size_t kNumLabels = 4;

LabelSet set_of(std::size_t mask) {
  LabelSet set;
  for (std::size_t l = 0; l < kNumLabels; ++l) {
    if ((mask >> l & 1) != 0) set.insert(static_cast<LabelId>(l));
  }
  return set;
}

SetDistribution distribution_of(const std::vector<double>& weights) {
  SetDistribution distribution;
  for (std::size_t mask = 0; mask < weights.size(); ++mask) {
    if (weights[mask] == 0.0) continue;
    distribution.sets.push_back(
        {set_of(mask), std::log(weights[mask]), std::log(weights[mask]), weights[mask]});
  }
  return distribution;
}

/// From the table of both labels, summed over all sets.
PairInformation enumerated(const std::vector<double>& weights, LabelId i, LabelId j) {
  double table[2][2] = {};
  for (std::size_t mask = 0; mask < weights.size(); ++mask) {
    table[mask >> i & 1][mask >> j & 1] += weights[mask];
  }
  PairInformation pair{i, j, 0.0, 0.0};
  const double first[2] = {table[0][0] + table[0][1], table[1][0] + table[1][1]};
  const double second[2] = {table[0][0] + table[1][0], table[0][1] + table[1][1]};
  for (int a = 0; a < 2; ++a) {
    for (int b = 0; b < 2; ++b) {
      if (table[a][b] == 0.0) continue;
      pair.mutual_information += table[a][b] * std::log(table[a][b] / (first[a] * second[b]));
      pair.covariance += table[a][b] * (a - first[1]) * (b - second[1]);
    }
  }
  return pair;
}

std::vector<double> random_weights(TestRandom& random, double share_of_zeros) {
  std::vector<double> weights(std::size_t{1} << kNumLabels);
  double sum = 0.0;
  for (double& weight : weights) {
    weight = random.uniform() < share_of_zeros ? 0.0 : random.uniform();
    sum += weight;
  }
  if (sum == 0.0) return random_weights(random, share_of_zeros);
  for (double& weight : weights) weight /= sum;
  return weights;
}

TEST_CASE("the mutual information of label pairs is that of the enumerated sets") {
  TestRandom random(1);
  for (int repeat = 0; repeat < 200; ++repeat) {
    const std::vector<double> weights = random_weights(random, 0.2 * (repeat % 5));
    const std::vector<PairInformation> pairs = pair_information(distribution_of(weights));
    std::size_t next = 0;
    for (LabelId i = 0; i < kNumLabels; ++i) {
      for (LabelId j = i + 1; j < kNumLabels; ++j) {
        const PairInformation expected = enumerated(weights, i, j);
        if (next < pairs.size() && pairs[next].first == i && pairs[next].second == j) {
          CHECK(std::abs(pairs[next].mutual_information - expected.mutual_information) <= 1e-12);
          CHECK(std::abs(pairs[next].covariance - expected.covariance) <= 1e-12);
          ++next;
        } else {
          CHECK(std::abs(expected.mutual_information) <= 1e-12);
        }
      }
    }
    CHECK(next == pairs.size());
  }
}

TEST_CASE("independent labels share no information, equal and opposite ones all of it") {
  const double p[kNumLabels] = {0.2, 0.7, 0.5, 0.05};
  std::vector<double> weights(std::size_t{1} << kNumLabels, 1.0);
  for (std::size_t mask = 0; mask < weights.size(); ++mask) {
    for (std::size_t l = 0; l < kNumLabels; ++l) {
      weights[mask] *= (mask >> l & 1) != 0 ? p[l] : 1.0 - p[l];
    }
  }
  const std::vector<PairInformation> none = pair_information(distribution_of(weights));
  REQUIRE(none.size() == 6);
  for (const PairInformation& pair : none) CHECK(pair.mutual_information <= 1e-12);

  std::vector<double> equal(16);
  equal[0b0000] = equal[0b0011] = 0.5;
  const std::vector<PairInformation> same = pair_information(distribution_of(equal));
  REQUIRE(same.size() == 1);
  CHECK(same[0].mutual_information == Approx(std::log(2.0)));
  CHECK(same[0].covariance == Approx(0.25));
  std::vector<double> opposite(16);
  opposite[0b0110] = opposite[0b0101] = 0.5;  // label 2 is in both sets
  const std::vector<PairInformation> apart = pair_information(distribution_of(opposite));
  REQUIRE(apart.size() == 1);
  CHECK(apart[0].mutual_information == Approx(std::log(2.0)));
  CHECK(apart[0].covariance == Approx(-0.25));
  CHECK(pair_information({}).empty());
}

TEST_CASE("weights need not be normalised") {
  std::vector<double> weights(16);
  weights[0] = weights[3] = 0.5;
  weights[1] = 0.25;
  SetDistribution half = distribution_of(weights);
  for (ScoredSet& set : half.sets) set.weight *= 0.5;
  CHECK(pair_information(half)[0].mutual_information ==
        Approx(pair_information(distribution_of(weights))[0].mutual_information));
}

TEST_CASE("a summary is the mean over documents, with the strongest pairs first") {
  TestRandom random(2);
  const std::vector<std::string> names = {"a", "b", "c", "d"};
  const LabelVocab labels(names);
  DependenceAccumulator rows;
  std::array<std::array<double, kNumLabels>, kNumLabels> sums{};
  double total = 0.0;
  constexpr int kRows = 20;
  for (int row = 0; row < kRows; ++row) {
    const std::vector<double> weights = random_weights(random, 0.3);
    rows.add(distribution_of(weights));
    for (LabelId i = 0; i < kNumLabels; ++i) {
      for (LabelId j = i + 1; j < kNumLabels; ++j) {
        sums[i][j] += enumerated(weights, i, j).mutual_information / kRows;
        total += enumerated(weights, i, j).mutual_information / kRows;
      }
    }
  }
  const DependenceSummary summary = rows.summary(labels, 4);
  CHECK(summary.pair_information == Approx(total).epsilon(1e-12));
  CHECK(summary.found_mass == Approx(1.0));
  REQUIRE(summary.pairs.size() == 4);
  for (std::size_t k = 0; k < summary.pairs.size(); ++k) {
    const LabelPairDependence& pair = summary.pairs[k];
    CHECK(pair.mutual_information ==
          Approx(sums[*labels.find(pair.labels[0])][*labels.find(pair.labels[1])]).epsilon(1e-12));
    if (k > 0) CHECK(pair.mutual_information <= summary.pairs[k - 1].mutual_information);
  }
  CHECK(std::isnan(summary.all.joint));
}

TEST_CASE("set NLL is averaged over all rows and by whether the true set was seen") {
  DependenceAccumulator rows;
  rows.add({1.0, 2.0, 4.0, true, false});
  rows.add({3.0, 5.0, 6.0, true, true});
  rows.add({8.0, 7.0, 9.0, false, false});
  const DependenceSummary summary = rows.summary({}, 5);
  CHECK(summary.all.rows == 3);
  CHECK(summary.all.joint == Approx(4.0));
  CHECK(summary.all.product == Approx(14.0 / 3.0));
  CHECK(summary.all.baseline.value() == Approx(19.0 / 3.0));
  CHECK(summary.seen.rows == 2);
  CHECK(summary.seen.product == Approx(3.5));
  CHECK(summary.unseen.rows == 1);
  CHECK(summary.unseen.joint == Approx(8.0));
  CHECK(summary.clipped == 1);
  rows.add({1.0, 1.0, std::nullopt, false, false});
  CHECK_FALSE(rows.summary({}, 5).all.baseline.has_value());
  CHECK_FALSE(rows.summary({}, 5).unseen.baseline.has_value());
  CHECK(rows.summary({}, 5).seen.baseline.has_value());
}

}  // namespace
}  // namespace labelbeam::eval
