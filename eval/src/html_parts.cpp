#include "html_parts.h"

#include <fmt/format.h>

#include "safe_text.h"

namespace labelbeam::eval::html {

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

std::string column_head(const std::string& text, bool is_number) {
  return fmt::format("<th scope=\"col\"{}>{}</th>", is_number ? " class=\"number\"" : "",
                     escape_html(text));
}

}  // namespace labelbeam::eval::html
