#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/best_first_search.h>
#include <labelbeam/decoders/completion.h>
#include <labelbeam/decoders/exhaustive_search.h>
#include <labelbeam/decoders/independent.h>
#include <labelbeam/decoders/independent_step_model.h>
#include <labelbeam/decoders/merging_beam_search.h>
#include <labelbeam/decoders/sampling.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "../support/clustered_table_model.h"
#include "catch.h"
#include "chi_square.h"
#include "constrained_tables.h"

using labelbeam::LabelId;
using labelbeam::LabelSet;
using labelbeam::ScoredSet;
using labelbeam::ScoreMatrix;
using labelbeam::SetDistribution;
using labelbeam::SetSemantics;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

namespace {

BestFirstOptions all_sets(const ConstrainedCase& made) {
  return {.num_sets = kAllSets, .constraints = made.constraints};
}

/// C(6, 3) sets of one size, of 3! prefixes and more.
MergingBeamOptions all_states(const ConstrainedCase& made) {
  return {.beam_size = 20,
          .states_per_set = 720,
          .num_sets = 64,
          .stop_mass = 0.0,
          .constraints = made.constraints};
}

std::vector<SetDistribution> constrained_samples(bool replace, const SamplingOptions& options,
                                                 TableModel& model) {
  return replace ? AncestralSampling(options).search(model)
                 : SamplingWithoutReplacement(options).search(model);
}

void require_equal(const SetDistribution& found, const Renormalised& exact) {
  REQUIRE(found.sets.size() == exact.sets.size());
  for (const ScoredSet& set : found.sets) {
    REQUIRE(std::abs(std::exp(set.log_prob) - exact.sets.at(set.labels)) <= 1e-10);
  }
  for (std::size_t l = 0; l < exact.marginals.size(); ++l) {
    REQUIRE(std::abs(found.marginals[l].lower - exact.marginals[l]) <= 1e-10);
    REQUIRE(std::abs(found.marginals[l].upper - exact.marginals[l]) <= 1e-10);
  }
}

void require_sound(const SetDistribution& found, const Renormalised& exact,
                   const ConstrainedCase& made) {
  for (const ScoredSet& set : found.sets) {
    REQUIRE(made.is_valid(set.labels));
    const double mass = exact.sets.at(set.labels);
    REQUIRE(std::exp(set.log_prob) <= mass + kRounding);
    REQUIRE(std::exp(set.log_upper) >= mass - kRounding);
  }
  for (std::size_t l = 0; l < exact.marginals.size(); ++l) {
    REQUIRE(found.marginals[l].lower <= exact.marginals[l] + kRounding);
    REQUIRE(found.marginals[l].upper >= exact.marginals[l] - kRounding);
    REQUIRE(found.marginals[l].lower <= found.marginals[l].estimate);
    REQUIRE(found.marginals[l].estimate <= found.marginals[l].upper);
  }
}

double largest(const std::map<LabelSet, double>& sets) {
  double largest = 0.0;
  for (const auto& [set, mass] : sets) largest = std::max(largest, mass);
  return largest;
}

}  // namespace

TEST_CASE("Under constraints best-first search and merging equal enumeration of valid sets") {
  const Order order = GENERATE(Order::fixed, Order::free);
  for (std::uint64_t seed = 0; seed < num_table_models() / 3; ++seed) {
    const ConstrainedCase made = random_constrained_case(seed, order, ConstraintMeaning::condition);
    TableModel model(made.table);
    const ExactGiven exact = exact_given(model, made);
    INFO("seed " << seed);
    require_equal(BestFirstSearch(all_sets(made)).search(model).front(), exact);
    if (order == Order::free) {
      require_equal(MergingBeamSearch(all_states(made)).search(model).front(), exact);
    }
    const SetDistribution best =
        BestFirstSearch({.heads = 1 + seed % 4, .constraints = made.constraints})
            .search(model)
            .front();
    require_sound_given(best, exact, made);
    REQUIRE(best.certified == !exact.sets.empty());
    if (best.certified) {
      REQUIRE(exact.sets.at(best.sets.front().labels) >= largest(exact.sets) - kRounding);
    }
    REQUIRE(model.num_live() == 0);
  }
}

