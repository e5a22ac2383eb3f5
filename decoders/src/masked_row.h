#pragma once

#include <labelbeam/decoders/constraints.h>
#include <labelbeam/set_semantics.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace labelbeam::decoders {

/// The masked softmax of one row of logits, in *positions*: a label's rank under a fixed order, its
/// id under a free one. Under a fixed order the admissible labels are then one contiguous range.
///
/// The same numbers as `admissible_tokens` and `masked_log_softmax` give, with one exp a token.
///
/// Tokens that constraints disallow have a score of -inf and a weight of 0. Under
/// `ConstraintMeaning::condition` they still count in the normaliser (and `weight_sum`), so that
/// probabilities are the model's and sum to less than 1; under `renormalise` they do not.
class MaskedRow {
 public:
  /// `constraints` may be null. `search` opens the message of a faulty logit. Throws
  /// `std::invalid_argument` for constraints made for other semantics.
  MaskedRow(const SetSemantics& semantics, const Constraints* constraints, std::string search);

  /// Whether `load` reads every label of a prefix, and not the last one alone.
  bool needs_whole_prefix() const {
    return constraints_ != nullptr || !semantics_.order.is_fixed();
  }

  /// `logits`: [V]. `emitted`: the positions of the prefix, its last label first.
  void load(std::span<const float> logits, std::span<const LabelId> emitted, std::size_t document);

  /// Positions below are inadmissible, and their scores and weights undefined.
  std::size_t first() const { return first_; }
  /// [L]: logits less the largest admissible one; -inf where inadmissible or impossible.
  const std::vector<double>& scores() const { return scores_; }
  double end_score() const { return end_score_; }
  /// [L]: exp(score).
  const std::vector<double>& weights() const { return weights_; }
  /// The sum of all weights with END's, and of what the constraints alone disallow under
  /// `condition`; 0 where nothing can follow.
  double weight_sum() const { return weight_sum_; }
  /// p(token) = exp(score - log_normaliser()).
  double log_normaliser() const { return log_normaliser_; }
  /// p(any allowed label).
  double label_prob() const { return label_prob_; }

 private:
  void gather(std::span<const float> logits, std::span<const LabelId> emitted);
  bool has(ConstraintMeaning meaning) const;
  void disallow(std::span<const LabelId> emitted);
  [[noreturn]] void report_fault(std::span<const float> logits, std::size_t document) const;

  const SetSemantics& semantics_;
  const Constraints* constraints_;
  std::string search_;
  std::size_t first_ = 0;
  std::vector<double> scores_;
  std::vector<double> weights_;
  std::vector<unsigned char> allowed_;  // [V], by token
  double end_score_ = 0.0;
  double weight_sum_ = 0.0;
  double log_normaliser_ = 0.0;
  double label_prob_ = 0.0;
};

}  // namespace labelbeam::decoders
