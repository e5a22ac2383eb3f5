#pragma once

#include <labelbeam/label_set.h>

#include <cstddef>
#include <span>
#include <vector>

#include "binary_ranking.h"

namespace labelbeam::eval {

/// Which of two labels with equal scores comes first.
enum class TieOrder { lowest_label, highest_label };

/// Where the true labels of one row stand among all its labels by falling score.
class RowRanking {
 public:
  RowRanking(const LabelSet& truth, std::span<const double> scores, TieOrder ties);

  std::size_t num_true() const { return true_labels_.size(); }
  /// No label is true, or every one is.
  bool has_one_class() const { return num_true() == 0 || num_true() == num_labels_; }
  bool top_is_true() const { return num_true() > 0 && true_labels_.front().place == 0; }
  /// True labels among the first `k`.
  std::size_t hits(std::size_t k) const;

  /// Whether labels of equal scores share the worst of their ranks, or the tie order parts them.
  enum class Ranks { shared, parted };

  struct Figures {
    std::size_t coverage = 0;        ///< rank from 1 of the last true label; 0 without one
    double average_precision = 0.0;  ///< mean over the true labels of true labels per rank
    double misordered_pairs = 0.0;   ///< share of the pairs (true, false), an equal rank is wrong
  };
  /// The last two only where there are both classes.
  Figures figures(Ranks ranks) const;

  /// DCG of the first `k` over that of the best ranking; 0 without a true label.
  /// `discounts`: [L + 1] sums of the first 0 .. L of 1 / log2(1 + rank). Under `shared` equal
  /// scores share the mean gain (McSherry & Najork 2008).
  double ndcg(std::size_t k, std::span<const double> discounts, Ranks ranks) const;

  /// The labels as cases, the true ones positive.
  BinaryRanking areas() const;

 private:
  struct TrueLabel {
    LabelId id = 0;
    double score = 0.0;
    std::size_t place = 0;  ///< labels before it
    std::size_t first = 0;  ///< labels of higher scores
    std::size_t end = 0;    ///< labels of scores at least as high, itself among them
  };
  /// Consecutive labels of one rank, at least one of them true.
  struct Rank {
    std::size_t first = 0;
    std::size_t end = 0;
    std::size_t num_true = 0;
  };

  void place_by_counting(std::span<const double> scores, TieOrder ties);
  void place_by_sorting(std::span<const double> scores, TieOrder ties);
  /// Calls `use(rank)` for each rank that a true label has, the best first.
  template <typename Use>
  void for_each_rank(Ranks ranks, const Use& use) const;

  std::size_t num_labels_;
  std::vector<TrueLabel> true_labels_;  ///< by rising place
};

}  // namespace labelbeam::eval
