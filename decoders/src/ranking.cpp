#include "ranking.h"

#include <algorithm>
#include <cmath>

namespace labelbeam::decoders {

namespace {

void sort_sets(std::vector<ScoredSet>& sets) {
  std::sort(sets.begin(), sets.end(), [](const ScoredSet& a, const ScoredSet& b) {
    return a.log_prob != b.log_prob ? a.log_prob > b.log_prob : a.labels < b.labels;
  });
}

}  // namespace

double normalise_weights(std::vector<ScoredSet>& sets) {
  double sum = 0.0;
  for (const ScoredSet& set : sets) sum += set.weight;
  for (ScoredSet& set : sets) set.weight /= sum;
  return sum;
}

void rank_sets(SetDistribution& distribution, std::size_t num_sets) {
  std::vector<ScoredSet>& sets = distribution.sets;
  sort_sets(sets);
  if (num_sets > 0 && sets.size() > num_sets) sets.resize(num_sets);
  for (ScoredSet& set : sets) set.weight = std::exp(set.log_prob - sets.front().log_prob);
  normalise_weights(sets);
  distribution.weight_sum = found_mass(sets);
  distribution.residual = std::clamp(distribution.valid.upper - distribution.weight_sum, 0.0, 1.0);
}

void rank_weighted_sets(SetDistribution& distribution) {
  sort_sets(distribution.sets);
  distribution.weight_sum = normalise_weights(distribution.sets);
  distribution.residual =
      std::clamp(distribution.valid.upper - found_mass(distribution.sets), 0.0, 1.0);
}

}  // namespace labelbeam::decoders
