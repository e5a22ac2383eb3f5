#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/exhaustive_search.h>
#include <labelbeam/decoders/independent.h>
#include <labelbeam/decoders/mixture.h>
#include <labelbeam/decoders/sampling.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>

#include "catch.h"
#include "random_tables.h"

using labelbeam::EmptySet;
using labelbeam::LabelSet;
using labelbeam::Marginal;
using labelbeam::ScoredSet;
using labelbeam::SetDistribution;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

namespace {

using Probabilities = std::map<LabelSet, double>;

std::vector<double> random_weights(std::mt19937_64& random, std::size_t n) {
  std::vector<double> weights;
  for (std::size_t i = 0; i < n; ++i) {
    weights.push_back(1.0 + static_cast<double>(random() % 5));
  }
  return weights;
}

Probabilities exact_mixture(const TableModel& model, std::span<const double> weights) {
  double sum = 0.0;
  for (double weight : weights) sum += weight;
  Probabilities result;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    for (const auto& [set, p] : model.exact(i).sets) result[set] += weights[i] / sum * p;
  }
  return result;
}

/// p^a q^b, normalised.
Probabilities exact_product(const Probabilities& p, double a, std::span<const double> probs,
                            double b, EmptySet empty_set) {
  Probabilities result;
  double sum = 0.0;
  for (const auto& [set, value] : p) {
    const double log_q = b == 0.0 ? 0.0 : b * independent_log_prob(probs, set, empty_set);
    sum += result[set] = std::exp(a * std::log(value) + log_q);
  }
  for (auto& [set, value] : result) value /= sum;
  return result;
}

std::vector<double> marginals_of(const Probabilities& sets, std::size_t num_labels) {
  std::vector<double> marginals(num_labels);
  for (const auto& [set, p] : sets) {
    for (labelbeam::LabelId label : set) marginals[label] += p;
  }
  return marginals;
}

void require_equal(const SetDistribution& found, const Probabilities& exact,
                   const std::vector<double>& marginals, double tolerance) {
  double weights = 0.0;
  for (const ScoredSet& set : found.sets) {
    const double p = exact.at(set.labels);
    REQUIRE(std::abs(std::exp(set.log_prob) - p) <= tolerance);
    REQUIRE(std::abs(std::exp(set.log_upper) - p) <= tolerance);
    weights += set.weight;
  }
  REQUIRE(std::abs(weights - 1.0) <= kRounding);
  const auto possible = std::count_if(exact.begin(), exact.end(),
                                      [](const auto& entry) { return entry.second > 1e-300; });
  REQUIRE(found.sets.size() >= static_cast<std::size_t>(possible));
  for (std::size_t l = 0; l < marginals.size(); ++l) {
    REQUIRE(std::abs(found.marginals[l].lower - marginals[l]) <= tolerance);
    REQUIRE(std::abs(found.marginals[l].estimate - marginals[l]) <= tolerance);
    REQUIRE(std::abs(found.marginals[l].upper - marginals[l]) <= tolerance);
  }
}

/// Returns the mass of the sets that are not listed.
double require_bounded(const SetDistribution& found, const Probabilities& exact,
                       const std::vector<double>& marginals, double tolerance = kRounding) {
  Probabilities unseen = exact;
  double largest_other = 0.0;
  for (const ScoredSet& set : found.sets) {
    const auto at = exact.find(set.labels);
    const double p = at == exact.end() ? 0.0 : at->second;
    REQUIRE(std::exp(set.log_prob) <= p + tolerance);
    REQUIRE(std::exp(set.log_upper) >= p - tolerance);
    REQUIRE(set.log_prob <= set.log_upper);
    if (&set != &found.sets.front()) largest_other = std::max(largest_other, p);
    unseen.erase(set.labels);
  }
  double unseen_mass = 0.0;
  for (const auto& [set, p] : unseen) {
    unseen_mass += p;
    largest_other = std::max(largest_other, p);
  }
  REQUIRE(unseen_mass <= found.residual + 1e-9);
  for (std::size_t l = 0; l < marginals.size(); ++l) {
    const Marginal& marginal = found.marginals[l];
    REQUIRE(marginal.lower <= marginals[l] + tolerance);
    REQUIRE(marginal.upper >= marginals[l] - tolerance);
    REQUIRE(marginal.lower <= marginal.estimate);
    REQUIRE(marginal.estimate <= marginal.upper);
    REQUIRE(marginal.upper <= 1.0);
  }
  if (found.certified) {
    REQUIRE(exact.at(found.sets.front().labels) >= largest_other - tolerance);
  }
  return unseen_mass;
}

