#include <fmt/format.h>
#include <labelbeam/eval/metrics.h>
#include <labelbeam/eval/report_writers.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "report_style.h"
#include "report_view.h"
#include "safe_text.h"
#include "svg.h"

namespace labelbeam::eval {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMaxSetSize = 20;    // larger sets share the last column of the histogram
constexpr std::size_t kShownBars = 40;     // labels that are shown before "more"
constexpr std::size_t kMaxBars = 1000;     // labels that are drawn at all
constexpr std::size_t kMaxExamples = 100;  // examples that are shown

/// A system's place decides its look in every chart; what is no system (the truth) has the last.
int style_of(const ComparisonReport& report, const std::string& name) {
  for (std::size_t s = 0; s < report.systems.size(); ++s) {
    if (report.systems[s].name != name) continue;
    return static_cast<int>(s) % (svg::kNumStyles - 1);
  }
  return svg::kNumStyles - 1;
}

std::string section(const std::string& title, const std::string& body, bool is_long = false) {
  return fmt::format("<section{}>\n<h2>{}</h2>\n{}</section>\n", is_long ? " class=\"long\"" : "",
                     escape_html(title), body);
}

std::string paragraph(const std::string& text, const char* style = "") {
  return fmt::format("<p{}>{}</p>\n", style, escape_html(text));
}

constexpr const char* kQuiet = " class=\"quiet\"";

/// A narrow screen scrolls what is wide, instead of shrinking it until it cannot be read.
std::string scrolling(const std::string& wide) {
  return "<div class=\"scroll\">" + wide + "</div>\n";
}

std::string series_legend(const std::vector<svg::Series>& series) {
  std::vector<std::pair<std::string, int>> entries;
  for (const svg::Series& item : series) entries.emplace_back(item.name, item.style);
  return svg::legend(entries, false);
}

std::string headline_table(const ComparisonReport& report, const ReportView& view) {
  std::string out = "<table>\n<thead><tr><th>metric</th>";
  for (const SystemSummary& system : report.systems) {
    out += fmt::format("<th>{}</th>", escape_html(system.name));
  }
  out += "<th class=\"number\">lead</th><th>winner</th></tr></thead>\n<tbody>\n";
  for (const Headline& item : view.headlines) {
    out += fmt::format("<tr><th scope=\"row\">{}{}</th>", escape_html(item.metric),
                       higher_is_better(parse_metric(item.metric)) ? "" : " (lower is better)");
    for (const SystemSummary& system : report.systems) {
      const Representative* best = find_representative(item, system.name);
      if (!best) {
        out += "<td>-</td>";
        continue;
      }
      const bool wins = is_winner(item, system.name);
      out +=
          fmt::format("<td{}>{}<span class=\"mark\">{}</span> <span class=\"how\">{}</span></td>",
                      wins ? " class=\"win\"" : "", format_value(best->test), wins ? "*" : "",
                      escape_html(describe_decision(report.results[best->row])));
    }
    out += fmt::format("<td class=\"number\">{}</td><td>{}</td></tr>\n",
                       item.winner ? format_value(item.lead) : "-", escape_html(winner_name(item)));
  }
  return scrolling(out + "</tbody></table>\n");
}

std::string headline_chart(const ComparisonReport& report, const ReportView& view) {
  svg::BarChart chart;
  chart.title = "Test value of each system's representative, by metric";
  for (const Headline& item : view.headlines) chart.categories.push_back(item.metric);
  for (const SystemSummary& system : report.systems) {
    svg::Series series{system.name, style_of(report, system.name), {}};
    for (const Headline& item : view.headlines) {
      const Representative* best = find_representative(item, system.name);
      series.values.push_back(best ? best->test : kMissing);
    }
    chart.series.push_back(std::move(series));
  }
  return series_legend(chart.series) + scrolling(svg::horizontal_bars(chart));
}

std::string headline_section(const ComparisonReport& report, const ReportView& view) {
  if (view.headlines.empty()) return "";
  return section("Headline (test)",
                 headline_table(report, view) + paragraph(kReadingHelp, kQuiet)) +
         section("Headline in pictures", headline_chart(report, view));
}

std::string nll_section(const ComparisonReport& report) {
  if (report.set_nll.empty()) return "";
  const auto cell = [](const std::map<std::string, double>& values, const std::string& system) {
    const auto found = values.find(system);
    return found == values.end() ? std::string("-") : format_value(found->second);
  };
  std::string out =
      "<table>\n<thead><tr><th>system</th><th class=\"number\">test</th><th "
      "class=\"number\">valid</th></tr></thead>\n<tbody>\n";
  for (const SystemSummary& system : report.systems) {
    out += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td "
        "class=\"number\">{}</td></tr>\n",
        escape_html(system.name), cell(report.set_nll, system.name),
        cell(report.set_nll_valid, system.name));
  }
  return section("Set NLL, nats a document (lower is better)", out + "</tbody></table>\n");
}

