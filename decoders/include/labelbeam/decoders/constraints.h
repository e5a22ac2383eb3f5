#pragma once

#include <labelbeam/constraint_spec.h>
#include <labelbeam/label_vocab.h>
#include <labelbeam/set_semantics.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

namespace labelbeam::decoders {

/// What the probabilities of a constrained search mean.
enum class ConstraintMeaning {
  /// p(Y | x) stays the model's; what leads to no valid set is not followed. Ranks by
  /// p(Y | valid, x), whose normaliser is `SetDistribution::valid`.
  condition,
  /// Inadmissible tokens are masked and every step is normalised anew: another distribution over
  /// the valid sets, useful as a proposal. Mass that reaches a prefix after which nothing is left
  /// belongs to no set.
  renormalise,
};

struct ConstraintOptions {
  ConstraintMeaning meaning = ConstraintMeaning::condition;
  /// Asked of every finished set that satisfies the rest, once a search meets it; may leave none.
  /// Called from every thread that searches.
  std::function<bool(const LabelSet&)> predicate = nullptr;
  /// Nodes of the exact lookahead that a minimum size needs, a prefix.
  std::size_t lookahead_budget = 10'000;
};

class ConstraintRules;

/// A `ConstraintSpec` made ready for searches over label sets of one meaning. Copies share it.
/// Searches throw `std::invalid_argument` where the model's semantics are others.
///
/// The rules are Horn clauses, so that unit propagation decides: with C = the closure of the
/// emitted labels, l and `must` under the implications, l may be emitted where C breaks no rule,
/// has at most max_size labels and, under a fixed order, holds no unemitted label that ranks below
/// l; END where the emitted labels are a valid set. Without a minimum size and a predicate every
/// prefix that this admits leads to a valid set, and every valid set is reached in each of its
/// orders. A minimum size adds that C can grow to it, found by branch and bound.
///
/// The size limit D of the semantics is not a constraint: sets beyond it count as valid and as lost
/// to truncation. A `max_size` of at most D keeps searches from prefixes that only lead there.
class Constraints {
 public:
  /// Throws `std::invalid_argument` for a label >= L, an empty exclusion or side of an implication,
  /// and where no set of at most D labels satisfies the spec (and is not empty where that is
  /// forbidden), with the chain of rules that conflict. `names` (L of them; may be null) are used
  /// in messages only. The predicate is not asked. A minimum size so entangled that 100,000 nodes
  /// of the lookahead do not settle it is taken to be satisfiable.
  Constraints(ConstraintSpec spec, const SetSemantics& semantics, ConstraintOptions options = {},
              const LabelVocab* names = nullptr);

  const ConstraintSpec& spec() const;
  const SetSemantics& semantics() const;
  const ConstraintOptions& options() const { return options_; }
  ConstraintMeaning meaning() const { return options_.meaning; }

  /// Whether a finished set satisfies everything, and is not empty where that is forbidden. Takes
  /// time for the rules that its labels are in.
  bool is_valid(const LabelSet& labels) const;

  /// Clears `mask[v]` of every token that no valid set goes through after `emitted`.
  ///
  /// `mask`: [V], where the tokens that the semantics do not admit are cleared already; O(V +
  /// rules) without a minimum size. Returns false where the lookahead ran out of its budget: labels
  /// it could not settle keep their mask and may be dead ends. Those cost a search time and the
  /// greedy search its answer, but no bound: their mass is open until they are expanded, and then
  /// belongs to no set.
  bool restrict(const LabelSet& emitted, std::span<unsigned char> mask) const;

 private:
  std::shared_ptr<const ConstraintRules> rules_;
  ConstraintOptions options_;
};

/// The share of the sets that are not valid: of true sets, what constraints cost at least. Throws
/// `std::invalid_argument` for no set.
double share_invalid(const Constraints& constraints, std::span<const LabelSet> sets);

}  // namespace labelbeam::decoders
