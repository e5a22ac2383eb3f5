#include <labelbeam/decoders/completion.h>

#include <cmath>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>

#include "catch.h"
#include "random_constraints.h"
#include "random_tables.h"

using labelbeam::ConstraintSpec;
using labelbeam::LabelId;
using labelbeam::LabelSet;
using labelbeam::Marginal;
using labelbeam::ScoredSet;
using labelbeam::SetDistribution;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

namespace {

bool agrees(const LabelSet& set, const Known& known) {
  return known.present.is_subset_of(set) && known.absent.intersection_size(set) == 0;
}

/// Labels of some set are known present, of the others known absent, at random.
Known random_known(std::mt19937_64& random, const LabelSet& truth, std::size_t num_labels) {
  Known known;
  for (LabelId label = 0; label < num_labels; ++label) {
    if (random() % 3 != 0) continue;
    (truth.contains(label) ? known.present : known.absent).insert(label);
  }
  return known;
}

/// What is true of the sets that agree: by filtering the exact ones.
struct ExactRest {
  std::map<LabelSet, double> sets;
  double mass = 0.0;
  std::vector<double> marginals;
};

ExactRest exact_rest(const TableModel& model, const Known& known,
                     const std::function<bool(const LabelSet&)>& is_valid) {
  ExactRest rest;
  rest.marginals.resize(model.semantics().num_labels);
  for (const auto& [set, mass] : model.exact(0).sets) {
    if (!agrees(set, known) || !is_valid(set)) continue;
    rest.sets[set] = mass;
    rest.mass += mass;
    for (LabelId label : set) rest.marginals[label] += mass;
  }
  for (double& marginal : rest.marginals) marginal /= rest.mass;
  return rest;
}

struct CompletionCase {
  TableModelOptions table;
  ConstraintSpec spec;  // without constraints: nothing
  Known known;
};

/// A model, at times constraints, and labels that some set of non-zero probability agrees with.
bool random_case(std::uint64_t seed, Order order, CompletionCase& made) {
  std::mt19937_64 random(seed);
  made.table = random_table(seed, order);
  made.spec = {};
  if (seed % 2 == 0) made.spec = random_satisfiable_spec(random, made.table.semantics);
  std::vector<LabelSet> possible;
  for (const auto& [set, mass] : TableModel(made.table).exact(0).sets) {
    if (satisfies(made.spec, made.table.semantics.empty_set, bits_of(set))) possible.push_back(set);
  }
  if (possible.empty()) return false;
  made.known =
      random_known(random, possible[random() % possible.size()], made.table.semantics.num_labels);
  return true;
}

ExactRest exact_rest(const TableModel& model, const CompletionCase& made) {
  return exact_rest(model, made.known, [&](const LabelSet& set) {
    return satisfies(made.spec, made.table.semantics.empty_set, bits_of(set));
  });
}

BeamOptions options_of(const CompletionCase& made, std::size_t beam_size) {
  return {.beam_size = beam_size,
          .num_sets = 2 * beam_size,
          .stop_mass = 0.0,
          .constraints = std::make_shared<const Constraints>(made.spec, made.table.semantics)};
}

void require_sound_rest(const SetDistribution& found, const ExactRest& exact, const Known& known) {
  const double tolerance = 1e-12 + 1e-14 / exact.mass;
  for (const ScoredSet& set : found.sets) REQUIRE(agrees(set.labels, known));
  REQUIRE(found.valid.lower <= exact.mass + 1e-12);
  REQUIRE(found.valid.upper >= exact.mass - 1e-12);
  double best = 0.0;
  for (const auto& [set, mass] : exact.sets) best = std::max(best, mass);
  if (found.certified) REQUIRE(exact.sets.at(found.sets.front().labels) >= best - 1e-12);
  for (std::size_t l = 0; l < exact.marginals.size(); ++l) {
    const Marginal& marginal = found.marginals[l];
    REQUIRE(marginal.lower <= exact.marginals[l] + tolerance);
    REQUIRE(marginal.upper >= exact.marginals[l] - tolerance);
    REQUIRE(marginal.lower <= marginal.estimate);
    REQUIRE(marginal.estimate <= marginal.upper);
  }
}

void require_equal_rest(const SetDistribution& found, const ExactRest& exact) {
  REQUIRE(found.sets.size() == exact.sets.size());
  for (const ScoredSet& set : found.sets) {
    const double mass = exact.sets.at(set.labels);
    REQUIRE(std::abs(std::exp(set.log_prob) - mass) <= 1e-10);
    REQUIRE(std::abs(set.weight - mass / exact.mass) <= 1e-10);
  }
  REQUIRE(std::abs(found.valid.lower - exact.mass) <= 1e-10);
  REQUIRE(std::abs(found.valid.upper - exact.mass) <= 1e-10);
  const double tolerance = 1e-10 + 1e-14 / exact.mass;
  for (std::size_t l = 0; l < exact.marginals.size(); ++l) {
    REQUIRE(std::abs(found.marginals[l].estimate - exact.marginals[l]) <= tolerance);
  }
}

/// u(truth, answer) for the rules that the questions are tested with.
using Utility = std::function<double(const LabelSet& truth, const LabelSet& answer)>;

/// The best expected utility over all 2^L answers, unnormalised, of the sets that hold a label
/// (1), do not (0), or all (-1).
double best_sum(const SetDistribution& distribution, const Utility& utility, LabelId label,
                int holds) {
  const std::size_t num_labels = distribution.marginals.size();
  double best = 0.0;
  for (LabelBits bits = 0; bits >> num_labels == 0; ++bits) {
    LabelSet answer;
    for (LabelId l = 0; l < num_labels; ++l) {
      if (bits >> l & 1u) answer.insert(l);
    }
    double sum = 0.0;
    for (const ScoredSet& set : distribution.sets) {
      if (holds >= 0 && set.labels.contains(label) != (holds == 1)) continue;
      sum += set.weight * utility(set.labels, answer);
    }
    best = std::max(best, sum);
  }
  return best;
}

double f1(const LabelSet& truth, const LabelSet& answer) {
  const std::size_t sizes = truth.size() + answer.size();
  if (sizes == 0) return 1.0;
  return 2.0 * static_cast<double>(truth.intersection_size(answer)) / static_cast<double>(sizes);
}

}  // namespace

