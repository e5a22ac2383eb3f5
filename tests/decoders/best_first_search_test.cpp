#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/best_first_search.h>
#include <labelbeam/decoders/exhaustive_search.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

#include "../support/label_decoder_model.h"
#include "catch.h"
#include "random_tables.h"

using labelbeam::LabelId;
using labelbeam::LabelSet;
using labelbeam::ScoredSet;
using labelbeam::SetDistribution;
using labelbeam::StateId;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

namespace {

/// The probabilities of the sets of at most D labels, largest first.
std::vector<double> ranked_masses(const TableModel& model, std::size_t document) {
  std::vector<double> masses;
  for (const auto& [set, mass] : model.exact(document).sets) {
    if (set.size() <= model.semantics().max_size) masses.push_back(mass);
  }
  std::sort(masses.begin(), masses.end(), std::greater<>());
  return masses;
}

/// Random tables, of which every other one is cut off at D < L.
TableModelOptions random_cut_table(std::uint64_t seed, Order order, std::size_t num_documents = 1) {
  TableModelOptions options = random_table(seed, order, num_documents);
  if (seed % 2 == 0) options.semantics.max_size = 1 + options.semantics.max_size / 2;
  return options;
}

}  // namespace

TEST_CASE("Best-first search for all sets equals the exact answer and exhaustive search") {
  const Order order = GENERATE(Order::fixed, Order::free);
  const ExhaustiveSearch exhaustive;
  std::size_t documents = 0;
  for (std::uint64_t seed = 0; documents < num_table_models(); ++seed) {
    TableModel model(random_table(seed, order, 2));
    const std::vector<SetDistribution> found =
        BestFirstSearch({.num_sets = kAllSets, .heads = 1 + seed % 5}).search(model);
    const std::vector<SetDistribution> all = exhaustive.search(model);
    REQUIRE(found.size() == 2);
    INFO("seed " << seed);
    for (std::size_t i = 0; i < found.size(); ++i, ++documents) {
      REQUIRE_NOTHROW(require_exact(found[i], model.exact(i), 1e-10));
      REQUIRE(found[i].certified == !found[i].sets.empty());
      for (std::size_t s = 0; s < all[i].sets.size(); ++s) {  // the same sets up to ties
        const double mine = std::exp(found[i].sets[s].log_prob);
        if (std::abs(mine - std::exp(all[i].sets[s].log_prob)) > 1e-10) FAIL("rank " << s);
      }
    }
    REQUIRE(model.num_live() == 0);
  }
}

TEST_CASE("The most probable set is found, certified, and without seeing everything") {
  const Order order = GENERATE(Order::fixed, Order::free);
  std::size_t scored = 0;
  std::size_t all = 0;
  for (std::uint64_t seed = 0; seed < num_table_models(); ++seed) {
    TableModel model(random_table(seed, order));
    const SetDistribution found = BestFirstSearch({.heads = 1 + seed % 4}).search(model).front();
    scored += found.num_scored;
    REQUIRE(model.num_rows_scored() == found.num_scored);
    const std::vector<double> exact = ranked_masses(model, 0);
    INFO("seed " << seed);
    REQUIRE_NOTHROW(require_sound(found, model, 0));
    REQUIRE(found.certified == !exact.empty());
    if (!exact.empty()) {
      const LabelSet& best = found.sets.front().labels;
      REQUIRE(std::abs(model.exact(0).sets.at(best) - exact.front()) <= 1e-10);
    }
    all += BestFirstSearch({.num_sets = kAllSets}).search(model).front().num_scored;
  }
  CHECK(2 * scored < all);
}

