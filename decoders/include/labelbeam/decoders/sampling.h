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

/// The largest sample that is accepted.
inline constexpr std::size_t kMaxSamples = std::size_t{1} << 24;

/// Both samplers share the following.
///
/// Random numbers are functions of the seed, the key of the document and what is drawn: the result
/// of a document does not depend on the documents beside it, its row or the number of threads, and
/// a larger sample holds the smaller ones.
///
/// - *Sets* are those that were drawn and have at most D labels. `log_prob` sums the sequences of
///   the set that were met: exact under a fixed order, a lower bound under a free one, where
///   `log_upper` adds the mass not looked into from which the set can still come.
/// - *Weights.* `weight * weight_sum` estimates p(set | x) without bias, 0 for sets that were not
///   drawn; `weight` is its normalised form.
/// - *Marginals.* `lower` and `upper` are those of the prefixes met, as in `BeamSearch`; `estimate`
///   is the weighted share of the drawn sequences that hold the label, moved to the nearer bound
///   where it lies outside. `std_error` is that of the share, by the delta method, at most half the
///   distance of the bounds; it is too small where a few samples agree by chance.
/// - *Sizes.* Sequences are drawn to their END also beyond D labels: they count in marginals and
///   are no answers. So do prefixes after which nothing is possible.
/// - *Constraints.* Every step is drawn from what they allow, normalised anew. Under `condition` a
///   sequence is weighted by p / q, its probability under the model and under those steps, so that
///   weights estimate p(set | x) and marginals p(label | valid, x), by ratios of weighted sums.
struct SamplingOptions {
  std::size_t num_samples = 64;  ///< sequences drawn a document
  std::uint64_t seed = 0;
  /// What answers must satisfy; null: nothing.
  std::shared_ptr<const Constraints> constraints = nullptr;
};

/// Ancestral sampling: independent sequences, each token drawn from p(token | prefix).
///
/// Without constraints `weight` is the share of a set among the drawn sets.
class AncestralSampling {
 public:
  /// Throws `std::invalid_argument` unless 1 <= num_samples <= `kMaxSamples`.
  explicit AncestralSampling(const SamplingOptions& options = {});

  const SamplingOptions& options() const { return options_; }

  /// One distribution a document: [B]. `document_keys`: [B], or empty for 0 to B - 1.
  ///
  /// Throws `std::invalid_argument` for another number of keys, and for a NaN or +inf logit at an
  /// admissible token, naming the document. Every state is released, also then.
  std::vector<SetDistribution> search(StepModel& model,
                                      std::span<const std::uint64_t> document_keys = {}) const;

 private:
  SamplingOptions options_;
};

/// Sampling of sequences without replacement: stochastic beam search, the Gumbel-top-k trick over
/// the tree of sequences. Kool, van Hoof and Welling, "Stochastic beams and where to find them",
/// ICML 2019.
///
/// Every sequence has a perturbed log probability phi + Gumbel noise with phi = log p(sequence);
/// the k largest are a sample without replacement. The maximum below a prefix is drawn before what
/// is below it, so a beam of k + 1 finds them. With kappa the (k + 1)-th largest (-inf where there
/// are no more sequences), a sequence is drawn with probability 1 - exp(-exp(phi - kappa)) given
/// kappa and weighted by p over that. Sequences of one set add up.
///
/// Drawn sequences beyond D labels and prefixes after which nothing is possible take places of the
/// k. Where the sample is the whole tree, every weight is the probability and every `std_error` 0.
class SamplingWithoutReplacement {
 public:
  /// Throws `std::invalid_argument` unless 1 <= num_samples <= `kMaxSamples`.
  explicit SamplingWithoutReplacement(const SamplingOptions& options = {});

  const SamplingOptions& options() const { return options_; }

  /// As `AncestralSampling::search`.
  std::vector<SetDistribution> search(StepModel& model,
                                      std::span<const std::uint64_t> document_keys = {}) const;

 private:
  SamplingOptions options_;
};

}  // namespace labelbeam::decoders
