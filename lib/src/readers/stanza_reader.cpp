#include "readers/stanza_reader.h"

#include <fmt/format.h>
#include <labelbeam/error.h>

#include <algorithm>
#include <utility>

#include "ascii.h"
#include "readers/json_line.h"
#include "readers/utf8_check.h"

namespace labelbeam {
const StanzaField* Stanza::find(std::string_view name) const {
  const auto at = fields.find(name);
  return at == fields.end() ? nullptr : &at->second;
}

std::string_view Stanza::value(std::string_view name) const {
  const StanzaField* field = find(name);
  return field ? std::string_view(field->value) : std::string_view();
}

StanzaReader::StanzaReader(const std::string& path, std::vector<std::string> wanted)
    : lines_(path), wanted_(std::move(wanted)) {}

bool StanzaReader::next(Stanza& stanza) {
  stanza = Stanza{};
  StanzaField* field = nullptr;  // of a wanted field
  while (lines_.next(line_)) {
    if (is_blank(line_)) {
      if (stanza.line > 0) return true;
      continue;
    }
    if (line_[0] == '#') continue;
    if (line_[0] != ' ' && line_[0] != '\t') {
      if (stanza.line == 0) stanza.line = lines_.line_number();
      start_field(stanza, field);
    } else if (stanza.line == 0) {
      throw DataError(name(), lines_.line_number(),
                      "a stanza starts with an indented line, which goes on with no field");
    } else if (field) {
      check_text_line(line_, name(), lines_.line_number());
      field->value += '\n';
      field->value += trimmed(line_);
    }
  }
  return stanza.line > 0;
}

void StanzaReader::start_field(Stanza& stanza, StanzaField*& field) {
  const std::size_t colon = line_.find(':');
  if (colon == std::string::npos || colon == 0) {
    throw DataError(name(), lines_.line_number(),
                    "expected a field, \"Name: value\", or an indented line that goes on with one");
  }
  field = nullptr;
  const std::string key =
      lower_ascii(std::string(trimmed(std::string_view(line_).substr(0, colon))));
  if (std::find(wanted_.begin(), wanted_.end(), key) == wanted_.end()) return;
  check_text_line(line_, name(), lines_.line_number());
  const auto [at, is_new] = stanza.fields.emplace(key, StanzaField{});
  if (!is_new) {
    throw DataError(name(), lines_.line_number(),
                    fmt::format("the field {} is repeated; it was first given in line {}",
                                line_.substr(0, colon), at->second.line));
  }
  field = &at->second;
  field->line = lines_.line_number();
  field->value = trimmed(std::string_view(line_).substr(colon + 1));
}

}  // namespace labelbeam
