#include <labelbeam/set_distribution.h>

#include <cmath>

namespace labelbeam {

double found_mass(std::span<const ScoredSet> sets) {
  double mass = 0.0;
  for (const ScoredSet& set : sets) mass += std::exp(set.log_prob);
  return mass;
}

}  // namespace labelbeam
