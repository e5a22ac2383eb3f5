#include <fmt/format.h>
#include <labelbeam/eval/report_writers.h>

#include "graph_sections.h"
#include "plain_table.h"
#include "probability_tables.h"
#include "report_statistics.h"
#include "report_view.h"
#include "safe_text.h"

namespace labelbeam::eval {
namespace {

void append_row(std::string& out, const std::vector<std::string>& cells) {
  out += "|";
  for (const std::string& cell : cells) out += " " + cell + " |";
  out += "\n";
}

void append_header(std::string& out, const std::vector<std::string>& titles,
                   std::size_t text_columns) {
  append_row(out, titles);
  out += "|";
  for (std::size_t c = 0; c < titles.size(); ++c) out += c < text_columns ? " --- |" : " ---: |";
  out += "\n";
}

std::string decision_text(const ResultRow& row) { return escape_markdown(describe_decision(row)); }

void append_headline(std::string& out, const ComparisonReport& report, const ReportView& view) {
  std::vector<std::string> titles = {"metric"};
  for (const SystemSummary& system : report.systems) titles.push_back(escape_markdown(system.name));
  titles.insert(titles.end(), {"lead", "winner"});
  if (!report.statistics.empty()) titles.emplace_back("verdict");
  append_header(out, titles, 1);
  for (const Headline& item : view.headlines) {
    std::vector<std::string> cells = {escape_markdown(item.metric)};
    for (const SystemSummary& system : report.systems) {
      const Representative* best = find_representative(item, system.name);
      if (!best) {
        cells.emplace_back("-");
        continue;
      }
      const std::string value = format_value(best->test);
      cells.push_back(fmt::format("{} ({})",
                                  is_winner(item, system.name) ? "**" + value + "** \\*" : value,
                                  decision_text(report.results[best->row])));
    }
    cells.push_back(item.winner ? format_value(item.lead) : "-");
    cells.push_back(escape_markdown(winner_name(item)));
    if (!report.statistics.empty()) cells.push_back(verdict(report, item.metric));
    append_row(out, cells);
  }
}

void append_full_table(std::string& out, const ComparisonReport& report, const ReportView& view) {
  std::vector<std::string> titles = {"system", "decision", "kind", "tuned on"};
  for (const std::string& metric : view.columns) titles.push_back(escape_markdown(metric));
  append_header(out, titles, 4);
  for (std::size_t r = 0; r < report.results.size(); ++r) {
    const ResultRow& row = report.results[r];
    std::vector<std::string> cells = {escape_markdown(row.system), decision_text(row),
                                      to_string(row.kind), to_string(row.tuned_on)};
    for (const std::string& metric : view.columns) {
      const std::string value = test_value(row, metric);
      switch (view.mark(r, metric)) {
        case CellMark::winner:
          cells.push_back("**" + value + "** \\*");
          break;
        case CellMark::representative:
          cells.push_back(value + " +");
          break;
        case CellMark::none:
          cells.push_back(value);
      }
    }
    append_row(out, cells);
  }
}

void append_table(std::string& out, const PlainTable& table) {
  const auto escaped = [](std::vector<std::string> cells) {
    for (std::string& cell : cells) cell = escape_markdown(cell);
    return cells;
  };
  append_header(out, escaped(table.titles), table.text_columns);
  for (const std::vector<std::string>& row : table.rows) append_row(out, escaped(row));
}

/// Nothing for an empty table.
void append_section(std::string& out, const char* title, const PlainTable& table,
                    const char* help) {
  if (table.rows.empty()) return;
  out += fmt::format("## {}\n\n", title);
  append_table(out, table);
  out += fmt::format("\n{}\n\n", help);
}

void append_dependence(std::string& out, const DependenceSummary& summary) {
  out += fmt::format("## Dependence between labels: {}\n\n{}\n\n", escape_markdown(summary.system),
                     escape_markdown(describe_dependence(summary)));
  append_table(out, gain_table(summary));
  out += fmt::format("\n{}\n\n", kGainHelp);
  if (summary.pairs.empty()) return;
  append_table(out, pair_table(summary));
  out += fmt::format("\n{}\n\n", kPairHelp);
}

std::string label_list(const std::vector<std::string>& labels) {
  std::string text;
  for (const std::string& label : labels) {
    text += (text.empty() ? "" : ", ") + escape_markdown(label);
  }
  return text.empty() ? "(none)" : text;
}

void append_example(std::string& out, const ExampleRow& example) {
  out += fmt::format("### {}\n\n", escape_markdown(example.id));
  if (example.text) out += "> " + escape_markdown(shorten(*example.text, kMaxExampleText)) + "\n\n";
  out += "- truth: " + label_list(example.truth) + "\n";
  for (const SystemAnswer& answer : example.answers) {
    out += fmt::format("- {} ({}): {}\n", escape_markdown(answer.system),
                       escape_markdown(answer.decision), label_list(answer.labels));
    for (const TopSet& set : answer.top_sets) {
      out += fmt::format("  - {:.3f}: {}\n", set.probability, label_list(set.labels));
    }
  }
  out += "\n";
}

}  // namespace

std::string to_markdown(const ComparisonReport& report) {
  const ReportView view = view_report(report);
  std::string out = fmt::format("# Comparison on {}\n\n{}\n\n", escape_markdown(report.data.name),
                                escape_markdown(describe_data(report.data)));
  for (const std::string& warning : report.warnings) {
    out += fmt::format("> **Warning:** {}\n\n", escape_markdown(warning));
  }
  if (!view.headlines.empty()) {
    out += "## Headline (test)\n\n";
    append_headline(out, report, view);
    out += fmt::format("\n{} {}\n\n", kReadingHelp, claim_help(report));
  }
  append_section(out, "Set NLL", nll_table(report), kNllHelp);
  append_section(out, "Gains in set NLL (test)", set_nll_gain_table(report), kSetNllGainHelp);
  append_section(out, "Calibration of labels (test)", label_calibration_table(report),
                 kLabelCalibrationHelp);
  append_section(out, "Calibration of sets (test)", set_calibration_table(report),
                 kSetCalibrationHelp);
  append_section(out, "Conformal regions (test)", regions_table(report), kRegionsHelp);
  if (!report.results.empty() && !view.columns.empty()) {
    append_section(out, "Intervals (test)", interval_table(report, view), kIntervalHelp);
    append_section(out, "Paired tests (test)", test_table(report), kTestHelp);
    out += "## All results (test)\n\n";
    append_full_table(out, report, view);
    out += fmt::format("\n{}\n\nConvention: {}.\n\n", escape_markdown(kMarkLegend),
                       escape_markdown(describe_conventions(report)));
    const std::vector<std::string> notes = undefined_notes(report, view.columns);
    out += notes.empty() ? "Undefined values: none.\n\n"
                         : "Undefined (0/0) values, summed over seeds:\n\n";
    for (const std::string& note : notes) out += "- " + escape_markdown(note) + "\n";
    if (!notes.empty()) out += "\n";
  }
  append_section(out, "Threshold strategies and protocols", strategy_table(report), kStrategyHelp);
  for (const DependenceSummary& summary : report.dependence) append_dependence(out, summary);
  append_section(out, "Label graphs of answers and distributions (test)", graph_table(report),
                 kGraphHelp);
  for (const GraphComparison& item : report.graphs) {
    if (!is_shown_in_full(item)) continue;
    const PlainTable pairs = graph_pair_table(item);
    if (pairs.rows.empty()) continue;
    out += fmt::format("### What {} misses and invents most\n\n", escape_markdown(item.system));
    append_table(out, pairs);
    out += "\n";
  }
  if (!report.examples.empty()) {
    out += "## Where the systems disagree\n\n";
    for (const ExampleRow& example : report.examples) append_example(out, example);
  }
  if (!report.protocol.empty()) {
    out += "## Protocol\n\n" + escape_markdown(report.protocol) + "\n\n";
  }
  out += "## Manifest\n\n```json\n" + pretty_json(report.manifest_json) + "\n```\n";
  return out;
}

}  // namespace labelbeam::eval
