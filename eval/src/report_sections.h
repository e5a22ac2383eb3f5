#pragma once

#include <labelbeam/eval/comparison.h>

#include <string>

#include "report_view.h"

/// The bodies of a report's sections as HTML; empty where the report has nothing to show.
namespace labelbeam::eval::html {

// Tables.
std::string headline_table(const ComparisonReport& report, const ReportView& view);
std::string seeds_table(const ComparisonReport& report, const ReportView& view);
std::string set_nll_table(const ComparisonReport& report);
std::string results_table(const ComparisonReport& report, const ReportView& view);
std::string strategies_table(const ComparisonReport& report);
std::string calibration_tables(const ComparisonReport& report);
std::string dependence_tables(const ComparisonReport& report);

// Pictures.
std::string headline_figure(const ComparisonReport& report, const ReportView& view);
std::string curve_figures(const ComparisonReport& report);
std::string strategy_figure(const ComparisonReport& report);
std::string set_reliability_figure(const ComparisonReport& report);
std::string set_size_figure(const ComparisonReport& report);
std::string label_figure(const ComparisonReport& report);

// Test rows.
std::string examples(const ComparisonReport& report);

}  // namespace labelbeam::eval::html
