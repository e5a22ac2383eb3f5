#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/set_distribution.h>

#include <cstddef>
#include <optional>
#include <vector>

namespace labelbeam::eval {

/// What is known of p(set | x) as a distribution over the listed sets and one more member, "other":
/// all sets that are not listed, together.
struct ListedSets {
  std::vector<LabelSet> sets;     ///< by falling probability
  std::vector<double> log_probs;  ///< [sets], nats
  double log_other = 0.0;         ///< of "other"; -infinity: the list is complete

  /// The index of a set; none where it is "other".
  std::optional<std::size_t> find(const LabelSet& set) const;
};

/// Sorts the sets (ties by the sets' own order) and normalises: the probabilities of the sets and
/// `other_mass` sum to 1 afterwards. `sets`: `labels` and `log_prob` are read.
/// Throws `std::invalid_argument` for a log_prob that is NaN or +infinity, a mass that is negative
/// or not finite, and if there is no mass at all.
ListedSets list_sets(const std::vector<ScoredSet>& sets, double other_mass);

/// The same of what a search found: under constraints, given that they hold.
ListedSets list_sets(const SetDistribution& distribution);

}  // namespace labelbeam::eval
