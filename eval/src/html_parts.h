#pragma once

#include <string>

#include "plain_table.h"

/// Pieces of an HTML page. Text is escaped, bodies are HTML.
namespace labelbeam::eval::html {

/// A part of the page with a heading that the table of contents links to.
struct Section {
  std::string id;
  std::string title;
  std::string body;      ///< empty: there is nothing to show
  bool is_long = false;  ///< may be broken between printed pages
};

enum class Tone { normal, quiet, warning };

std::string paragraph(const std::string& text, Tone tone = Tone::normal);

/// What is wide or long scrolls by itself instead of making the page wide; `name` is read out.
std::string scroller(const std::string& name, const std::string& body, bool is_tall = false);

/// A picture with its caption, and above it a legend (may be empty).
std::string figure(const std::string& chart, const std::string& caption,
                   const std::string& legend = "");

/// What is there to be opened by a click.
std::string details(const std::string& summary, const std::string& body);

/// `<th scope="col">`.
std::string column_head(const std::string& text, bool is_number = false);

/// The first column heads the rows; `style`: the table's classes.
std::string table(const PlainTable& content, const std::string& style = "");

}  // namespace labelbeam::eval::html
