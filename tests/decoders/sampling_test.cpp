#include <labelbeam/decoders/sampling.h>
#include <labelbeam/parallel_for.h>
#include <labelbeam/random.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "catch.h"
#include "chi_square.h"
#include "random_tables.h"

using labelbeam::CounterRng;
using labelbeam::EmptySet;
using labelbeam::LabelId;
using labelbeam::LabelOrder;
using labelbeam::LabelSet;
using labelbeam::ScoredSet;
using labelbeam::SetDistribution;
using labelbeam::StateId;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

namespace {

constexpr double kLeastP = 1e-3;

/// A table under a fixed order with few sequences, none of them lost and all of them probable
/// enough to be seen.
TableModelOptions small_table(std::uint64_t seed) {
  TableModelOptions options = plain_table(2 + seed % 2);
  options.semantics.empty_set = seed % 3 == 0 ? EmptySet::forbid : EmptySet::allow;
  options.scale = 1.0;
  options.document_keys = {seed};
  return options;
}

/// Many documents that are the same to the model and differ in their key of random numbers alone.
TableModelOptions repeated(TableModelOptions options, std::size_t num_documents) {
  options.document_keys.assign(num_documents, options.document_keys.front());
  return options;
}

std::vector<SetDistribution> sample(bool replace, const SamplingOptions& options,
                                    labelbeam::StepModel& model,
                                    std::span<const std::uint64_t> keys = {}) {
  if (replace) return AncestralSampling(options).search(model, keys);
  return SamplingWithoutReplacement(options).search(model, keys);
}

using Pair = std::array<LabelSet, 2>;

std::map<Pair, double> ordered_pair_probabilities(const std::map<LabelSet, double>& sets) {
  std::map<Pair, double> pairs;
  for (const auto& [a, p] : sets) {
    for (const auto& [b, q] : sets) {
      if (a != b) pairs[{a, b}] = p * q / (1.0 - p);
    }
  }
  return pairs;
}

/// Stochastic beam search of two draws on one document, in a few plain lines. Without the
/// condition children keep the Gumbel variables that they are first given.
class PlainStochasticBeam {
 public:
  PlainStochasticBeam(TableModel& model, bool conditioned)
      : model_(model), conditioned_(conditioned) {}

  Pair draw(CounterRng& random) {
    std::vector<StateId> root(model_.num_documents());
    model_.start(root);
    std::vector<Item> beam{{random.gumbel(), 0.0, {}, false, root.front()}};
    while (std::any_of(beam.begin(), beam.end(), [](const Item& i) { return !i.closed; })) {
      std::vector<Item> next;
      for (const Item& item : beam) {
        if (item.closed) {
          next.push_back(item);
        } else {
          add_children(item, random, next);
        }
      }
      std::sort(next.begin(), next.end(), [](const Item& a, const Item& b) { return a.g > b.g; });
      if (next.size() > 2) next.resize(2);
      beam.swap(next);
    }
    return {beam[0].labels, beam[1].labels};
  }

 private:
  struct Item {
    double g;
    double log_prob;
    LabelSet labels;
    bool closed;
    StateId state;
  };

  void add_children(const Item& item, CounterRng& random, std::vector<Item>& out) {
    const labelbeam::SetSemantics& semantics = model_.semantics();
    std::vector<float> logits(semantics.num_tokens());
    std::vector<unsigned char> mask(semantics.num_tokens());
    std::vector<double> log_probs(semantics.num_tokens());
    model_.logits(std::vector<StateId>{item.state}, logits);
    labelbeam::admissible_tokens(semantics, item.labels, mask);
    labelbeam::masked_log_softmax(logits, mask, log_probs);
    std::vector<Item> children;
    double largest = -std::numeric_limits<double>::infinity();
    for (LabelId v = 0; v < semantics.num_tokens(); ++v) {
      if (std::isinf(log_probs[v])) continue;
      Item child{0.0, item.log_prob + log_probs[v], item.labels, v == semantics.end(), 0};
      child.g = child.log_prob + random.gumbel();
      largest = std::max(largest, child.g);
      if (!child.closed) {
        child.labels.insert(v);
        std::vector<StateId> state(1);
        model_.advance(std::vector<StateId>{item.state}, std::vector<LabelId>{v}, state);
        child.state = state.front();
      }
      children.push_back(child);
    }
    for (Item& child : children) {
      if (conditioned_) {
        child.g = -std::log(std::exp(-item.g) - std::exp(-largest) + std::exp(-child.g));
      }
      out.push_back(child);
    }
  }

