#include <labelbeam/decoders/set_probability.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "catch.h"
#include "random_tables.h"

using labelbeam::EmptySet;
using labelbeam::LabelId;
using labelbeam::LabelSet;
using labelbeam::StateId;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

namespace {

std::vector<LabelSet> all_sets(std::size_t num_labels) {
  std::vector<LabelSet> sets;
  for (std::uint32_t bits = 0; bits < 1u << num_labels; ++bits) {
    LabelSet set;
    for (LabelId label = 0; label < num_labels; ++label) {
      if (bits >> label & 1u) set.insert(label);
    }
    sets.push_back(set);
  }
  return sets;
}

/// The same document as often as there are sets.
TableModelOptions table_for(const std::vector<LabelSet>& sets, TableModelOptions options) {
  options.document_keys.assign(sets.size(), options.document_keys.front());
  return options;
}

LabelSet first_labels(std::size_t size) {
  LabelSet set;
  for (LabelId label = 0; label < size; ++label) set.insert(label);
  return set;
}

}  // namespace

TEST_CASE("The probability of every set of every table equals the sum over its orders") {
  const Order order = GENERATE(Order::free, Order::fixed);
  const SetProbabilityEstimator estimator;
  std::size_t impossible = 0;
  for (std::uint64_t seed = 0; seed < (order == Order::free ? 600 : 150); ++seed) {
    TableModelOptions options = random_table(seed, order);
    const std::vector<LabelSet> sets = all_sets(options.semantics.num_labels);
    TableModel model(table_for(sets, options));
    const std::vector<SetProbability> found = estimator.estimate(model, sets);
    const TableModel::Exact exact = model.exact(0);
    REQUIRE(model.num_live() == 0);
    double total = 0.0;
    for (std::size_t i = 0; i < sets.size(); ++i) {
      REQUIRE(found[i].exact);
      REQUIRE(std::abs(std::exp(found[i].log_lower) - exact_prob(exact, sets[i])) <= 1e-10);
      REQUIRE(found[i].log_upper == found[i].log_lower);
      REQUIRE(found[i].log_estimate == found[i].log_lower);
      REQUIRE(found[i].std_error == 0.0);
      if (exact_prob(exact, sets[i]) == 0.0) {
        REQUIRE(found[i].log_upper == -std::numeric_limits<double>::infinity());
        ++impossible;
      }
      total += std::exp(found[i].log_lower);
    }
    REQUIRE(std::abs(total + exact.lost - 1.0) <= 1e-9);
  }
  CHECK(impossible > 100);  // the empty set where it is forbidden, and zero probabilities
}

TEST_CASE("Seven labels are summed over all 5,040 orders, each state scored once") {
  TableModelOptions options = plain_table(7, Order::free);
  TableModel model(options);
  const SetProbability found =
      SetProbabilityEstimator().estimate(model, std::vector{first_labels(7)}).front();
  CHECK(found.exact);
  CHECK(std::abs(std::exp(found.log_lower) - exact_prob(model.exact(0), first_labels(7))) <= 1e-10);
  CHECK(model.num_rows_scored() == 1 + 7 + 42 + 210 + 840 + 2520 + 5040 + 5040);
  CHECK(model.most_rows_in_a_call() == 5040);
}

TEST_CASE("A set above the size limit has the model's probability") {
  TableModelOptions options = plain_table(4, Order::free);
  options.semantics.max_size = 1;
  TableModel model(options);
  const SetProbability found =
      SetProbabilityEstimator().estimate(model, std::vector{first_labels(3)}).front();
  CHECK(std::exp(found.log_lower) == Approx(exact_prob(model.exact(0), first_labels(3))));
}

TEST_CASE("Following some orders bounds the probability from both sides") {
  std::size_t inexact = 0;
  double widths[9] = {};
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    TableModelOptions options = random_table(seed, Order::free);
    const std::vector<LabelSet> sets = all_sets(options.semantics.num_labels);
    TableModel model(table_for(sets, options));
    const TableModel::Exact exact = model.exact(0);
    for (const std::size_t beam_size : {1u, 2u, 8u}) {
      const SetProbabilityEstimator estimator(
          {.max_exact_size = 0, .beam_size = beam_size, .num_samples = 0});
      const std::vector<SetProbability> found = estimator.estimate(model, sets);
      for (std::size_t i = 0; i < sets.size(); ++i) {
        const double truth = exact_prob(exact, sets[i]);
        REQUIRE(std::exp(found[i].log_lower) <= truth + 1e-12);
        REQUIRE(std::exp(found[i].log_upper) >= truth - 1e-12);
        if (found[i].exact) REQUIRE(found[i].log_lower == found[i].log_upper);
        REQUIRE(found[i].log_estimate == found[i].log_lower);
        inexact += !found[i].exact;
        widths[beam_size] += std::exp(found[i].log_upper) - std::exp(found[i].log_lower);
      }
    }
    REQUIRE(model.num_live() == 0);
  }
  CHECK(inexact > 1000);
  CHECK(widths[1] > widths[2]);
  CHECK(widths[2] > widths[8]);
}

