#pragma once

#include <labelbeam/eval/comparison.h>
#include <labelbeam/eval/resampling.h>
#include <labelbeam/label_set.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace labelbeam::eval {

/// What the ways of deciding of a report answered on test.
struct TestAnswers {
  std::span<const LabelSet> truth;  ///< [n]
  std::size_t num_labels = 0;       ///< L
  /// [results][seeds][n], as `ComparisonReport::results` and their `seeds`.
  std::span<const std::vector<std::vector<LabelSet>>> answers;
};

struct ComparisonStatistics {
  std::vector<MetricStatistics> metrics;  ///< in the order of `metric_columns`
  std::vector<std::string> warnings;      ///< where an interval is not BCa
};

/// Intervals of every system's representative and a paired test of the best against the next, for
/// every metric of the report. Resamples are the same for all metrics and systems.
///
/// Throws `std::invalid_argument` if the answers are not those of the results: other numbers of
/// rows, seeds or results, or other values of a metric.
ComparisonStatistics comparison_statistics(const ComparisonReport& report,
                                           const TestAnswers& answers,
                                           const ResamplingOptions& options = {});

}  // namespace labelbeam::eval