  TableModel& model_;
  bool conditioned_;
};

struct Mean {
  double sum = 0.0;
  double squares = 0.0;
  std::size_t n = 0;

  void add(double x) {
    sum += x;
    squares += x * x;
    ++n;
  }
  double mean() const { return sum / static_cast<double>(n); }
  double std_error() const {
    const double count = static_cast<double>(n);
    return std::sqrt(std::max(0.0, squares / count - mean() * mean()) / count);
  }
  double z(double expected) const { return (mean() - expected) / std_error(); }
};

/// A fixed function of a set, about 1 in size.
double value_of(const LabelSet& set) {
  return 0.5 + CounterRng(77, {std::hash<LabelSet>()(set)}).uniform();
}

double expected_value(const TableModel& model) {
  double sum = 0.0;
  for (const auto& [set, p] : model.exact(0).sets) sum += p * value_of(set);
  return sum;
}

}  // namespace

TEST_CASE("Ancestral sampling draws sets as often as they are probable") {
  const std::size_t n = 3000;
  double least = 1.0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Order order = seed % 2 == 0 ? Order::fixed : Order::free;
    TableModel model(random_table(seed, order));
    const SetDistribution found =
        AncestralSampling({.num_samples = n, .seed = seed}).search(model).front();
    const TableModel::Exact exact = model.exact(0);
    std::map<LabelSet, std::size_t> counts;
    std::size_t drawn = 0;
    for (const ScoredSet& set : found.sets) {
      const double count = set.weight * found.weight_sum * static_cast<double>(n);
      REQUIRE(count == Approx(std::round(count)).epsilon(1e-9));
      drawn += counts[set.labels] = static_cast<std::size_t>(std::lround(count));
    }
    std::map<LabelSet, double> probabilities = exact.sets;
    if (exact.lost > 0.0) {
      const LabelSet lost{1000};  // stands for what belongs to no set
      probabilities[lost] = exact.lost;
      if (drawn < n) counts[lost] = n - drawn;
    } else {
      REQUIRE(drawn == n);
    }
    const double p = chi_square_p(counts, probabilities, n);
    INFO("seed " << seed);
    CHECK(p > kLeastP);
    least = std::min(least, p);
  }
  CHECK(least < 0.2);  // the test sees something
}

TEST_CASE("Draws without replacement come in their exact probabilities, one after the other") {
  const std::size_t n = 1500;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    TableModel model(repeated(small_table(seed), n));
    const auto firsts = SamplingWithoutReplacement({.num_samples = 1, .seed = seed}).search(model);
    const auto both = SamplingWithoutReplacement({.num_samples = 2, .seed = seed}).search(model);
    std::map<Pair, std::size_t> counts;
    for (std::size_t i = 0; i < n; ++i) {
      REQUIRE(firsts[i].sets.size() == 1);
      REQUIRE(both[i].sets.size() == 2);
      const LabelSet& first = firsts[i].sets[0].labels;
      const std::size_t second = both[i].sets[0].labels == first ? 1 : 0;
      REQUIRE(both[i].sets[1 - second].labels == first);  // a larger sample holds the smaller
      ++counts[{first, both[i].sets[second].labels}];
    }
    INFO("seed " << seed);
    CHECK(chi_square_p(counts, ordered_pair_probabilities(model.exact(0).sets), n) > kLeastP);
  }
}

TEST_CASE("The test of ordered draws tells children that ignore the maximum of their parent") {
  const std::size_t n = 1500;
  std::array<int, 2> failures{};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const bool conditioned : {false, true}) {
      TableModel model(small_table(seed));
      PlainStochasticBeam beam(model, conditioned);
      CounterRng random(seed, {conditioned});
      std::map<Pair, std::size_t> counts;
      for (std::size_t i = 0; i < n; ++i) ++counts[beam.draw(random)];
      const double p = chi_square_p(counts, ordered_pair_probabilities(model.exact(0).sets), n);
      failures[conditioned] += p <= kLeastP;
    }
  }
  CHECK(failures[true] == 0);
  CHECK(failures[false] >= 15);
}

