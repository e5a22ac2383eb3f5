#include "html_parts.h"

#include <fmt/format.h>

#include "safe_text.h"

namespace labelbeam::eval::html {
namespace {

constexpr std::size_t kMaxCell = 80;  // bytes of a name in a table

}  // namespace

std::string paragraph(const std::string& text, Tone tone) {
  const char* style = tone == Tone::quiet     ? " class=\"quiet\""
                      : tone == Tone::warning ? " class=\"warning\""
                                              : "";
  return fmt::format("<p{}>{}</p>\n", style, escape_html(text));
}

std::string scroller(const std::string& name, const std::string& body, bool is_tall) {
  return fmt::format(
      "<div class=\"scroll{}\" role=\"region\" aria-label=\"{}\" tabindex=\"0\">\n{}</div>\n",
      is_tall ? " tall" : "", escape_html(name), body);
}

std::string figure(const std::string& chart, const std::string& caption,
                   const std::string& legend) {
  return fmt::format("<figure>\n{}{}<figcaption>{}</figcaption>\n</figure>\n", legend, chart,
                     escape_html(caption));
}

std::string details(const std::string& summary, const std::string& body) {
  return fmt::format("<details><summary>{}</summary>\n{}</details>\n", escape_html(summary), body);
}

std::string column_head(const std::string& text, bool is_number) {
  return fmt::format("<th scope=\"col\"{}>{}</th>", is_number ? " class=\"number\"" : "",
                     escape_html(text));
}

std::string table(const PlainTable& content, const std::string& style) {
  const auto number = [&](std::size_t c) {
    return c >= content.text_columns ? " class=\"number\"" : "";
  };
  std::string out = style.empty() ? "<table>" : fmt::format("<table class=\"{}\">", style);
  out += "\n<thead><tr>";
  for (std::size_t c = 0; c < content.titles.size(); ++c) {
    out += fmt::format("<th scope=\"col\"{}>{}</th>", number(c),
                       folded_title(escape_html(content.titles[c]), "<br>"));
  }
  out += "</tr></thead>\n<tbody>\n";
  for (const std::vector<std::string>& row : content.rows) {
    out += "<tr>";
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string text = escape_html(shorten(row[c], kMaxCell));
      out += c == 0 ? fmt::format("<th scope=\"row\">{}</th>", text)
                    : fmt::format("<td{}>{}</td>", number(c), text);
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table>\n";
}

}  // namespace labelbeam::eval::html
