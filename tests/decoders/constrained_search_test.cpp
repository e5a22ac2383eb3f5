#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/exhaustive_search.h>
#include <labelbeam/decoders/greedy_search.h>

#include <cmath>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include "catch.h"
#include "random_constraints.h"
#include "random_tables.h"

using labelbeam::ConstraintSpec;
using labelbeam::EmptySet;
using labelbeam::LabelId;
using labelbeam::LabelSet;
using labelbeam::ScoredSet;
using labelbeam::SetDistribution;
using labelbeam::SetSemantics;
using labelbeam::StateId;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

namespace {

constexpr double kRounding = 1e-12;

/// A random model with random satisfiable constraints, at times with a predicate.
struct Case {
  TableModelOptions table;
  std::shared_ptr<const Constraints> constraints;
  std::vector<LabelBits> valid;  // without the predicate
  bool has_predicate = false;

  bool is_valid(const LabelSet& set) const {
    return satisfies(constraints->spec(), table.semantics.empty_set, bits_of(set)) &&
           (!has_predicate || is_liked(set));
  }
  static bool is_liked(const LabelSet& set) { return (bits_of(set) * 2654435761u) % 3u != 0; }
};

Case random_case(std::uint64_t seed, Order order, ConstraintMeaning meaning) {
  std::mt19937_64 random(seed);
  Case made;
  made.table = random_table(seed, order);
  SetSemantics& semantics = made.table.semantics;
  if (order == Order::free && seed % 20 == 0) semantics.num_labels = semantics.max_size = 6;
  const ConstraintSpec spec = random_satisfiable_spec(random, semantics);
  ConstraintOptions options{.meaning = meaning};
  made.has_predicate = seed % 4 == 0;
  if (made.has_predicate) options.predicate = Case::is_liked;
  if (seed % 7 == 0) options.lookahead_budget = 0;  // dead ends change no answer
  made.constraints = std::make_shared<const Constraints>(spec, semantics, options);
  made.valid = valid_sets(spec, semantics);
  return made;
}

/// What is true given that the constraints hold: by filtering the exact sets.
struct ExactGiven {
  std::map<LabelSet, double> sets;
  double valid = 0.0;
  std::vector<double> marginals;
};

ExactGiven exact_given(const TableModel& model, const Case& made) {
  ExactGiven given;
  given.marginals.resize(model.semantics().num_labels);
  for (const auto& [set, mass] : model.exact(0).sets) {
    if (!made.is_valid(set)) continue;
    given.sets[set] = mass;
    given.valid += mass;
    for (LabelId label : set) given.marginals[label] += mass;
  }
  for (double& marginal : given.marginals) marginal /= given.valid > 0.0 ? given.valid : 1.0;
  return given;
}

void require_equal(const SetDistribution& found, const ExactGiven& exact) {
  REQUIRE(found.sets.size() == exact.sets.size());
  for (const ScoredSet& set : found.sets) {
    const double mass = exact.sets.at(set.labels);
    REQUIRE(std::abs(std::exp(set.log_prob) - mass) <= 1e-10);
    REQUIRE(std::abs(std::exp(set.log_upper) - mass) <= 1e-10);
    REQUIRE(std::abs(set.weight - mass / exact.valid) <= 1e-10);
  }
  REQUIRE(std::abs(found.valid.lower - exact.valid) <= 1e-10);
  REQUIRE(std::abs(found.valid.upper - exact.valid) <= 1e-10);
  REQUIRE(found.residual <= 1e-10);
  // Where next to nothing is valid, rounding moves the conditional marginals.
  const double tolerance = 1e-10 + 1e-14 / std::max(exact.valid, 1e-300);
  for (std::size_t l = 0; l < exact.marginals.size(); ++l) {
    REQUIRE(std::abs(found.marginals[l].estimate - exact.marginals[l]) <= tolerance);
    REQUIRE(found.marginals[l].lower >= exact.marginals[l] - tolerance);
    REQUIRE(found.marginals[l].upper <= exact.marginals[l] + tolerance);
  }
}

void require_sound_given(const SetDistribution& found, const ExactGiven& exact, const Case& made) {
  double best = 0.0;
  for (const auto& [set, mass] : exact.sets) {
    if (set.size() <= made.table.semantics.max_size) best = std::max(best, mass);
  }
  for (const ScoredSet& set : found.sets) {
    REQUIRE(made.is_valid(set.labels));
    const double mass = exact.sets.at(set.labels);
    REQUIRE(std::exp(set.log_prob) <= mass + kRounding);
    REQUIRE(std::exp(set.log_upper) >= mass - kRounding);
  }
  REQUIRE(found.valid.lower <= exact.valid + kRounding);
  REQUIRE(found.valid.upper >= exact.valid - kRounding);
  REQUIRE(found_mass(found) + found.residual >= exact.valid - kRounding);
  if (found.certified) {
    REQUIRE_FALSE(found.sets.empty());
    REQUIRE(exact.sets.at(found.sets.front().labels) >= best - kRounding);
  }
  if (exact.valid == 0.0) return;  // nothing is given
  const double tolerance = kRounding + 1e-14 / exact.valid;
  for (std::size_t l = 0; l < exact.marginals.size(); ++l) {
    REQUIRE(found.marginals[l].lower <= exact.marginals[l] + tolerance);
    REQUIRE(found.marginals[l].upper >= exact.marginals[l] - tolerance);
    REQUIRE(found.marginals[l].lower <= found.marginals[l].estimate);
    REQUIRE(found.marginals[l].estimate <= found.marginals[l].upper);
  }
}

/// Masks every step by the enumerated mask and normalises it anew, through the model's own logits.
class Renormalised {
 public:
  Renormalised(TableModel& model, const Case& made) : model_(model), made_(made) {
    marginals.resize(model.semantics().num_labels);
    StateId root = 0;
    model_.start({&root, 1});
    visit(root, {}, 1.0);
  }

