#include "tokenizer/shapes.h"

#include <algorithm>
#include <array>
#include <string>

#include "tokenizer/code_points.h"

namespace labelbeam {
namespace {

using View = std::u32string_view;

constexpr std::size_t kMaxDomain = 253;
constexpr std::size_t kMaxLocalPart = 64;
constexpr std::size_t kMaxScheme = 12;

constexpr std::array<View, 12> kPlaceholders{
    U"<user>",    U"<url>",         U"<number>", U"<hashtag>", U"<smile>",  U"<sadface>",
    U"<lolface>", U"<neutralface>", U"<heart>",  U"<allcaps>", U"<repeat>", U"<elong>"};

/// Top-level domains that mark an address which has no path.
constexpr std::array<View, 6> kCommonDomains{U"com", U"org", U"net", U"edu", U"gov", U"info"};

template <std::size_t N>
bool contains(const std::array<View, N>& list, View text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::size_t scheme_length(View text) {
  std::size_t end = 0;
  while (end < kMaxScheme && (is_ascii_word(code_point_at(text, end)) ||
                              (end > 0 && code_point_at(text, end) == U'+'))) {
    ++end;
  }
  if (end < 2 || !is_ascii_letter(text[0]) || text.substr(end, 3) != U"://") return 0;
  return end + 3;
}

bool ends_address(char32_t c) {
  return is_space(c) || c == U'<' || c == U'>' || c == U'"' || c == kEllipsis || is_pictograph(c);
}

/// Where an address that goes on from `begin` ends: before white space, without closing marks.
std::size_t address_end(View text, std::size_t begin) {
  std::size_t end = begin;
  bool parenthesis = false;
  while (end < text.size() && !ends_address(text[end])) parenthesis |= text[end++] == U'(';
  constexpr View kClosing = U".,;:!?'*]}";
  while (end > begin &&
         (kClosing.find(text[end - 1]) != View::npos || (text[end - 1] == U')' && !parenthesis))) {
    --end;
  }
  return end;
}

/// A host name of at least two labels, the last one of letters; 0 for anything else.
/// `top_level` is set to where the last label begins.
std::size_t domain_length(View text, std::size_t& top_level) {
  std::size_t end = 0;
  std::size_t label = 0;
  while (end < text.size() && end <= kMaxDomain) {
    const char32_t c = text[end];
    const bool inner = end > label && is_ascii_word(code_point_at(text, end + 1));
    if (c == U'.' && inner) {
      label = end + 1;
    } else if (!is_ascii_word(c) && !((c == U'-' || c == U'_') && inner)) {
      break;
    }
    ++end;
  }
  if (label == 0 || end > kMaxDomain || end - label < 2) return 0;
  if (!std::all_of(text.begin() + static_cast<std::ptrdiff_t>(label),
                   text.begin() + static_cast<std::ptrdiff_t>(end), is_ascii_letter)) {
    return 0;
  }
  top_level = label;
  return end;
}

bool is_separator(char32_t c) {
  return c == U'.' || c == U',' || c == U':' || c == U'/' || c == U'-';
}

}  // namespace

std::size_t placeholder_length(View text) {
  for (const View placeholder : kPlaceholders) {
    if (text.starts_with(placeholder)) return placeholder.size();
  }
  return 0;
}

std::size_t url_length(View text) {
  if (const std::size_t scheme = scheme_length(text)) {
    const std::size_t end = address_end(text, scheme);
    return end > scheme ? end : 0;
  }
  if (code_point_at(text, 3) == U'.' && to_lower(text.substr(0, 3)) == U"www" &&
      is_ascii_word(code_point_at(text, 4))) {
    return address_end(text, 4);
  }
  std::size_t top_level = 0;
  const std::size_t domain = domain_length(text, top_level);
  if (domain == 0) return 0;
  const View name = text.substr(top_level, domain - top_level);
  constexpr std::size_t kLongestWithPath = 4;
  if (code_point_at(text, domain) == U'/' && is_ascii_word(code_point_at(text, domain + 1)) &&
      name.size() <= kLongestWithPath) {
    return address_end(text, domain);
  }
  return contains(kCommonDomains, to_lower(name)) ? domain : 0;
}

std::size_t email_length(View text) {
  std::size_t end = 0;
  while (end < kMaxLocalPart && (is_ascii_word(code_point_at(text, end)) ||
                                 View(U"._%+-").find(code_point_at(text, end)) != View::npos)) {
    ++end;
  }
  if (end == 0 || code_point_at(text, end) != U'@') return 0;
  std::size_t top_level = 0;
  const std::size_t domain = domain_length(text.substr(end + 1), top_level);
  return domain == 0 ? 0 : end + 1 + domain;
}

std::size_t user_length(View text) {
  if (code_point_at(text, 0) != U'@') return 0;
  std::size_t end = 1;
  while (is_ascii_word(code_point_at(text, end)) || code_point_at(text, end) == U'_') ++end;
  return end > 1 ? end : 0;
}

std::size_t hashtag_length(View text) {
  if (code_point_at(text, 0) != U'#') return 0;
  bool letter = false;
  std::size_t end = 1;
  while (is_word(code_point_at(text, end)) || code_point_at(text, end) == U'_') {
    letter |= is_letter(text[end++]);
  }
  return letter ? end : 0;
}

std::size_t number_length(View text) {
  if (!is_digit(code_point_at(text, 0))) return 0;
  std::size_t end = 1;
  while (is_digit(code_point_at(text, end)) ||
         (is_separator(code_point_at(text, end)) && is_digit(code_point_at(text, end + 1)))) {
    ++end;
  }
  return end;
}

std::size_t abbreviation_length(View text) {
  std::size_t end = 0;
  std::size_t letters = 0;
  while (is_letter(code_point_at(text, end)) && !is_word(code_point_at(text, end + 1))) {
    ++letters;
    ++end;
    if (code_point_at(text, end) != U'.' || code_point_at(text, end + 1) == U'.') break;
    ++end;
  }
  return letters >= 2 ? end : 0;
}

}  // namespace labelbeam
