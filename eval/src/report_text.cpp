#include <fmt/format.h>
#include <labelbeam/eval/report_writers.h>

#include <algorithm>

#include "plain_table.h"
#include "probability_tables.h"
#include "report_statistics.h"
#include "report_view.h"
#include "safe_text.h"

namespace labelbeam::eval {
namespace {

constexpr std::size_t kGap = 2;       // spaces between columns
constexpr std::size_t kMaxCell = 36;  // bytes of a name in a table

struct Column {
  std::string title;  ///< may have two lines
  std::vector<std::string> cells;
  bool right = false;
};

/// Code points: what a terminal shows, but for wide and combining characters.
std::size_t text_width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & '\xC0') != '\x80'; }));
}

std::string upper_line(const Column& column) {
  const std::size_t split = column.title.find('\n');
  return split == std::string::npos ? "" : column.title.substr(0, split);
}

std::string lower_line(const Column& column) {
  const std::size_t split = column.title.find('\n');
  return split == std::string::npos ? column.title : column.title.substr(split + 1);
}

std::size_t column_width(const Column& column) {
  std::size_t width = std::max(text_width(upper_line(column)), text_width(lower_line(column)));
  for (const std::string& cell : column.cells) width = std::max(width, text_width(cell));
  return width;
}

void append_line(std::string& out, const std::vector<Column>& columns,
                 const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const std::string padding(column_width(columns[c]) - text_width(cells[c]), ' ');
    if (c > 0) line.append(kGap, ' ');
    line += columns[c].right ? padding + cells[c] : cells[c] + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

std::string render(const std::vector<Column>& columns) {
  std::string out;
  std::vector<std::string> upper;
  std::vector<std::string> lower;
  std::vector<std::string> rule;
  for (const Column& column : columns) {
    upper.push_back(upper_line(column));
    lower.push_back(lower_line(column));
    rule.emplace_back(column_width(column), '-');
  }
  const auto has_text = [](const std::string& text) { return !text.empty(); };
  if (std::any_of(upper.begin(), upper.end(), has_text)) append_line(out, columns, upper);
  append_line(out, columns, lower);
  append_line(out, columns, rule);
  for (std::size_t r = 0; r < columns.front().cells.size(); ++r) {
    std::vector<std::string> cells;
    for (const Column& column : columns) cells.push_back(column.cells[r]);
    append_line(out, columns, cells);
  }
  return out;
}

/// The table, folded into blocks that repeat the first `fixed` columns.
std::string render_folded(const std::vector<Column>& columns, std::size_t fixed,
                          std::size_t width) {
  std::string out;
  std::size_t next = fixed;
  while (next < columns.size()) {
    std::vector<Column> block(columns.begin(),
                              columns.begin() + static_cast<std::ptrdiff_t>(fixed));
    std::size_t used = 0;
    for (const Column& column : block) used += column_width(column) + kGap;
    do {
      used += column_width(columns[next]) + kGap;
      block.push_back(columns[next++]);
    } while (next < columns.size() && used + column_width(columns[next]) <= width);
    if (!out.empty()) out += "\n";
    out += render(block);
  }
  return out;
}

/// "precision_samples" as two lines, at its last underscore.
std::string folded_name(std::string metric) {
  const std::size_t split = metric.rfind('_');
  if (split != std::string::npos) metric[split] = '\n';
  return metric;
}

std::string wrap(const std::string& text, std::size_t width) {
  std::string out;
  std::size_t column = 0;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find_first_of(" \n", start), text.size());
    const std::string word = text.substr(start, end - start);
    start = end + 1;
    if (word.empty()) continue;
    if (column > 0 && column + 1 + text_width(word) > width) {
      out += "\n";
      column = 0;
    }
    if (column > 0) {
      out += " ";
      ++column;
    }
    out += word;
    column += text_width(word);
  }
  return out + "\n";
}

std::string headline_table(const ComparisonReport& report, const ReportView& view,
                           std::size_t width) {
  std::vector<Column> columns = {{"metric", {}, false}, {"winner", {}, false}, {"lead", {}, true}};
  for (const Headline& item : view.headlines) {
    columns[0].cells.push_back(item.metric);
    columns[1].cells.push_back(winner_name(item));
    columns[2].cells.push_back(item.winner ? format_value(item.lead) : "-");
  }
  if (!report.statistics.empty()) {
    columns.push_back({"verdict", {}, false});
    for (const Headline& item : view.headlines) {
      columns.back().cells.push_back(verdict(report, item.metric));
    }
  }
  std::vector<Column> decisions = {columns[0]};
  for (const SystemSummary& system : report.systems) {
    Column values{system.name, {}, true};
    Column decision{system.name + "\ndecides by", {}, false};
    for (const Headline& item : view.headlines) {
      const Representative* best = find_representative(item, system.name);
      const char* mark = is_winner(item, system.name) ? "*" : " ";
      values.cells.push_back(best ? format_value(best->test) + mark : "- ");
      decision.cells.push_back(best ? describe_decision(report.results[best->row]) : "-");
    }
    columns.push_back(std::move(values));
    decisions.push_back(std::move(decision));
  }
  return render_folded(columns, 1, width) + "\n" + render_folded(decisions, 1, width);
}

