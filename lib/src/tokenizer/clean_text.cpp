#include "tokenizer/clean_text.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <utility>

#include "tokenizer/code_points.h"

namespace labelbeam {
namespace {

// No script stacks more marks on a letter, and putting marks in canonical order takes quadratic
// time.
constexpr int kMaxMarks = 30;
constexpr std::size_t kMaxEntityBytes = 10;

constexpr std::array<std::pair<std::string_view, char32_t>, 13> kEntities{{{"amp", U'&'},
                                                                           {"lt", U'<'},
                                                                           {"gt", U'>'},
                                                                           {"quot", U'"'},
                                                                           {"apos", U'\''},
                                                                           {"nbsp", U'\u00A0'},
                                                                           {"hellip", U'\u2026'},
                                                                           {"ndash", U'\u2013'},
                                                                           {"mdash", U'\u2014'},
                                                                           {"lsquo", U'\u2018'},
                                                                           {"rsquo", U'\u2019'},
                                                                           {"ldquo", U'\u201C'},
                                                                           {"rdquo", U'\u201D'}}};

std::u32string decode(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t code_point = 0;
    const auto size =
        utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &code_point);
    if (size <= 0) {
      throw std::invalid_argument("Tokenizer: the text is not valid UTF-8 at byte " +
                                  std::to_string(at));
    }
    out.push_back(static_cast<char32_t>(code_point));
    at += static_cast<std::size_t>(size);
  }
  return out;
}

/// The character that the entity between & and ; stands for.
std::optional<char32_t> entity_value(std::string_view name) {
  if (!name.starts_with('#')) {
    for (const auto& [known, value] : kEntities) {
      if (name == known) return value;
    }
    return std::nullopt;
  }
  name.remove_prefix(1);
  int base = 10;
  if (name.starts_with('x') || name.starts_with('X')) {
    name.remove_prefix(1);
    base = 16;
  }
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), value, base);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return std::nullopt;
  return static_cast<char32_t>(value);
}

std::u32string decode_entities(const std::u32string& text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    out.push_back(text[at]);
    if (text[at] != U'&') continue;
    std::string name;
    std::size_t end = at + 1;
    while (end < text.size() && name.size() < kMaxEntityBytes &&
           (is_ascii_word(text[end]) || text[end] == U'#')) {
      name.push_back(static_cast<char>(text[end++]));
    }
    if (end == text.size() || text[end] != U';') continue;
    if (const auto value = entity_value(name)) {
      out.back() = *value;
      at = end;
    }
  }
  return out;
}

/// Line breaks that an export wrote as the two characters \ and n.
void blank_escaped_line_breaks(std::u32string& text) {
  for (std::size_t at = text.find(U"\\n"); at != std::u32string::npos; at = text.find(U"\\n", at)) {
    text[at] = text[at + 1] = U' ';
  }
}

/// One form of characters that differ in looks alone; 0 for a character to drop.
char32_t plain_form(char32_t c) {
  if (c < 0x80) return c;
  switch (c) {
    case 0x2018:  // single quotation marks and what is typed instead of them
    case 0x2019:
    case 0x201B:
    case 0x02BC:
    case 0x00B4:
    case 0xFF07:
      return U'\'';
    case 0x201C:  // double quotation marks
    case 0x201D:
    case 0x201E:
    case 0x201F:
      return U'"';
    case 0x2010:  // hyphens and minus
    case 0x2011:
    case 0x2212:
      return U'-';
    case 0x200B:  // zero-width space
      return U' ';
    case 0xFE0E:  // variation selectors
    case 0xFE0F:
      return 0;
    default:
      break;
  }
  constexpr char32_t kFirstTag = 0xE0020;  // tags spell the flags of England, Scotland and Wales
  constexpr char32_t kLastTag = 0xE007F;
  const bool invisible =
      utf8proc_category(static_cast<utf8proc_int32_t>(c)) == UTF8PROC_CATEGORY_CF;
  return invisible && c != kJoiner && !(c >= kFirstTag && c <= kLastTag) ? 0 : c;
}

std::u32string plain_characters(const std::u32string& text) {
  std::u32string out;
  out.reserve(text.size());
  int num_marks = 0;
  for (const char32_t original : text) {
    const char32_t c = plain_form(original);
    if (c == 0 && original != 0) continue;
    num_marks = is_mark(c) ? num_marks + 1 : 0;
    if (num_marks <= kMaxMarks) out.push_back(c);
  }
  return out;
}

struct Free {
  void operator()(utf8proc_uint8_t* bytes) const { std::free(bytes); }
};

std::u32string composed(const std::u32string& text) {
  const std::string bytes = to_utf8(text);
  utf8proc_uint8_t* result = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(bytes.data()),
                   static_cast<utf8proc_ssize_t>(bytes.size()), &result,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, Free> owner(result);
  // The text was decoded before, so that nothing but memory can be missing.
  if (size < 0) throw std::bad_alloc();
  return decode({reinterpret_cast<const char*>(result), static_cast<std::size_t>(size)});
}

}  // namespace

std::u32string clean_text(std::string_view text, const TokenizerOptions& options) {
  std::u32string clean = decode(text);
  if (options.html_entities) clean = decode_entities(clean);
  blank_escaped_line_breaks(clean);
  clean = plain_characters(clean);
  // Nothing below the first combining mark composes; most English text ends here.
  constexpr char32_t kFirstMark = 0x0300;
  const bool plain =
      std::all_of(clean.begin(), clean.end(), [](char32_t c) { return c < kFirstMark; });
  return options.compose && !plain ? composed(clean) : clean;
}

}  // namespace labelbeam
