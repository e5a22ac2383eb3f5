#include <labelbeam/decoders/exhaustive_search.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "catch.h"
#include "random_tables.h"

using labelbeam::SetDistribution;
using labelbeam::StateId;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

TEST_CASE("Exhaustive search equals plain enumeration") {
  const Order order = GENERATE(Order::fixed, Order::free);
  for (std::uint64_t seed = 10000; seed < 10300; ++seed) {
    TableModel model(random_table(seed, order, 2));
    const std::vector<SetDistribution> found = ExhaustiveSearch().search(model);
    INFO("seed " << seed);
    for (std::size_t i = 0; i < found.size(); ++i) {
      REQUIRE_NOTHROW(require_exact(found[i], model.exact(i), 1e-12));
      REQUIRE(found[i].certified == !found[i].sets.empty());
    }
    REQUIRE(model.num_live() == 0);
  }
}

TEST_CASE("Exhaustive search handles the largest label spaces it accepts and refuses more") {
  TableModel fixed(plain_table(kMaxExhaustiveFixed));
  CHECK(ExhaustiveSearch().search(fixed).front().sets.size() == 1u << kMaxExhaustiveFixed);
  TableModel free(plain_table(kMaxExhaustiveFree, Order::free));
  const SetDistribution all = ExhaustiveSearch().search(free).front();
  CHECK(all.sets.size() == 1u << kMaxExhaustiveFree);
  CHECK(all.num_scored == 1957);
  CHECK(free.num_rows_scored() == 1957);
  TableModel too_many(plain_table(kMaxExhaustiveFixed + 1));
  CHECK_THROWS_WITH(ExhaustiveSearch().search(too_many),
                    contains_text("at most 15 labels under a fixed order, got 16"));
  TableModel too_many_free(plain_table(kMaxExhaustiveFree + 1, Order::free));
  CHECK_THROWS_AS(ExhaustiveSearch().search(too_many_free), std::invalid_argument);
}

TEST_CASE("Exhaustive search below a size limit keeps exact sets and bounds the marginals") {
  const Order order = GENERATE(Order::fixed, Order::free);
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    TableModelOptions options = random_table(seed, order);
    options.semantics.max_size = 1 + options.semantics.max_size / 3;
    TableModel model(options);
    const SetDistribution found = ExhaustiveSearch().search(model).front();
    const TableModel::Exact exact = model.exact(0);
    REQUIRE_NOTHROW(require_sound(found, model, 0));
    double above = 0.0;
    for (const auto& [set, mass] : exact.sets) {
      if (set.size() > options.semantics.max_size) above += mass;
    }
    REQUIRE(found.residual == Approx(above + exact.lost).margin(1e-12));
    if (above > 0.0) REQUIRE(found.truncated);
    for (const auto& set : found.sets) {
      REQUIRE(std::exp(set.log_prob) == Approx(exact.sets.at(set.labels)).epsilon(1e-10));
    }
  }
}

TEST_CASE("Exhaustive search returns the num_sets most probable sets") {
  TableModel model(plain_table(6));
  const SetDistribution all = ExhaustiveSearch().search(model).front();
  const SetDistribution some = ExhaustiveSearch({.num_sets = 3}).search(model).front();
  REQUIRE(some.sets.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(some.sets[i].labels == all.sets[i].labels);
  CHECK(some.sets[0].weight + some.sets[1].weight + some.sets[2].weight == Approx(1.0));
  CHECK(some.residual == Approx(1.0 - found_mass(some.sets)));
}

TEST_CASE("Exhaustive search names the document of a faulty logit") {
  struct FaultyModel : TableModel {
    using TableModel::TableModel;
    void logits(std::span<const StateId>, std::span<float> out) override {
      std::fill(out.begin(), out.end(), 0.0f);
      out.back() = std::numeric_limits<float>::quiet_NaN();
    }
  };
  TableModelOptions options = plain_table(2);
  options.document_keys = {1, 2, 3};
  FaultyModel model(options);
  CHECK_THROWS_WITH(ExhaustiveSearch().search(model),
                    contains_text("ExhaustiveSearch: document 2: "));
  CHECK(model.num_live() == 0);
}
