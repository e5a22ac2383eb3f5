#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/exhaustive_search.h>
#include <labelbeam/decoders/independent.h>
#include <labelbeam/decoders/independent_step_model.h>

#include <cmath>
#include <numeric>
#include <random>

#include "catch.h"

using labelbeam::EmptySet;
using labelbeam::LabelId;
using labelbeam::LabelOrder;
using labelbeam::LabelSet;
using labelbeam::ScoreMatrix;
using labelbeam::SetDistribution;
using labelbeam::SetSemantics;
using namespace labelbeam::decoders;

namespace {

SetSemantics semantics_of(std::size_t num_labels, EmptySet empty_set, std::mt19937_64& random) {
  std::vector<LabelId> by_rank(num_labels);
  std::iota(by_rank.begin(), by_rank.end(), LabelId{0});
  std::shuffle(by_rank.begin(), by_rank.end(), random);
  return {num_labels, LabelOrder::fixed(by_rank), empty_set, num_labels};
}

/// Some probabilities are 0 or 1; no row is all 0.
ScoreMatrix random_probs(std::size_t num_rows, std::size_t num_labels, std::mt19937_64& random) {
  std::uniform_real_distribution<double> uniform;
  ScoreMatrix probs(num_rows, num_labels);
  for (double& p : probs.values) {
    const double kind = uniform(random);
    p = kind < 0.1 ? 0.0 : kind < 0.2 ? 1.0 : uniform(random);
  }
  for (std::size_t i = 0; i < num_rows; ++i) probs.row(i)[0] = 0.5;
  return probs;
}

}  // namespace

TEST_CASE("Independent labels as a step model have the distribution of independent labels") {
  std::mt19937_64 random(1);
  for (int round = 0; round < 300; ++round) {
    const std::size_t num_labels = 1 + random() % 8;
    const EmptySet empty_set = round % 2 == 0 ? EmptySet::allow : EmptySet::forbid;
    const ScoreMatrix probs = random_probs(3, num_labels, random);
    IndependentStepModel model(probs, semantics_of(num_labels, empty_set, random));
    const std::vector<SetDistribution> exhaustive = ExhaustiveSearch().search(model);
    const std::vector<SetDistribution> beam =
        BeamSearch({.beam_size = 128, .num_sets = 256, .stop_mass = 0.0}).search(model);
    for (std::size_t i = 0; i < 3; ++i) {
      const SetDistribution exact = independent_distribution(
          probs.row(i), {.num_sets = std::size_t{1} << num_labels, .empty_set = empty_set});
      REQUIRE(exhaustive[i].sets.size() == exact.sets.size());
      REQUIRE(beam[i].sets.size() == exact.sets.size());
      for (const labelbeam::ScoredSet& set : exhaustive[i].sets) {
        const double expected = independent_log_prob(probs.row(i), set.labels, empty_set);
        REQUIRE(std::abs(std::exp(set.log_prob) - std::exp(expected)) <= 1e-6);
      }
      for (LabelId label = 0; label < num_labels; ++label) {
        REQUIRE(std::abs(beam[i].marginals[label].estimate - exact.marginals[label].estimate) <=
                1e-6);
      }
    }
  }
}

TEST_CASE("An independent step model refuses what does not fit") {
  const ScoreMatrix probs(2, 3);
  std::mt19937_64 random(2);
  const SetSemantics three = semantics_of(3, EmptySet::allow, random);
  CHECK_THROWS_WITH(IndependentStepModel(probs, semantics_of(4, EmptySet::allow, random)),
                    contains_text("probabilities of 3 labels, but semantics of 4"));
  CHECK_THROWS_WITH(
      IndependentStepModel(probs, SetSemantics{3, LabelOrder::free(), EmptySet::allow, 3}),
      contains_text("must be fixed, got a free one"));
  ScoreMatrix faulty(1, 3);
  faulty.values[1] = 1.5;
  CHECK_THROWS_WITH(IndependentStepModel(faulty, three),
                    contains_text("must be between 0 and 1, got 1.5"));
}
