#pragma once

#include <labelbeam/decoders/constraints.h>
#include <labelbeam/set_distribution.h>
#include <labelbeam/step_model.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace labelbeam::decoders {

/// The largest budget that is accepted.
inline constexpr std::size_t kMaxScored = std::size_t{1} << 30;

struct BestFirstOptions {
  /// n: most probable sets that are returned, and searched for until they are known.
  std::size_t num_sets = 1;
  /// States that may be scored a document. Where they do not suffice, the answer is the best so
  /// far.
  std::size_t max_scored = 10'000;
  /// Most prefixes that are scored at once a document: the best and those at least half as
  /// probable. More take fewer calls of the model; the answer stays exact, and a few prefixes are
  /// scored that one at a time would have spared.
  std::size_t heads = 8;
  /// K > 0: the answer of a beam of K instead (fixed order only); 0: exact.
  std::size_t beam_size = 0;
  /// What answers must satisfy; null: nothing.
  std::shared_ptr<const Constraints> constraints = nullptr;
};

/// Best-first search: always scores the most probable prefix that was not scored yet.
///
/// The open prefixes are a max-heap on log p. A scored prefix is in it once, as its best child that
/// was not scored yet, and comes back with the next one; states of the model are made for what is
/// scored, and kept while children may follow. Beside them, memory grows with the scored prefixes
/// times the children that can still be scored: fixed order: those at least as probable as the n-th
/// set so far.
///
/// - *Fixed order.* Ends once the n-th best set is more probable than every open prefix: the n most
///   probable sets, ties at the n-th place by the sets' own order. For n = 1 and one head at most
///   (D + 1) / p(best) states are scored. `certified`: the best set is at least as probable as the
///   largest prefix that was not scored.
/// - *Free order.* The sequences of a set are summed. With lo(Y) = what was found of Y and hi(Y) =
///   lo(Y) + the open mass from which Y can still come, at most the whole open mass for a set
///   without any sequence yet, it ends once lo(best) >= hi of every other set and lo(n-th) >= hi of
///   every set that is not among the n. `certified`: the first of the two.
/// - *Budget.* When `max_scored` ends the search, all bounds still hold.
/// - `sets`, `marginals` and `truncated` mean what they mean in `BeamSearch`. Mass beyond D labels
///   is never searched for, but counts against the certificate.
/// - *Beam* (`beam_size` K; Meister, Cotterell & Vieira 2020, "Best-first beam search"). Of every
///   length only the K most probable prefixes are scored, those of K live prefixes a step in
///   `BeamSearch`: `sets` and `certified` are those of `BeamSearch` with the same K and `num_sets`,
///   whatever its `stop_mass`, unless the budget ends the search, and never more states are scored.
///   Marginals are bounded by the states that were.
///
/// Equally probable prefixes: the one whose parent came first, then the lowest label id.
class BestFirstSearch {
 public:
  /// Throws `std::invalid_argument` unless 1 <= num_sets <= `kMaxBeamSize`, 1 <= max_scored <=
  /// `kMaxScored`, heads >= 1 and beam_size <= `kMaxBeamSize`.
  explicit BestFirstSearch(const BestFirstOptions& options = {});

  const BestFirstOptions& options() const { return options_; }

  /// One distribution a document: [B].
  ///
  /// Throws `std::invalid_argument` for a NaN or +inf logit at an admissible token, naming the
  /// document, and for a `beam_size` under a free order, where a beam's sums need all of its
  /// prefixes. Every state is released, also then. The result of a document does not depend on the
  /// documents beside it.
  std::vector<SetDistribution> search(StepModel& model) const;

 private:
  BestFirstOptions options_;
};

}  // namespace labelbeam::decoders
