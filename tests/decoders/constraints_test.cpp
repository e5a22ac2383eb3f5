#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/constraints.h>
#include <labelbeam/decoders/exhaustive_search.h>
#include <labelbeam/decoders/greedy_search.h>

#include <bit>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>

#include "catch.h"
#include "random_constraints.h"
#include "random_tables.h"

using labelbeam::ConstraintSpec;
using labelbeam::EmptySet;
using labelbeam::Implication;
using labelbeam::LabelId;
using labelbeam::LabelOrder;
using labelbeam::LabelSet;
using labelbeam::LabelVocab;
using labelbeam::SetSemantics;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

namespace {

SetSemantics semantics_of(std::size_t num_labels, Order order = Order::free) {
  SetSemantics semantics;
  semantics.num_labels = num_labels;
  semantics.max_size = num_labels;
  if (order == Order::fixed) {
    semantics.order = LabelOrder::by_frequency(std::vector<std::uint64_t>(num_labels));
  }
  return semantics;
}

std::string message_of(const ConstraintSpec& spec, const SetSemantics& semantics,
                       const LabelVocab* names = nullptr) {
  try {
    const Constraints constraints(spec, semantics, {}, names);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

/// The mask after a prefix by some rule: what the constraints give, or a wrong one.
using MaskRule = std::function<std::vector<unsigned char>(const LabelSet& prefix)>;

std::vector<unsigned char> restricted(const Constraints& constraints, const LabelSet& prefix) {
  std::vector<unsigned char> mask(constraints.semantics().num_tokens());
  admissible_tokens(constraints.semantics(), prefix, mask);
  REQUIRE(constraints.restrict(prefix, mask));
  return mask;
}

/// Prefixes whose mask differs from the enumerated one, out of all that `enumerated` reaches.
std::size_t count_differences(const MaskRule& rule, const std::vector<LabelBits>& valid,
                              const SetSemantics& semantics, const LabelSet& prefix) {
  const std::vector<unsigned char> exact = mask_by_enumeration(valid, semantics, prefix);
  std::size_t differences = rule(prefix) != exact;
  for (LabelId label = 0; label < semantics.num_labels; ++label) {
    if (!exact[label]) continue;
    LabelSet longer = prefix;
    longer.insert(label);
    differences += count_differences(rule, valid, semantics, longer);
  }
  return differences;
}

/// What a label alone implies by rules with one label on the left: not enough.
std::vector<unsigned char> mask_closing_alone(const ConstraintSpec& spec,
                                              const SetSemantics& semantics,
                                              const LabelSet& prefix) {
  std::vector<unsigned char> mask(semantics.num_tokens());
  admissible_tokens(semantics, prefix, mask);
  for (LabelId label = 0; label < semantics.num_labels; ++label) {
    LabelSet closed{label};
    for (std::size_t round = 0; round < semantics.num_labels; ++round) {
      for (const Implication& rule : spec.implications) {
        if (rule.if_all.size() > 1 || !rule.if_all.is_subset_of(closed)) continue;
        for (LabelId implied : rule.then_all) closed.insert(implied);
      }
    }
    LabelSet all = prefix;
    for (LabelId held : closed) all.insert(held);
    for (const LabelSet& group : spec.exclusions) {
      if (group.intersection_size(all) > 1) mask[label] = 0;
    }
    if (spec.never.intersection_size(all) > 0) mask[label] = 0;
    if (semantics.order.is_fixed()) {
      for (LabelId held : closed) {
        const bool late = semantics.order.rank(held) < semantics.order.rank(label);
        if (late && !prefix.contains(held)) mask[label] = 0;
      }
    }
  }
  if (!satisfies(spec, semantics.empty_set, bits_of(prefix))) mask[semantics.end()] = 0;
  return mask;
}

}  // namespace

TEST_CASE("Constraints are refused exactly where no label set satisfies them") {
  std::mt19937_64 random(1);
  std::size_t refused = 0;
  for (std::size_t i = 0; i < 6000; ++i) {
    SetSemantics semantics = random_table(random(), i % 2 ? Order::fixed : Order::free).semantics;
    semantics.max_size = 1 + random() % semantics.num_labels;
    const ConstraintSpec spec = random_spec(random, semantics.num_labels);
    bool satisfiable = false;
    for (LabelBits set : valid_sets(spec, semantics)) {
      satisfiable |= static_cast<std::size_t>(std::popcount(set)) <= semantics.max_size;
    }
    const std::string message = message_of(spec, semantics);
    INFO(message);
    REQUIRE(message.empty() == satisfiable);
    if (!satisfiable) REQUIRE_THAT(message, contains_text("no label set satisfies them: "));
    refused += !satisfiable;
  }
  CHECK(refused > 1000);
  CHECK(refused < 5000);
}

TEST_CASE("A token is masked exactly where no valid set goes through it") {
  const Order order = GENERATE(Order::fixed, Order::free);
  std::mt19937_64 random(2);
  for (std::size_t i = 0; i < 1500; ++i) {
    SetSemantics semantics = random_table(random(), order).semantics;
    const ConstraintSpec spec = random_satisfiable_spec(random, semantics);
    const Constraints constraints(spec, semantics);
    const std::vector<LabelBits> valid = valid_sets(spec, semantics);
    const MaskRule rule = [&](const LabelSet& prefix) { return restricted(constraints, prefix); };
    // Equal masks at every prefix they admit: each leads to a valid set, and none is lost.
    INFO("spec " << i);
    REQUIRE(count_differences(rule, valid, semantics, {}) == 0);
    for (LabelBits set = 0; set >> semantics.num_labels == 0; ++set) {
      LabelSet labels;
      for (LabelId l = 0; l < semantics.num_labels; ++l) {
        if (set >> l & 1u) labels.insert(l);
      }
      REQUIRE(constraints.is_valid(labels) == satisfies(spec, semantics.empty_set, set));
      // Also where the prefix itself cannot become valid any more.
      REQUIRE(restricted(constraints, labels) == mask_by_enumeration(valid, semantics, labels));
    }
  }
}

TEST_CASE("Closing a label alone would be caught") {
  const Order order = GENERATE(Order::fixed, Order::free);
  std::mt19937_64 random(3);
  std::size_t caught = 0;
  for (std::size_t i = 0; i < 600; ++i) {
    const SetSemantics semantics = random_table(random(), order).semantics;
    ConstraintSpec spec;
    do {
      spec = random_satisfiable_spec(random, semantics);
      spec.must = {};
      spec.min_size = 0;
      spec.max_size.reset();
    } while (valid_sets(spec, semantics).empty());
    const MaskRule rule = [&](const LabelSet& prefix) {
      return mask_closing_alone(spec, semantics, prefix);
    };
    caught += count_differences(rule, valid_sets(spec, semantics), semantics, {}) > 0;
  }
  CHECK(caught > 30);
}

TEST_CASE("A rule with two labels on the left counts what was emitted") {
  const SetSemantics semantics = semantics_of(4, Order::fixed);
  ConstraintSpec spec;
  spec.implications = {{{1, 2}, {0}}};
  const Constraints constraints(spec, semantics);
  CHECK(restricted(constraints, {1}) == std::vector<unsigned char>{0, 0, 0, 1, 1});
  CHECK(restricted(constraints, {0, 1}) == std::vector<unsigned char>{0, 0, 1, 1, 1});
}

TEST_CASE("A lookahead out of budget keeps what it cannot settle and says so") {
  ConstraintSpec spec;
  spec.exclusions = {{0, 1}, {0, 2}, {1, 2}, {0, 3}};  // two labels: {1, 3} or {2, 3}
  spec.min_size = 2;
  const SetSemantics semantics = semantics_of(4);
  std::vector<unsigned char> mask(5, 1);
  CHECK(Constraints(spec, semantics).restrict({}, mask));
  CHECK(mask == std::vector<unsigned char>{0, 1, 1, 1, 0});
  mask.assign(5, 1);
  CHECK_FALSE(Constraints(spec, semantics, {.lookahead_budget = 0}).restrict({}, mask));
  CHECK(mask == std::vector<unsigned char>{1, 1, 1, 1, 0});
}

TEST_CASE("Labels without rules make a minimum size cheap") {
  ConstraintSpec spec;
  spec.exclusions = {{0, 1, 2, 3}};
  spec.implications = {{{9999}, {5000}}};
  spec.min_size = 5;
  const SetSemantics semantics = semantics_of(10000, Order::fixed);
  const Constraints constraints(spec, semantics, {.lookahead_budget = 10});
  std::vector<unsigned char> mask(10001, 1);
  CHECK(constraints.restrict({}, mask));
  // 9995 is followed by 9996 .. 9998 and 9999, which needs 5000.
  CHECK(mask[9994] == 1);
  CHECK(mask[9995] == 0);
  CHECK(mask[9999] == 0);
}

TEST_CASE("Many exclusive groups are settled within the budget") {
  // Thirty groups of ten, one label of each: a search without bounds would not come to an end.
  ConstraintSpec spec;
  for (LabelId group = 0; group < 30; ++group) {
    LabelSet labels;
    for (LabelId i = 0; i < 10; ++i) labels.insert(group * 10 + i);
    spec.exclusions.push_back(labels);
  }
  const SetSemantics semantics = semantics_of(300, Order::fixed);
  spec.min_size = 31;
  CHECK_THAT(message_of(spec, semantics), contains_text("at least 31 and at most 300 labels"));
  spec.min_size = 30;
  const Constraints constraints(spec, semantics);
  std::vector<unsigned char> mask(301, 1);
  CHECK(constraints.restrict({}, mask));
  for (LabelId label = 0; label <= 300; ++label) CHECK(mask[label] == (label < 10));
}

TEST_CASE("Unsatisfiable constraints spell out the rules that conflict") {
  LabelVocab names;
  for (const char* name : {"animal", "cat", "dog", "stone", "pet"}) names.add(name);
  const SetSemantics semantics = semantics_of(5);
  ConstraintSpec spec;
  spec.must = {1, 4};
  spec.implications = {{{1}, {0}}, {{0, 4}, {3}}, {{2}, {0}}};
  spec.never = {3};
  CHECK(
      message_of(spec, semantics, &names) ==
      "Constraints: no label set satisfies them: \"cat\" must be in every answer; \"cat\" implies "
      "\"animal\"; \"pet\" must be in every answer; \"animal\" and \"pet\" imply \"stone\"; "
      "\"stone\" may be in no answer");
  spec.never = {};
  spec.exclusions = {{2, 3, 4}};
  CHECK_THAT(message_of(spec, semantics),
             contains_text("label 4 must be in every answer; label 0 and label 4 imply label 3; "
                           "label 4 and label 3 exclude each other"));
  spec.exclusions = {};
  spec.max_size = 3;
  CHECK_THAT(message_of(spec, semantics), contains_text("an answer has at most 3 labels"));
  spec = {};
  spec.never = {0, 1, 2, 3, 4};
  SetSemantics not_empty = semantics;
  not_empty.empty_set = EmptySet::forbid;
  CHECK(message_of(spec, semantics).empty());
  CHECK_THAT(message_of(spec, not_empty), contains_text("at least 1 and at most 5 labels"));
  spec = {};
  spec.min_size = 3;
  SetSemantics small = semantics;
  small.max_size = 2;
  CHECK_THAT(message_of(spec, small), contains_text("at least 3 and at most 2 labels"));
}

TEST_CASE("A long chain of rules is cut in the message") {
  ConstraintSpec spec;
  spec.must = {0};
  for (LabelId label = 0; label < 99; ++label) spec.implications.push_back({{label}, {label + 1}});
  spec.never = {99};
  CHECK_THAT(message_of(spec, semantics_of(100)),
             contains_text("label 14 implies label 15; and 84 more such; label 99 may be in no"));
}

TEST_CASE("Constraints on labels that are not there are refused") {
  const SetSemantics semantics = semantics_of(3);
  CHECK_THAT(message_of({.must = {3}}, semantics),
             contains_text("Constraints: must holds label 3, but there are 3 labels"));
  CHECK_THAT(message_of({.never = {7}}, semantics), contains_text("never holds label 7"));
  CHECK_THAT(message_of({.exclusions = {{0, 4}}}, semantics),
             contains_text("an exclusion holds label 4"));
  CHECK_THAT(message_of({.exclusions = {{}}}, semantics), contains_text("an exclusion is empty"));
  CHECK_THAT(message_of({.implications = {{{}, {1}}}}, semantics),
             contains_text("the if-part of an implication is empty"));
  CHECK_THAT(message_of({.implications = {{{1}, {5}}}}, semantics),
             contains_text("the then-part of an implication holds label 5"));
  LabelVocab names;
  names.add("one");
  CHECK_THAT(message_of({}, semantics, &names), contains_text("1 names, but 3 labels"));
}

TEST_CASE("The share of invalid sets is that of a look at each of them by the definitions") {
  std::mt19937_64 random(11);
  for (std::size_t i = 0; i < 300; ++i) {
    const SetSemantics semantics = random_table(random(), Order::free).semantics;
    const ConstraintSpec spec = random_satisfiable_spec(random, semantics);
    std::vector<LabelSet> sets(1 + random() % 60);
    std::size_t invalid = 0;
    for (LabelSet& set : sets) {
      for (LabelId label = 0; label < semantics.num_labels; ++label) {
        if (random() % 3 == 0) set.insert(label);
      }
      invalid += satisfies(spec, semantics.empty_set, bits_of(set)) ? 0 : 1;
    }
    REQUIRE(share_invalid(Constraints(spec, semantics), sets) ==
            static_cast<double>(invalid) / static_cast<double>(sets.size()));
  }
  CHECK_THROWS_AS(share_invalid(Constraints({}, semantics_of(2)), {}), std::invalid_argument);
}

TEST_CASE("Constraints say nothing of labels that are not theirs") {
  ConstraintSpec spec;
  spec.exclusions = {{0, 1}};
  const Constraints constraints(spec, semantics_of(2));
  CHECK(constraints.is_valid({1, 1000}));
  CHECK_FALSE(constraints.is_valid({0, 1, 1000}));
}

TEST_CASE("A predicate is asked of sets that satisfy the rest") {
  ConstraintSpec spec;
  spec.must = {0};
  std::size_t asked = 0;
  const Constraints constraints(spec, semantics_of(3), {.predicate = [&](const LabelSet& labels) {
                                  ++asked;
                                  return labels.size() != 2;
                                }});
  CHECK(constraints.is_valid({0}));
  CHECK_FALSE(constraints.is_valid({0, 1}));
  CHECK(asked == 2);
  CHECK_FALSE(constraints.is_valid({1}));
  CHECK(asked == 2);
  CHECK(restricted(constraints, {0, 1}) == std::vector<unsigned char>{0, 0, 1, 0});
}

TEST_CASE("Searches refuse constraints made for other semantics") {
  TableModelOptions options;
  options.semantics = semantics_of(3);
  options.document_keys = {1};
  TableModel model(options);
  const auto other = std::make_shared<const Constraints>(ConstraintSpec{}, semantics_of(4));
  CHECK_THROWS_WITH(BeamSearch({.constraints = other}).search(model),
                    contains_text("BeamSearch: the constraints were made for other set semantics"));
  CHECK_THROWS_AS(GreedySearch({.constraints = other}).search(model), std::invalid_argument);
  CHECK_THROWS_WITH(ExhaustiveSearch({.constraints = other}).search(model),
                    contains_text("ExhaustiveSearch: the constraints were made for other"));
  CHECK(model.num_live() == 0);
}
