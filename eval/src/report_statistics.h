#pragma once

#include <labelbeam/eval/comparison.h>

#include <string>

#include "plain_table.h"
#include "report_view.h"

namespace labelbeam::eval {

/// "better (p = 0.0015)" or "not distinguishable".
std::string verdict(const PairedTest& test);
/// The same of the metric's test; empty where nothing was tested.
std::string verdict(const ComparisonReport& report, const std::string& metric);

/// What may be claimed of the report's differences, a sentence or two.
std::string claim_help(const ComparisonReport& report);

/// Mean, interval and seeds of every system's representative by metric; no row without statistics.
PlainTable interval_table(const ComparisonReport& report, const ReportView& view);
/// The paired tests; no row where none was made.
PlainTable test_table(const ComparisonReport& report);
/// What systems gain over each other in set NLL; no row without two systems that have it.
PlainTable set_nll_gain_table(const ComparisonReport& report);
/// What tuning on valid, on train and valid, and on test itself promised and kept.
PlainTable strategy_table(const ComparisonReport& report);

extern const char* const kIntervalHelp;
extern const char* const kTestHelp;
extern const char* const kSetNllGainHelp;
extern const char* const kStrategyHelp;

}  // namespace labelbeam::eval