  std::map<LabelSet, double> sets;
  std::vector<double> marginals;

 private:
  void visit(StateId state, const LabelSet& prefix, double mass) {
    const SetSemantics& semantics = model_.semantics();
    std::vector<float> logits(semantics.num_tokens());
    model_.logits({&state, 1}, logits);
    const std::vector<unsigned char> mask = mask_by_enumeration(made_.valid, semantics, prefix);
    const bool may_end = mask[semantics.end()] && made_.is_valid(prefix);
    double sum = may_end ? std::exp(static_cast<double>(logits[semantics.end()])) : 0.0;
    for (LabelId l = 0; l < semantics.num_labels; ++l) {
      if (mask[l]) sum += std::exp(static_cast<double>(logits[l]));
    }
    if (may_end && sum > 0.0) {
      const double end = std::exp(static_cast<double>(logits[semantics.end()]));
      if (end > 0.0) sets[prefix] += mass * end / sum;
    }
    for (LabelId label = 0; label < semantics.num_labels; ++label) {
      const double weight = std::exp(static_cast<double>(logits[label]));
      if (!mask[label] || weight == 0.0) continue;
      LabelSet longer = prefix;
      longer.insert(label);
      marginals[label] += mass * weight / sum;
      StateId child = 0;
      model_.advance({&state, 1}, {&label, 1}, {&child, 1});
      visit(child, longer, mass * weight / sum);
    }
    model_.release({&state, 1});
  }

  TableModel& model_;
  const Case& made_;
};

BeamOptions wide_beam(const Case& made) {
  return {.beam_size = 720, .num_sets = 1024, .stop_mass = 0.0, .constraints = made.constraints};
}

}  // namespace

TEST_CASE("Under constraints a wide beam and exhaustive search equal enumeration of valid sets") {
  const Order order = GENERATE(Order::fixed, Order::free);
  std::size_t without_answer = 0;
  for (std::uint64_t seed = 0; seed < 1200; ++seed) {
    const Case made = random_case(seed, order, ConstraintMeaning::condition);
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
    const Case made = random_case(seed, order, ConstraintMeaning::condition);
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
    Case made = random_case(seed, order, ConstraintMeaning::condition);
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
    Case made = random_case(seed, order, ConstraintMeaning::renormalise);
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
  CHECK(found_mass(found) == Approx(1.0));
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
