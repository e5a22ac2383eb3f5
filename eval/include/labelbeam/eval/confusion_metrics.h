#pragma once

#include <labelbeam/eval/metrics.h>

#include <span>
#include <vector>

/// Metrics that also count what is rightly not predicted.
namespace labelbeam::eval {

/// The metrics of one label, a binary classification.
struct ConfusionMetrics {
  double specificity = 0.0;        ///< TN / (TN + FP): recall of the label's absence
  double balanced_accuracy = 0.0;  ///< mean of recall and specificity, or the one that is no 0/0
  double g_mean = 0.0;             ///< sqrt(recall * specificity) (Kubat & Matwin 1997)
  double matthews_corrcoef = 0.0;  ///< Matthews 1975; 0 where truth or prediction is constant

  bool specificity_undefined = false;  ///< never absent
  bool recall_undefined = false;       ///< never true
  bool correlation_undefined = false;  ///< truth or prediction is constant
};

/// 0/0 of recall and specificity counts as that of recall in the convention (of the label's
/// absence, for specificity). Throws `std::invalid_argument` if all counts are 0.
ConfusionMetrics confusion_metrics(const LabelConfusion& confusion,
                                   const Convention& convention = {});

/// `specificity`, `balanced_accuracy`, `g_mean` and `matthews_corrcoef`, each with `_micro` (of all
/// cells together), `_macro` and `_weighted`. `undefined` counts labels (micro: 1) where recall,
/// specificity or the correlation is 0/0. `labels`: [L], of `MetricAccumulator::label_confusions`.
/// Throws `std::invalid_argument` if there are no labels, or nothing counted.
std::vector<NamedValue> confusion_metrics(std::span<const LabelConfusion> labels,
                                          const Convention& convention = {});

}  // namespace labelbeam::eval