TEST_CASE("Under constraints budgets, narrow merging beams and samplers keep bounds that hold") {
  const Order order = GENERATE(Order::fixed, Order::free);
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const ConstrainedCase made = random_constrained_case(seed, order, ConstraintMeaning::condition);
    TableModel model(made.table);
    const ExactGiven exact = exact_given(model, made);
    INFO("seed " << seed);
    const BestFirstOptions budget{
        .num_sets = 1 + seed % 4, .max_scored = 1 + seed % 20, .constraints = made.constraints};
    require_sound_given(BestFirstSearch(budget).search(model).front(), exact, made);
    if (order == Order::free) {
      const MergingBeamOptions narrow{.beam_size = 1 + seed % 3,
                                      .states_per_set = 1 + seed % 2,
                                      .num_sets = 1 + seed % 5,
                                      .constraints = made.constraints};
      require_sound_given(MergingBeamSearch(narrow).search(model).front(), exact, made);
    }
    const SamplingOptions sampling{
        .num_samples = 1 + seed % 9, .seed = seed, .constraints = made.constraints};
    for (const bool replace : {true, false}) {
      require_sound_given(constrained_samples(replace, sampling, model).front(), exact, made);
    }
    REQUIRE(model.num_live() == 0);
  }
}

TEST_CASE("Of a renormalised distribution every search finds the sets or bounds") {
  const Order order = GENERATE(Order::fixed, Order::free);
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const ConstrainedCase made =
        random_constrained_case(seed, order, ConstraintMeaning::renormalise);
    if (made.constraints->options().lookahead_budget == 0) continue;
    TableModel model(made.table);
    const Renormalised exact(model, made);
    INFO("seed " << seed);
    require_equal(BestFirstSearch(all_sets(made)).search(model).front(), exact);
    if (order == Order::free) {
      require_equal(MergingBeamSearch(all_states(made)).search(model).front(), exact);
    }
    const BeamOptions narrow{.beam_size = 1 + seed % 4,
                             .constraints = made.constraints,
                             .marginal_samples = 2 + seed % 9,
                             .seed = seed};
    require_sound(BeamSearch(narrow).search(model).front(), exact, made);
    const SamplingOptions sampling{
        .num_samples = 1 + seed % 9, .seed = seed, .constraints = made.constraints};
    for (const bool replace : {true, false}) {
      require_sound(constrained_samples(replace, sampling, model).front(), exact, made);
    }
    REQUIRE(model.num_live() == 0);
  }
}

TEST_CASE("Constrained samples give unbiased sums over the valid sets") {
  const bool replace = GENERATE(true, false);
  const auto meaning = GENERATE(ConstraintMeaning::condition, ConstraintMeaning::renormalise);
  constexpr std::size_t kDocuments = 250;
  double squares = 0.0;
  std::size_t models = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    ConstrainedCase made =
        random_constrained_case(seed, seed % 2 == 0 ? Order::fixed : Order::free, meaning);
    made.table.scale = 1.0;  // no set is too rare to be drawn
    made.table.zero_share = 0.0;
    made.table.document_keys = {seed};
    TableModel once(made.table);
    const SetDistribution exact =
        ExhaustiveSearch({.constraints = made.constraints}).search(once).front();
    const auto value = [](const LabelSet& set) { return static_cast<double>(1 + set.size()); };
    double expected = 0.0;
    for (const ScoredSet& set : exact.sets) expected += std::exp(set.log_prob) * value(set.labels);
    made.table.document_keys.assign(kDocuments, seed);
    TableModel model(made.table);
    double sum = 0.0;
    double sum_of_squares = 0.0;
    for (const SetDistribution& found : constrained_samples(
             replace, {.num_samples = 6, .seed = seed, .constraints = made.constraints}, model)) {
      double estimate = 0.0;
      for (const ScoredSet& set : found.sets) {
        REQUIRE(made.is_valid(set.labels));
        estimate += set.weight * found.weight_sum * value(set.labels);
      }
      sum += estimate;
      sum_of_squares += estimate * estimate;
    }
    const double mean = sum / kDocuments;
    const double variance = (sum_of_squares / kDocuments - mean * mean) / kDocuments;
    if (variance < 1e-18) {
      CHECK(mean == Approx(expected));
      continue;
    }
    squares += (mean - expected) * (mean - expected) / variance;
    ++models;
  }
  CHECK(models > 20);
  CHECK(chi_square_p(squares, models) > 1e-3);
}

