#include <labelbeam/decoders/greedy_search.h>

#include <cmath>
#include <limits>
#include <vector>

#include "catch.h"
#include "random_tables.h"

using labelbeam::EmptySet;
using labelbeam::LabelId;
using labelbeam::LabelOrder;
using labelbeam::LabelSet;
using labelbeam::SetDistribution;
using labelbeam::StateId;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

namespace {

/// Follows the argmax by asking the model itself, with the masks of `lib`: the labels in order of
/// emission, and END at last unless nothing was possible.
std::vector<LabelId> follow_argmax(TableModel& model) {
  const labelbeam::SetSemantics& semantics = model.semantics();
  std::vector<StateId> state(1);
  std::vector<float> logits(semantics.num_tokens());
  std::vector<unsigned char> mask(semantics.num_tokens());
  model.start(state);
  std::vector<LabelId> tokens;
  while (true) {
    model.logits(state, logits);
    labelbeam::admissible_tokens(semantics, LabelSet(tokens), mask);
    LabelId best = semantics.end();
    float largest = -std::numeric_limits<float>::infinity();
    for (LabelId v = 0; v < semantics.num_tokens(); ++v) {
      if (mask[v] && logits[v] > largest) best = v, largest = logits[v];
    }
    if (std::isinf(largest)) return tokens;
    tokens.push_back(best);
    if (best == semantics.end()) return tokens;
    std::vector<StateId> child(1);
    model.advance(state, std::vector<LabelId>{best}, child);
    state = child;
  }
}

TableModelOptions table_of(std::size_t num_labels) {
  TableModelOptions options;
  options.semantics.num_labels = num_labels;
  options.semantics.max_size = num_labels;
  options.document_keys = {1};
  return options;
}

}  // namespace

TEST_CASE("Greedy search follows the argmax and keeps sound bounds") {
  const Order order = GENERATE(Order::fixed, Order::free);
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const TableModelOptions options = random_table(seed, order);
    TableModel model(options);
    const SetDistribution found = GreedySearch().search(model).front();
    REQUIRE(model.num_live() == 0);
    INFO("seed " << seed);
    REQUIRE_NOTHROW(require_sound(found, model, 0));
    TableModel reference(options);
    std::vector<LabelId> expected = follow_argmax(reference);
    const bool ends = !expected.empty() && expected.back() == options.semantics.end();
    REQUIRE(found.sets.size() == (ends ? 1 : 0));
    if (ends) {
      expected.pop_back();
      REQUIRE(found.sets.front().labels == LabelSet(expected));
    }
    REQUIRE(model.num_rows_scored() == reference.num_rows_scored());
  }
}

TEST_CASE("Greedy search breaks ties by the lowest id") {
  struct FlatModel : TableModel {
    using TableModel::TableModel;
    void logits(std::span<const StateId>, std::span<float> out) override {
      std::fill(out.begin(), out.end(), 0.0f);
    }
  };
  TableModelOptions options = table_of(3);
  options.semantics.order = LabelOrder::fixed({1, 2, 0});
  FlatModel model(options);
  CHECK(GreedySearch().search(model).front().sets.front().labels == LabelSet{0});
}

TEST_CASE("Greedy search closes a full prefix with its true probability and says so") {
  struct FlatModel : TableModel {
    using TableModel::TableModel;
    void logits(std::span<const StateId>, std::span<float> out) override {
      std::fill(out.begin(), out.end(), 0.0f);
    }
  };
  TableModelOptions options = table_of(3);
  options.semantics.max_size = 1;
  FlatModel model(options);
  const SetDistribution found = GreedySearch().search(model).front();
  CHECK(found.truncated);
  REQUIRE(found.sets.size() == 1);
  CHECK(found.sets.front().labels == LabelSet{0});
  CHECK(std::exp(found.sets.front().log_prob) == Approx(1.0 / 4 * 1 / 3));
  CHECK(found.residual == Approx(11.0 / 12));
}

TEST_CASE("Greedy results do not depend on the batch") {
  const Order order = GENERATE(Order::fixed, Order::free);
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    TableModelOptions options = random_table(seed, order, 5);
    TableModel together(options);
    const std::vector<SetDistribution> batch = GreedySearch().search(together);
    const std::vector<std::uint64_t> keys = options.document_keys;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      options.document_keys = {keys[i]};
      TableModel alone(options);
      const SetDistribution single = GreedySearch().search(alone).front();
      REQUIRE(single.sets == batch[i].sets);
      REQUIRE(single.marginals == batch[i].marginals);
    }
  }
}

TEST_CASE("Greedy search names the document of a faulty logit and releases its states") {
  struct FaultyModel : TableModel {
    using TableModel::TableModel;
    void logits(std::span<const StateId>, std::span<float> out) override {
      std::fill(out.begin(), out.end(), 0.0f);
      out.back() = std::numeric_limits<float>::quiet_NaN();
    }
  };
  TableModelOptions options = table_of(2);
  options.document_keys = {1, 2};
  FaultyModel model(options);
  CHECK_THROWS_WITH(GreedySearch().search(model),
                    contains_text("GreedySearch: document 1: the logit of token 2 is nan"));
  CHECK(model.num_live() == 0);
}
