#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/score_matrix.h>
#include <labelbeam/score_rules.h>
#include <labelbeam/thresholds.h>

#include <span>
#include <vector>

namespace labelbeam::decoders {

/// The labels whose score reaches its threshold (score >= threshold); where none does and
/// `top1_if_empty` is set, the label of highest score, ties to the lowest id.
///
/// `scores`: [L]. Throws `std::invalid_argument` unless there are as many thresholds as scores and
/// no score is NaN.
LabelSet apply_thresholds(std::span<const double> scores, const Thresholds& thresholds);

/// Whether a rule's answer for a row depends on the other rows.
bool is_for_collections(const ScoreRule& rule);

/// The answer of a rule for one row. `scores`: [L], any real numbers.
///
/// Throws `std::invalid_argument` for a score that is NaN, a rule of another number of labels, and
/// a rule for collections.
LabelSet apply_score_rule(std::span<const double> scores, const ScoreRule& rule);

/// The answers of any rule: [n]. `scores`: [n, L]; they are the collection. Throws
/// `std::invalid_argument` for a score that is NaN and a rule of another number of labels.
std::vector<LabelSet> apply_score_rule(const ScoreMatrix& scores, const ScoreRule& rule);

}  // namespace labelbeam::decoders
