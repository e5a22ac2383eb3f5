#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/exhaustive_search.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "catch.h"
#include "random_tables.h"

using labelbeam::EmptySet;
using labelbeam::LabelOrder;
using labelbeam::LabelSet;
using labelbeam::SetDistribution;
using labelbeam::StateId;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

namespace {

// Enough for every prefix of one size: C(10, 5) under a fixed order, 5! under a free one.
BeamOptions wide_beam() { return {.beam_size = 512, .num_sets = 1024, .stop_mass = 0.0}; }

/// A model that gives the same hand-written logits at every prefix.
class ScriptedModel : public TableModel {
 public:
  ScriptedModel(TableModelOptions options, std::vector<float> row)
      : TableModel(std::move(options)), row_(std::move(row)) {}
  void logits(std::span<const StateId> states, std::span<float> out) override {
    for (std::size_t r = 0; r < states.size(); ++r) {
      std::copy(row_.begin(), row_.end(),
                out.begin() + static_cast<std::ptrdiff_t>(r * row_.size()));
    }
  }

 private:
  std::vector<float> row_;
};

void require_equal_up_to_ties(const SetDistribution& beam, const SetDistribution& exhaustive) {
  REQUIRE(beam.sets.size() == exhaustive.sets.size());
  for (std::size_t i = 0; i < beam.sets.size(); ++i) {
    const double difference =
        std::exp(beam.sets[i].log_prob) - std::exp(exhaustive.sets[i].log_prob);
    if (std::abs(difference) > 1e-10) FAIL("rank " << i << " differs by " << difference);
  }
}

}  // namespace

TEST_CASE("A wide beam equals the exact answer and exhaustive search on random tables") {
  const Order order = GENERATE(Order::fixed, Order::free);
  const BeamSearch beam(wide_beam());
  const ExhaustiveSearch exhaustive;
  std::size_t documents = 0;
  for (std::uint64_t seed = 0; documents < num_table_models(); ++seed) {
    TableModel model(random_table(seed, order, 2));
    const std::vector<SetDistribution> found = beam.search(model);
    const std::vector<SetDistribution> all = exhaustive.search(model);
    REQUIRE(found.size() == 2);
    INFO("seed " << seed);
    for (std::size_t i = 0; i < found.size(); ++i, ++documents) {
      REQUIRE_NOTHROW(require_exact(found[i], model.exact(i), 1e-10));
      require_equal_up_to_ties(found[i], all[i]);
      if (order == Order::fixed) REQUIRE(found[i].certified == !found[i].sets.empty());
    }
    REQUIRE(model.num_live() == 0);
  }
}

TEST_CASE("Narrow beams give bounds that hold and masses that sum to 1") {
  const Order order = GENERATE(Order::fixed, Order::free);
  const double stop_mass = GENERATE(0.0, 1e-3, 1.0);
  std::size_t certified = 0;
  std::size_t documents = 0;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const std::size_t beam_size = 1 + seed % 6;
    TableModelOptions options = random_table(seed, order, 2);
    if (seed % 2 == 0) options.semantics.max_size = 1 + options.semantics.max_size / 2;
    TableModel model(options);
    const std::vector<SetDistribution> found =
        BeamSearch({.beam_size = beam_size, .num_sets = 1 + seed % 9, .stop_mass = stop_mass})
            .search(model);
    INFO("seed " << seed << ", beam " << beam_size);
    for (std::size_t i = 0; i < found.size(); ++i, ++documents) {
      REQUIRE_NOTHROW(require_sound(found[i], model, i));
      REQUIRE(found[i].sets.size() <= 1 + seed % 9);
      certified += found[i].certified;
    }
    REQUIRE(model.num_live() == 0);
    REQUIRE(model.most_rows_in_a_call() <= 2 * beam_size);
  }
  CHECK(certified > documents / 10);
  CHECK(certified < documents);
}

TEST_CASE("The result of a document does not depend on its batch or row") {
  const Order order = GENERATE(Order::fixed, Order::free);
  const BeamSearch beam({.beam_size = 4});
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    TableModelOptions options = random_table(seed, order, 7);
    TableModel together(options);
    const std::vector<SetDistribution> batch = beam.search(together);
    const std::vector<std::uint64_t> keys = options.document_keys;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      options.document_keys = {keys[i]};
      TableModel alone(options);
      const SetDistribution single = beam.search(alone).front();
      REQUIRE(single.sets == batch[i].sets);
      REQUIRE(single.marginals == batch[i].marginals);
      REQUIRE(single.residual == batch[i].residual);
      REQUIRE(single.certified == batch[i].certified);
    }
  }
}

