#pragma once

#include <labelbeam/label_order.h>
#include <labelbeam/label_set.h>

#include <span>

namespace labelbeam {

/// Whether a model may answer with the empty set.
enum class EmptySet {
  learn,   ///< a training option: `allow` if a training row has no label, else `forbid`
  allow,   ///< END is admissible at the root
  forbid,  ///< END is inadmissible at the root: its logit is masked before the softmax
};

/// What a label set means to a step model: which tokens may follow which.
///
/// Letters used throughout: L labels; END = L closes a set; V = L + 1; R rows of a call;
/// B documents of a batch; T tokens of a document; E embedding size; H hidden size; K beam size.
struct SetSemantics {
  std::size_t num_labels = 0;             ///< L
  LabelOrder order = LabelOrder::free();  ///< fixed ranks or free
  EmptySet empty_set = EmptySet::allow;   ///< `allow` or `forbid` in a model that decodes
  std::size_t max_size = 0;               ///< D, the largest set that is emitted, 1 <= D <= L

  /// The id of END.
  LabelId end() const { return static_cast<LabelId>(num_labels); }
  std::size_t num_tokens() const { return num_labels + 1; }

  bool operator==(const SetSemantics&) const = default;
};

/// Throws `std::invalid_argument` unless 1 <= L <= `kMaxLabels`, 1 <= D <= L, a fixed order has L
/// labels, and `empty_set` is `allow` or `forbid`.
void check(const SetSemantics& semantics);

/// `EmptySet::learn` settled by whether training data hold an empty set; others unchanged.
EmptySet resolve(EmptySet choice, bool training_has_empty_set);

/// Which tokens may follow the emitted labels: `mask[v]` = 1 or 0, `mask`: [V].
///
/// Fixed order: labels of higher rank than every emitted one. Free order: labels not yet emitted.
/// END always, but for the root where the empty set is forbidden. The size limit D does not mask
/// anything: the mass of sets above D is lost to truncation, and searches report it.
void admissible_tokens(const SetSemantics& semantics, const LabelSet& emitted,
                       std::span<unsigned char> mask);

/// log softmax over the admissible tokens: mask first, then normalise, in double.
///
/// `logits`: [V] unmasked; `mask`: [V]; `log_probs`: [V], -inf where the mask is 0.
/// Logits of -inf are zero probabilities. If every admissible logit is -inf, every log probability
/// is -inf. Throws `std::invalid_argument` for NaN or +inf at an admissible token.
void masked_log_softmax(std::span<const float> logits, std::span<const unsigned char> mask,
                        std::span<double> log_probs);

}  // namespace labelbeam