TEST_CASE("The n most probable sets are found") {
  const Order order = GENERATE(Order::fixed, Order::free);
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const std::size_t n = 2 + seed % 5;
    TableModel model(random_cut_table(seed, order));
    const SetDistribution found = BestFirstSearch({.num_sets = n}).search(model).front();
    const std::map<LabelSet, double> truth = model.exact(0).sets;
    const std::vector<double> exact = ranked_masses(model, 0);
    INFO("seed " << seed);
    REQUIRE_NOTHROW(require_sound(found, model, 0));
    REQUIRE(found.sets.size() == std::min(n, exact.size()));
    std::vector<double> masses;
    for (const ScoredSet& set : found.sets) masses.push_back(truth.at(set.labels));
    std::sort(masses.begin(), masses.end(), std::greater<>());
    for (std::size_t i = 0; i < masses.size(); ++i) {
      REQUIRE(std::abs(masses[i] - exact[i]) <= 1e-10);
    }
    if (!exact.empty()) REQUIRE(truth.at(found.sets.front().labels) >= exact.front() - 1e-10);
  }
}

TEST_CASE("Under a fixed order neither ties nor heads change the sets") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    TableModelOptions options = random_table(seed, Order::fixed);
    options.ties = true;
    TableModel model(options);
    const std::size_t n = 1 + seed % 4;
    const SetDistribution one = BestFirstSearch({.num_sets = n, .heads = 1}).search(model).front();
    const SetDistribution all = BestFirstSearch({.num_sets = kAllSets}).search(model).front();
    for (const std::size_t heads : {2u, 7u, 1000u}) {
      const SetDistribution many =
          BestFirstSearch({.num_sets = n, .heads = heads}).search(model).front();
      REQUIRE(many.sets == one.sets);
      REQUIRE(many.num_scored >= one.num_scored);
    }
    for (std::size_t i = 0; i < one.sets.size(); ++i) {
      REQUIRE(one.sets[i].labels == all.sets[i].labels);
    }
  }
}

TEST_CASE("Every budget gives bounds that hold") {
  const Order order = GENERATE(Order::fixed, Order::free);
  std::size_t certified = 0;
  std::size_t answers = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    TableModel model(random_cut_table(seed, order));
    for (std::size_t budget = 1; budget <= 40; budget += 1 + budget / 5) {
      INFO("seed " << seed << ", budget " << budget);
      const SetDistribution found =
          BestFirstSearch({.num_sets = 1 + seed % 3, .max_scored = budget, .heads = 1 + seed % 4})
              .search(model)
              .front();
      REQUIRE_NOTHROW(require_sound(found, model, 0));
      REQUIRE(found.num_scored >= 1);
      REQUIRE(found.num_scored <= budget);
      certified += found.certified;
      ++answers;
    }
    REQUIRE(model.num_live() == 0);
  }
  CHECK(certified > answers / 10);
  CHECK(certified < answers);
}

TEST_CASE("A budget of one state knows the empty set and the first labels") {
  const Order order = GENERATE(Order::fixed, Order::free);
  TableModel model(plain_table(3, order));
  const SetDistribution found = BestFirstSearch({.max_scored = 1}).search(model).front();
  const TableModel::Exact exact = model.exact(0);
  CHECK(found.num_scored == 1);
  REQUIRE(found.sets.size() == 1);
  CHECK(found.sets[0].labels == LabelSet{});
  CHECK(std::exp(found.sets[0].log_prob) == Approx(exact.sets.at(LabelSet{})));
  CHECK(found.residual == Approx(1.0 - exact.sets.at(LabelSet{})));
  CHECK(found.marginals[0].lower <= exact.marginals[0]);

  CHECK(model.num_live() == 0);
}

TEST_CASE("A budget ends a search that would not end by itself") {
  const Order order = GENERATE(Order::fixed, Order::free);
  TableModelOptions options = plain_table(300, order);
  options.scale = 0.1;
  TableModel model(options);
  const SetDistribution found =
      BestFirstSearch({.max_scored = 50, .heads = 8}).search(model).front();
  CHECK(found.num_scored == 50);
  CHECK(model.num_rows_scored() == 50);
  CHECK_FALSE(found.certified);
  REQUIRE(found.sets.size() == 1);
  CHECK(found.residual > 0.5);
}

