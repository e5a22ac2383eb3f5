#include "constrained_tables.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "catch.h"

namespace labelbeam::test_support {

using namespace decoders;

namespace {

bool is_liked(const LabelSet& set) { return (bits_of(set) * 2654435761u) % 3u != 0; }

}  // namespace

bool ConstrainedCase::is_valid(const LabelSet& set) const {
  return satisfies(constraints->spec(), table.semantics.empty_set, bits_of(set)) &&
         (!has_predicate || is_liked(set));
}

ConstrainedCase random_constrained_case(std::uint64_t seed, Order order,
                                        ConstraintMeaning meaning) {
  std::mt19937_64 random(seed);
  ConstrainedCase made;
  made.table = random_table(seed, order);
  SetSemantics& semantics = made.table.semantics;
  if (order == Order::free && seed % 20 == 0) semantics.num_labels = semantics.max_size = 6;
  const ConstraintSpec spec = random_satisfiable_spec(random, semantics);
  ConstraintOptions options{.meaning = meaning};
  made.has_predicate = seed % 4 == 0;
  if (made.has_predicate) options.predicate = is_liked;
  if (seed % 7 == 0) options.lookahead_budget = 0;  // dead ends change no answer
  made.constraints = std::make_shared<const Constraints>(spec, semantics, options);
  made.valid = valid_sets(spec, semantics);
  return made;
}

ExactGiven exact_given(const TableModel& model, const ConstrainedCase& made) {
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

void require_sound_given(const SetDistribution& found, const ExactGiven& exact,
                         const ConstrainedCase& made) {
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
  REQUIRE(found_mass(found.sets) + found.residual >= exact.valid - kRounding);
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

Renormalised::Renormalised(TableModel& model, const ConstrainedCase& made)
    : marginals(model.semantics().num_labels), model_(model), made_(made) {
  StateId root = 0;
  model_.start({&root, 1});
  visit(root, {}, 1.0);
}

void Renormalised::visit(StateId state, const LabelSet& prefix, double mass) {
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

}  // namespace labelbeam::test_support
