#pragma once

#include <labelbeam/decoders/size_marginals.h>

#include <cstddef>
#include <vector>

namespace labelbeam::decoders {

/// The answers of largest expected F-beta by size, for one document.
class FbetaMaximiser {
 public:
  FbetaMaximiser(const SizeMarginals& marginals, double beta);

  struct Best {
    LabelSet labels;
    double value = 0.0;
    double runner_up = 0.0;  ///< of the best other answer of the same size; 0 where there is none
  };

  /// The largest answer worth asking for: all labels that can occur, and one that cannot, since the
  /// best answer may have no better rival.
  std::size_t max_size() const { return labels_.size(); }
  /// The best answers of exactly `size` labels, 1 <= size <= `max_size()`.
  Best best_of_size(std::size_t size);
  /// No answer of `size` labels is worth more: as if it always held or were held by the truth.
  double bound(std::size_t size) const;

 private:
  struct Gain {
    double value;
    LabelId label;
  };

  const SizeMarginals& marginals_;
  double beta_squared_;
  std::vector<LabelId> labels_;     // those of the marginals, then perhaps one that cannot occur
  std::vector<double> size_probs_;  // [S], P(|Y| = s)
  std::vector<double> discounts_;   // [S]
  std::vector<Gain> gains_;
};

/// The lowest label that is not in `labels` (ascending), or `num_labels` if all are.
LabelId lowest_absent(const std::vector<LabelId>& labels, std::size_t num_labels);

}  // namespace labelbeam::decoders