TEST_CASE("One head scores at most (D + 1) / p states for a set of probability p") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    TableModel model(random_cut_table(seed, Order::fixed));
    const SetDistribution found = BestFirstSearch({.heads = 1}).search(model).front();
    if (found.sets.empty()) continue;
    const double most =
        static_cast<double>(model.semantics().max_size + 1) / std::exp(found.sets.front().log_prob);
    REQUIRE(static_cast<double>(found.num_scored) <= most * (1.0 + 1e-9));
  }
}

TEST_CASE("With a beam size the answer is the beam's, and never more states are scored") {
  const double stop_mass = GENERATE(1.0, 0.0);
  std::size_t unlike_exact = 0;
  std::size_t fewer = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    TableModelOptions options = random_cut_table(seed, Order::fixed, 2);
    options.ties = options.ties || seed % 3 == 0;
    TableModel model(options);
    const std::size_t beam_size = 1 + seed % 6;
    const std::size_t n = 1 + seed % 4;
    const std::vector<SetDistribution> beam =
        BeamSearch({.beam_size = beam_size, .num_sets = n, .stop_mass = stop_mass}).search(model);
    const std::vector<SetDistribution> exact = BestFirstSearch({.num_sets = n}).search(model);
    for (const std::size_t heads : {1u, 3u, 50u}) {
      const std::vector<SetDistribution> found =
          BestFirstSearch({.num_sets = n, .heads = heads, .beam_size = beam_size}).search(model);
      INFO("seed " << seed << ", beam " << beam_size << ", sets " << n << ", heads " << heads);
      for (std::size_t i = 0; i < found.size(); ++i) {
        REQUIRE(found[i].sets == beam[i].sets);
        REQUIRE(found[i].certified == beam[i].certified);
        REQUIRE(found[i].num_scored <= beam[i].num_scored);
        REQUIRE_NOTHROW(require_sound(found[i], model, i));
        unlike_exact += found[i].sets != exact[i].sets;
        fewer += found[i].num_scored < beam[i].num_scored;
      }
    }
    REQUIRE(model.num_live() == 0);
  }
  CHECK(unlike_exact > 150);
  CHECK(fewer > 1000);
}

TEST_CASE("A beam size is refused under a free order") {
  TableModel model(plain_table(3, Order::free));
  CHECK_THROWS_WITH(BestFirstSearch({.beam_size = 4}).search(model),
                    contains_text("BestFirstSearch: beam_size is for models of a fixed order"));
  CHECK(model.num_live() == 0);
}

TEST_CASE("On peaked label decoders the mode takes at most half the states of a beam of 10") {
  std::size_t best_first = 0;
  std::size_t eight_heads = 0;
  std::size_t as_beam = 0;
  std::size_t beam = 0;
  double probability = 0.0;
  double size = 0.0;
  double documents = 0.0;
  for (const std::size_t num_labels : {11u, 20u, 30u}) {
    LabelDecoderModel model(num_labels, 100, num_labels);
    const auto modes = BestFirstSearch({.heads = 1}).search(model);
    const auto several = BestFirstSearch({.heads = 8}).search(model);
    const auto beam_modes = BestFirstSearch({.heads = 1, .beam_size = 10}).search(model);
    // The beam at its best: it stops as soon as its mode cannot change.
    const auto beams = BeamSearch({.beam_size = 10, .num_sets = 1, .stop_mass = 1.0}).search(model);
    for (std::size_t i = 0; i < modes.size(); ++i) {
      REQUIRE(modes[i].certified);
      REQUIRE(modes[i].sets.front().log_prob >= beams[i].sets.front().log_prob);
      REQUIRE(beam_modes[i].sets == beams[i].sets);
      best_first += modes[i].num_scored;
      REQUIRE(several[i].sets == modes[i].sets);
      eight_heads += several[i].num_scored;
      as_beam += beam_modes[i].num_scored;
      beam += beams[i].num_scored;
      probability += std::exp(modes[i].sets.front().log_prob);
      size += static_cast<double>(modes[i].sets.front().labels.size());
      documents += 1.0;
    }
  }
  INFO("states: best-first " << best_first << ", with eight heads " << eight_heads
                             << ", as a beam of 10 " << as_beam << ", beam " << beam);
  CHECK(2 * best_first <= beam);
  CHECK(4 * eight_heads <= 5 * best_first);
  CHECK(as_beam <= best_first);
  // What the models are meant to look like.
  CHECK(probability / documents > 0.3);
  CHECK(probability / documents < 0.55);
  CHECK(size / documents > 2.0);
  CHECK(size / documents < 3.0);
}

