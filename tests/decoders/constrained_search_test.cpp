#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/exhaustive_search.h>
#include <labelbeam/decoders/greedy_search.h>

#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "catch.h"
#include "constrained_tables.h"

using labelbeam::ConstraintSpec;
using labelbeam::LabelId;
using labelbeam::LabelSet;
using labelbeam::ScoredSet;
using labelbeam::SetDistribution;
using labelbeam::SetSemantics;
using labelbeam::StateId;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

namespace {

BeamOptions wide_beam(const ConstrainedCase& made) {
  return {.beam_size = 720, .num_sets = 1024, .stop_mass = 0.0, .constraints = made.constraints};
}

}  // namespace

TEST_CASE("Under constraints a wide beam and exhaustive search equal enumeration of valid sets") {
  const Order order = GENERATE(Order::fixed, Order::free);
  std::size_t without_answer = 0;
  for (std::uint64_t seed = 0; seed < 1200; ++seed) {
    const ConstrainedCase made = random_constrained_case(seed, order, ConstraintMeaning::condition);
    TableModel model(made.table);
    const ExactGiven exact = exact_given(model, made);
    INFO("seed " << seed);
    const SetDistribution beam = BeamSearch(wide_beam(made)).search(model).front();
    require_equal(beam, exact);
    if (order == Order::fixed) REQUIRE(beam.certified == !beam.sets.empty());
    require_equal(ExhaustiveSearch({.constraints = made.constraints}).search(model).front(), exact);
    without_answer += exact.sets.empty();
    REQUIRE(model.num_live() == 0);
  }
  CHECK(without_answer > 0);
  CHECK(without_answer < 300);
}

TEST_CASE("Under constraints greedy search answers validly and its bounds hold") {
  const Order order = GENERATE(Order::fixed, Order::free);
  std::size_t answered = 0;
  for (std::uint64_t seed = 0; seed < 1200; ++seed) {
    const ConstrainedCase made = random_constrained_case(seed, order, ConstraintMeaning::condition);
    TableModel model(made.table);
    INFO("seed " << seed);
    const SetDistribution found =
        GreedySearch({.constraints = made.constraints}).search(model).front();
    require_sound_given(found, exact_given(model, made), made);
    answered += !found.sets.empty();
    const bool no_dead_ends = !made.has_predicate && made.table.zero_share == 0.0 &&
                              made.constraints->options().lookahead_budget > 0;
    if (no_dead_ends) REQUIRE(found.sets.size() == 1);
  }
  CHECK(answered > 900);
}

TEST_CASE("Under constraints narrow beams and size limits keep bounds that hold") {
  const Order order = GENERATE(Order::fixed, Order::free);
  const double stop_mass = GENERATE(0.0, 1e-2, 1.0);
  std::size_t open = 0;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    ConstrainedCase made = random_constrained_case(seed, order, ConstraintMeaning::condition);
    if (seed % 3 == 0) {
      made.table.semantics.max_size = 1 + made.table.semantics.max_size / 2;
      std::mt19937_64 random(seed);
      const ConstraintSpec spec = random_satisfiable_spec(random, made.table.semantics);
      made.constraints = std::make_shared<const Constraints>(spec, made.table.semantics,
                                                             made.constraints->options());
    }
    TableModel model(made.table);
    const ExactGiven exact = exact_given(model, made);
    INFO("seed " << seed);
    const BeamOptions options{.beam_size = 1 + seed % 5,
                              .num_sets = 1 + seed % 9,
                              .stop_mass = stop_mass,
                              .constraints = made.constraints};
    const SetDistribution found = BeamSearch(options).search(model).front();
    require_sound_given(found, exact, made);
    open += found.valid.upper > found.valid.lower + 1e-9;
    const ExhaustiveSearch exhaustive({.num_sets = 2, .constraints = made.constraints});
    require_sound_given(exhaustive.search(model).front(), exact, made);
  }
  CHECK(open > 50);
}