/// "precision_samples" on two lines.
std::string folded_name(const std::string& metric) {
  std::string name = escape_html(metric);
  const std::size_t split = name.rfind('_');
  if (split != std::string::npos) name.replace(split, 1, "_<br>");
  return name;
}

std::string results_table(const ComparisonReport& report, const ReportView& view) {
  std::string out =
      "<table class=\"all-results\">\n<thead><tr><th>system</th>"
      "<th>decision</th><th>kind</th><th>tuned<br>on</th>";
  for (const std::string& metric : view.columns) {
    out += fmt::format("<th class=\"number\">{}</th>", folded_name(metric));
  }
  out += "</tr></thead>\n<tbody>\n";
  for (std::size_t r = 0; r < report.results.size(); ++r) {
    const ResultRow& row = report.results[r];
    out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td>", escape_html(row.system),
                       escape_html(describe_decision(row)), to_string(row.kind),
                       to_string(row.tuned_on));
    for (const std::string& metric : view.columns) {
      const CellMark mark = view.mark(r, metric);
      const char* symbol = mark == CellMark::winner           ? "*"
                           : mark == CellMark::representative ? "+"
                                                              : "";
      out += fmt::format("<td class=\"number{}\">{}<span class=\"mark\">{}</span></td>",
                         mark == CellMark::winner ? " win" : "", test_value(row, metric), symbol);
    }
    out += "</tr>\n";
  }
  return scrolling(out + "</tbody></table>\n");
}

std::string results_section(const ComparisonReport& report, const ReportView& view) {
  if (report.results.empty() || view.columns.empty()) return "";
  std::string out = results_table(report, view) + paragraph(kMarkLegend, kQuiet) +
                    paragraph("Convention: " + describe_conventions(report) + ".", kQuiet);
  const std::vector<std::string> notes = undefined_notes(report, view.columns);
  if (notes.empty()) {
    out += paragraph("Undefined values: none.", kQuiet);
  } else {
    out += "<div class=\"quiet\">Undefined (0/0) values, summed over seeds:<ul>\n";
    for (const std::string& note : notes) out += fmt::format("<li>{}</li>\n", escape_html(note));
    out += "</ul></div>\n";
  }
  return section("All results (test)", out, true);
}

std::string set_size_section(const ComparisonReport& report) {
  std::size_t sizes = 0;
  for (const SetSizeHistogram& item : report.set_sizes) sizes = std::max(sizes, item.counts.size());
  if (sizes == 0) return "";
  const std::size_t columns = std::min(sizes, kMaxSetSize + 1);
  svg::BarChart chart;
  chart.title = "Share of test documents by number of labels";
  chart.value_format = "{:.4f}";
  for (std::size_t k = 0; k < columns; ++k) chart.categories.push_back(std::to_string(k));
  if (sizes > columns) chart.categories.back() += "+";
  for (const SetSizeHistogram& item : report.set_sizes) {
    const auto total = static_cast<double>(
        std::accumulate(item.counts.begin(), item.counts.end(), std::uint64_t{0}));
    svg::Series series{item.name, style_of(report, item.name), std::vector<double>(columns, 0.0)};
    for (std::size_t k = 0; k < item.counts.size(); ++k) {
      series.values[std::min(k, columns - 1)] +=
          total > 0.0 ? static_cast<double>(item.counts[k]) / total : 0.0;
    }
    chart.series.push_back(std::move(series));
  }
  return section(
      "How many labels a document gets (test)",
      series_legend(chart.series) + scrolling(svg::vertical_bars(chart, "labels a document")));
}

