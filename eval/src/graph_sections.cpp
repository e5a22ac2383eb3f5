#include "graph_sections.h"

#include <fmt/format.h>
#include <labelbeam/eval/graph_picture.h>
#include <labelbeam/eval/report_writers.h>

#include <algorithm>

#include "html_parts.h"
#include "safe_text.h"

namespace labelbeam::eval {
namespace {

constexpr std::size_t kShownPairs = 10;

std::string table_html(const PlainTable& table) {
  std::string out = "<table class=\"sortable\">\n<thead><tr>";
  for (std::size_t c = 0; c < table.titles.size(); ++c) {
    out += html::column_head(table.titles[c], c >= table.text_columns);
  }
  out += "</tr></thead>\n<tbody>\n";
  for (const std::vector<std::string>& row : table.rows) {
    out += fmt::format("<tr><th scope=\"row\">{}</th>", escape_html(row.front()));
    for (std::size_t c = 1; c < row.size(); ++c) {
      out += fmt::format("<td{}>{}</td>", c >= table.text_columns ? " class=\"number\"" : "",
                         escape_html(row[c]));
    }
    out += "</tr>\n";
  }
  return out + "</tbody>\n</table>\n";
}

}  // namespace

const char* const kGraphHelp =
    "Pairs of labels that depend on each other on test (5 % false discoveries), in the truth and "
    "in a system, of the first seed. Answers: each row's answer for subset accuracy, its most "
    "probable set. Distributions: every set found counts with its probability, normalised over the "
    "sets found, whose mean probability is the mass found. Answers may exaggerate a dependence "
    "that the distributions, which are what the model believes, have right. Missed: significant in "
    "the truth, but in the system not, of the other sign, or with less than half the phi. "
    "Invented: significant in the system only. The correlation and the mean difference of phi are "
    "over all pairs of labels, the difference of NPMI over the pairs that are significant in "
    "either.";

bool is_shown_in_full(const GraphComparison& comparison) {
  return comparison.counted == CountedSets::answers;
}

std::string to_string(PairFate fate) {
  switch (fate) {
    case PairFate::kept:
      return "kept";
    case PairFate::missed:
      return "missed";
    default:
      return "invented";
  }
}

std::string to_string(CountedSets counted) {
  return counted == CountedSets::answers ? "answers" : "distributions";
}

PlainTable graph_table(const ComparisonReport& report) {
  PlainTable table{{"system", "counted", "mass found", "in truth", "in system", "kept", "missed",
                    "invented", "correlation of phi", "difference of phi", "difference of NPMI"},
                   2,
                   {}};
  for (const GraphComparison& item : report.graphs) {
    table.rows.push_back(
        {item.system, to_string(item.counted),
         item.found_mass ? format_value(*item.found_mass) : "-", std::to_string(item.truth_pairs),
         std::to_string(item.system_pairs), std::to_string(count_pairs(item, PairFate::kept)),
         std::to_string(count_pairs(item, PairFate::missed)),
         std::to_string(count_pairs(item, PairFate::invented)), format_value(item.phi_correlation),
         format_value(item.phi_difference), format_value(item.npmi_difference)});
  }
  return table;
}

PlainTable graph_pair_table(const GraphComparison& comparison) {
  PlainTable table{
      {"a", "b", "fate", "phi, truth", "phi, answers", "NPMI, truth", "NPMI, answers"}, 3, {}};
  for (const PairFate fate : {PairFate::missed, PairFate::invented}) {
    std::size_t shown = 0;
    for (const ComparedPair& pair : comparison.pairs) {
      if (pair.fate != fate || shown == kShownPairs) continue;
      ++shown;
      table.rows.push_back({comparison.labels[pair.first], comparison.labels[pair.second],
                            to_string(fate), format_value(pair.truth_phi),
                            format_value(pair.system_phi), format_value(pair.truth_npmi),
                            format_value(pair.system_npmi)});
    }
  }
  return table;
}

std::string draw_comparison(const GraphComparison& comparison) {
  GraphPicture truth{"Truth and " + comparison.system, "phi", {}, {}};
  for (std::size_t label = 0; label < comparison.labels.size(); ++label) {
    truth.nodes.push_back(
        {comparison.labels[label], comparison.label_counts[label], comparison.communities[label]});
  }
  GraphPicture system{"", "phi", truth.nodes, {}};
  const bool is_expected = comparison.counted == CountedSets::distributions;
  const std::string name = comparison.system + (is_expected ? ", expected" : "");
  for (const ComparedPair& pair : comparison.pairs) {
    const std::string fate = to_string(pair.fate);
    truth.edges.push_back(
        {pair.first, pair.second, pair.truth_phi, "truth, " + fate, pair.fate == PairFate::missed});
    system.edges.push_back({pair.first, pair.second, pair.system_phi, name + ", " + fate,
                            pair.fate == PairFate::invented});
  }
  return draw_triangles(truth, "truth, framed where it is missed", system,
                        name + ", framed where it is invented");
}

namespace html {
namespace {

std::string comparison_figure(const GraphComparison& comparison) {
  const std::string counted =
      fmt::format("{} of {}", to_string(comparison.counted), comparison.system);
  return figure(
      scroller("Label graph of the " + counted, draw_comparison(comparison)),
      fmt::format("phi of two labels: above the diagonal in the truth, framed where the {0} "
                  "miss it; below it in the {0}, framed where they invent it.",
                  counted));
}

}  // namespace

std::string graph_comparisons(const ComparisonReport& report) {
  if (report.graphs.empty()) return "";
  std::string out = scroller("Label graphs", table_html(graph_table(report))) +
                    paragraph(kGraphHelp, Tone::quiet);
  for (const GraphComparison& item : report.graphs) {
    if (item.pairs.empty()) continue;
    const std::string picture = comparison_figure(item);
    if (!is_shown_in_full(item)) {
      out += details(fmt::format("Label graph of the distributions of {}", item.system), picture);
      continue;
    }
    out += picture;
    const PlainTable pairs = graph_pair_table(item);
    if (pairs.rows.empty()) continue;
    out += details(fmt::format("What {} misses and invents most", item.system),
                   scroller("Pairs of " + item.system, table_html(pairs)));
  }
  return out;
}

}  // namespace html
}  // namespace labelbeam::eval