TEST_CASE("Importance sampling is unbiased and knows its error") {
  constexpr std::size_t kSeeds = 150;
  double z_squares = 0.0;
  double z_squares_off =
      0.0;  // against a truth that is 10 % larger: what a biased weight looks like
  double predicted_variance = 0.0;
  double seen_variance = 0.0;
  std::size_t compared = 0;
  for (std::uint64_t table = 0; table < 40; ++table) {
    TableModelOptions options = plain_table(5, Order::free);
    options.document_keys = {table};
    options.zero_share = table % 4 == 0 ? 0.15 : 0.0;
    const std::vector<LabelSet> sets{{0, 1}, {1, 2, 3}, {0, 1, 3, 4}, {0, 1, 2, 3, 4}};
    TableModel model(table_for(sets, options));
    const TableModel::Exact exact = model.exact(0);
    std::vector<double> sums(sets.size());
    std::vector<double> squares(sets.size());
    std::vector<double> predicted(sets.size());
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      const SetProbabilityEstimator estimator(
          {.max_exact_size = 0, .beam_size = 1, .num_samples = 32, .seed = seed});
      const std::vector<SetProbability> found = estimator.estimate(model, sets);
      for (std::size_t i = 0; i < sets.size(); ++i) {
        const double prob = std::exp(found[i].log_estimate);
        sums[i] += prob;
        squares[i] += prob * prob;
        predicted[i] += prob * prob * found[i].std_error * found[i].std_error;
      }
    }
    for (std::size_t i = 0; i < sets.size(); ++i) {
      const double truth = exact_prob(exact, sets[i]);
      const double mean = sums[i] / kSeeds;
      const double variance = (squares[i] - kSeeds * mean * mean) / (kSeeds - 1);
      if (variance <= 1e-12 * mean * mean) {  // one possible order or none
        REQUIRE(std::abs(mean - truth) <= 1e-10);
        continue;
      }
      const double z = (mean - truth) / std::sqrt(variance / kSeeds);
      REQUIRE(std::abs(z) < 4.5);
      z_squares += z * z;
      z_squares_off += std::pow((mean - 1.1 * truth) / std::sqrt(variance / kSeeds), 2);
      seen_variance += variance / (truth * truth);
      predicted_variance += predicted[i] / kSeeds / (truth * truth);
      ++compared;
    }
  }
  REQUIRE(compared > 100);
  const double mean_square = z_squares / static_cast<double>(compared);
  CHECK(mean_square > 0.7);
  CHECK(mean_square < 1.4);
  CHECK(z_squares_off > 5.0 * z_squares);
  CHECK(predicted_variance == Approx(seen_variance).epsilon(0.1));
}

TEST_CASE("Where all orders have one weight every sample is effective and the estimate exact") {
  TableModelOptions options = plain_table(6, Order::free);
  options.scale = 0.0;
  TableModel model(options);
  const LabelSet set{1, 2, 4, 5};
  const SetProbabilityOptions sampling{.max_exact_size = 0, .beam_size = 1, .num_samples = 50};
  const SetProbability found =
      SetProbabilityEstimator(sampling).estimate(model, std::vector{set}).front();
  CHECK_FALSE(found.exact);
  CHECK(found.effective_samples == Approx(50.0).epsilon(1e-12));
  CHECK(found.std_error < 1e-12);
  // 4! orders of 1/7 * 1/6 * 1/5 * 1/4 * 1/3.
  CHECK(std::exp(found.log_estimate) == Approx(24.0 / (7 * 6 * 5 * 4 * 3)).epsilon(1e-12));

  options.scale = 3.0;
  TableModel uneven(options);
  const SetProbability other =
      SetProbabilityEstimator(sampling).estimate(uneven, std::vector{set}).front();
  CHECK(other.effective_samples > 1.0);
  CHECK(other.effective_samples < 49.0);
}

TEST_CASE("Samples with a common prefix share its state") {
  TableModel model(plain_table(6, Order::free));
  const SetProbabilityOptions sampling{.max_exact_size = 0, .beam_size = 1, .num_samples = 5000};
  SetProbabilityEstimator(sampling).estimate(model, std::vector{LabelSet{0, 2, 3, 5}});
  CHECK(model.most_rows_in_a_call() <= 24);
}

TEST_CASE("Probabilities far below the smallest number keep their logarithm") {
  TableModelOptions options = plain_table(9, Order::free);
  options.scale = 4000.0;
  TableModel model(options);
  const auto estimate = [&](std::size_t max_exact_size, std::size_t num_samples) {
    return SetProbabilityEstimator({.max_exact_size = max_exact_size, .num_samples = num_samples})
        .estimate(model, std::vector{first_labels(8)})
        .front();
  };
  const SetProbability exact = estimate(8, 0);
  CHECK(exact.exact);
  CHECK(exact.log_lower < -745.0);
  CHECK(std::isfinite(exact.log_lower));
  const SetProbability sampled = estimate(0, 64);
  CHECK_FALSE(sampled.exact);
  CHECK(sampled.log_lower <= exact.log_lower + 1e-9);
  CHECK(sampled.log_upper >= exact.log_lower - 1e-9);
  CHECK(std::isfinite(sampled.log_estimate));
  CHECK(sampled.effective_samples >= 1.0);
}

