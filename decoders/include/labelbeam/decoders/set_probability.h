#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/step_model.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace labelbeam::decoders {

/// The largest `SetProbabilityOptions::max_exact_size`: 8! = 40,320 states a document.
inline constexpr std::size_t kMaxExactSetSize = 8;

struct SetProbabilityOptions {
  /// Sets of at most this many labels are summed over all their orders: n! states at the widest.
  std::size_t max_exact_size = 7;
  /// Orders that are followed, most probable first, for larger sets.
  std::size_t beam_size = 128;
  /// Orders that are drawn for larger sets; 0: none, else at least 2.
  std::size_t num_samples = 128;
  std::uint64_t seed = 1;
};

/// What is known of log p(set | x), in nats. -inf: the set is impossible.
struct SetProbability {
  double log_lower;
  double log_upper;
  /// Its exponential is unbiased where it is sampled and may then lie outside the bounds; the lower
  /// bound where nothing is sampled.
  double log_estimate;
  /// Of `log_estimate`: the standard error of its exponential, relative to it. 0 where nothing is
  /// sampled.
  double std_error = 0.0;
  /// (sum w)^2 / sum w^2 of the weights of the samples; 0 where nothing is sampled.
  double effective_samples = 0.0;
  /// Whether the bounds are the probability itself: no order was left out.
  bool exact = false;
};

/// p(set | x) of given sets. Under a free order it is the sum over the n! orders of a set of n
/// labels, under a fixed one the probability of one sequence. The size limit D plays no part.
///
/// - *Exact*: prefixes inside the set are stepped together, each state once.
/// - *Bounds*: the same with the `beam_size` most probable prefixes of each length. What is found
///   is a lower bound, and with the mass of the prefixes that were left out an upper one.
/// - *Estimate*: sequential importance sampling. A label is drawn from those of the set that are
///   not yet emitted, by the model's probabilities normalised over them. The weight of a sample is
///   the product of the probabilities of these labels together, times p(END | set): its mean is
///   p(set | x). Samples with a common prefix share its state.
class SetProbabilityEstimator {
 public:
  /// Throws `std::invalid_argument` unless max_exact_size <= `kMaxExactSetSize`, beam_size is
  /// between 1 and `kMaxBeamSize`, and num_samples is 0 or between 2 and `kMaxBeamSize`.
  explicit SetProbabilityEstimator(const SetProbabilityOptions& options = {});

  const SetProbabilityOptions& options() const { return options_; }

  /// The probability of one set a document. `sets`: [B]. The random numbers of a document depend on
  /// the seed and its key alone: `document_keys`: [B], or empty, where all documents take the same.
  ///
  /// Throws `std::invalid_argument` for another number of sets or keys, for an unknown label, and
  /// for a NaN or +inf logit at an admissible token, naming the document. Every state is released,
  /// also then.
  std::vector<SetProbability> estimate(StepModel& model, std::span<const LabelSet> sets,
                                       std::span<const std::uint64_t> document_keys = {}) const;

 private:
  SetProbabilityOptions options_;
};

}  // namespace labelbeam::decoders
