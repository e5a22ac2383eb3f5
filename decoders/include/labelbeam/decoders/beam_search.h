#pragma once

#include <labelbeam/decoders/constraints.h>
#include <labelbeam/set_distribution.h>
#include <labelbeam/step_model.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace labelbeam::decoders {

/// The largest beam that is accepted.
inline constexpr std::size_t kMaxBeamSize = std::size_t{1} << 24;

struct BeamOptions {
  /// K: live prefixes kept a document; finished ones do not count.
  std::size_t beam_size = 16;
  /// Most probable finished sets that are returned; 0: as many as `beam_size`.
  std::size_t num_sets = 0;
  /// A document stops once its `num_sets`-th set is more probable than its best live prefix
  /// and its live prefixes hold at most this mass together, which bounds what stopping takes from
  /// a marginal. 1: as soon as the sets cannot change; 0: only when no prefix lives.
  double stop_mass = 1e-3;
  /// What answers must satisfy; null: nothing.
  std::shared_ptr<const Constraints> constraints = nullptr;
  /// Sequences drawn a document below the prefixes that were not expanded, for unbiased marginals;
  /// 0: none, the estimate of a marginal is its lower bound; else at least 2.
  std::size_t marginal_samples = 0;
  std::uint64_t seed = 0;  ///< of those samples
};

/// What a beam search works in. Given to one search after another (of one thread), it keeps its
/// memory: a search no larger than an earlier one over the same semantics and constraints then
/// allocates nothing from the model's first scores to its last. Any workspace serves any search.
class BeamWorkspace {
 public:
  BeamWorkspace();
  BeamWorkspace(BeamWorkspace&&) noexcept;
  BeamWorkspace& operator=(BeamWorkspace&&) noexcept;
  ~BeamWorkspace();

 private:
  friend class BeamSearch;
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

/// Beam search over label sequences, with marginals from the prefixes it expands.
///
/// A prefix that takes END leaves the beam, which is refilled with the next best prefixes. A prefix
/// of D labels can only be closed; the mass of its other children counts as pruned and is reported
/// (`truncated`), never turned into END.
///
/// - *Sets.* Fixed order: a set is one sequence, `log_prob` is exact and `log_upper` equals it.
///   Free order: `log_prob` sums the finished sequences of the set, a lower bound; `log_upper` adds
///   the pruned and live mass from which the set can still come.
/// - *Marginals.* A label is emitted once, after one prefix, so p(l in set) is the sum of
///   p(prefix) p(l | prefix) over prefixes. `lower` and `estimate` take the expanded prefixes,
///   which counts children that were never expanded; `upper` adds the pruned and live prefixes from
///   which l can still come. Mass beyond D labels counts as such a prefix.
///   `marginal_samples` add to the estimate the share of that mass from which l does come, with a
///   `std_error` that on average is too large rather than too small. Samples are stratified by
///   prefix and go on beyond D labels. An estimate outside the bounds is moved to the nearer one.
/// - *Certificate.* Fixed order: the best set is at least as probable as the largest prefix not
///   expanded. Free order: its lower bound reaches the upper bound of every other set.
/// - *Weights* are the found probabilities, normalised over the returned sets.
/// - Mass that reaches a prefix whose admissible logits are all -inf ends there: it belongs to no
///   set and is in `residual`. Where that prefix is the root, `sets` is empty and `residual` 1.
class BeamSearch {
 public:
  /// Throws `std::invalid_argument` unless 1 <= beam_size <= `kMaxBeamSize`, num_sets <=
  /// `kMaxBeamSize`, 0 <= stop_mass <= 1 and marginal_samples is 0 or between 2 and
  /// `kMaxBeamSize`; and for marginal_samples with constraints under
  /// `ConstraintMeaning::condition`, where marginals are ratios that samples of open mass do not
  /// give without bias.
  explicit BeamSearch(const BeamOptions& options = {});

  const BeamOptions& options() const { return options_; }

  /// One distribution a document: [B]. `document_keys`: [B], or empty for 0 to B - 1: with `seed`,
  /// what the samples of a document depend on, whatever its row.
  ///
  /// Throws `std::invalid_argument` for another number of keys, for a NaN or +inf logit at an
  /// admissible token, naming the document, and where `marginal_samples` meet a clustered model,
  /// which would have to open every cluster. Every state is released, also then. The result of a
  /// document does not depend on the documents beside it. Equally probable prefixes: the one whose
  /// parent came first, then the lowest label id.
  std::vector<SetDistribution> search(StepModel& model,
                                      std::span<const std::uint64_t> document_keys = {}) const;
  /// The same; only the memory is the workspace's.
  std::vector<SetDistribution> search(StepModel& model, BeamWorkspace& workspace,
                                      std::span<const std::uint64_t> document_keys = {}) const;

 private:
  BeamOptions options_;
};

}  // namespace labelbeam::decoders
