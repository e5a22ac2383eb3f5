#pragma once

#include <labelbeam/eval/comparison.h>
#include <labelbeam/eval/resampling.h>

#include <span>
#include <string>
#include <vector>

namespace labelbeam::eval {

/// -log p(true set | x) of test rows under one system.
struct SystemSetNll {
  std::string system;
  std::vector<std::vector<double>> seeds;  ///< [seeds][n] nats; infinite where p is 0
};

struct SetNllGains {
  std::vector<SetNllGain> gains;      ///< of every system over each of those before it
  std::vector<std::string> warnings;  ///< where there is no interval, or it is not BCa
};

/// What every system gains in set NLL over each of those before it: intervals of the mean
/// difference over all rows and over those that are `seen` ([n]: whether train has the true label
/// set) or not, and a test of the mean over all rows. A part is resampled by its own rows.
/// Resamples are the same for all pairs of systems.
///
/// A row of probability 0 under either system has no finite difference: the parts that it belongs
/// to have neither gain nor interval, and a warning says so.
///
/// Throws `std::invalid_argument` for a system without seeds, other numbers of rows than `seen`
/// has, or an NLL that is NaN or negative infinity.
SetNllGains set_nll_gains(std::span<const SystemSetNll> systems, const std::vector<bool>& seen,
                          const ResamplingOptions& options = {});

}  // namespace labelbeam::eval
