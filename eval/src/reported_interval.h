#pragma once

#include <labelbeam/eval/significance.h>

#include <span>
#include <string>
#include <vector>

namespace labelbeam::eval {

/// The 95 % interval of `what`, with a warning where it is not BCa.
inline Interval reported_interval(double value, std::span<const double> replicates,
                                  std::span<const double> jackknife, const std::string& what,
                                  std::vector<std::string>& warnings) {
  const ConfidenceInterval found = bca_interval(value, replicates, jackknife);
  if (!found.is_bca) {
    warnings.push_back("The interval of " + what +
                       " is the percentile interval: BCa is not defined for its replicates.");
  }
  return found.interval;
}

}  // namespace labelbeam::eval
