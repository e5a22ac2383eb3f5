#pragma once

#include <labelbeam/eval/comparison.h>

#include <string>

#include "report_statistics.h"

/// What reports show of the label graphs of systems beside that of the truth.
namespace labelbeam::eval {

/// One row a system and what is counted of it: pairs that are kept, missed and invented, and how
/// well phi agrees.
PlainTable graph_table(const ComparisonReport& report);
/// The pairs that are missed or invented, largest difference first; a few.
PlainTable graph_pair_table(const GraphComparison& comparison);

/// Whether pairs are listed and the picture is unfolded: of answers only, which are what users see.
bool is_shown_in_full(const GraphComparison& comparison);

std::string to_string(PairFate fate);
std::string to_string(CountedSets counted);

extern const char* const kGraphHelp;

namespace html {
/// The section's body; empty where no graphs are compared.
std::string graph_comparisons(const ComparisonReport& report);
}  // namespace html

}  // namespace labelbeam::eval