TEST_CASE("Completion equals enumeration of the sets that agree") {
  const Order order = GENERATE(Order::fixed, Order::free);
  std::size_t checked = 0;
  for (std::uint64_t seed = 0; checked < num_table_models(); ++seed) {
    CompletionCase made;
    if (!random_case(seed, order, made)) continue;
    TableModel model(made.table);
    INFO("seed " << seed);
    const ExactRest exact = exact_rest(model, made);
    const SetDistribution found = complete(model, made.known, options_of(made, 512));
    require_equal_rest(found, exact);
    require_sound_rest(found, exact, made.known);
    if (order == Order::fixed) REQUIRE(found.certified);
    ++checked;
  }
}

TEST_CASE("Completion by a narrow beam keeps bounds that hold") {
  const Order order = GENERATE(Order::fixed, Order::free);
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    CompletionCase made;
    if (!random_case(seed, order, made)) continue;
    TableModel model(made.table);
    INFO("seed " << seed);
    const SetDistribution found = complete(model, made.known, options_of(made, 1 + seed % 4));
    require_sound_rest(found, exact_rest(model, made), made.known);
  }
}

TEST_CASE("A distribution given what is known equals enumeration, and its bounds hold") {
  const Order order = GENERATE(Order::fixed, Order::free);
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    CompletionCase made;
    if (!random_case(seed, order, made)) continue;
    TableModel model(made.table);
    INFO("seed " << seed);
    const ExactRest exact = exact_rest(model, made);
    const SetDistribution all = BeamSearch(options_of(made, 512)).search(model).front();
    const SetDistribution given = condition(all, made.known);
    for (const ScoredSet& set : given.sets) {  // the estimate of p(set) is what it was
      REQUIRE(std::abs(set.weight * given.weight_sum - std::exp(set.log_prob)) <= 1e-12);
    }
    require_equal_rest(given, exact);
    require_sound_rest(given, exact, made.known);
    const SetDistribution some = BeamSearch(options_of(made, 1 + seed % 4)).search(model).front();
    require_sound_rest(condition(some, made.known), exact, made.known);
  }
}