TEST_CASE("Weights without replacement estimate sums over sets without bias") {
  const std::size_t n = 800;
  double squares = 0.0;
  double wrong_squares = 0.0;
  std::size_t models = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Order order = seed % 2 == 0 ? Order::fixed : Order::free;
    TableModel model(repeated(random_table(seed, order), n));
    const auto found =
        SamplingWithoutReplacement({.num_samples = 3 + seed % 3, .seed = seed}).search(model);
    Mean weighted;
    Mean wrong;  // the probabilities as they are
    for (const SetDistribution& distribution : found) {
      double sum = 0.0;
      double wrong_sum = 0.0;
      for (const ScoredSet& set : distribution.sets) {
        sum += set.weight * distribution.weight_sum * value_of(set.labels);
        wrong_sum += std::exp(set.log_prob) * value_of(set.labels);
      }
      weighted.add(sum);
      wrong.add(wrong_sum);
    }
    const double expected = expected_value(model);
    if (weighted.std_error() < 1e-9) {  // the samples are all there is
      CHECK(weighted.mean() == Approx(expected).epsilon(1e-9));
      continue;
    }
    ++models;
    INFO("seed " << seed);
    CHECK(std::abs(weighted.z(expected)) < 4.0);
    squares += weighted.z(expected) * weighted.z(expected);
    wrong_squares += wrong.z(expected) * wrong.z(expected);
  }
  CHECK(models > 60);
  CHECK(chi_square_p(squares, models) > kLeastP);
  CHECK(chi_square_p(wrong_squares, models) < 1e-12);
}

TEST_CASE("Sampled distributions have bounds that hold, and masses that sum to 1") {
  const bool replace = GENERATE(true, false);
  const Order order = GENERATE(Order::fixed, Order::free);
  std::size_t certified = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    TableModelOptions table = random_table(seed, order, 2);
    if (seed % 2 == 0) table.semantics.max_size = 1 + table.semantics.max_size / 2;
    TableModel model(table);
    const auto found = sample(replace, {.num_samples = 1 + seed % 12, .seed = seed}, model);
    REQUIRE(model.num_live() == 0);
    INFO("seed " << seed);
    for (std::size_t i = 0; i < found.size(); ++i) {
      REQUIRE_NOTHROW(require_sound(found[i], model, i));
      REQUIRE(found[i].sets.size() <= 1 + seed % 12);
      certified += found[i].certified;
    }
  }
  CHECK(certified > 100);
  CHECK(certified < 800);
}

TEST_CASE("Sampled marginals are right on average and their standard errors are honest") {
  const bool replace = GENERATE(true, false);
  const Order order = GENERATE(Order::fixed, Order::free);
  const std::size_t n = 60;
  double z_sum = 0.0;
  double z_squares = 0.0;
  double cells = 0.0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    // Flat tables of many sequences, of which the sample sees a small part.
    TableModelOptions table = plain_table(order == Order::fixed ? 11 : 6);
    if (order == Order::free) table.semantics.order = LabelOrder::free();
    table.scale = 1.0;
    table.semantics.max_size = 3;
    table.document_keys = {seed};
    TableModel model(repeated(table, n));
    const std::vector<double> exact = model.exact(0).marginals;
    const auto found = sample(replace, {.num_samples = 20, .seed = seed}, model);
    for (std::size_t l = 0; l < exact.size(); ++l) {
      if (exact[l] < 0.2 || exact[l] > 0.8) continue;
      for (const SetDistribution& distribution : found) {
        const labelbeam::Marginal& marginal = distribution.marginals[l];
        if (marginal.std_error < 1e-9) continue;
        const double z = (marginal.estimate - exact[l]) / marginal.std_error;
        z_sum += z;
        z_squares += z * z;
        cells += 1.0;
      }
    }
  }
  INFO("replace " << replace << " cells " << cells << " z " << z_sum / cells << " z^2 "
                  << z_squares / cells);
  CHECK(cells > 1000);
  CHECK(std::abs(z_sum / cells) < 0.15);  // bounds move estimates, and only towards the truth
  CHECK(z_squares / cells > 0.7);
  CHECK(z_squares / cells < 1.1);
}

TEST_CASE("A sample without replacement that is the whole tree is exact") {
  const Order order = GENERATE(Order::fixed, Order::free);
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    TableModel model(random_table(seed, order));
    const SetDistribution found =
        SamplingWithoutReplacement({.num_samples = 2000, .seed = seed}).search(model).front();
    INFO("seed " << seed);
    REQUIRE_NOTHROW(require_exact(found, model.exact(0), 1e-10));
    for (const ScoredSet& set : found.sets) {
      REQUIRE(set.weight * found.weight_sum == Approx(std::exp(set.log_prob)).epsilon(1e-9));
    }
    for (const labelbeam::Marginal& marginal : found.marginals) REQUIRE(marginal.std_error == 0.0);
  }
}

