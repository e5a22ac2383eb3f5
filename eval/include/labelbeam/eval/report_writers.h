#pragma once

#include <labelbeam/eval/comparison.h>

#include <string>
#include <vector>

/// Writers of a `ComparisonReport`. All are deterministic and throw `std::invalid_argument` if a
/// row names a system that is not in `systems`, a metric is unknown, or `manifest_json` is not a
/// JSON object. The headline table comes first (see `headline`), then every row and metric.
namespace labelbeam::eval {

/// As docs/schemas/report.schema.json says; doubles at full precision, NaN and infinity as null,
/// bytes that are not UTF-8 replaced.
std::string to_json(const ComparisonReport& report);

/// As docs/schemas/graph_comparison.schema.json says, in the same way.
std::string to_json(const std::vector<GraphComparison>& graphs);

/// An SVG heat map of phi: the truth above the diagonal, the system below it.
std::string draw_comparison(const GraphComparison& comparison);

/// GitHub-flavoured Markdown.
std::string to_markdown(const ComparisonReport& report);

/// Aligned tables for a terminal, no line wider than about `width` columns: wide tables are folded
/// into blocks of metrics.
std::string to_text(const ComparisonReport& report, std::size_t width = 100);

/// One self-contained page: inline style and SVG, light and dark, printable, no network. A small
/// script sorts tables; nothing else needs it.
std::string to_html(const ComparisonReport& report);

}  // namespace labelbeam::eval
