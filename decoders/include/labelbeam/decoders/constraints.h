#pragma once

#include <labelbeam/constraint_spec.h>
#include <labelbeam/set_semantics.h>

#include <cstddef>
#include <functional>
#include <span>

namespace labelbeam::decoders {

/// What the probabilities of a constrained search mean.
enum class ConstraintMeaning {
  /// p(Y | x) stays the model's; what leads to no valid set is not followed. Ranks by
  /// p(Y | valid, x), whose normaliser is `SetDistribution::valid`.
  condition,
  /// Inadmissible tokens are masked and every step is normalised anew: another distribution over
  /// the valid sets, useful as a proposal.
  renormalise,
};

struct ConstraintOptions {
  ConstraintMeaning meaning = ConstraintMeaning::condition;
  /// Asked of every finished set that satisfies the rest, once a search meets it; may leave none.
  std::function<bool(const LabelSet&)> predicate;
  /// Steps of the exact lookahead that a minimum size needs, a prefix.
  std::size_t lookahead_budget = 10'000;
};

/// A `ConstraintSpec` made ready for searches over label sets of one meaning.
class Constraints {
 public:
  Constraints(ConstraintSpec spec, const SetSemantics& semantics, ConstraintOptions options = {});

  const ConstraintSpec& spec() const { return spec_; }
  ConstraintMeaning meaning() const { return options_.meaning; }
  /// Whether a finished set satisfies everything.
  bool is_valid(const LabelSet& labels) const;
  /// Clears `mask[v]` of every token that no valid set goes through after `emitted`. `mask`: [V].
  void restrict(const LabelSet& emitted, std::span<unsigned char> mask) const;

 private:
  ConstraintSpec spec_;
  ConstraintOptions options_;
};

}  // namespace labelbeam::decoders
