#pragma once

#include <labelbeam/decoders/constraints.h>
#include <labelbeam/set_distribution.h>
#include <labelbeam/step_model.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "mass_ledger.h"

namespace labelbeam::decoders {

struct OpenMassOptions {
  std::size_t num_samples = 0;  ///< sequences a document; at least 2
  std::uint64_t seed = 0;
  const Constraints* constraints = nullptr;  ///< none under `ConstraintMeaning::condition`
  std::string search;                        ///< opens the message of a faulty logit
};

/// Replaces the estimates of marginals by ones that count what comes below the open prefixes.
///
/// p(l in Y) = lower_l + M P(l comes below | open), M the open mass, as the label that an open
/// prefix ends in is in `lower` already. n sequences are drawn below open prefixes: sample i at a
/// uniform point of the i-th of n equal parts of the open mass, laid out prefix by prefix and child
/// by child, then ancestrally to END, also beyond D labels. Their share is unbiased, with fewer
/// samples than prefixes too. An estimate outside the bounds is moved to the nearer one.
///
/// One draw a stratum leaves no variance within it; `std_error` takes strata that lie side by side
/// in pairs (the last three together where n is odd), which overstates it by what their means
/// differ, and is at most half the distance of the bounds. Cochran, "Sampling techniques", 1977,
/// section 5A.12.
///
/// `ledgers`, `document_keys` and `results`: [B]; of results `marginals` and `num_scored` change.
void sample_open_mass(StepModel& model, std::span<const MassLedger* const> ledgers,
                      std::span<const std::uint64_t> document_keys, const OpenMassOptions& options,
                      std::span<SetDistribution> results);

}  // namespace labelbeam::decoders
