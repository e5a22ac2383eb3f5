#include <fmt/format.h>
#include <labelbeam/decoders/decision.h>

#include <stdexcept>

#include "best_answer.h"
#include "candidate_answers.h"

namespace labelbeam::decoders {
namespace {

double expected_utility(const SetDistribution& distribution, const Utility& utility,
                        const LabelSet& answer) {
  double sum = 0.0;
  for (const ScoredSet& set : distribution.sets) {
    const double value = utility(set.labels, answer);
    if (!(value >= 0.0 && value <= 1.0)) {
      throw std::invalid_argument(
          fmt::format("decide_utility: a utility must be between 0 and 1, got {}", value));
    }
    sum += set.weight * value;
  }
  return sum;
}

}  // namespace

Decision decide_utility(const SetDistribution& distribution, const Utility& utility,
                        std::span<const LabelSet> candidates) {
  if (candidates.empty()) throw std::invalid_argument("decide_utility: there is no candidate");
  if (distribution.sets.empty()) return {};
  BestAnswer best(candidates[0], expected_utility(distribution, utility, candidates[0]));
  for (const LabelSet& answer : candidates.subspan(1)) {
    best.consider(answer, expected_utility(distribution, utility, answer));
  }
  return best.decision(size_marginals(distribution).unseen);
}

Decision decide_utility(const SetDistribution& distribution, const Utility& utility) {
  Decision decision = decide_utility(distribution, utility,
                                     candidate_answers(distribution, size_marginals(distribution)));
  decision.certified = false;
  return decision;
}

}  // namespace labelbeam::decoders