std::vector<double> random_inner_probs(std::mt19937_64& random, std::size_t num_labels) {
  std::vector<double> probs;
  for (std::size_t l = 0; l < num_labels; ++l) {
    probs.push_back(0.05 + 0.9 * static_cast<double>(random() % 1000) / 1000.0);
  }
  return probs;
}

ProductFactor independent_factor(const std::vector<double>& probs, double exponent,
                                 EmptySet empty_set) {
  return {[=](const LabelSet& set) { return independent_log_prob(probs, set, empty_set); },
          exponent};
}

}  // namespace

TEST_CASE("Mixtures of full distributions equal the mean of the probabilities") {
  const Order order = GENERATE(Order::fixed, Order::free);
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    std::mt19937_64 random(seed);
    TableModelOptions table = random_table(seed, order, 3);
    table.zero_share = 0.0;  // lost mass is residual, and might be of any set
    TableModel model(table);
    const std::vector<double> weights = random_weights(random, 3);
    const SetDistribution found = mixture(ExhaustiveSearch().search(model), weights);
    std::vector<double> marginals(model.semantics().num_labels);
    for (std::size_t i = 0; i < 3; ++i) {
      const std::vector<double> of_member = model.exact(i).marginals;
      for (std::size_t l = 0; l < marginals.size(); ++l) {
        marginals[l] += of_member[l] * weights[i] / (weights[0] + weights[1] + weights[2]);
      }
    }
    require_equal(found, exact_mixture(model, weights), marginals, 1e-10);
    for (const ScoredSet& set : found.sets) {
      REQUIRE(set.weight * found.weight_sum == Approx(std::exp(set.log_prob)).margin(1e-12));
    }
  }
}

TEST_CASE("Mixtures of truncated distributions have bounds that hold, for unseen sets too") {
  const Order order = GENERATE(Order::fixed, Order::free);
  std::size_t certified = 0;
  std::size_t partly_seen = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    std::mt19937_64 random(seed);
    TableModel model(random_table(seed, order, 3));
    const std::vector<double> weights = random_weights(random, 3);
    const BeamSearch beam({.beam_size = 1 + seed % 3, .num_sets = 1 + seed % 5});
    const SetDistribution found = mixture(beam.search(model), weights);
    std::vector<double> marginals(model.semantics().num_labels);
    for (std::size_t i = 0; i < 3; ++i) {
      const std::vector<double> of_member = model.exact(i).marginals;
      for (std::size_t l = 0; l < marginals.size(); ++l) {
        marginals[l] += of_member[l] * weights[i] / (weights[0] + weights[1] + weights[2]);
      }
    }
    INFO("seed " << seed);
    partly_seen += require_bounded(found, exact_mixture(model, weights), marginals) > 1e-3;
    certified += found.certified;
  }
  CHECK(partly_seen > 100);
  CHECK(certified > 10);
}

TEST_CASE("A mixture of one member is that member, and a weight of 0 leaves a member out") {
  TableModel model(random_table(8, Order::free, 2));
  const auto members = BeamSearch({.beam_size = 2}).search(model);
  const std::vector<double> weights{0.0, 3.0};
  const SetDistribution found = mixture(members, weights);
  REQUIRE(found.sets.size() == members[1].sets.size());
  for (std::size_t i = 0; i < found.sets.size(); ++i) {
    CHECK(found.sets[i].labels == members[1].sets[i].labels);
    CHECK(found.sets[i].log_prob == Approx(members[1].sets[i].log_prob).margin(1e-14));
    CHECK(found.sets[i].log_upper == Approx(members[1].sets[i].log_upper).margin(1e-14));
    CHECK(found.sets[i].weight == Approx(members[1].sets[i].weight).margin(1e-14));
  }
  CHECK(found.residual == members[1].residual);
  CHECK(found.certified == members[1].certified);
  CHECK(found.num_scored == members[1].num_scored);
}

