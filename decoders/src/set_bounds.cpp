#include "set_bounds.h"

#include <algorithm>
#include <cmath>

namespace labelbeam::decoders {

void bound_sets(SetDistribution& distribution, const MassLedger& ledger, double next_best) {
  if (distribution.sets.empty()) return;
  const double open = ledger.open_mass();
  double rival = open + std::exp(next_best);
  for (ScoredSet& set : distribution.sets) {
    const double towards = std::min(open, ledger.open_mass_towards(set.labels));
    const double upper = std::min(1.0, std::exp(set.log_prob) + towards);
    set.log_upper = std::max(set.log_prob, std::log(upper));
    if (&set != &distribution.sets.front()) rival = std::max(rival, upper);
  }
  distribution.certified = std::exp(distribution.sets.front().log_prob) >= rival;
}

}  // namespace labelbeam::decoders
