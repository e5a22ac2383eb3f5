#pragma once

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

/// Does not depend on the order of the cases, to the last bit. Cases of weight 0 count for nothing.
BinaryRanking rank_cases(std::vector<ScoredCase> cases);

}  // namespace labelbeam::eval
