#include <fmt/format.h>
#include <labelbeam/eval/report_writers.h>

#include <vector>

#include "graph_sections.h"
#include "html_parts.h"
#include "report_script.h"
#include "report_sections.h"
#include "report_style.h"
#include "report_view.h"
#include "safe_text.h"
#include "svg.h"

namespace labelbeam::eval {
namespace {

using html::Section;

std::string page_head(const std::string& title) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n",
      kReportScriptHash, escape_html(title), kReportStyle);
}

/// The first few warnings; the others behind a click.
std::string warnings(const std::vector<std::string>& all) {
  constexpr std::size_t kShown = 3;
  std::string out;
  std::string others;
  for (std::size_t w = 0; w < all.size(); ++w) {
    (w < kShown ? out : others) += html::paragraph("Warning: " + all[w], html::Tone::warning);
  }
  if (others.empty()) return out;
  return out + html::details(fmt::format("{} more warnings", all.size() - kShown), others);
}

/// What was compared, and on what.
std::string overview(const ComparisonReport& report) {
  std::string out = warnings(report.warnings);
  out += "<dl class=\"facts\">\n";
  const auto add = [&](const std::string& name, const std::string& value, const std::string& note) {
    out += fmt::format("<div><dt>{}</dt><dd>{} <span class=\"how\">{}</span></dd></div>\n",
                       escape_html(name), escape_html(value), escape_html(note));
  };
  for (const SplitSummary& split : report.data.splits) {
    add(split.name, fmt::format("{} rows", split.rows),
        fmt::format("{:.2f} labels a row", split.cardinality));
  }
  add("labels", std::to_string(report.data.num_labels), "");
  if (!report.data.source.empty()) {
    add("source", report.data.source, report.data.synthetic ? "synthetic" : "");
  }
  out += "</dl>\n";
  if (report.systems.empty()) return out;
  out += "<ul class=\"systems\">\n";
  for (const SystemSummary& system : report.systems) {
    out += fmt::format("<li><b>{}</b>{}{}</li>\n", escape_html(system.name),
                       system.description.empty() ? "" : ": ", escape_html(system.description));
  }
  return out + "</ul>\n";
}

std::string manifest(const ComparisonReport& report) {
  return html::details(
      "Options, seeds, versions and data",
      fmt::format("<pre>{}</pre>", escape_html(pretty_json(report.manifest_json))));
}

std::vector<Section> sections_of(const ComparisonReport& report) {
  const ReportView view = view_report(report);
  return {
      {"headline", "Headline", html::headline_table(report, view), true},
      {"headline-figure", "Headline in pictures", html::headline_figure(report, view)},
      {"seeds", "Seeds", html::seeds_table(report, view), true},
      {"set-nll", "Set NLL", html::set_nll_table(report)},
      {"results", "All results", html::results_table(report, view), true},
      {"strategies", "Threshold strategies",
       html::strategies_table(report) + html::strategy_figure(report), true},
      {"curves", "Label probabilities", html::curve_figures(report), true},
      {"calibration", "Calibration",
       html::calibration_tables(report) + html::set_reliability_figure(report), true},
      {"dependence", "Dependence between labels", html::dependence_tables(report), true},
      {"set-sizes", "Set sizes", html::set_size_figure(report)},
      {"labels", "F1 of each label", html::label_figure(report), true},
      {"graphs", "Label graphs of answers and distributions", html::graph_comparisons(report),
       true},
      {"examples", "Where the systems disagree", html::examples(report), true},
      {"protocol", "Protocol", report.protocol.empty() ? "" : html::paragraph(report.protocol)},
      {"manifest", "Manifest", manifest(report), true},
  };
}

}  // namespace

std::string to_html(const ComparisonReport& report) {
  const std::vector<Section> sections = sections_of(report);
  const std::string title = "Comparison on " + report.data.name;
  std::string contents;
  std::string bodies;
  for (const Section& section : sections) {
    if (section.body.empty()) continue;
    contents +=
        fmt::format("<li><a href=\"#{}\">{}</a></li>\n", section.id, escape_html(section.title));
    bodies += fmt::format(
        "<section id=\"{0}\"{1} aria-labelledby=\"{0}-title\">\n"
        "<h2 id=\"{0}-title\">{2}</h2>\n{3}</section>\n",
        section.id, section.is_long ? " class=\"long\"" : "", escape_html(section.title),
        section.body);
  }
  return page_head(title) + "<body>\n" + svg::pattern_definitions() +
         "<nav aria-label=\"Contents\">\n<ul>\n" + contents + "</ul>\n</nav>\n<main>\n" +
         fmt::format("<header>\n<h1>{}</h1>\n{}</header>\n", escape_html(title), overview(report)) +
         bodies + fmt::format("</main>\n<script>{}</script>\n</body>\n</html>\n", kReportScript);
}

}  // namespace labelbeam::eval