std::string label_bars(const ComparisonReport& report, const LabelChart& labels,
                       const std::vector<LabelBar>& bars, std::size_t begin, std::size_t end) {
  svg::BarChart chart;
  chart.title = "F1 of each label on test, by falling frequency";
  chart.value_format = "{:.2f}";
  for (std::size_t s = 0; s < labels.systems.size(); ++s) {
    chart.series.push_back({labels.systems[s], style_of(report, labels.systems[s]), {}});
  }
  for (std::size_t b = begin; b < end; ++b) {
    chart.categories.push_back(
        fmt::format("{} ({})", shorten(bars[b].label, 22), bars[b].frequency));
    for (std::size_t s = 0; s < labels.systems.size(); ++s) {
      chart.series[s].values.push_back(bars[b].f1[s]);
    }
  }
  return (begin == 0 ? series_legend(chart.series) : "") + scrolling(svg::horizontal_bars(chart));
}

std::string label_section(const ComparisonReport& report) {
  if (!report.label_chart || report.label_chart->bars.empty()) return "";
  std::vector<LabelBar> bars = report.label_chart->bars;
  std::stable_sort(bars.begin(), bars.end(),
                   [](const LabelBar& a, const LabelBar& b) { return a.frequency > b.frequency; });
  const std::size_t drawn = std::min(bars.size(), kMaxBars);
  const std::size_t shown = std::min(drawn, kShownBars);
  std::string out = paragraph("In brackets: rows with the label in train.", kQuiet) +
                    label_bars(report, *report.label_chart, bars, 0, shown);
  if (drawn > shown) {
    out += fmt::format("<details><summary>{} rarer labels</summary>\n{}</details>\n", drawn - shown,
                       label_bars(report, *report.label_chart, bars, shown, drawn));
  }
  if (bars.size() > drawn) {
    out +=
        paragraph(fmt::format("The {} rarest labels are not drawn.", bars.size() - drawn), kQuiet);
  }
  return section("F1 of each label (test)", out, true);
}

svg::LineChart reliability_chart(const ComparisonReport& report) {
  svg::LineChart chart;
  chart.title = "Reliability of label probabilities";
  chart.x_axis = "predicted probability (mean of the bin)";
  chart.y_axis = "share that is true";
  chart.diagonal = true;
  for (const ReliabilityCurve& curve : report.reliability) {
    svg::Line line{curve.system, style_of(report, curve.system), {}, true};
    for (const ReliabilityBin& bin : curve.bins) {
      if (std::isfinite(bin.confidence) && std::isfinite(bin.frequency)) {
        line.points.emplace_back(bin.confidence, bin.frequency);
      }
    }
    chart.lines.push_back(std::move(line));
  }
  return chart;
}

svg::LineChart precision_recall_chart(const ComparisonReport& report) {
  svg::LineChart chart;
  chart.title = "Precision against recall over all labels";
  chart.x_axis = "recall";
  chart.y_axis = "precision";
  for (const PrecisionRecallCurve& curve : report.precision_recall) {
    svg::Line line{curve.system, style_of(report, curve.system), {}, false};
    for (const PrecisionRecallPoint& point : curve.points) {
      if (std::isfinite(point.recall) && std::isfinite(point.precision)) {
        line.points.emplace_back(point.recall, point.precision);
      }
    }
    chart.lines.push_back(std::move(line));
  }
  return chart;
}

std::string curve_figure(const std::string& title, const svg::LineChart& chart) {
  std::vector<std::pair<std::string, int>> entries;
  for (const svg::Line& line : chart.lines) entries.emplace_back(line.name, line.style);
  return fmt::format("<div><h3>{}</h3>\n{}{}</div>\n", escape_html(title),
                     svg::legend(entries, true), svg::unit_square(chart));
}

