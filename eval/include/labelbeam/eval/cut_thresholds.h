#pragma once

#include <labelbeam/eval/threshold_tuning.h>
#include <labelbeam/score_rules.h>

#include <optional>

/// The cuts of Yang, "A study of thresholding strategies for text categorization", SIGIR 2001, and
/// what grew from them: thresholds a label that are held back where they are not to be trusted
/// (SCut), and cuts by rank (RCut, PCut) and by count.
///
/// `scores`: [n, L], any real numbers; `truth`: [n]. All throw as `tune_global` does.
namespace labelbeam::eval {

/// SCut shrunk to the pooled optimum: threshold l is w t_l + (1 - w) t, where t_l maximises the
/// F-beta of label l, t micro F-beta over all labels, and w = n_l / (n_l + s) with n_l the
/// positives of l. The strength s (0: SCut; infinite: the global threshold) is the one of 0, 5, 20,
/// 80, 320, infinite that is best for macro F-beta in cross-validation, of those that lose no more
/// than half a point of micro F-beta to the global threshold, neither there nor on the rows as a
/// whole. `validation` is macro F-beta. O(K n L log(n L)).
TunedThresholds tune_shrunk(const ScoreMatrix& scores, TuningTruth truth,
                            const PerLabelOptions& options = {}, const CrossValidation& folds = {});

/// What SCutFBR gives a label whose best F-beta stays below the floor.
enum class FbrFallback {
  nothing,    ///< SCutFBR.0: the label is never predicted (the largest double)
  top_score,  ///< SCutFBR.1: its highest score among the rows
};

/// SCut with a floor on F-beta ("fbr"; Yang 2001; Fan and Lin, "A study on threshold selection for
/// multi-label classification", 2007): a label whose best F-beta is below the floor gets the
/// fallback. Without `floor` the one of 0, 0.1, ..., 0.8 that is best for macro F-beta in
/// cross-validation is taken, the lowest of equals. `validation` is macro F-beta. Throws
/// `std::invalid_argument` for a floor outside [0, 1]. O(K n L log n).
TunedThresholds tune_scut_fbr(const ScoreMatrix& scores, TuningTruth truth, FbrFallback fallback,
                              std::optional<double> floor = std::nullopt,
                              const PerLabelOptions& options = {},
                              const CrossValidation& folds = {});

/// A rule that was chosen.
struct TunedRule {
  ScoreRule rule;
  std::optional<MetricValue> validation;  ///< what it maximised, on the rows it saw; none: nothing
};

/// RCut: the k, 0 to L (from 1 under `top1_if_empty`), that is best for a metric; the lowest of
/// equals. Exact; O(n L log(n L)).
TunedRule tune_top_k(const ScoreMatrix& scores, TuningTruth truth, const Metric& metric,
                     const Convention& convention = {}, bool top1_if_empty = false);

/// PCut: shares of x times a label's share of positives, with the x >= 0 that is best for a metric,
/// the lowest of equals. Exact, but the sweep does not see `top1_if_empty`; O(n L log(n L)).
TunedRule tune_shares(const ScoreMatrix& scores, TuningTruth truth, const Metric& metric,
                      const Convention& convention = {}, bool top1_if_empty = false);

/// MetaLabeler's number of labels, by ridge regression on the 10 best scores of a row (all, if
/// there are fewer): least squares of |T| with a penalty of one row on standardised scores. O(n L
/// log L). `validation` is empty.
TunedRule fit_predicted_count(const ScoreMatrix& scores, TuningTruth truth,
                              bool top1_if_empty = false);

}  // namespace labelbeam::eval