std::string full_table(const ComparisonReport& report, const ReportView& view, std::size_t width) {
  std::vector<Column> columns(3);
  columns[0].title = "system";
  columns[1].title = "decision";
  columns[2].title = "tuned on";
  for (const ResultRow& row : report.results) {
    columns[0].cells.push_back(row.system);
    columns[1].cells.push_back(describe_decision(row));
    columns[2].cells.push_back(to_string(row.tuned_on));
  }
  for (const std::string& metric : view.columns) {
    Column column{folded_name(metric), {}, true};
    for (std::size_t r = 0; r < report.results.size(); ++r) {
      const CellMark mark = view.mark(r, metric);
      column.cells.push_back(test_value(report.results[r], metric) +
                             (mark == CellMark::winner           ? "*"
                              : mark == CellMark::representative ? "+"
                                                                 : " "));
    }
    columns.push_back(std::move(column));
  }
  return render_folded(columns, 3, width);
}

/// `fixed`: the columns that every folded block repeats.
std::string table_text(const PlainTable& table, std::size_t fixed, std::size_t width) {
  std::vector<Column> columns;
  for (std::size_t c = 0; c < table.titles.size(); ++c) {
    Column column{folded_title(plain_line(table.titles[c]), "\n"), {}, c >= table.text_columns};
    for (const std::vector<std::string>& row : table.rows) {
      column.cells.push_back(shorten(plain_line(row[c]), kMaxCell));
    }
    columns.push_back(std::move(column));
  }
  return render_folded(columns, fixed, width);
}

/// Nothing for an empty table.
std::string table_section(const char* title, const PlainTable& table, std::size_t fixed,
                          const char* help, std::size_t width) {
  if (table.rows.empty()) return "";
  return fmt::format("\n{}\n\n{}\n{}", title, table_text(table, fixed, width), wrap(help, width));
}

std::string dependence(const DependenceSummary& summary, std::size_t width) {
  std::string out = fmt::format("\nDependence between labels: {}\n\n", summary.system) +
                    wrap(describe_dependence(summary), width) + "\n" +
                    table_text(gain_table(summary), 1, width) + "\n" + wrap(kGainHelp, width);
  if (summary.pairs.empty()) return out;
  return out + "\n" + table_text(pair_table(summary), 2, width) + "\n" + wrap(kPairHelp, width);
}

}  // namespace

std::string to_text(const ComparisonReport& report, std::size_t width) {
  const ReportView view = view_report(report);
  std::string out = fmt::format("Comparison on {}\n\n", report.data.name);
  out += wrap(describe_data(report.data), width);
  for (const std::string& warning : report.warnings) out += wrap("Warning: " + warning, width);
  if (!view.headlines.empty()) {
    out += "\nHeadline (test)\n\n" + headline_table(report, view, width) + "\n";
    out += wrap(kReadingHelp + (" " + claim_help(report)), width);
  }
  out += table_section("Set NLL", nll_table(report), 1, kNllHelp, width);
  out += table_section("Gains in set NLL (test)", set_nll_gain_table(report), 3, kSetNllGainHelp,
                       width);
  out += table_section("Calibration of labels (test)", label_calibration_table(report), 1,
                       kLabelCalibrationHelp, width);
  out += table_section("Calibration of sets (test)", set_calibration_table(report), 1,
                       kSetCalibrationHelp, width);
  out += table_section("Conformal regions (test)", regions_table(report), 2, kRegionsHelp, width);
  if (!report.results.empty() && !view.columns.empty()) {
    out += table_section("Intervals (test)", interval_table(report, view), 2, kIntervalHelp, width);
    out += table_section("Paired tests (test)", test_table(report), 1, kTestHelp, width);
    out += "\nAll results (test)\n\n" + full_table(report, view, width) + "\n";
    out += wrap(kMarkLegend, width);
    const std::vector<std::string> notes = undefined_notes(report, view.columns);
    out += wrap("Convention: " + describe_conventions(report) + ".", width);
    out += notes.empty() ? "Undefined values: none.\n"
                         : "Undefined (0/0) values, summed over seeds:\n";
    for (const std::string& note : notes) out += wrap("- " + note, width);
  }
  out += table_section("Threshold strategies and protocols", strategy_table(report), 2,
                       kStrategyHelp, width);
  for (const DependenceSummary& summary : report.dependence) out += dependence(summary, width);
  if (!report.protocol.empty()) out += "\n" + wrap(report.protocol, width);
  return out;
}

}  // namespace labelbeam::eval
