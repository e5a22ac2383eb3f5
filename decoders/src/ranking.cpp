#include "ranking.h"

#include <algorithm>
#include <cmath>

namespace labelbeam::decoders {

void rank_sets(SetDistribution& distribution, std::size_t num_sets) {
  std::vector<ScoredSet>& sets = distribution.sets;
  std::sort(sets.begin(), sets.end(), [](const ScoredSet& a, const ScoredSet& b) {
    return a.log_prob != b.log_prob ? a.log_prob > b.log_prob : a.labels < b.labels;
  });
  if (num_sets > 0 && sets.size() > num_sets) sets.resize(num_sets);
  double found = 0.0;
  double relative_sum = 0.0;
  for (ScoredSet& set : sets) {
    found += std::exp(set.log_prob);
    set.weight = std::exp(set.log_prob - sets.front().log_prob);
    relative_sum += set.weight;
  }
  for (ScoredSet& set : sets) set.weight /= relative_sum;
  distribution.residual = std::clamp(distribution.valid.upper - found, 0.0, 1.0);
}

}  // namespace labelbeam::decoders