TEST_CASE("The labels to ask equal brute force over all answers") {
  struct Rule {
    Utility utility;
    DecisionRule rule;
  };
  const std::vector<Rule> rules = {
      {[](const LabelSet& y, const LabelSet& z) { return y == z ? 1.0 : 0.0; },
       decide_subset_accuracy},
      {f1,
       [](const SetDistribution& distribution) {
         return decide_fbeta(distribution, 1.0, EmptyConvention::one);
       }},
      {[](const LabelSet& y, const LabelSet& z) {
         const std::size_t differ = y.size() + z.size() - 2 * y.intersection_size(z);
         return 1.0 - static_cast<double>(differ) / 6.0;
       },
       decide_hamming},
  };
  const auto& [utility, rule] = rules[GENERATE(0u, 1u, 2u)];
  std::mt19937_64 random(11);
  std::size_t useful = 0;
  for (std::size_t i = 0; i < 150; ++i) {
    const SetDistribution distribution = random_distribution(random, 6, 1 + random() % 30);
    const std::vector<LabelQuestion> questions = rank_questions(distribution, rule);
    const double unasked = best_sum(distribution, utility, 0, -1);
    double largest = 0.0;
    std::size_t uncertain = 0;
    for (LabelId label = 0; label < 6; ++label) {
      std::size_t holders = 0;
      for (const ScoredSet& set : distribution.sets) holders += set.labels.contains(label);
      const bool is_open = holders > 0 && holders < distribution.sets.size();
      uncertain += is_open;
      const double gain = best_sum(distribution, utility, label, 1) +
                          best_sum(distribution, utility, label, 0) - unasked;
      if (is_open) largest = std::max(largest, gain);
      for (const LabelQuestion& question : questions) {
        if (question.label != label) continue;
        REQUIRE(std::abs(question.gain - gain) <= 1e-12);
        REQUIRE(std::abs(question.prob - distribution.marginals[label].estimate) <= 1e-12);
      }
    }
    REQUIRE(questions.size() == uncertain);
    for (std::size_t q = 1; q < questions.size(); ++q) {
      REQUIRE(questions[q - 1].gain >= questions[q].gain);
    }
    if (!questions.empty()) REQUIRE(std::abs(questions.front().gain - largest) <= 1e-12);
    useful += largest > 1e-6;
  }
  CHECK(useful > 50);
}

TEST_CASE("Asking the most useful label until none is open ends with the truth") {
  for (std::uint64_t seed = 1; seed < 100; seed += 2) {
    CompletionCase made;
    if (!random_case(seed, Order::fixed, made)) continue;
    TableModel model(made.table);
    const std::map<LabelSet, double> sets = model.exact(0).sets;
    const LabelSet truth =
        std::next(sets.begin(), static_cast<std::ptrdiff_t>(seed % sets.size()))->first;
    Known known;
    SetDistribution rest = complete(model, known, options_of(made, 512));
    std::size_t asked = 0;
    for (;;) {
      const std::vector<LabelQuestion> questions = rank_questions(rest, decide_subset_accuracy);
      if (questions.empty()) break;
      const LabelId label = questions.front().label;
      (truth.contains(label) ? known.present : known.absent).insert(label);
      rest = complete(model, known, options_of(made, 512));
      ++asked;
    }
    REQUIRE(asked <= made.table.semantics.num_labels);
    REQUIRE(rest.sets.size() == 1);
    REQUIRE(rest.sets.front().labels == truth);
  }
}

