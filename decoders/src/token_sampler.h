#pragma once

#include <labelbeam/label_set.h>

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "masked_row.h"

namespace labelbeam::decoders {

/// END in place of a position.
inline constexpr LabelId kEndPosition = std::numeric_limits<LabelId>::max();

/// Draws tokens of a row by their weights, with a binary search a draw.
class TokenSampler {
 public:
  /// END and every label.
  void load(const MaskedRow& row);
  /// Labels alone, and none of the positions `excluded`.
  void load_labels(const MaskedRow& row, std::span<const LabelId> excluded);

  /// The sum of the weights; 0 where there is nothing to draw.
  double sum() const { return cumulative_.back(); }

  /// The position (END: `kEndPosition`) at `u` in [0, 1) of the weights laid side by side, END
  /// first. `sum()` must be positive.
  LabelId draw(double u) const;

 private:
  void add_labels(const MaskedRow& row);

  std::size_t first_ = 0;           // the position of cumulative_[1]
  std::vector<double> cumulative_;  // of END, then of the labels
};

}  // namespace labelbeam::decoders
