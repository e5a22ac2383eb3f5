#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/best_first_search.h>
#include <labelbeam/decoders/completion.h>
#include <labelbeam/decoders/exhaustive_search.h>
#include <labelbeam/decoders/greedy_search.h>
#include <labelbeam/decoders/merging_beam_search.h>
#include <labelbeam/decoders/sampling.h>

#include <cmath>
#include <string>
#include <utility>

#include "catch.h"
#include "random_tables.h"

using labelbeam::ScoredSet;
using labelbeam::SetDistribution;
using namespace labelbeam::decoders;
using namespace labelbeam::test_support;

namespace {

constexpr double kTolerance = 1e-10;

/// A table of D < L.
TableModelOptions random_limited_table(std::uint64_t& seed, Order order) {
  TableModelOptions options = random_table(seed, order);
  while (options.semantics.num_labels < 2) options = random_table(++seed, order);
  options.semantics.max_size = 1 + seed % (options.semantics.num_labels - 1);
  return options;
}

using Named = std::pair<std::string, SetDistribution>;

/// The searches that see every prefix of up to D labels.
std::vector<Named> search_all(TableModel& model) {
  const BeamOptions wide{.beam_size = 512, .num_sets = 1024, .stop_mass = 0.0};
  std::vector<Named> found;
  found.emplace_back("beam", BeamSearch(wide).search(model).front());
  found.emplace_back("best-first", BestFirstSearch({.num_sets = 1024}).search(model).front());
  found.emplace_back("completion", complete(model, {}, wide));
  if (model.semantics().order.is_fixed()) {
    found.emplace_back("best-first as a beam",
                       BestFirstSearch({.num_sets = 1024, .beam_size = 512}).search(model).front());
  } else {
    found.emplace_back(
        "merging", MergingBeamSearch(
                       {.beam_size = 10, .states_per_set = 120, .num_sets = 32, .stop_mass = 0.0})
                       .search(model)
                       .front());
  }
  return found;
}

/// And those that may see a part.
std::vector<Named> search_some(TableModel& model, std::uint64_t seed) {
  std::vector<Named> found;
  found.emplace_back("greedy", GreedySearch().search(model).front());
  found.emplace_back("the best", BestFirstSearch().search(model).front());
  found.emplace_back("a narrow beam",
                     BeamSearch({.beam_size = 1 + seed % 4}).search(model).front());
  const SamplingOptions sampling{.num_samples = 1 + seed % 20, .seed = seed};
  found.emplace_back("samples", AncestralSampling(sampling).search(model).front());
  found.emplace_back("distinct samples",
                     SamplingWithoutReplacement(sampling).search(model).front());
  if (!model.semantics().order.is_fixed()) {
    found.emplace_back("a narrow merging beam",
                       MergingBeamSearch({.beam_size = 1 + seed % 4}).search(model).front());
  }
  return found;
}

double sum_of(const TableModel::Exact& exact) {
  double sum = 0.0;
  for (const auto& [set, mass] : exact.sets) sum += mass;
  return sum;
}

/// Certified: above the sets beyond D too.
void require_honest_certificate(const SetDistribution& found, const TableModel::Exact& exact) {
  if (!found.certified) return;
  const double best = exact.sets.at(found.sets.front().labels);
  for (const auto& [set, mass] : exact.sets) REQUIRE(best >= mass - 1e-12);
}

}  // namespace

TEST_CASE("Below a size limit every search agrees with exhaustive search and says what is cut") {
  const Order order = GENERATE(Order::fixed, Order::free);
  std::size_t truncated = 0;
  std::size_t certified = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    TableModel model(random_limited_table(seed, order));
    const SetDistribution all = ExhaustiveSearch().search(model).front();
    const TableModel::Exact exact = model.exact(0);
    require_honest_certificate(all, exact);
    for (const auto& [name, found] : search_all(model)) {
      INFO("seed " << seed << ", " << name);
      REQUIRE(found.sets.size() == all.sets.size());
      for (std::size_t i = 0; i < all.sets.size(); ++i) {
        const ScoredSet& set = found.sets[i];
        REQUIRE(std::abs(std::exp(set.log_prob) - std::exp(all.sets[i].log_prob)) <= kTolerance);
        REQUIRE(std::abs(std::exp(set.log_prob) - exact.sets.at(set.labels)) <= kTolerance);
        REQUIRE(set.labels.size() <= model.semantics().max_size);
      }
      REQUIRE(found.truncated == all.truncated);
      if (name == "completion") {  // what ends without a set is no valid mass
        REQUIRE(found.valid.lower <= sum_of(exact) + 1e-12);
        REQUIRE(found.valid.upper >= sum_of(exact) - 1e-12);
      } else {
        REQUIRE(std::abs(found.residual - all.residual) <= kTolerance);
        for (std::size_t l = 0; l < all.marginals.size(); ++l) {
          REQUIRE(std::abs(found.marginals[l].lower - all.marginals[l].lower) <= kTolerance);
          REQUIRE(std::abs(found.marginals[l].upper - all.marginals[l].upper) <= kTolerance);
        }
        REQUIRE_NOTHROW(require_sound(found, model, 0));
      }
      require_honest_certificate(found, exact);
      REQUIRE(found.certified <= all.certified);
      truncated += found.truncated;
      certified += found.certified && found.truncated;
    }
    for (const auto& [name, found] : search_some(model, seed)) {
      INFO("seed " << seed << ", " << name);
      REQUIRE_NOTHROW(require_sound(found, model, 0));
      require_honest_certificate(found, exact);
      REQUIRE(found.truncated <= all.truncated);
    }
    REQUIRE(model.num_live() == 0);
  }
  CHECK(truncated > 1000);
  CHECK(certified > 100);
}
