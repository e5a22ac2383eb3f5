#pragma once

#include <labelbeam/step_model.h>

#include <cstddef>
#include <vector>

namespace labelbeam::decoders::bench {

struct FoundSet {
  LabelSet labels;
  double log_prob;
};

/// What one document's search found, best first.
struct Found {
  std::vector<FoundSet> sets;
  std::size_t num_scored = 0;
};

/// `BeamSearch` with `stop_mass` 0 without what bounds, marginals and certificates need: the same
/// states are scored and the same sets found.
std::vector<Found> unbounded_beam(StepModel& model, std::size_t beam_size);

}  // namespace labelbeam::decoders::bench
