#pragma once

#include <labelbeam/eval/comparison.h>

#include <string>

#include "plain_table.h"

/// Tables on the probabilities of a report's systems, before any decision. None has a row where the
/// report has nothing to show.
namespace labelbeam::eval {

/// Set NLL by system.
PlainTable nll_table(const ComparisonReport& report);
/// Calibration errors of label probabilities before and after every map.
PlainTable label_calibration_table(const ComparisonReport& report);
/// Calibration errors of sets, what is not listed, and the temperature of sets.
PlainTable set_calibration_table(const ComparisonReport& report);
/// Coverage and size of the conformal regions.
PlainTable regions_table(const ComparisonReport& report);
/// Set NLL against independence, over all rows and by whether train has the true set.
PlainTable gain_table(const DependenceSummary& summary);
/// The pairs of labels that depend on each other most.
PlainTable pair_table(const DependenceSummary& summary);
/// How much dependence the system sees, and what the figure rests on.
std::string describe_dependence(const DependenceSummary& summary);

extern const char* const kNllHelp;
extern const char* const kLabelCalibrationHelp;
extern const char* const kSetCalibrationHelp;
extern const char* const kRegionsHelp;
extern const char* const kGainHelp;
extern const char* const kPairHelp;

}  // namespace labelbeam::eval
