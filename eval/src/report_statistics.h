#pragma once

#include <labelbeam/eval/comparison.h>

#include <string>
#include <vector>

#include "report_view.h"

namespace labelbeam::eval {

/// A table of plain text that writers lay out in their own way.
struct PlainTable {
  std::vector<std::string> titles;
  std::size_t text_columns = 0;  ///< the first ones; the others are numbers
  std::vector<std::vector<std::string>> rows;
};

/// "better (p = 0.0015)" or "not distinguishable"; empty where nothing was tested.
std::string verdict(const ComparisonReport& report, const std::string& metric);

/// What may be claimed of the report's differences, a sentence or two.
std::string claim_help(const ComparisonReport& report);

/// Mean, interval and seeds of every system's representative by metric; no row without statistics.
PlainTable interval_table(const ComparisonReport& report, const ReportView& view);
/// The paired tests; no row where none was made.
PlainTable test_table(const ComparisonReport& report);
/// What tuning on valid, on train and valid, and on test itself promised and kept.
PlainTable strategy_table(const ComparisonReport& report);
/// Set NLL against independence, over all rows and by whether train has the true set.
PlainTable gain_table(const DependenceSummary& summary);
/// The pairs of labels that depend on each other most.
PlainTable pair_table(const DependenceSummary& summary);
/// How much dependence the system sees, and what the figure rests on.
std::string describe_dependence(const DependenceSummary& summary);

extern const char* const kIntervalHelp;
extern const char* const kTestHelp;
extern const char* const kStrategyHelp;
extern const char* const kGainHelp;
extern const char* const kPairHelp;

}  // namespace labelbeam::eval