std::string curve_section(const ComparisonReport& report) {
  if (report.reliability.empty() && report.precision_recall.empty()) return "";
  std::string out = "<div class=\"pair\">\n";
  if (!report.reliability.empty()) out += curve_figure("Reliability", reliability_chart(report));
  if (!report.precision_recall.empty()) {
    out += curve_figure("Precision and recall", precision_recall_chart(report));
  }
  return section("Label probabilities (test, all labels pooled)", out + "</div>\n");
}

std::string label_list(const std::vector<std::string>& labels,
                       const std::vector<std::string>& truth) {
  if (labels.empty()) return "<span class=\"quiet\">(none)</span>";
  std::string out;
  for (const std::string& label : labels) {
    const bool right = std::find(truth.begin(), truth.end(), label) != truth.end();
    out += fmt::format("<span class=\"label{}\">{}{}</span>", right ? "" : " wrong",
                       right ? "" : "&#215; ", escape_html(label));
  }
  return out;
}

std::string top_sets(const SystemAnswer& answer, const std::vector<std::string>& truth) {
  std::string out;
  for (const TopSet& set : answer.top_sets) {
    out += fmt::format("<div>{:.3f} {}</div>", set.probability, label_list(set.labels, truth));
  }
  return out;
}

std::string example_block(const ExampleRow& example) {
  std::string out =
      fmt::format("<div class=\"example\">\n<h3>{}</h3>\n", escape_html(shorten(example.id, 200)));
  if (example.text) out += paragraph(shorten(*example.text, kMaxExampleText));
  out += fmt::format("<table>\n<tbody><tr><th scope=\"row\">truth</th><td>{}</td><td></td></tr>\n",
                     label_list(example.truth, example.truth));
  for (const SystemAnswer& answer : example.answers) {
    out += fmt::format(
        "<tr><th scope=\"row\">{}<br><span "
        "class=\"quiet\">{}</span></th><td>{}</td><td>{}</td></tr>\n",
        escape_html(answer.system), escape_html(answer.decision),
        label_list(answer.labels, example.truth), top_sets(answer, example.truth));
  }
  return out + "</tbody></table>\n</div>\n";
}

std::string example_section(const ComparisonReport& report) {
  if (report.examples.empty()) return "";
  std::string out = paragraph(
      "Labels that are not true are dashed and crossed. Right: the most probable sets, where a "
      "system has them.",
      kQuiet);
  const std::size_t shown = std::min(report.examples.size(), kMaxExamples);
  for (std::size_t e = 0; e < shown; ++e) out += example_block(report.examples[e]);
  if (report.examples.size() > shown) {
    out += paragraph(fmt::format("{} more are not shown.", report.examples.size() - shown), kQuiet);
  }
  return section("Where the systems disagree (test)", out, true);
}

std::string system_list(const ComparisonReport& report) {
  std::string out = "<ul>\n";
  for (const SystemSummary& system : report.systems) {
    out += fmt::format("<li><b>{}</b>{}{}</li>\n", escape_html(system.name),
                       system.description.empty() ? "" : ": ", escape_html(system.description));
  }
  return out + "</ul>\n";
}

}  // namespace

std::string to_html(const ComparisonReport& report) {
  const ReportView view = view_report(report);
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out += fmt::format("<title>Comparison on {}</title>\n<style>{}</style>\n</head>\n<body>\n",
                     escape_html(report.data.name), kReportStyle);
  out += svg::pattern_definitions();
  out += fmt::format("<h1>Comparison on {}</h1>\n", escape_html(report.data.name));
  out += paragraph(describe_data(report.data), kQuiet);
  for (const std::string& warning : report.warnings) {
    out += paragraph("Warning: " + warning, " class=\"warning\"");
  }
  if (!report.systems.empty()) out += system_list(report);
  out += headline_section(report, view);
  out += nll_section(report);
  out += results_section(report, view);
  out += set_size_section(report);
  out += curve_section(report);
  out += label_section(report);
  out += example_section(report);
  if (!report.protocol.empty()) out += section("Protocol", paragraph(report.protocol));
  out +=
      section("Manifest",
              fmt::format("<details><summary>Options, seeds and versions</summary>\n<pre>{}</pre>"
                          "</details>\n",
                          escape_html(pretty_json(report.manifest_json))),
              true);
  return out + "</body>\n</html>\n";
}

}  // namespace labelbeam::eval
