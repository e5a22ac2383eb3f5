#include <fmt/format.h>

#include <algorithm>

#include "html_parts.h"
#include "report_sections.h"
#include "safe_text.h"

namespace labelbeam::eval::html {
namespace {

constexpr std::size_t kMaxExamples = 100;  // that are shown

using Labels = std::vector<std::string>;

bool contains(const Labels& labels, const std::string& label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

bool same_set(const Labels& a, const Labels& b) {
  return std::is_permutation(a.begin(), a.end(), b.begin(), b.end());
}

std::string chip(const std::string& label, const char* style, const char* symbol) {
  return fmt::format("<span class=\"label{}\">{}{}</span>", style, symbol, escape_html(label));
}

/// The labels, those that are not true crossed.
std::string label_list(const Labels& labels, const Labels& truth) {
  if (labels.empty()) return "<span class=\"quiet\">(none)</span>";
  std::string out;
  for (const std::string& label : labels) {
    out += contains(truth, label) ? chip(label, "", "") : chip(label, " wrong", "&#215; ");
  }
  return out;
}

/// The true labels that an answer lacks.
std::string missed_list(const Labels& labels, const Labels& truth) {
  std::string out;
  for (const std::string& label : truth) {
    if (!contains(labels, label)) out += chip(label, " missed", "&#8722; ");
  }
  return out;
}

std::string top_sets(const SystemAnswer& answer, const Labels& truth) {
  if (answer.top_sets.empty()) return "";
  std::string out = "<ol class=\"sets\">\n";
  for (const TopSet& set : answer.top_sets) {
    out += fmt::format(
        "<li><span class=\"probability\">{:.3f}</span><span class=\"bar\"><span "
        "style=\"width:{:.1f}%\"></span></span><span>{}{}</span></li>\n",
        set.probability, 100.0 * std::clamp(set.probability, 0.0, 1.0),
        label_list(set.labels, truth),
        same_set(set.labels, truth) ? " <b class=\"hit\">= truth</b>" : "");
  }
  return out + "</ol>\n";
}

std::string answer_block(const SystemAnswer& answer, const Labels& truth) {
  return fmt::format(
      "<div class=\"answer\"><h4>{} <span class=\"how\">by "
      "{}</span>{}</h4>\n<p>{}{}</p>\n{}</div>\n",
      escape_html(answer.system), escape_html(answer.decision),
      same_set(answer.labels, truth) ? " <b class=\"hit\">= truth</b>" : "",
      label_list(answer.labels, truth), missed_list(answer.labels, truth), top_sets(answer, truth));
}

std::string example_block(const ExampleRow& example) {
  std::string out = fmt::format("<article class=\"example\">\n<h3>{}</h3>\n",
                                escape_html(shorten(example.id, 200)));
  if (example.text) {
    out += fmt::format("<blockquote>{}</blockquote>\n",
                       escape_html(shorten(*example.text, kMaxExampleText)));
  }
  out += "<p class=\"truth\"><b>truth</b> " + label_list(example.truth, example.truth) +
         "</p>\n<div class=\"answers\">\n";
  for (const SystemAnswer& answer : example.answers) out += answer_block(answer, example.truth);
  return out + "</div>\n</article>\n";
}

}  // namespace

std::string examples(const ComparisonReport& report) {
  if (report.examples.empty()) return "";
  std::string out = paragraph(
      "Test rows on which the answers differ, chosen by a hash of their ids. \u00D7 marks a label "
      "that is not true, \u2212 a true label that is missing. Below each answer: the most probable "
      "sets and their probabilities, where the system gives any.",
      Tone::quiet);
  const std::size_t shown = std::min(report.examples.size(), kMaxExamples);
  for (std::size_t e = 0; e < shown; ++e) out += example_block(report.examples[e]);
  if (report.examples.size() > shown) {
    out += paragraph(fmt::format("{} more are not shown.", report.examples.size() - shown),
                     Tone::quiet);
  }
  return out;
}

}  // namespace labelbeam::eval::html
