#pragma once

#include <labelbeam/decoders/decision.h>

#include <cstddef>
#include <vector>

namespace labelbeam::decoders {

/// The answers of largest expected F-beta by size, for one document.
class FbetaMaximiser {
 public:
  FbetaMaximiser(const SizeMarginals& marginals, double beta);

  /// The largest answer worth asking for: all labels that can occur.
  std::size_t max_size() const { return marginals_.labels.size(); }
  /// The best answer of exactly `size` labels, 1 <= size <= `max_size()`.
  Decision best_of_size(std::size_t size);
  /// No answer of `size` labels is worth more: as if it always held or were held by the truth.
  double bound(std::size_t size) const;

 private:
  struct Gain {
    double value;
    LabelId label;
  };

  const SizeMarginals& marginals_;
  double beta_squared_;
  std::vector<double> size_probs_;  // [S], P(|Y| = s)
  std::vector<double> discounts_;   // [S]
  std::vector<Gain> gains_;         // [M]
};

}  // namespace labelbeam::decoders