TEST_CASE("An estimate does not depend on the batch, the row or the other documents") {
  const SetProbabilityEstimator estimator({.max_exact_size = 1, .beam_size = 2, .num_samples = 9});
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    TableModelOptions options = random_table(seed, Order::free, 7);
    std::vector<LabelSet> sets;
    for (std::size_t i = 0; i < 7; ++i) {
      sets.push_back(first_labels(i % (options.semantics.num_labels + 1)));
    }
    const std::vector<std::uint64_t> keys = options.document_keys;
    TableModel together(options);
    const std::vector<SetProbability> batch = estimator.estimate(together, sets, keys);
    REQUIRE(together.num_live() == 0);
    for (std::size_t i = 0; i < sets.size(); ++i) {
      options.document_keys = {keys[i]};
      TableModel alone(options);
      const SetProbability single =
          estimator.estimate(alone, std::vector{sets[i]}, options.document_keys).front();
      REQUIRE(single.log_lower == batch[i].log_lower);
      REQUIRE(single.log_upper == batch[i].log_upper);
      REQUIRE(single.log_estimate == batch[i].log_estimate);
      REQUIRE(single.std_error == batch[i].std_error);
      REQUIRE(single.effective_samples == batch[i].effective_samples);
    }
  }
}

TEST_CASE("Keys of documents choose their random numbers") {
  TableModelOptions options = plain_table(6, Order::free);
  options.document_keys = {1, 1, 1};
  const std::vector<LabelSet> sets(3, LabelSet{0, 1, 2, 3});
  const std::vector<std::uint64_t> keys{5, 6, 5};
  TableModel model(options);
  const SetProbabilityEstimator estimator({.max_exact_size = 0, .beam_size = 1, .num_samples = 9});
  const std::vector<SetProbability> found = estimator.estimate(model, sets, keys);
  CHECK(found[0].log_estimate == found[2].log_estimate);
  CHECK(found[0].log_estimate != found[1].log_estimate);
  CHECK(found[0].log_lower == found[1].log_lower);
}

TEST_CASE("The empty set has the probability of END at the root") {
  TableModelOptions options = plain_table(3, Order::free);
  const std::vector<LabelSet> empty(1);
  TableModel model(options);
  const SetProbability found = SetProbabilityEstimator().estimate(model, empty).front();
  CHECK(std::exp(found.log_lower) == Approx(exact_prob(model.exact(0), LabelSet{})));
  options.semantics.empty_set = EmptySet::forbid;
  TableModel forbidding(options);
  const SetProbability none = SetProbabilityEstimator().estimate(forbidding, empty).front();
  CHECK(none.exact);
  CHECK(none.log_upper == -std::numeric_limits<double>::infinity());
}

TEST_CASE("The probability of a set refuses a faulty logit by document and releases its states") {
  struct FaultyModel : TableModel {
    using TableModel::TableModel;
    void logits(std::span<const StateId> states, std::span<float> out) override {
      TableModel::logits(states, out);
      if (states.size() > 1) out[4 + 2] = std::numeric_limits<float>::quiet_NaN();
    }
  };
  TableModelOptions options = plain_table(3, Order::free);
  options.document_keys = {1, 2};
  FaultyModel model(options);
  CHECK_THROWS_WITH(
      SetProbabilityEstimator().estimate(model, std::vector<LabelSet>{{0, 1}, {0, 1}}),
      contains_text("SetProbabilityEstimator: document 1: the logit of token 2 is"));
  CHECK(model.num_live() == 0);
}

TEST_CASE("Arguments of set probabilities are checked") {
  TableModel model(plain_table(3, Order::free));
  const SetProbabilityEstimator estimator;
  CHECK_THROWS_WITH(estimator.estimate(model, std::vector<LabelSet>(2)),
                    contains_text("1 documents need as many sets and keys, got 2 sets and 0 keys"));
  CHECK_THROWS_AS(
      estimator.estimate(model, std::vector<LabelSet>(1), std::vector<std::uint64_t>(2)),
      std::invalid_argument);
  CHECK_THROWS_WITH(estimator.estimate(model, std::vector<LabelSet>{{1, 3}}),
                    contains_text("document 0: there are 3 labels, got label 3"));
  CHECK(model.num_live() == 0);
  CHECK_THROWS_WITH(SetProbabilityEstimator({.max_exact_size = 9}),
                    contains_text("max_exact_size must be at most 8, got 9"));
  CHECK_THROWS_AS(SetProbabilityEstimator({.beam_size = 0}), std::invalid_argument);
  CHECK_THROWS_WITH(SetProbabilityEstimator({.num_samples = 1}),
                    contains_text("num_samples must be 0 or between 2 and"));
}
