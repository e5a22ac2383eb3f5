#pragma once

#include <labelbeam/label_set.h>

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

/// Which truth may be used for what: train fits, valid and out-of-fold rows tune and choose, test
/// is read once. The part of the data that labels belong to is in their type, so that tuning on
/// test does not compile.
namespace labelbeam::eval {

/// What rows are there for.
enum class Part {
  train,        ///< fits weights
  valid,        ///< stops training, tunes and chooses
  out_of_fold,  ///< rows of train, scored by models that did not see them; tunes like valid
  test,         ///< measured once
};

/// The true label sets of the rows of one part: [n]. Metrics take it as a span of label sets.
template <Part part>
class PartTruth {
 public:
  PartTruth() = default;
  explicit PartTruth(std::vector<LabelSet> rows) : rows_(std::move(rows)) {}

  std::size_t size() const { return rows_.size(); }
  const LabelSet& operator[](std::size_t row) const { return rows_[row]; }
  const std::vector<LabelSet>& rows() const { return rows_; }
  operator std::span<const LabelSet>() const { return rows_; }

 private:
  std::vector<LabelSet> rows_;
};

using TrainTruth = PartTruth<Part::train>;
using ValidTruth = PartTruth<Part::valid>;
using OutOfFoldTruth = PartTruth<Part::out_of_fold>;
using TestTruth = PartTruth<Part::test>;

/// The truth that tuning functions take: of any part but test. Owns nothing: the rows must outlive
/// it.
class TuningTruth {
 public:
  template <Part part>
  requires(part != Part::test) TuningTruth(const PartTruth<part>& truth) : rows_(truth.rows()) {}

  std::span<const LabelSet> rows() const { return rows_; }

 private:
  explicit TuningTruth(std::span<const LabelSet> rows) : rows_(rows) {}
  friend TuningTruth assume_not_test(std::span<const LabelSet> rows);
  friend TuningTruth oracle_truth(const TestTruth& truth);

  std::span<const LabelSet> rows_;
};

/// For rows whose part the program cannot know, such as a file that a user names for tuning: the
/// caller vouches for them.
inline TuningTruth assume_not_test(std::span<const LabelSet> rows) { return TuningTruth(rows); }
TuningTruth assume_not_test(const TestTruth& truth) = delete;

/// For the oracle of a report alone: what a strategy would reach if it were tuned on test itself.
/// Nothing that is chosen or claimed may rest on it.
inline TuningTruth oracle_truth(const TestTruth& truth) { return TuningTruth(truth.rows()); }

}  // namespace labelbeam::eval
