#include "safe_text.h"

#include <nlohmann/json.hpp>
#include <string_view>

namespace labelbeam::eval {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";

// The JSON library's writer already knows how to replace what is not UTF-8.
std::string valid_utf8(const std::string& text) {
  const std::string json =
      nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return nlohmann::json::parse(json).get<std::string>();
}

/// U+FFFE and U+FFFF are in no XML document.
void replace_non_characters(std::string& text) {
  for (const char* character : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
    for (std::size_t at = 0; (at = text.find(character, at)) != std::string::npos;) {
      text.replace(at, 3, kReplacement);
    }
  }
}

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::string escape_html(const std::string& text) {
  std::string out, valid = valid_utf8(text);
  replace_non_characters(valid);
  for (const char c : valid) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if (is_control(c)) {
          out += kReplacement;
        } else {
          out += c;
        }
    }
  }
  return out;
}

std::string escape_markdown(const std::string& text) {
  constexpr std::string_view kMarkup = "\\`*_[]|#~$";
  const std::string valid = valid_utf8(text);
  std::string out;
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const char c = valid[i];
    if (c == '\n' || c == '\t') {
      out += ' ';
    } else if (is_control(c)) {
      out += kReplacement;
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      // f1_samples stays readable: an underscore inside a word marks nothing up.
      const bool inside_word = c == '_' && i > 0 && i + 1 < valid.size() &&
                               is_alphanumeric(valid[i - 1]) && is_alphanumeric(valid[i + 1]);
      if (kMarkup.find(c) != std::string_view::npos && !inside_word) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string plain_line(const std::string& text) {
  std::string out = valid_utf8(text);
  for (char& c : out) {
    if (c == '\n' || c == '\t' || is_control(c)) c = ' ';
  }
  return out;
}

std::string shorten(const std::string& text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  while (end > 0 && (text[end] & '\xC0') == '\x80') --end;
  return text.substr(0, end) + "\xE2\x80\xA6";
}

std::string pretty_json(const std::string& json) {
  return nlohmann::ordered_json::parse(json).dump(2, ' ', false,
                                                  nlohmann::json::error_handler_t::replace);
}

}  // namespace labelbeam::eval
