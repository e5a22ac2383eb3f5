#pragma once

#include <labelbeam/eval/compensated_sum.h>

#include <vector>

namespace labelbeam::eval {

/// One case of a binary ranking.
struct ScoredCase {
  double score = 0.0;
  double weight = 1.0;
  bool positive = false;
};

/// What a ranking of cases by score is worth; cases of equal scores share a threshold.
struct BinaryRanking {
  double roc_auc = 0.0;            ///< by trapezoids; NaN where there is one class only
  double average_precision = 0.0;  ///< sum of (R_k - R_k-1) P_k; 0 without positives
  double positives = 0.0;          ///< weight of the positives
  double negatives = 0.0;

  bool has_one_class() const { return positives == 0.0 || negatives == 0.0; }
};

/// The curve that cases make as the threshold falls.
class CaseCurve {
 public:
  /// The next threshold: how many positives and negatives have its score. Thresholds in a row
  /// without positives may come as one.
  void add(double positives, double negatives);
  /// The same from the weights of all cases so far.
  void reach(double all_positives, double all_negatives);
  BinaryRanking ranking() const;

 private:
  double positives_ = 0.0;
  double negatives_ = 0.0;
  CompensatedSum area_;       ///< below the curve of positives over negatives, not normalised
  CompensatedSum precision_;  ///< sum over positives of the precision where they are reached
};

/// Does not depend on the order of the cases, to the last bit. Cases of weight 0 count for nothing.
BinaryRanking rank_cases(std::vector<ScoredCase> cases);

/// The same for cases of weight 1, of whose scores only the classes' are kept.
BinaryRanking rank_scores(std::vector<double> positives, std::vector<double> negatives);

}  // namespace labelbeam::eval