TEST_CASE("Mask and renormalise equals a hand-rolled enumeration") {
  const Order order = GENERATE(Order::fixed, Order::free);
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    ConstrainedCase made = random_constrained_case(seed, order, ConstraintMeaning::renormalise);
    if (made.constraints->options().lookahead_budget == 0) continue;
    TableModel model(made.table);
    const Renormalised exact(model, made);
    INFO("seed " << seed);
    const SetDistribution beam = BeamSearch(wide_beam(made)).search(model).front();
    const SetDistribution all =
        ExhaustiveSearch({.constraints = made.constraints}).search(model).front();
    double mass = 0.0;
    for (const auto& [set, probability] : exact.sets) mass += probability;
    for (const SetDistribution* found : {&beam, &all}) {
      REQUIRE(found->sets.size() == exact.sets.size());
      for (const ScoredSet& set : found->sets) {
        REQUIRE(std::abs(std::exp(set.log_prob) - exact.sets.at(set.labels)) <= 1e-10);
      }
      REQUIRE(std::abs(found->residual - (1.0 - mass)) <= 1e-9);
      REQUIRE(found->valid == labelbeam::Interval{1.0, 1.0});
      for (std::size_t l = 0; l < exact.marginals.size(); ++l) {
        REQUIRE(std::abs(found->marginals[l].lower - exact.marginals[l]) <= 1e-10);
      }
    }
    if (!made.has_predicate && made.table.zero_share == 0.0) {
      REQUIRE(std::abs(mass - 1.0) <= 1e-9);  // no dead ends: nothing is lost
    }
    const SetDistribution greedy =
        GreedySearch({.constraints = made.constraints}).search(model).front();
    for (const ScoredSet& set : greedy.sets) REQUIRE(made.is_valid(set.labels));
  }
}

TEST_CASE("A predicate that likes nothing leaves no answer and no valid mass") {
  const Order order = GENERATE(Order::fixed, Order::free);
  TableModelOptions options = random_table(4, order);
  TableModel model(options);
  const auto nothing = std::make_shared<const Constraints>(
      ConstraintSpec{}, options.semantics,
      ConstraintOptions{.predicate = [](const LabelSet&) { return false; }});
  const SetDistribution found =
      BeamSearch({.beam_size = 1000, .stop_mass = 0.0, .constraints = nothing})
          .search(model)
          .front();
  CHECK(found.sets.empty());
  CHECK(found.valid.upper <= kRounding);
  CHECK(found.residual == Approx(0.0).margin(kRounding));
  CHECK_FALSE(found.certified);
}

TEST_CASE("A faulty logit of a disallowed token is seen by conditioning and not by a mask") {
  struct FaultyModel : TableModel {
    using TableModel::TableModel;
    void logits(std::span<const StateId> states, std::span<float> out) override {
      TableModel::logits(states, out);
      for (std::size_t r = 0; r < states.size(); ++r) out[r * 3 + 1] = std::nanf("");
    }
  };
  TableModelOptions options;
  options.semantics.num_labels = options.semantics.max_size = 2;
  options.document_keys = {1};
  FaultyModel model(options);
  const auto never = [&](ConstraintMeaning meaning) {
    return std::make_shared<const Constraints>(ConstraintSpec{.never = {1}}, options.semantics,
                                               ConstraintOptions{.meaning = meaning});
  };
  CHECK_THROWS_WITH(BeamSearch({.constraints = never(ConstraintMeaning::condition)}).search(model),
                    contains_text("BeamSearch: document 0: the logit of token 1 is"));
  const SetDistribution found =
      BeamSearch({.constraints = never(ConstraintMeaning::renormalise)}).search(model).front();
  CHECK(found.sets.size() == 2);
  CHECK(found_mass(found.sets) == Approx(1.0));
}

TEST_CASE("A set beyond the size limit counts as valid mass that was not found") {
  TableModelOptions options;
  options.semantics.num_labels = 3;
  options.semantics.max_size = 1;
  options.document_keys = {1};
  TableModel model(options);
  const auto pairs = [&](ConstraintSpec spec) {
    spec.exclusions = {{0, 2}};
    return std::make_shared<const Constraints>(spec, options.semantics);
  };
  const SetDistribution found =
      BeamSearch({.stop_mass = 0.0, .constraints = pairs({})}).search(model).front();
  CHECK(found.truncated);
  CHECK(found.residual > 0.0);
  const SetDistribution limited =
      BeamSearch({.stop_mass = 0.0, .constraints = pairs({.max_size = 1})}).search(model).front();
  CHECK_FALSE(limited.truncated);
  CHECK(limited.residual == Approx(0.0).margin(kRounding));
  CHECK(limited.valid.upper < found.valid.upper);
}
