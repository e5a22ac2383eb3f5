#pragma once

#include <string>

namespace labelbeam::eval {

/// How much of an example's text a page shows, in bytes.
inline constexpr std::size_t kMaxExampleText = 1200;

/// Text for HTML content and quoted attributes: markup escaped; control characters, U+FFFE,
/// U+FFFF and bytes that are not UTF-8 replaced by U+FFFD.
std::string escape_html(const std::string& text);

/// Text for a line of Markdown, also inside a table: what Markdown or HTML would read as markup is
/// escaped, line breaks become spaces.
std::string escape_markdown(const std::string& text);

/// Text for a line of a terminal: control characters and line breaks become spaces, bytes that are
/// not UTF-8 U+FFFD.
std::string plain_line(const std::string& text);

/// At most about `max_bytes`, cut between characters and marked with an ellipsis.
std::string shorten(const std::string& text, std::size_t max_bytes);

/// JSON text indented for reading.
std::string pretty_json(const std::string& json);

}  // namespace labelbeam::eval
