#pragma once

#include <labelbeam/eval/exact_sum.h>

#include <cstdint>

namespace labelbeam::eval {

/// The weighted mean of a value a row, the same bit for bit in whatever order and shards rows come.
class RowMean {
 public:
  /// `value` may be NaN, which makes the mean NaN if the weight is not 0.
  void add(double value, double weight, bool undefined = false);
  /// Counts a row that has no part in the mean.
  void skip() { ++undefined_; }
  void merge(const RowMean& other);

  /// NaN without rows, weights or values.
  double value() const;
  /// Rows that were added as undefined, or skipped.
  std::uint64_t undefined() const { return undefined_; }

 private:
  ExactSum sum_;
  ExactSum weight_;
  std::uint64_t undefined_ = 0;
  bool has_nan_ = false;
};

}  // namespace labelbeam::eval