TEST_CASE("Mixtures keep the weights of samples") {
  TableModel model(random_table(3, Order::fixed, 2));
  const auto members = SamplingWithoutReplacement({.num_samples = 3}).search(model);
  const SetDistribution found = mixture(members);
  std::map<LabelSet, double> expected;
  for (const SetDistribution& member : members) {
    for (const ScoredSet& set : member.sets) {
      expected[set.labels] += 0.5 * set.weight * member.weight_sum;
    }
  }
  REQUIRE(found.sets.size() == expected.size());
  for (const ScoredSet& set : found.sets) {
    CHECK(set.weight * found.weight_sum == Approx(expected.at(set.labels)));
  }
}

TEST_CASE("Where members are constrained, marginals are means over valid mass") {
  std::mt19937_64 random(5);
  const auto unit = [&random] { return static_cast<double>(random() % 1001) / 1000.0; };
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<SetDistribution> members(3);
    for (SetDistribution& member : members) {
      member.valid.lower = trial % 10 == 0 ? 0.0 : unit() / 2.0;
      member.valid.upper = member.valid.lower + unit() / 2.0 + 1e-6;
      const double lower = unit() / 2.0;
      member.marginals = {{lower, lower + unit() / 2.0, lower, 0.01}};
    }
    const Marginal marginal = mixture(members).marginals.front();
    double least = 1.0;
    double most = 0.0;
    for (unsigned corner = 0; corner < 8; ++corner) {
      double low = 0.0;
      double high = 0.0;
      double mass = 0.0;
      for (std::size_t m = 0; m < 3; ++m) {
        const double valid = corner >> m & 1u ? members[m].valid.upper : members[m].valid.lower;
        mass += valid;
        low += valid * members[m].marginals[0].lower;
        high += valid * members[m].marginals[0].upper;
      }
      if (mass == 0.0) continue;
      least = std::min(least, low / mass);
      most = std::max(most, high / mass);
    }
    REQUIRE(marginal.lower == Approx(least).margin(1e-12));
    REQUIRE(marginal.upper == Approx(most).margin(1e-12));
    REQUIRE(marginal.lower <= marginal.estimate);
    REQUIRE(marginal.estimate <= marginal.upper);
    REQUIRE(marginal.std_error > 0.0);
  }
}

TEST_CASE("Products of full distributions equal brute force") {
  const Order order = GENERATE(Order::fixed, Order::free);
  const auto [a, b] = GENERATE(std::pair(1.0, 1.0), std::pair(0.5, 0.5), std::pair(2.0, 0.0),
                               std::pair(0.0, 1.0), std::pair(0.3, 1.7));
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    std::mt19937_64 random(seed);
    TableModelOptions table = random_table(seed, order);
    table.zero_share = 0.0;  // with lost mass something stays unseen
    TableModel model(table);
    const std::vector<double> probs = random_inner_probs(random, model.semantics().num_labels);
    const EmptySet empty_set = model.semantics().empty_set;
    const SetDistribution base = ExhaustiveSearch().search(model).front();
    const SetDistribution found =
        product(base, a, std::vector{independent_factor(probs, b, empty_set)});
    const Probabilities exact = exact_product(model.exact(0).sets, a, probs, b, empty_set);
    INFO("seed " << seed << " exponents " << a << ", " << b);
    // With exponent 0 the base says which sets there may be, and the factor may know of more.
    if (a == 0.0 && base.sets.size() < std::size_t{1} << probs.size()) continue;
    require_equal(found, exact, marginals_of(exact, probs.size()), 1e-10);
  }
}

