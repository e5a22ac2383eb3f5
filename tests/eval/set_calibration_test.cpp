#include <labelbeam/eval/set_calibration.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "catch.h"
#include "infinity.h"
#include "random_lists.h"

using namespace labelbeam;
using namespace labelbeam::eval;
using labelbeam::eval::testing::draw_truth;
using labelbeam::eval::testing::random_list;
using labelbeam::eval::testing::TestRandom;
using labelbeam::test_support::kInfinity;

namespace {

ListedSets listed(std::vector<double> probabilities, double other) {
  std::vector<ScoredSet> sets;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    sets.push_back({LabelSet{static_cast<LabelId>(i)}, std::log(probabilities[i]), 0.0, 0.0});
  }
  return list_sets(sets, other);
}

struct ListedRows {
  std::vector<ListedSets> lists;
  std::vector<LabelSet> truth;
};

/// Truth drawn from the lists' own distributions at a temperature.
ListedRows random_rows(std::size_t n, double temperature, TestRandom& random) {
  ListedRows rows;
  for (std::size_t i = 0; i < n; ++i) {
    rows.lists.push_back(random_list(1 + random.below(8), random));
    rows.truth.push_back(draw_truth(apply_temperature(rows.lists.back(), temperature), random));
  }
  return rows;
}

double mass(const ListedSets& row) {
  double sum = std::exp(row.log_other);
  for (const double log_prob : row.log_probs) sum += std::exp(log_prob);
  return sum;
}

}  // namespace

TEST_CASE("Lists are sorted, and sum to 1 with what is not listed") {
  const ListedSets row = listed({0.1, 0.4, 0.2}, 0.1);
  CHECK(row.sets == std::vector<LabelSet>{{1}, {2}, {0}});
  CHECK(std::exp(row.log_probs[0]) == Approx(0.5).epsilon(1e-12));
  CHECK(std::exp(row.log_other) == Approx(0.125).epsilon(1e-12));
  CHECK(row.find(LabelSet{0}) == 2U);
  CHECK_FALSE(row.find(LabelSet{7}));

  SetDistribution found;
  found.sets = {{LabelSet{3}, -800.0, -800.0, 1.0}};
  found.residual = 0.0;
  CHECK(list_sets(found).log_probs[0] == Approx(0.0).margin(1e-12));
  CHECK(list_sets(found).log_other == -kInfinity);
  found.sets.clear();
  CHECK_THROWS_AS(list_sets(found), std::invalid_argument);
  CHECK_THROWS_AS(list_sets({}, -0.1), std::invalid_argument);
  CHECK_THROWS_AS(list_sets({{LabelSet{}, std::nan(""), 0.0, 0.0}}, 0.1), std::invalid_argument);
}

TEST_CASE("Reliability of sets is what counting by hand gives") {
  const std::vector<ListedSets> rows = {listed({0.61, 0.2}, 0.19), listed({0.65, 0.05}, 0.3),
                                        listed({0.3, 0.25}, 0.45)};
  const std::vector<LabelSet> truth = {{0}, {1}, {5}};
  const SetReliability top = top_set_reliability(rows, truth);
  REQUIRE(top.bins.size() == 2);
  CHECK(top.bins[0].confidence == Approx(0.3));
  CHECK(top.bins[0].frequency == 0.0);
  CHECK(top.bins[1].confidence == Approx(0.63));
  CHECK(top.bins[1].frequency == 0.5);
  CHECK(top.bins[1].count == 2);
  CHECK(top.calibration_error == Approx((0.3 + 2.0 * 0.13) / 3.0).epsilon(1e-12));

  const SetReliability all = listed_set_reliability(rows, truth, 2);
  REQUIRE(all.bins.size() == 2);
  CHECK(all.bins[0].count == 4);
  CHECK(all.bins[0].confidence == Approx(0.2));
  CHECK(all.bins[0].frequency == 0.25);
  CHECK(all.calibration_error == Approx((4.0 * 0.05 + 2.0 * 0.13) / 6.0).epsilon(1e-12));

  const OtherReliability other = other_reliability(rows, truth);
  CHECK(other.probability == Approx((0.19 + 0.3 + 0.45) / 3.0));
  CHECK(other.frequency == Approx(1.0 / 3.0));
}

