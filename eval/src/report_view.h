#pragma once

#include <labelbeam/eval/comparison.h>

#include <optional>
#include <string>
#include <vector>

namespace labelbeam::eval {

/// How a cell of the full table stands in the comparison on its column's metric.
enum class CellMark {
  none,
  representative,  ///< its system's best on valid
  winner,          ///< the winner's representative
};

/// What every writer needs of a report, worked out once.
struct ReportView {
  std::vector<std::string> columns;  ///< metrics
  std::vector<Headline> headlines;   ///< [columns]; without those that have no representative

  CellMark mark(std::size_t row, const std::string& metric) const;
};

/// Throws `std::invalid_argument` as the writers promise.
ReportView view_report(const ComparisonReport& report);

/// Four decimals; "n/a" for what is not finite.
std::string format_value(double value);
/// The row's value on test; "-" where it has none.
std::string test_value(const ResultRow& row, const std::string& metric);
/// "global for f1_micro"; the target only where it says more than the decision's name.
std::string describe_decision(const ResultRow& row);
std::string to_string(DecisionKind kind);
std::string to_string(TunedOn tuned_on);
std::string to_string(RocAverage average);
/// The representative of a system, if it has one.
const Representative* find_representative(const Headline& headline, const std::string& system);
bool is_winner(const Headline& headline, const std::string& system);
/// What is known of a metric's figures, if anything; its test, if one was made.
const MetricStatistics* find_statistics(const ComparisonReport& report, const std::string& metric);
const PairedTest* find_test(const ComparisonReport& report, const std::string& metric);
/// "joint", or "tie", or "-" where there is nothing to compare.
std::string winner_name(const Headline& headline);

/// Sentences about undefined values, one a metric that has some; empty if there are none.
std::vector<std::string> undefined_notes(const ComparisonReport& report,
                                         const std::vector<std::string>& columns);
/// "1,086 train rows, ..., 11 labels" and where they come from.
std::string describe_data(const DataSummary& data);
/// The conventions of all rows, joined.
std::string describe_conventions(const ComparisonReport& report);

/// How a table is to be read: who is compared, and what the marks mean. What is claimed of the
/// differences is said by `claim_help`.
extern const char* const kReadingHelp;
extern const char* const kMarkLegend;

}  // namespace labelbeam::eval
