#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "catch.h"
#include "chi_square.h"
#include "random_tables.h"

using labelbeam::LabelOrder;
using labelbeam::Marginal;
using labelbeam::SetDistribution;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

namespace {

/// Flat tables of many sequences, of which a narrow beam leaves most open; D = 3 or L.
TableModelOptions flat_table(std::uint64_t seed, Order order, std::size_t num_documents) {
  TableModelOptions options;
  const std::size_t num_labels = order == Order::fixed ? 8 : 5;
  options.semantics.num_labels = num_labels;
  options.semantics.max_size = seed % 2 == 0 ? 3 : num_labels;
  if (order == Order::fixed) {
    options.semantics.order = LabelOrder::by_frequency(std::vector<std::uint64_t>(num_labels));
  }
  options.scale = 1.0;
  options.document_keys.assign(num_documents, seed);
  return options;
}

BeamOptions sampled_beam(std::size_t num_samples, std::uint64_t seed) {
  return {.beam_size = 2, .stop_mass = 0.0, .marginal_samples = num_samples, .seed = seed};
}

}  // namespace

TEST_CASE("Marginals by sampling are unbiased with honest standard errors") {
  const Order order = GENERATE(Order::fixed, Order::free);
  // Fewer and more samples than open prefixes, of even and odd number.
  const std::size_t num_samples = GENERATE(15u, 40u);
  const std::size_t n = 120;
  double squares_of_means = 0.0;
  std::size_t models = 0;
  double squared_errors = 0.0;
  double squared_std_errors = 0.0;
  double lower_squares = 0.0;
  double sampled_errors = 0.0;
  double lower_errors = 0.0;
  for (std::uint64_t seed = 0; seed < 100 && models < 12; ++seed) {
    TableModel model(flat_table(seed, order, n));
    const std::vector<double> exact = model.exact(0).marginals;
    const auto found = BeamSearch(sampled_beam(num_samples, seed)).search(model);
    const std::vector<Marginal>& bounds = found.front().marginals;
    // One label a model, so that the sum of squares is of independent ones; its bounds so far off
    // that no estimate was moved to them.
    std::optional<std::size_t> label;
    for (std::size_t l = 0; l < exact.size() && !label; ++l) {
      const double lower_gap = exact[l] - bounds[l].lower;
      const double upper_gap = bounds[l].upper - exact[l];
      if (std::min(lower_gap, upper_gap) > 1.0 / std::sqrt(num_samples)) label = l;
    }
    if (!label) continue;
    ++models;
    double sum = 0.0;
    double sum_of_squares = 0.0;
    for (const SetDistribution& distribution : found) {
      const Marginal& marginal = distribution.marginals[*label];
      REQUIRE(marginal.lower == bounds[*label].lower);
      const double error = marginal.estimate - exact[*label];
      sum += error;
      sum_of_squares += error * error;
      squared_std_errors += marginal.std_error * marginal.std_error;
      sampled_errors += std::abs(error);
      lower_errors += exact[*label] - marginal.lower;
    }
    squared_errors += sum_of_squares;
    const double variance = sum_of_squares / n;
    squares_of_means += sum * sum / n / variance;
    lower_squares += std::pow(exact[*label] - bounds[*label].lower, 2) * n / variance;
  }
  const double ratio = squared_std_errors / squared_errors;
  INFO("samples " << num_samples << ", models " << models << ", ratio of squares " << ratio);
  CHECK(models == 12);
  CHECK(chi_square_p(squares_of_means, models) > 1e-3);
  CHECK(chi_square_p(lower_squares, models) < 1e-12);  // the lower bounds would not pass
  CHECK(ratio > 0.95);  // neighbours differ in their mean: rather too large
  CHECK(ratio < 2.0);
  CHECK(sampled_errors < lower_errors / 2.0);
}