TEST_CASE("Completion under constraints with a predicate equals enumeration of what agrees") {
  const Order order = GENERATE(Order::fixed, Order::free);
  std::size_t completed = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const ConstrainedCase made = random_constrained_case(seed, order, ConstraintMeaning::condition);
    TableModel model(made.table);
    ExactGiven exact = exact_given(model, made);
    if (exact.sets.empty()) continue;
    std::mt19937_64 random(seed);
    const LabelSet truth =
        std::next(exact.sets.begin(), static_cast<std::ptrdiff_t>(random() % exact.sets.size()))
            ->first;
    Known known;
    for (LabelId label = 0; label < made.table.semantics.num_labels; ++label) {
      if (random() % 3 == 0) (truth.contains(label) ? known.present : known.absent).insert(label);
    }
    std::erase_if(exact.sets, [&](const auto& entry) {
      return !known.present.is_subset_of(entry.first) ||
             known.absent.intersection_size(entry.first) > 0;
    });
    INFO("seed " << seed);
    const SetDistribution found = complete(model, known,
                                           {.beam_size = 720,
                                            .num_sets = kAllSets,
                                            .stop_mass = 0.0,
                                            .constraints = made.constraints});
    REQUIRE(found.sets.size() == exact.sets.size());
    for (const ScoredSet& set : found.sets) {
      REQUIRE(std::abs(std::exp(set.log_prob) - exact.sets.at(set.labels)) <= 1e-10);
    }
    ++completed;
  }
  CHECK(completed > 350);
}

TEST_CASE("Under constraints a beam over clusters equals enumeration, or bounds") {
  const Order order = GENERATE(Order::fixed, Order::free);
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const ConstrainedCase made = random_constrained_case(seed, order, ConstraintMeaning::condition);
    ClusteredTableOptions options;
    options.semantics = made.table.semantics;
    options.document_keys = {seed};
    std::mt19937_64 random(seed);
    const std::size_t num_labels = options.semantics.num_labels;
    const auto num_clusters = static_cast<std::uint32_t>(1 + random() % num_labels);
    for (std::uint32_t l = 0; l < num_labels; ++l) {
      options.cluster_of.push_back(
          l < num_clusters ? l : static_cast<std::uint32_t>(random() % num_clusters));
    }
    ClusteredTableModel model(options);
    ExactGiven exact;
    exact.marginals.resize(num_labels);
    for (const auto& [set, mass] : model.exact(0)) {
      if (!made.is_valid(set)) continue;
      exact.sets[set] = mass;
      exact.valid += mass;
      for (LabelId label : set) exact.marginals[label] += mass;
    }
    for (double& marginal : exact.marginals) marginal /= exact.valid > 0.0 ? exact.valid : 1.0;
    INFO("seed " << seed);
    const BeamOptions wide{
        .beam_size = 720, .num_sets = kAllSets, .stop_mass = 0.0, .constraints = made.constraints};
    require_equal(BeamSearch(wide).search(model).front(), exact);
    const BeamOptions narrow{.beam_size = 1 + seed % 4, .constraints = made.constraints};
    require_sound_given(BeamSearch(narrow).search(model).front(), exact, made);
    REQUIRE(model.num_live() == 0);
  }
}

TEST_CASE("The most probable valid set of independent labels is found through their step model") {
  std::uniform_real_distribution<double> uniform(0.02, 0.98);
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const ConstrainedCase made =
        random_constrained_case(seed, Order::fixed, ConstraintMeaning::condition);
    const SetSemantics& semantics = made.table.semantics;
    std::mt19937_64 random(seed);
    ScoreMatrix probs(1, semantics.num_labels);
    for (double& p : probs.values) p = uniform(random);
    std::map<LabelSet, double> exact;
    for (LabelBits bits : made.valid) {
      LabelSet set;
      for (LabelId l = 0; l < semantics.num_labels; ++l) {
        if (bits >> l & 1u) set.insert(l);
      }
      if (!made.is_valid(set)) continue;
      exact[set] = std::exp(independent_log_prob(probs.row(0), set, semantics.empty_set));
    }
    IndependentStepModel model(probs, semantics);
    INFO("seed " << seed);
    const SetDistribution best =
        BestFirstSearch({.constraints = made.constraints}).search(model).front();
    REQUIRE(best.sets.size() == std::min<std::size_t>(1, exact.size()));
    REQUIRE(best.certified == !exact.empty());
    for (const ScoredSet& set : best.sets) {  // logits are floats
      REQUIRE(exact.at(set.labels) >= largest(exact) - 1e-6);
      REQUIRE(std::abs(std::exp(set.log_prob) - largest(exact)) <= 1e-6);
    }
    const SetDistribution all = BestFirstSearch(all_sets(made)).search(model).front();
    REQUIRE(all.sets.size() == exact.size());
    for (const ScoredSet& set : all.sets) {
      REQUIRE(std::abs(std::exp(set.log_prob) - exact.at(set.labels)) <= 1e-6);
    }
  }
}