TEST_CASE("Completion keeps the predicate and the rules of its constraints") {
  TableModelOptions options;
  options.semantics.num_labels = options.semantics.max_size = 4;
  options.document_keys = {7};
  TableModel model(options);
  ConstraintSpec spec;
  spec.implications = {{{0}, {1}}};
  BeamOptions beam{.beam_size = 64, .stop_mass = 0.0};
  beam.constraints = std::make_shared<const Constraints>(
      spec, options.semantics,
      ConstraintOptions{.predicate = [](const LabelSet& set) { return set.size() == 3; }});
  const SetDistribution found = complete(model, {{0}, {}}, beam);
  REQUIRE(found.sets.size() == 2);
  for (const ScoredSet& set : found.sets) {
    CHECK((set.labels == LabelSet{0, 1, 2} || set.labels == LabelSet{0, 1, 3}));
  }
}

TEST_CASE("Weights that underflowed are made anew from the probabilities") {
  SetDistribution distribution;
  distribution.sets = {
      {{0}, 0.0, 0.0, 1.0}, {{1}, -800.0, -800.0, 0.0}, {{1, 2}, -801.0, -801.0, 0.0}};
  distribution.marginals.resize(3);
  distribution.residual = 0.0;
  const SetDistribution rest = condition(distribution, {{1}, {}});
  REQUIRE(rest.sets.size() == 2);
  CHECK(rest.sets[0].weight == Approx(1.0 / (1.0 + std::exp(-1.0))));
  CHECK(rest.marginals[2].estimate == Approx(rest.sets[1].weight));
  CHECK(rest.marginals[2].upper == 1.0);
}

TEST_CASE("What no set agrees with leaves an empty distribution") {
  std::mt19937_64 random(3);
  SetDistribution distribution = random_distribution(random, 3, 8);
  std::erase_if(distribution.sets, [](const ScoredSet& set) { return set.labels.contains(2); });
  const SetDistribution rest = condition(distribution, {{2}, {}});
  CHECK(rest.sets.empty());
  CHECK(rest.valid.lower == 0.0);
  CHECK_FALSE(rest.certified);
  CHECK(rank_questions(rest, decide_subset_accuracy).empty());
}

TEST_CASE("What cannot be known is refused") {
  TableModelOptions options = random_table(4, Order::fixed);
  options.semantics.num_labels = options.semantics.max_size = 3;
  options.semantics.order = labelbeam::LabelOrder::fixed({2, 0, 1});
  options.document_keys = {1};
  TableModel model(options);
  CHECK_THROWS_WITH(complete(model, {{3}, {}}), contains_text("there is no label 3, but 3 labels"));
  CHECK_THROWS_WITH(complete(model, {{1}, {0, 1}}),
                    contains_text("label 1 is both present and absent"));
  ConstraintSpec spec;
  spec.implications = {{{1}, {2}}};
  BeamOptions beam;
  beam.constraints = std::make_shared<const Constraints>(spec, options.semantics);
  CHECK_THROWS_WITH(complete(model, {{1}, {2}}, beam),
                    contains_text("label 1 implies label 2; label 2 may be in no answer"));
  beam.constraints = std::make_shared<const Constraints>(
      spec, options.semantics, ConstraintOptions{.meaning = ConstraintMeaning::renormalise});
  CHECK_THROWS_WITH(complete(model, {}, beam), contains_text("the constraints renormalise"));
  options.document_keys = {1, 2};
  TableModel two(options);
  CHECK_THROWS_WITH(complete(two, {}), contains_text("must have one document, not 2"));
  CHECK_THROWS_AS(condition(SetDistribution{}, {{0}, {}}), std::invalid_argument);
}