TEST_CASE("A best-first result does not depend on its batch or row") {
  const Order order = GENERATE(Order::fixed, Order::free);
  const std::size_t beam_size = order == Order::fixed ? GENERATE(0u, 3u) : 0u;
  const BestFirstSearch search(
      {.num_sets = 2, .max_scored = 20, .heads = 3, .beam_size = beam_size});
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    TableModelOptions options = random_table(seed, order, 7);
    TableModel together(options);
    const std::vector<SetDistribution> batch = search.search(together);
    const std::vector<std::uint64_t> keys = options.document_keys;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      options.document_keys = {keys[i]};
      TableModel alone(options);
      const SetDistribution single = search.search(alone).front();
      REQUIRE(single.sets == batch[i].sets);
      REQUIRE(single.marginals == batch[i].marginals);
      REQUIRE(single.residual == batch[i].residual);
      REQUIRE(single.certified == batch[i].certified);
      REQUIRE(single.num_scored == batch[i].num_scored);
    }
  }
}

TEST_CASE("All documents' heads are scored in one call, and finished documents drop out") {
  LabelDecoderModel model(11, 50, 3);
  const auto found = BestFirstSearch({.heads = 4}).search(model);
  std::size_t most = 0;
  std::size_t total = 0;
  for (const SetDistribution& document : found) {
    most = std::max(most, document.num_scored);
    total += document.num_scored;
  }
  CHECK(model.num_calls() <= most);
  CHECK(model.num_calls() < total / 10);
}

TEST_CASE("States without open children are released during the search") {
  // A chain: after each label only one more is possible, so that no more than two states live.
  struct Chain : TableModel {
    using TableModel::TableModel;
    std::size_t most_live = 0;
    void logits(std::span<const StateId> states, std::span<float> out) override {
      TableModel::logits(states, out);
      most_live = std::max(most_live, num_live());
      const std::size_t num_tokens = semantics().num_tokens();
      const std::size_t next = num_rows_scored() - 1;
      for (std::size_t v = 0; v < num_tokens; ++v) {
        out[v] = v == next ? 0.0f : -std::numeric_limits<float>::infinity();
      }
    }
  };
  Chain model(plain_table(12));
  const SetDistribution found = BestFirstSearch().search(model).front();
  CHECK(found.num_scored == 13);
  CHECK(found.sets.front().labels.size() == 12);
  CHECK(model.most_live == 1);
  CHECK(model.num_live() == 0);
}

TEST_CASE("Mass beyond the size limit is reported and counts against the certificate") {
  const Order order = GENERATE(Order::fixed, Order::free);
  TableModelOptions options = plain_table(5, order);
  options.semantics.max_size = 1;
  options.scale = 0.01;
  TableModel model(options);
  const SetDistribution found = BestFirstSearch({.num_sets = 10}).search(model).front();
  CHECK(found.truncated);
  CHECK(found.sets.size() == 6);
  CHECK(found.num_scored == 6);
  CHECK_NOTHROW(require_sound(found, model, 0));
  if (order == Order::free) {
    CHECK_FALSE(found.certified);  // more mass is beyond D than in any set
    for (const ScoredSet& set : found.sets) CHECK(set.log_upper == set.log_prob);
  }
}

TEST_CASE("Best-first search of a document without any possible token has no sets") {
  const Order order = GENERATE(Order::fixed, Order::free);
  TableModelOptions options = plain_table(3, order);
  options.zero_share = 2.0;
  TableModel model(options);
  const SetDistribution found = BestFirstSearch().search(model).front();
  CHECK(found.sets.empty());
  CHECK(found.residual == 1.0);
  CHECK_FALSE(found.certified);
  CHECK(found.marginals.size() == 3);
  CHECK(found.num_scored == 1);
  CHECK(model.num_live() == 0);
}

