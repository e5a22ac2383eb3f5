#include <fmt/format.h>
#include <labelbeam/eval/metrics.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "html_parts.h"
#include "probability_tables.h"
#include "report_sections.h"
#include "report_statistics.h"
#include "safe_text.h"

namespace labelbeam::eval::html {
namespace {

std::string signed_value(double value) {
  return std::isfinite(value) ? fmt::format("{:+.4f}", value) : "n/a";
}

std::string p_value(double p) {
  return p < 0.0001 ? "p &lt; 0.0001" : fmt::format("p = {:.4f}", p);
}

std::string interval_line(const Interval& interval, std::string (*format)(double)) {
  return fmt::format(" <span class=\"interval\">[{}, {}]</span>", format(interval.lower),
                     format(interval.upper));
}

std::string metric_head(const std::string& metric) {
  return fmt::format(
      "<th scope=\"row\">{}{}</th>", escape_html(metric),
      higher_is_better(parse_metric(metric)) ? "" : " <span class=\"how\">lower is better</span>");
}

/// A system's figure for a metric: value, interval, and by which decision.
std::string system_cell(const ComparisonReport& report, const Headline& item,
                        const std::string& system) {
  const Representative* best = find_representative(item, system);
  if (!best) return "<td>-</td>";
  const MetricStatistics* statistics = find_statistics(report, item.metric);
  const PairedTest* test = find_test(report, item.metric);
  const bool is_claimed = test && is_better(*test) && test->system == system;
  std::string cell =
      fmt::format("<td{}>{}<span class=\"mark\">{}</span>", is_claimed ? " class=\"win\"" : "",
                  format_value(best->test), is_winner(item, system) ? "*" : "");
  if (statistics && statistics->intervals.contains(system)) {
    cell += interval_line(statistics->intervals.at(system), format_value);
  }
  return cell + fmt::format("<span class=\"how\">{}</span></td>",
                            escape_html(describe_decision(report.results[best->row])));
}

std::string difference_cell(const Headline& item, const PairedTest* test) {
  if (!test) {
    return fmt::format("<td>{}</td>", item.winner ? signed_value(item.lead) : "-");
  }
  return fmt::format("<td>{}{}<span class=\"how\">{} over {}</span></td>",
                     signed_value(test->difference), interval_line(test->interval, signed_value),
                     escape_html(test->system), escape_html(test->opponent));
}

std::string verdict_cell(const Headline& item, const PairedTest* test) {
  if (item.representatives.size() < 2) return "<td>-</td>";
  if (!test) return "<td>not tested</td>";
  if (is_better(*test)) return fmt::format("<td class=\"win\">{}</td>", verdict(*test));
  return fmt::format("<td>{}<span class=\"how\">{}</span></td>", verdict(*test),
                     p_value(test->p_adjusted));
}

/// "Of 17 metrics: joint better in 5; not distinguishable in 12." Nothing without tests.
std::string summary_of_tests(const ComparisonReport& report, const ReportView& view) {
  std::map<std::string, std::size_t> wins;
  std::size_t unclear = 0, untested = 0;
  for (const Headline& item : view.headlines) {
    const PairedTest* test = find_test(report, item.metric);
    if (!test) {
      ++untested;
    } else if (is_better(*test)) {
      ++wins[test->system];
    } else {
      ++unclear;
    }
  }
  if (untested == view.headlines.size()) return "";
  std::string text = fmt::format("Of {} metrics: ", view.headlines.size());
  for (const auto& [system, count] : wins) text += fmt::format("{} better in {}; ", system, count);
  text += fmt::format("not distinguishable in {}", unclear);
  if (untested > 0) text += fmt::format("; not tested {}", untested);
  return text + ". ";
}

std::string headline_help(const ComparisonReport& report) {
  std::string help =
      fmt::format("{} Below a value on test: the decision. * marks the winner.", kReadingHelp);
  if (!report.statistics.empty()) {
    help +=
        " In brackets: 95 % intervals over test rows. The difference is that of the best system "
        "to the next, above 0 in its favour, also where less is better.";
  }
  return help;
}

/// "precision_samples" on two lines.
std::string folded_name(const std::string& metric) {
  std::string name = escape_html(metric);
  const std::size_t split = name.rfind('_');
  if (split != std::string::npos) name.replace(split, 1, "_<br>");
  return name;
}

double seed_value(const SeedResult& seed, const std::string& metric) {
  const auto found = seed.metrics.find(metric);
  return found == seed.metrics.end() ? std::nan("") : found->second;
}

std::string seed_sd(const MetricStatistics* statistics, const std::string& system) {
  if (!statistics) return "-";
  const auto found = statistics->seed_sd.find(system);
  return found == statistics->seed_sd.end() ? "-" : format_value(found->second);
}

std::string undefined_list(const ComparisonReport& report, const ReportView& view) {
  const std::vector<std::string> notes = undefined_notes(report, view.columns);
  if (notes.empty()) return paragraph("Undefined (0/0) values: none.", Tone::quiet);
  std::string out =
      "<div class=\"quiet\"><p>Undefined (0/0) values, summed over seeds:</p>\n<ul>\n";
  for (const std::string& note : notes) out += fmt::format("<li>{}</li>\n", escape_html(note));
  return out + "</ul></div>\n";
}

/// Nothing for an empty table.
std::string table_with_help(const std::string& name, const PlainTable& content, const char* help,
                            const std::string& style = "") {
  if (content.rows.empty()) return "";
  return scroller(name, table(content, style), true) + paragraph(help, Tone::quiet);
}

}  // namespace

std::string headline_table(const ComparisonReport& report, const ReportView& view) {
  if (view.headlines.empty()) return "";
  std::string out = "<table class=\"headline\">\n<thead><tr>" + column_head("metric");
  for (const SystemSummary& system : report.systems) out += column_head(system.name);
  out += column_head("difference") + column_head("verdict") + "</tr></thead>\n<tbody>\n";
  for (const Headline& item : view.headlines) {
    const PairedTest* test = find_test(report, item.metric);
    out += "<tr>" + metric_head(item.metric);
    for (const SystemSummary& system : report.systems) {
      out += system_cell(report, item, system.name);
    }
    out += difference_cell(item, test) + verdict_cell(item, test) + "</tr>\n";
  }
  out += "</tbody></table>\n";
  out = paragraph(summary_of_tests(report, view) + claim_help(report)) +
        scroller("Headline table", out) + paragraph(headline_help(report), Tone::quiet);
  const PlainTable tests = test_table(report);
  if (tests.rows.empty()) return out;
  return out + details("The paired tests in full", scroller("Paired tests", table(tests), true) +
                                                       paragraph(kTestHelp, Tone::quiet));
}

std::string seeds_table(const ComparisonReport& report, const ReportView& view) {
  const std::vector<SeedResult>* listed = nullptr;
  for (const Headline& item : view.headlines) {
    for (const Representative& best : item.representatives) {
      const std::vector<SeedResult>& seeds = report.results[best.row].seeds;
      if (!listed || seeds.size() > listed->size()) listed = &seeds;
    }
  }
  if (!listed || listed->size() < 2) return "";
  std::string out = "<table>\n<thead><tr>" + column_head("metric") + column_head("system") +
                    column_head("decision") + column_head("mean", true) + column_head("sd", true);
  for (const SeedResult& seed : *listed)
    out += column_head(fmt::format("seed {}", seed.seed), true);
  out += "</tr></thead>\n<tbody>\n";
  for (const Headline& item : view.headlines) {
    for (const Representative& best : item.representatives) {
      const ResultRow& row = report.results[best.row];
      if (row.seeds.size() != listed->size()) continue;
      out += fmt::format(
          "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"number\">{}</td>"
          "<td class=\"number\">{}</td>",
          escape_html(item.metric), escape_html(best.system), escape_html(describe_decision(row)),
          format_value(best.test), seed_sd(find_statistics(report, item.metric), best.system));
      for (const SeedResult& seed : row.seeds) {
        out += fmt::format("<td class=\"number\">{}</td>",
                           format_value(seed_value(seed, item.metric)));
      }
      out += "</tr>\n";
    }
  }
  return scroller("Table of seeds", out + "</tbody></table>\n", true) +
         paragraph(
             "The representatives of the headline, a seed a column; sd: their standard deviation "
             "(n - 1).",
             Tone::quiet);
}

std::string set_nll_table(const ComparisonReport& report) {
  return table_with_help("Set NLL", nll_table(report), kNllHelp) +
         table_with_help("Gains in set NLL", set_nll_gain_table(report), kSetNllGainHelp);
}

std::string calibration_tables(const ComparisonReport& report) {
  return table_with_help("Calibration of labels", label_calibration_table(report),
                         kLabelCalibrationHelp) +
         table_with_help("Calibration of sets", set_calibration_table(report),
                         kSetCalibrationHelp) +
         table_with_help("Conformal regions", regions_table(report), kRegionsHelp);
}

std::string strategies_table(const ComparisonReport& report) {
  return table_with_help("Threshold strategies", strategy_table(report), kStrategyHelp,
                         "strategies sortable");
}

std::string dependence_tables(const ComparisonReport& report) {
  if (report.dependence.empty()) return "";
  std::string out;
  for (const DependenceSummary& summary : report.dependence) {
    out += paragraph(describe_dependence(summary)) + "<div class=\"tables\">\n" +
           scroller("Gain over independence, " + summary.system, table(gain_table(summary)));
    if (!summary.pairs.empty()) {
      out += scroller("Pairs of labels, " + summary.system, table(pair_table(summary)), true);
    }
    out += "</div>\n";
  }
  return out + paragraph(kGainHelp, Tone::quiet) + paragraph(kPairHelp, Tone::quiet);
}

std::string results_table(const ComparisonReport& report, const ReportView& view) {
  if (report.results.empty() || view.columns.empty()) return "";
  std::string out = "<table class=\"all-results sortable\">\n<thead><tr>" + column_head("system") +
                    column_head("decision") + column_head("kind") +
                    "<th scope=\"col\">tuned<br>on</th>";
  for (const std::string& metric : view.columns) {
    out += fmt::format("<th scope=\"col\" class=\"number\">{}</th>", folded_name(metric));
  }
  out += "</tr></thead>\n<tbody>\n";
  for (std::size_t r = 0; r < report.results.size(); ++r) {
    const ResultRow& row = report.results[r];
    out += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td>",
                       escape_html(row.system), escape_html(describe_decision(row)),
                       to_string(row.kind), to_string(row.tuned_on));
    for (const std::string& metric : view.columns) {
      const CellMark mark = view.mark(r, metric);
      const char* symbol = mark == CellMark::winner           ? "*"
                           : mark == CellMark::representative ? "+"
                                                              : "";
      out += fmt::format("<td class=\"number{}\">{}<span class=\"mark\">{}</span></td>",
                         mark == CellMark::winner ? " best" : "", test_value(row, metric), symbol);
    }
    out += "</tr>\n";
  }
  return scroller("Table of all results", out + "</tbody></table>\n", true) +
         paragraph(kMarkLegend, Tone::quiet) +
         paragraph("Convention: " + describe_conventions(report) + ".", Tone::quiet) +
         undefined_list(report, view);
}

}  // namespace labelbeam::eval::html
