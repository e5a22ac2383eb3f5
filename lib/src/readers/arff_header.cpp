#include "readers/arff_header.h"

#include <fmt/format.h>
#include <labelbeam/error.h>

#include <algorithm>
#include <utility>

#include "ascii.h"
#include "readers/number_text.h"
#include "readers/utf8_check.h"

namespace labelbeam {
namespace {

constexpr std::size_t kMaxNominalValues = std::size_t{1} << 20;

bool is_arff_space(char c) { return static_cast<unsigned char>(c) <= ' '; }

bool is_quote(char c) { return c == '\'' || c == '"'; }

bool ends_word(char c) {
  return is_arff_space(c) || is_quote(c) || c == ',' || c == '{' || c == '}' || c == '%';
}

char unescaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

void read_values(ArffLine& line, const LinePlace& place, ArffAttribute& attribute) {
  attribute.kind = ArffAttribute::Kind::nominal;
  do {
    std::string value = line.word("a value of the attribute").text;
    if (attribute.positions.size() == kMaxNominalValues) {
      place.fail(fmt::format("the attribute {} has more than {} values", shown(attribute.name),
                             kMaxNominalValues));
    }
    const auto position = static_cast<std::uint32_t>(attribute.positions.size());
    if (!attribute.positions.emplace(value, position).second) {
      place.fail(fmt::format("the attribute {} has the value {} twice", shown(attribute.name),
                             shown(value)));
    }
  } while (line.skip(',') || (!line.at_end() && !line.at('}')));
  if (!line.skip('}')) {
    place.fail(
        fmt::format("the values of the attribute {} have no closing brace", shown(attribute.name)));
  }
}

ArffAttribute read_attribute(ArffLine& line, const LinePlace& place) {
  ArffAttribute attribute;
  attribute.line = place.line;
  attribute.name = line.word("the name of an attribute").text;
  if (attribute.name.empty()) place.fail("the name of an attribute is empty");
  if (line.skip('{')) {
    read_values(line, place, attribute);
  } else {
    const std::string type = line.word("the type of the attribute").text;
    const std::string kind = lower_ascii(type);
    if (kind == "string") {
      attribute.kind = ArffAttribute::Kind::string;
    } else if (kind != "numeric" && kind != "real" && kind != "integer") {
      place.fail(fmt::format(
          "the attribute {} has the type {}; numeric, real, integer, string and values in braces "
          "can be read",
          shown(attribute.name), shown(type)));
    }
  }
  if (!line.at_end()) {
    place.fail(
        fmt::format("something follows the type of the attribute {}", shown(attribute.name)));
  }
  return attribute;
}

}  // namespace

void ArffLine::skip_spaces() {
  while (!rest_.empty() && is_arff_space(rest_.front())) rest_.remove_prefix(1);
}

bool ArffLine::skip(char c) {
  if (!at(c)) return false;
  rest_.remove_prefix(1);
  skip_spaces();
  return true;
}

ArffLine::Word ArffLine::word(std::string_view what) {
  Word word;
  if (!at_end() && is_quote(rest_.front())) {
    word.quoted = true;
    quoted_word(word.text);
  } else {
    const auto end = std::find_if(rest_.begin(), rest_.end(), ends_word);
    const auto size = static_cast<std::size_t>(end - rest_.begin());
    if (size == 0) {
      place_.fail(fmt::format("expected {}, got {}", what,
                              at_end() ? "the end of the line" : shown(rest_.substr(0, 1))));
    }
    word.text = rest_.substr(0, size);
    rest_.remove_prefix(size);
  }
  if (!rest_.empty() && is_quote(rest_.front())) {
    place_.fail(fmt::format("a quote follows {} without a space or comma", shown(word.text)));
  }
  if (word.quoted && !rest_.empty() && !ends_word(rest_.front())) {
    place_.fail(fmt::format("text follows the closing quote of {}", shown(word.text)));
  }
  skip_spaces();
  return word;
}

void ArffLine::quoted_word(std::string& text) {
  const char quote = rest_.front();
  for (std::size_t i = 1; i < rest_.size(); ++i) {
    if (rest_[i] == quote) {
      rest_.remove_prefix(i + 1);
      return;
    }
    if (rest_[i] == '\\' && i + 1 < rest_.size()) {
      text += unescaped(rest_[++i]);
    } else {
      text += rest_[i];
    }
  }
  place_.fail("a quote is never closed");
}

ArffHeader read_arff_header(LineReader& lines) {
  ArffHeader header;
  std::string text;
  while (lines.next(text)) {
    const LinePlace place{lines.name(), lines.line_number()};
    check_text_line(text, place.file, place.line);
    ArffLine line(text, place);
    if (line.at_end()) continue;
    const std::string word = line.word("@relation, @attribute or @data").text;
    const std::string keyword = lower_ascii(word);
    if (keyword == "@relation") {
      if (header.relation_line > 0) place.fail("the file has a second @relation");
      header.relation = line.word("the name of the relation").text;
      header.relation_line = place.line;
      if (!line.at_end()) place.fail("something follows the name of the relation");
    } else if (header.relation_line == 0) {
      place.fail(fmt::format("expected @relation first, got {}", shown(word)));
    } else if (keyword == "@attribute") {
      ArffAttribute attribute = read_attribute(line, place);
      if (!header.positions.emplace(attribute.name, header.attributes.size()).second) {
        place.fail(fmt::format("the attribute {} is repeated", shown(attribute.name)));
      }
      header.attributes.push_back(std::move(attribute));
    } else if (keyword == "@data") {
      if (!line.at_end()) place.fail("something follows @data");
      if (header.attributes.empty()) place.fail("there is no @attribute before @data");
      return header;
    } else {
      place.fail(fmt::format("expected @attribute or @data, got {}", shown(word)));
    }
  }
  if (lines.line_number() == 0) throw DataError(lines.name(), 0, "is empty: it has no header");
  throw DataError(lines.name(), lines.line_number(), "the file ends before @data");
}

}  // namespace labelbeam