TEST_CASE("Products of truncated distributions have bounds that hold, for unseen sets too") {
  const Order order = GENERATE(Order::fixed, Order::free);
  const auto [a, b] = GENERATE(std::pair(1.0, 0.0), std::pair(1.0, 1.0), std::pair(0.5, 0.5),
                               std::pair(0.3, 0.7), std::pair(2.0, 0.5), std::pair(0.2, 1.5));
  std::size_t partly_seen = 0;
  std::size_t certified = 0;
  double slack = 0.0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    std::mt19937_64 random(seed);
    TableModel model(random_table(seed, order));
    const std::vector<double> probs = random_inner_probs(random, model.semantics().num_labels);
    const EmptySet empty_set = model.semantics().empty_set;
    const BeamSearch beam({.beam_size = 1 + seed % 8, .num_sets = 1 + seed % 16});
    const SetDistribution base = beam.search(model).front();
    const SetDistribution found =
        product(base, a, std::vector{independent_factor(probs, b, empty_set)});
    const Probabilities exact = exact_product(model.exact(0).sets, a, probs, b, empty_set);
    if (exact.empty() || found.sets.empty()) continue;
    INFO("seed " << seed << " exponents " << a << ", " << b);
    // Roots enlarge the rounding of the upper bounds that a base has under a free order.
    const double rounding = order == Order::free ? std::pow(1e-15, std::min(1.0, a)) : 0.0;
    const double unseen =
        require_bounded(found, exact, marginals_of(exact, probs.size()), kRounding + rounding);
    partly_seen += unseen > 1e-3;
    slack += found.residual - unseen;
    certified += found.certified;
  }
  CHECK(partly_seen > 50);
  CHECK(certified > 5);
  CHECK(slack / 200.0 < 0.5);
}

TEST_CASE("A product of a sample weighs it by importance") {
  TableModel model(random_table(3, Order::fixed));
  std::mt19937_64 random(3);
  const std::vector<double> probs = random_inner_probs(random, model.semantics().num_labels);
  const SetDistribution base = SamplingWithoutReplacement({.num_samples = 4}).search(model).front();
  const SetDistribution found =
      product(base, 1.0, std::vector{independent_factor(probs, 1.0, EmptySet::allow)});
  double sum = 0.0;
  std::map<LabelSet, double> expected;
  for (const ScoredSet& set : base.sets) {
    sum += expected[set.labels] = set.weight * std::exp(independent_log_prob(probs, set.labels));
  }
  REQUIRE(found.sets.size() == base.sets.size());
  for (const ScoredSet& set : found.sets) {
    CHECK(set.weight == Approx(expected.at(set.labels) / sum));
  }
}

TEST_CASE("A factor that excludes every set leaves no answer") {
  TableModel model(random_table(3, Order::fixed));
  const SetDistribution base = BeamSearch({.beam_size = 2}).search(model).front();
  const ProductFactor none{[](const LabelSet&) { return -std::numeric_limits<double>::infinity(); },
                           1.0};
  const SetDistribution found = product(base, 1.0, std::vector{none});
  CHECK(found.sets.empty());
  CHECK(found.residual == 1.0);
  CHECK_FALSE(found.certified);
  CHECK(found.marginals.size() == base.marginals.size());
}

TEST_CASE("Mixtures and products check what they are given") {
  TableModel model(random_table(3, Order::fixed, 2));
  const auto members = BeamSearch().search(model);
  CHECK_THROWS_WITH(mixture({}), contains_text("there are no members"));
  CHECK_THROWS_WITH(mixture(members, std::vector{1.0}),
                    contains_text("there are 1 weights for 2 members"));
  CHECK_THROWS_WITH(mixture(members, std::vector{1.0, -1.0}),
                    contains_text("not negative, got -1"));
  CHECK_THROWS_WITH(mixture(members, std::vector{0.0, 0.0}), contains_text("positive, finite sum"));
  std::vector<SetDistribution> uneven = members;
  uneven[1].marginals.emplace_back();
  CHECK_THROWS_WITH(mixture(uneven), contains_text("labels"));

  const auto constant = [](double log_prob) {
    return std::vector{ProductFactor{[log_prob](const LabelSet&) { return log_prob; }, 1.0}};
  };
  CHECK_THROWS_WITH(product(members[0], -1.0, {}), contains_text("not negative, got -1"));
  CHECK_THROWS_WITH(product(members[0], 0.5, {}), contains_text("must sum to at least 1"));
  CHECK_THROWS_WITH(product(members[0], 1.0, constant(0.5)), contains_text("at most 0, got 0.5"));
  CHECK_THROWS_WITH(product(members[0], 1.0, constant(std::nan(""))), contains_text("got nan"));
  CHECK_THROWS_WITH(product(members[0], 1.0, std::vector{ProductFactor{}}),
                    contains_text("a factor has no function"));
  REQUIRE(members[0].sets.size() > 1);
  CHECK_THROWS_WITH(product(members[0], 1.0, constant(0.0)),
                    contains_text("the probabilities of a factor sum to"));
}
