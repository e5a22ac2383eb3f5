#pragma once

#include <labelbeam/label_set.h>

#include <cstddef>
#include <span>
#include <vector>

namespace labelbeam::eval {

/// Which of two labels with equal scores comes first.
enum class TieOrder { lowest_label, highest_label };

/// The labels of one row by falling score.
class RowRanking {
 public:
  RowRanking(const LabelSet& truth, std::span<const double> scores, TieOrder ties);

  std::size_t num_true() const { return num_true_; }
  /// No label is true, or every one is.
  bool has_one_class() const { return num_true_ == 0 || num_true_ == labels_.size(); }
  bool top_is_true() const { return labels_.front().is_true; }
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

 private:
  struct Label {
    double score;
    LabelId id;
    bool is_true;
  };
  /// One past the last label that shares the rank of the label at `first`.
  std::size_t end_of_rank(std::size_t first, Ranks ranks) const;
  std::size_t count_true(std::size_t first, std::size_t end) const;

  std::vector<Label> labels_;
  std::size_t num_true_;
};

}  // namespace labelbeam::eval
