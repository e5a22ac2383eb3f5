#pragma once

#include <labelbeam/random.h>

#include <cstddef>
#include <vector>

#include "masked_row.h"
#include "token_sampler.h"

namespace labelbeam::decoders {

/// The perturbed log probabilities of what may follow a prefix, drawn given that their maximum is
/// that of the prefix.
class GumbelChildren {
 public:
  struct Child {
    LabelId position;  ///< END: `kEndPosition`
    double score;      ///< of the token in its row
    double log_share;  ///< log q(token | prefix): normalised over what the row allows
    double perturbed;  ///< log q(prefix, token) + Gumbel noise
  };

  /// `log_prob`: log q(prefix). The number of a token is at the position of its id in `random`, so
  /// that it does not depend on which others are possible.
  const std::vector<Child>& draw(const MaskedRow& row, const SetSemantics& semantics,
                                 double log_prob, double perturbed, CounterRng& random);

 private:
  std::vector<Child> children_;
};

}  // namespace labelbeam::decoders