TEST_CASE("Sets that come true as often as they say have a small calibration error") {
  TestRandom random(1);
  const ListedRows honest = random_rows(20000, 1.0, random);
  CHECK(top_set_reliability(honest.lists, honest.truth).calibration_error < 0.02);
  CHECK(listed_set_reliability(honest.lists, honest.truth).calibration_error < 0.01);
  const OtherReliability other = other_reliability(honest.lists, honest.truth);
  CHECK(other.probability == Approx(other.frequency).margin(0.01));
  const ListedRows boasting = random_rows(20000, 3.0, random);
  CHECK(top_set_reliability(boasting.lists, boasting.truth).calibration_error > 0.1);
}

TEST_CASE("A temperature raises probabilities to its inverse and normalises") {
  const ListedSets row = listed({0.5, 0.3}, 0.2);
  const ListedSets hot = apply_temperature(row, 2.0);
  const double sum = std::sqrt(0.5) + std::sqrt(0.3) + std::sqrt(0.2);
  CHECK(std::exp(hot.log_probs[0]) == Approx(std::sqrt(0.5) / sum).epsilon(1e-12));
  CHECK(std::exp(hot.log_other) == Approx(std::sqrt(0.2) / sum).epsilon(1e-12));
  CHECK(mass(apply_temperature(row, 1e-3)) == Approx(1.0).epsilon(1e-12));
  const ListedSets complete = apply_temperature(listed({0.6, 0.4}, 0.0), 3.0);
  CHECK(complete.log_other == -kInfinity);
  CHECK(mass(complete) == Approx(1.0).epsilon(1e-12));
  CHECK_THROWS_AS(apply_temperature(row, 0.0), std::invalid_argument);
}

TEST_CASE("The temperature of sets is found again, its NLL is flat and no higher than at 1") {
  TestRandom random(2);
  const ListedRows rows = random_rows(20000, 2.0, random);
  const double temperature = fit_set_temperature(rows.lists, assume_not_test(rows.truth));
  CHECK(temperature == Approx(2.0).epsilon(0.05));
  const auto nll = [&](double t) {
    std::vector<ListedSets> tempered;
    for (const ListedSets& row : rows.lists) tempered.push_back(apply_temperature(row, t));
    return listed_nll(tempered, rows.truth).mean;
  };
  const double step = 1e-4;
  CHECK(std::abs(nll(temperature + step) - nll(temperature - step)) / (2.0 * step) < 1e-7);
  CHECK(nll(temperature) < nll(1.0));
  CHECK(nll(temperature) < nll(temperature * 1.01));
  CHECK(nll(temperature) < nll(temperature / 1.01));
}

TEST_CASE("NLL counts unlisted truth with the mass of other sets, and impossible truth apart") {
  const std::vector<ListedSets> rows = {listed({0.5}, 0.5), listed({0.8}, 0.2), listed({1.0}, 0.0)};
  const std::vector<LabelSet> truth = {{0}, {4}, {4}};
  const ListedNll nll = listed_nll(rows, truth);
  CHECK(nll.mean == Approx(-(std::log(0.5) + std::log(0.2)) / 2.0).epsilon(1e-12));
  CHECK(nll.unlisted == 2);
  CHECK(nll.impossible == 1);
  CHECK(std::isfinite(fit_set_temperature(rows, assume_not_test(truth))));
  const std::vector<ListedSets> last = {rows[2]};
  CHECK(std::isnan(listed_nll(last, std::vector{truth[2]}).mean));
  CHECK(fit_set_temperature(last, ValidTruth({truth[2]})) == 1.0);
  CHECK_THROWS_AS(listed_nll({}, {}), std::invalid_argument);
  CHECK_THROWS_AS(top_set_reliability(rows, std::vector{truth[2]}), std::invalid_argument);
}