TEST_CASE("Sampled marginals lie in their bounds, whatever the table and the size limit") {
  const Order order = GENERATE(Order::fixed, Order::free);
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    TableModelOptions table = random_table(seed, order, 2);
    if (seed % 2 == 0) table.semantics.max_size = 1 + table.semantics.max_size / 2;
    TableModel model(table);
    BeamOptions options{.beam_size = 1 + seed % 5};
    const auto plain = BeamSearch(options).search(model);
    options.marginal_samples = 2 + seed % 4;
    options.seed = seed;
    const auto found = BeamSearch(options).search(model);
    REQUIRE(model.num_live() == 0);
    INFO("seed " << seed);
    for (std::size_t i = 0; i < found.size(); ++i) {
      REQUIRE_NOTHROW(require_sound(found[i], model, i));
      REQUIRE(found[i].sets == plain[i].sets);
      REQUIRE(found[i].num_scored >= plain[i].num_scored);
      for (std::size_t l = 0; l < found[i].marginals.size(); ++l) {
        const Marginal& marginal = found[i].marginals[l];
        REQUIRE(marginal.lower == plain[i].marginals[l].lower);
        REQUIRE(marginal.upper == plain[i].marginals[l].upper);
        REQUIRE(marginal.std_error <= (marginal.upper - marginal.lower) / 2.0);
      }
    }
  }
}

TEST_CASE("A beam that leaves nothing open samples nothing") {
  const Order order = GENERATE(Order::fixed, Order::free);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    TableModel model(random_table(seed, order));
    BeamOptions options{.beam_size = 512, .stop_mass = 0.0};
    const SetDistribution plain = BeamSearch(options).search(model).front();
    options.marginal_samples = 10;
    const SetDistribution found = BeamSearch(options).search(model).front();
    REQUIRE(found.marginals == plain.marginals);
    REQUIRE(found.num_scored == plain.num_scored);
  }
}

TEST_CASE("Sampled marginals do not depend on the batch, the row or the number of threads") {
  const Order order = GENERATE(Order::fixed, Order::free);
  const std::size_t num_documents = 9;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const TableModelOptions table = random_table(seed, order, num_documents);
    std::vector<std::uint64_t> keys(num_documents);
    std::iota(keys.begin(), keys.end(), std::uint64_t{50});
    const BeamSearch beam(sampled_beam(5, seed));
    TableModel together(table);
    const auto expected = beam.search(together, keys);
    for (const std::size_t num_threads : {1u, 2u, 4u, 9u}) {
      std::vector<SetDistribution> found(num_documents);
      labelbeam::parallel_for_ranges(
          num_documents, num_threads, [&](std::size_t begin, std::size_t end) {
            const auto first = table.document_keys.begin();
            TableModelOptions part = table;
            part.document_keys.assign(first + static_cast<std::ptrdiff_t>(begin),
                                      first + static_cast<std::ptrdiff_t>(end));
            TableModel session(part);
            const auto results = beam.search(session, std::span(keys).subspan(begin, end - begin));
            std::copy(results.begin(), results.end(),
                      found.begin() + static_cast<std::ptrdiff_t>(begin));
          });
      for (std::size_t i = 0; i < num_documents; ++i) {
        REQUIRE(found[i].sets == expected[i].sets);
        REQUIRE(found[i].marginals == expected[i].marginals);
      }
    }
  }
}

TEST_CASE("The options of sampled marginals are checked") {
  CHECK_THROWS_WITH(BeamSearch({.marginal_samples = 1}),
                    contains_text("BeamSearch: marginal_samples must be 0 or between 2 and"));
  CHECK_THROWS_AS(BeamSearch({.marginal_samples = kMaxBeamSize + 1}), std::invalid_argument);
  TableModel model(flat_table(1, Order::fixed, 3));
  CHECK_THROWS_WITH(BeamSearch().search(model, std::vector<std::uint64_t>{1}),
                    contains_text("BeamSearch: there are 1 document keys for 3 documents"));
  TableModelOptions none = flat_table(1, Order::fixed, 0);
  TableModel empty(none);
  CHECK(BeamSearch(sampled_beam(4, 1)).search(empty).empty());
}