TEST_CASE("Best-first search refuses a NaN or infinite logit by document, and releases states") {
  const float fault =
      GENERATE(std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity());
  struct FaultyModel : TableModel {
    using TableModel::TableModel;
    float fault = 0.0f;
    void logits(std::span<const StateId> states, std::span<float> out) override {
      TableModel::logits(states, out);
      if (num_rows_scored() > 2) out[4 + 2] = fault;  // the second row: from the second call on
    }
  };
  TableModelOptions options = plain_table(3);
  options.document_keys = {1, 2};
  FaultyModel model(options);
  model.fault = fault;
  CHECK_THROWS_WITH(BestFirstSearch({.num_sets = 8, .heads = 1}).search(model),
                    contains_text("BestFirstSearch: document 1: the logit of token 2 is"));
  CHECK(model.num_live() == 0);
}

TEST_CASE("States are released when the model throws") {
  struct ThrowingModel : TableModel {
    using TableModel::TableModel;
    int calls_left = 0;
    void advance(std::span<const StateId> parents, std::span<const LabelId> labels,
                 std::span<StateId> children) override {
      if (calls_left-- == 0) throw std::runtime_error("no memory for a state");
      TableModel::advance(parents, labels, children);
    }
  };
  for (int calls = 0; calls < 6; ++calls) {
    TableModelOptions options = plain_table(5);
    options.document_keys = {1, 2, 3};
    ThrowingModel model(options);
    model.calls_left = calls;
    CHECK_THROWS_AS(BestFirstSearch({.num_sets = 20}).search(model), std::runtime_error);
    CHECK(model.num_live() == 0);
  }
}

TEST_CASE("Best-first search takes one label and a hundred thousand") {
  const Order order = GENERATE(Order::fixed, Order::free);
  for (std::uint64_t key = 0; key < 20; ++key) {
    TableModelOptions options = plain_table(1, order);
    options.document_keys = {key};
    TableModel model(options);
    const SetDistribution found = BestFirstSearch({.num_sets = 5}).search(model).front();
    REQUIRE_NOTHROW(require_exact(found, model.exact(0), 1e-12));
    REQUIRE(found.certified);
  }
  TableModelOptions options = plain_table(100'000, order);
  options.semantics.max_size = 3;
  TableModel model(options);
  const SetDistribution found =
      BestFirstSearch({.num_sets = 2, .max_scored = 10}).search(model).front();
  CHECK(found.num_scored == 10);
  CHECK(found.sets.size() == 2);
  CHECK(found.marginals.size() == 100'000);
  CHECK(model.num_live() == 0);
}

TEST_CASE("Best-first search of a batch without documents has no results") {
  TableModelOptions options = plain_table(2);
  options.document_keys = {};
  TableModel model(options);
  CHECK(BestFirstSearch().search(model).empty());
}

TEST_CASE("Best-first options are checked") {
  CHECK_THROWS_WITH(
      BestFirstSearch({.num_sets = 0}),
      contains_text("BestFirstSearch: num_sets must be between 1 and 16777216, got 0"));
  CHECK_THROWS_WITH(BestFirstSearch({.max_scored = 0}),
                    contains_text("BestFirstSearch: max_scored must be between 1 and"));
  CHECK_THROWS_WITH(BestFirstSearch({.heads = 0}),
                    contains_text("BestFirstSearch: heads must be at least 1, got 0"));
  CHECK_THROWS_AS(BestFirstSearch({.num_sets = kMaxBeamSize + 1}), std::invalid_argument);
  CHECK_THROWS_AS(BestFirstSearch({.max_scored = kMaxScored + 1}), std::invalid_argument);
  CHECK_THROWS_AS(BestFirstSearch({.beam_size = kMaxBeamSize + 1}), std::invalid_argument);
}
