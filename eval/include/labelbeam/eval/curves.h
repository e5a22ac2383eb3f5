#pragma once

#include <labelbeam/eval/comparison.h>
#include <labelbeam/label_set.h>
#include <labelbeam/score_matrix.h>

#include <span>
#include <vector>

/// The data behind a report's pictures. Where nothing else is said all labels are pooled: a cell
/// (row, label) is one case.
/// Throw `std::invalid_argument` if the numbers of rows differ, there are none, a truth id is >= L,
/// or a score is not finite.
namespace labelbeam::eval {

/// Bins of equal width over [0, 1], the empty ones left out. `probabilities`: [n, L] in [0, 1];
/// `truth`: [n]; `num_bins` >= 1.
std::vector<ReliabilityBin> reliability_bins(const ScoreMatrix& probabilities,
                                             std::span<const LabelSet> truth,
                                             std::size_t num_bins = 10);

/// Precision and recall at every distinct score, thinned to at most `max_points` >= 2 that include
/// the ends; empty if no cell is true. `scores`: [n, L]; `truth`: [n].
std::vector<PrecisionRecallPoint> precision_recall_points(const ScoreMatrix& scores,
                                                          std::span<const LabelSet> truth,
                                                          std::size_t max_points = 200);

/// True against false positive rates, one curve an average, without a system's name. The micro
/// curve has a point at every distinct score; the macro curve is the mean of the curves of the
/// labels that have both classes, taken at equal false positive rates and linear in between
/// (vertical averaging: Fawcett 2006, section 8). At most `max_points` >= 3, the ends among them;
/// an average without cases of both classes is left out. `scores`: [n, L]; `truth`: [n].
std::vector<RocCurve> roc_curves(const ScoreMatrix& scores, std::span<const LabelSet> truth,
                                 std::size_t max_points = 200);

/// counts[k]: how many sets have k labels; as long as the largest set asks for.
std::vector<std::uint64_t> set_size_counts(std::span<const LabelSet> sets);

}  // namespace labelbeam::eval
