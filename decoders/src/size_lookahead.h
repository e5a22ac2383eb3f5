#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "constraint_rules.h"

namespace labelbeam::decoders {

/// Whether a closed set can still grow to the smallest size that answers may have.
///
/// With exclusions or a largest size this is NP-hard (a maximum independent set): branch and bound
/// over the bound labels by rising position. Free labels only fill up. What can still be had is at
/// most one label of every exclusion, each label counted under its first one.
class SizeLookahead {
 public:
  enum class Answer { yes, no, unknown };

  /// `steps`: nodes that all calls together may visit.
  SizeLookahead(const ConstraintRules& rules, std::size_t steps);

  /// Whether a set of at least `min_size` labels that follows the rules holds all labels of `state`
  /// and beyond them only labels whose position is at least `first`. `unknown` where the steps are
  /// used up. `state` is left as it was.
  Answer grows(Propagation& state, std::size_t min_size, std::size_t first);

 private:
  struct Choice {
    std::size_t index;  // in the bound labels
    std::size_t size;   // of the set before it
  };

  std::size_t most_with_free(const Propagation& state) const;
  std::size_t most_bound(const Propagation& state, std::size_t index);
  bool add(Propagation& state, std::size_t index) const;

  const ConstraintRules& rules_;
  std::size_t steps_;
  std::size_t first_ = 0;
  std::vector<std::uint64_t> counted_at_;  // a mark for each exclusion, of the last count it was in
  std::uint64_t count_ = 0;
  std::vector<Choice> choices_;
};

}  // namespace labelbeam::decoders
