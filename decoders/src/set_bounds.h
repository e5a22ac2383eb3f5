#pragma once

#include <labelbeam/set_distribution.h>

#include "mass_ledger.h"

namespace labelbeam::decoders {

/// Free order: sets the upper bounds of ranked sets from the open mass, and whether the first is
/// certified. `next_best`: the largest log probability of a found set that is not among them.
void bound_sets(SetDistribution& distribution, const MassLedger& ledger, double next_best);

}  // namespace labelbeam::decoders
