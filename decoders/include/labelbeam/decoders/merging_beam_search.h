#pragma once

#include <labelbeam/decoders/constraints.h>
#include <labelbeam/set_distribution.h>
#include <labelbeam/step_model.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace labelbeam::decoders {

struct MergingBeamOptions {
  /// K: distinct label sets kept a document; finished ones do not count.
  std::size_t beam_size = 16;
  /// Prefixes kept of each of these sets, heaviest first; up to this many rows a set.
  std::size_t states_per_set = 1;
  /// The caller's word that the model's logits depend on the set emitted and not on its order: the
  /// mass of all prefixes of a set then goes through the state of one, and nothing is dropped by
  /// merging. Where it is untrue, no bound holds. Needs `states_per_set` 1.
  bool set_states = false;
  /// Most probable finished sets that are returned; 0: as many as `beam_size`.
  std::size_t num_sets = 0;
  /// A document stops once its `num_sets`-th set is more probable than all its live prefixes
  /// together and these hold at most this mass, which bounds what stopping takes from a marginal.
  /// 1: as soon as the sets cannot change; 0: only when no prefix lives.
  double stop_mass = 1e-3;
  /// What answers must satisfy; null: nothing.
  std::shared_ptr<const Constraints> constraints = nullptr;
};

/// Beam search over label *sets* under a free order, where a set of n labels is n! sequences.
///
/// After t steps every prefix has t distinct labels, so all prefixes of a set meet in one step.
/// They are merged before the beam is cut: a set is kept for the mass of all of them, and takes one
/// place in the beam instead of up to n!. Two masses are kept apart:
///
/// - the *rank* mass, of all prefixes of a set that the search met, decides which sets are kept. It
///   goes on through the kept states, as an estimate where others were dropped;
/// - the *carried* mass, of the prefixes whose states are kept, each through its own state, is all
///   that enters `log_prob`, weights and the lower bounds of marginals. Dropped prefixes stay open,
///   with all their labels known, and enter the upper bounds.
///
/// Exact where every prefix is kept; under `set_states` the rank mass itself is carried. Bounds,
/// marginals, certificate, truncation at D and residual are as `BeamSearch` gives them for a free
/// order.
class MergingBeamSearch {
 public:
  /// Throws `std::invalid_argument` unless beam_size and states_per_set are between 1 and
  /// `kMaxBeamSize`, num_sets <= `kMaxBeamSize`, 0 <= stop_mass <= 1, and states_per_set is 1 where
  /// set_states is set.
  explicit MergingBeamSearch(const MergingBeamOptions& options = {});

  const MergingBeamOptions& options() const { return options_; }

  /// One distribution a document: [B].
  ///
  /// Throws `std::invalid_argument` for a model of fixed order, where no two sequences are one set,
  /// and for a NaN or +inf logit at an admissible token, naming the document. Every state is
  /// released, also then. The result of a document does not depend on the documents beside it.
  std::vector<SetDistribution> search(StepModel& model) const;

 private:
  MergingBeamOptions options_;
};

}  // namespace labelbeam::decoders