TEST_CASE("The first step has one row a document and finished documents drop out") {
  TableModelOptions options = plain_table(6);
  options.document_keys = {1, 2, 3};
  options.scale = 40.0;
  TableModel model(options);
  BeamSearch({.beam_size = 3, .stop_mass = 1e-3}).search(model);
  CHECK(model.num_rows_scored() >= 3);
  CHECK(model.num_rows_scored() < 3 * (1 + 3 * 6));
}

TEST_CASE("Finished prefixes leave the beam, which is refilled") {
  // p(END) = 1/2 everywhere; with a beam of two, two *live* prefixes are kept although END is best.
  ScriptedModel model(plain_table(3), {0.0f, 0.0f, -1.0f, std::log(3.0f)});
  const SetDistribution found =
      BeamSearch({.beam_size = 2, .num_sets = 4, .stop_mass = 0.0}).search(model).front();
  REQUIRE(found.sets.size() == 4);
  CHECK(found.sets[0].labels == LabelSet{});
  CHECK(found.sets[1].labels == LabelSet{1});
  CHECK(found.sets[2].labels == LabelSet{0});
  CHECK(found.sets[3].labels == LabelSet{0, 1});
}

TEST_CASE("With stop_mass 1 the returned sets are those of a search that never stops early") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    TableModel model(random_table(seed, Order::fixed));
    BeamOptions options{.beam_size = 8, .num_sets = 3, .stop_mass = 0.0};
    const SetDistribution full = BeamSearch(options).search(model).front();
    const std::size_t rows = model.num_rows_scored();
    options.stop_mass = 1.0;
    const SetDistribution stopped = BeamSearch(options).search(model).front();
    REQUIRE(model.num_rows_scored() <= 2 * rows);
    REQUIRE(stopped.sets == full.sets);
    for (std::size_t l = 0; l < full.marginals.size(); ++l) {
      REQUIRE(stopped.marginals[l].lower <= full.marginals[l].lower);
      REQUIRE(stopped.marginals[l].upper >= full.marginals[l].upper - 1e-12);
    }
  }
}

TEST_CASE("Stopping early takes at most stop_mass from a marginal") {
  const double stop_mass = 0.05;
  std::size_t fewer_rows = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    TableModel model(random_table(seed, Order::fixed));
    BeamOptions options{.beam_size = 300, .num_sets = 2, .stop_mass = 0.0};
    const SetDistribution full = BeamSearch(options).search(model).front();
    const std::size_t rows = model.num_rows_scored();
    options.stop_mass = stop_mass;
    const SetDistribution stopped = BeamSearch(options).search(model).front();
    fewer_rows += model.num_rows_scored() < 2 * rows;
    for (std::size_t l = 0; l < full.marginals.size(); ++l) {
      REQUIRE(full.marginals[l].lower - stopped.marginals[l].lower <= stop_mass + 1e-12);
    }
  }
  CHECK(fewer_rows > 50);
}

TEST_CASE("Prefix marginals hold the mass of children that were never expanded") {
  // Four equally probable labels of which a beam of one expands the first alone.
  ScriptedModel model(plain_table(4), {0.0f, 0.0f, 0.0f, 0.0f, -100.0f});
  const SetDistribution found =
      BeamSearch({.beam_size = 1, .num_sets = 1, .stop_mass = 0.0}).search(model).front();
  CHECK(found.marginals[0].lower == Approx(0.25));
  CHECK(found.marginals[0].upper == Approx(0.25));
  CHECK(found.marginals[3].lower > 0.25);
  CHECK(found.marginals[3].upper == Approx(1.0));
}

TEST_CASE("Truncation at the size limit is reported and not turned into END") {
  const Order order = GENERATE(Order::fixed, Order::free);
  TableModelOptions options = plain_table(4, order);
  options.semantics.max_size = 2;
  ScriptedModel model(options, {0.0f, 0.0f, 0.0f, 0.0f, 0.0f});
  const SetDistribution found = BeamSearch(wide_beam()).search(model).front();
  CHECK(found.truncated);
  for (const auto& set : found.sets) CHECK(set.labels.size() <= 2);
  CHECK(found.residual > 0.05);
  // One path to {0, 1}: 1/5 * 1/4 * 1/3 (fixed); two of 1/5 * 1/4 * 1/3 (free).
  const double mass = order == Order::fixed ? 1.0 / 5 * 1 / 4 * 1 / 3 : 2.0 / 5 * 1 / 4 * 1 / 3;
  bool seen = false;
  for (const auto& set : found.sets) {
    if (set.labels != LabelSet{0, 1}) continue;
    seen = true;
    CHECK(std::exp(set.log_prob) == Approx(mass).epsilon(1e-12));
    CHECK(set.log_upper == Approx(set.log_prob));
  }
  CHECK(seen);
}