TEST_CASE("Samples do not depend on the batch, the row or the number of threads") {
  const bool replace = GENERATE(true, false);
  const Order order = GENERATE(Order::fixed, Order::free);
  const std::size_t num_documents = 9;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const TableModelOptions table = random_table(seed, order, num_documents);
    std::vector<std::uint64_t> keys(num_documents);
    std::iota(keys.begin(), keys.end(), std::uint64_t{100});
    const SamplingOptions options{.num_samples = 5, .seed = seed};
    TableModel together(table);
    const auto expected = sample(replace, options, together, keys);
    for (const std::size_t num_threads : {1u, 2u, 4u, 9u}) {
      std::vector<SetDistribution> found(num_documents);
      labelbeam::parallel_for_ranges(
          num_documents, num_threads, [&](std::size_t begin, std::size_t end) {
            TableModelOptions part = table;
            part.document_keys.assign(
                table.document_keys.begin() + static_cast<std::ptrdiff_t>(begin),
                table.document_keys.begin() + static_cast<std::ptrdiff_t>(end));
            TableModel session(part);
            const auto results =
                sample(replace, options, session, std::span(keys).subspan(begin, end - begin));
            std::copy(results.begin(), results.end(),
                      found.begin() + static_cast<std::ptrdiff_t>(begin));
          });
      for (std::size_t i = 0; i < num_documents; ++i) {
        REQUIRE(found[i].sets == expected[i].sets);
        REQUIRE(found[i].marginals == expected[i].marginals);
        REQUIRE(found[i].residual == expected[i].residual);
        REQUIRE(found[i].weight_sum == expected[i].weight_sum);
        REQUIRE(found[i].num_scored == expected[i].num_scored);
      }
    }
  }
}

TEST_CASE("The keys of a batch default to its rows") {
  const bool replace = GENERATE(true, false);
  TableModel model(repeated(plain_table(6), 3));
  const SamplingOptions options{.num_samples = 4, .seed = 3};
  const auto by_default = sample(replace, options, model);
  const auto by_key = sample(replace, options, model, std::vector<std::uint64_t>{0, 1, 2});
  for (std::size_t i = 0; i < 3; ++i) CHECK(by_default[i].sets == by_key[i].sets);
  CHECK_FALSE(by_default[0].sets == by_default[1].sets);
  CHECK_FALSE(sample(replace, {.num_samples = 4, .seed = 4}, model)[0].sets == by_default[0].sets);
}

TEST_CASE("Samplers know deterministic documents, impossible ones and empty batches") {
  const bool replace = GENERATE(true, false);
  TableModelOptions table = plain_table(5);
  SECTION("deterministic: one set of probability 1") {
    table.scale = 1e6;
    TableModel model(table);
    const SetDistribution found = sample(replace, {.num_samples = 7}, model).front();
    REQUIRE(found.sets.size() == 1);
    CHECK(found.sets[0].log_prob == 0.0);
    CHECK(found.sets[0].weight == 1.0);
    CHECK(found.weight_sum == Approx(1.0));
    CHECK(found.certified);
  }
  SECTION("nothing is possible: no sets") {
    table.zero_share = 2.0;
    TableModel model(table);
    const SetDistribution found = sample(replace, {.num_samples = 7}, model).front();
    CHECK(found.sets.empty());
    CHECK(found.residual == 1.0);
    CHECK_FALSE(found.certified);
    CHECK(found.marginals.size() == 5);
  }
  SECTION("no documents: no results") {
    table.document_keys = {};
    TableModel model(table);
    CHECK(sample(replace, {.num_samples = 7}, model).empty());
  }
}

TEST_CASE("Samplers check their options and keys, and release their states by a fault") {
  const bool replace = GENERATE(true, false);
  TableModel model(plain_table(3));
  CHECK_THROWS_WITH(sample(replace, {.num_samples = 0}, model),
                    contains_text("num_samples must be between 1 and"));
  CHECK_THROWS_AS(sample(replace, {.num_samples = kMaxSamples + 1}, model), std::invalid_argument);
  CHECK_THROWS_WITH(sample(replace, {}, model, std::vector<std::uint64_t>{1, 2}),
                    contains_text("there are 2 document keys for 1 documents"));
  struct FaultyModel : TableModel {
    using TableModel::TableModel;
    void logits(std::span<const StateId> states, std::span<float> out) override {
      TableModel::logits(states, out);
      out[out.size() - 1] = std::numeric_limits<float>::quiet_NaN();
    }
  };
  FaultyModel faulty(repeated(plain_table(3), 2));
  CHECK_THROWS_WITH(sample(replace, {}, faulty),
                    contains_text("document 1: the logit of token 3 is nan"));
  CHECK(faulty.num_live() == 0);
}
