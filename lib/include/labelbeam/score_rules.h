#pragma once

#include <labelbeam/thresholds.h>

#include <cstddef>
#include <variant>
#include <vector>

/// Ways from scores to label sets, as plain data: `eval` chooses them, `decoders` applies them.
/// Labels are ranked by falling score, equal scores by rising id.
namespace labelbeam {

/// The k best-scored labels of every row (RCut).
struct TopK {
  std::size_t k = 1;
  bool operator==(const TopK&) const = default;
};

/// The labels above the largest gap between neighbours in the row's ranking (MCut; Largeron, Moulin
/// and Géry 2012); of equal gaps the one that gives fewer labels. Where all scores are equal there
/// is no gap and no label.
struct LargestGap {
  bool top1_if_empty = false;  ///< where all scores are equal: the first label
  bool operator==(const LargestGap&) const = default;
};

/// For every label the rows that score it best, as many as its share of all rows (PCut). Equal
/// scores are never parted: those at ranks a + 1 .. b are taken iff (a + b) / 2 <= share * rows,
/// which rounds to the nearest count.
struct ShareCut {
  std::vector<double> shares;  ///< [L], of the rows; >= 0
  bool top1_if_empty = false;  ///< where a row gets no label: the best-scored one
  bool operator==(const ShareCut&) const = default;
};

/// As many of the best-scored labels as a linear function of the row's ranked scores says, rounded
/// to the nearest (halves up) and held to 0 .. L (after MetaLabeler; Tang, Rajan and Narayanan
/// 2009). Weights of 1 for all L scores and no intercept: the expected number of labels, where
/// scores are probabilities.
struct PredictedCount {
  double intercept = 0.0;
  std::vector<double> weights;  ///< of the best score, the second best, ...; at most L
  bool top1_if_empty = false;   ///< at least 1 label
  bool operator==(const PredictedCount&) const = default;
};

using ScoreRule = std::variant<Thresholds, TopK, LargestGap, ShareCut, PredictedCount>;

}  // namespace labelbeam