TEST_CASE("Nothing is truncated where the limit is the number of labels") {
  TableModel model(plain_table(4));
  CHECK_FALSE(BeamSearch(wide_beam()).search(model).front().truncated);
}

TEST_CASE("Equally probable prefixes are kept by the lowest label id, not by rank") {
  TableModelOptions options = plain_table(3);
  options.semantics.order = LabelOrder::fixed({2, 1, 0});
  ScriptedModel model(options, {0.0f, 0.0f, 0.0f, 1.0f});
  const SetDistribution found =
      BeamSearch({.beam_size = 1, .num_sets = 2, .stop_mass = 0.0}).search(model).front();
  REQUIRE(found.sets.size() == 2);
  CHECK(found.sets[1].labels == LabelSet{0});
}

TEST_CASE("Equally probable prefixes are kept by the parent that came first") {
  ScriptedModel model(plain_table(3, Order::free), {0.0f, 0.0f, 0.0f, 0.0f});
  const SetDistribution found =
      BeamSearch({.beam_size = 2, .num_sets = 8, .stop_mass = 0.0}).search(model).front();
  // Of 01, 02 (after 0) and 10, 12 (after 1) the beam keeps the first two.
  std::vector<LabelSet> pairs;
  for (const auto& set : found.sets) {
    if (set.labels.size() == 2) pairs.push_back(set.labels);
  }
  CHECK(pairs == std::vector<LabelSet>{{0, 1}, {0, 2}});
}

TEST_CASE("A document without any possible token has no sets and residual 1") {
  const Order order = GENERATE(Order::fixed, Order::free);
  TableModelOptions options = plain_table(3, order);
  options.zero_share = 2.0;
  TableModel model(options);
  const SetDistribution found = BeamSearch().search(model).front();
  CHECK(found.sets.empty());
  CHECK(found.residual == 1.0);
  CHECK_FALSE(found.certified);
  CHECK(found.marginals.size() == 3);
  CHECK(model.num_live() == 0);
}

TEST_CASE("A NaN or infinite logit is refused by document, and states are released") {
  const float fault =
      GENERATE(std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity());
  struct FaultyModel : TableModel {
    using TableModel::TableModel;
    float fault = 0.0f;
    void logits(std::span<const StateId> states, std::span<float> out) override {
      TableModel::logits(states, out);
      if (num_rows_scored() > 2) out[4 + 2] = fault;  // the second row: from the second step on
    }
  };
  TableModelOptions options = plain_table(3);
  options.document_keys = {1, 2};
  FaultyModel model(options);
  model.fault = fault;
  CHECK_THROWS_WITH(BeamSearch({.beam_size = 1, .stop_mass = 0.0}).search(model),
                    contains_text("BeamSearch: document 1: the logit of token 2 is"));
  CHECK(model.num_live() == 0);
}

TEST_CASE("A faulty logit of an inadmissible token is not looked at") {
  TableModelOptions options = plain_table(2);
  options.semantics.empty_set = EmptySet::forbid;
  struct FaultyRoot : TableModel {
    using TableModel::TableModel;
    void logits(std::span<const StateId> states, std::span<float> out) override {
      TableModel::logits(states, out);
      if (num_rows_scored() == 1) out[2] = std::numeric_limits<float>::quiet_NaN();
    }
  };
  FaultyRoot model(options);
  CHECK(found_mass(BeamSearch().search(model).front().sets) == Approx(1.0));
}

TEST_CASE("A batch without documents has no results") {
  TableModelOptions options = plain_table(2);
  options.document_keys = {};
  TableModel model(options);
  CHECK(BeamSearch().search(model).empty());
}

TEST_CASE("Beam options are checked") {
  CHECK_THROWS_WITH(BeamSearch({.beam_size = 0}),
                    contains_text("BeamSearch: beam_size must be between 1 and"));
  CHECK_THROWS_AS(BeamSearch({.beam_size = kMaxBeamSize + 1}), std::invalid_argument);
  CHECK_THROWS_AS(BeamSearch({.num_sets = kMaxBeamSize + 1}), std::invalid_argument);
  CHECK_THROWS_AS(BeamSearch({.stop_mass = -0.1}), std::invalid_argument);
  CHECK_THROWS_AS(BeamSearch({.stop_mass = 1.5}), std::invalid_argument);
  CHECK_THROWS_AS(BeamSearch({.stop_mass = std::nan("")}), std::invalid_argument);
}
