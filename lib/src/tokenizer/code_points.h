#pragma once

#include <string>
#include <string_view>

namespace labelbeam {

/// What a tokenizer asks of a code point; all from Unicode's tables, in no locale.
bool is_space(char32_t c);   // separators and control characters
bool is_letter(char32_t c);  // but for pictographs
bool is_digit(char32_t c);   // decimal digits of any script
bool is_mark(char32_t c);    // combining
bool is_upper(char32_t c);
bool is_word(char32_t c);  // letters, numbers and marks
bool is_ideograph(char32_t c);
bool is_pictograph(char32_t c);
bool is_regional_indicator(char32_t c);

inline bool is_ascii_letter(char32_t c) {
  return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
}
inline bool is_ascii_digit(char32_t c) { return c >= U'0' && c <= U'9'; }
inline bool is_ascii_word(char32_t c) { return is_ascii_letter(c) || is_ascii_digit(c); }

/// NUL beyond the end.
inline char32_t code_point_at(std::u32string_view text, std::size_t i) {
  return i < text.size() ? text[i] : U'\0';
}

char32_t to_lower(char32_t c);
std::u32string to_lower(std::u32string_view text);
std::string to_utf8(std::u32string_view text);

/// The length of the grapheme cluster that `text` begins with.
std::size_t cluster_length(std::u32string_view text);

inline constexpr char32_t kJoiner = 0x200D;
inline constexpr char32_t kKeycap = 0x20E3;
inline constexpr char32_t kEllipsis = 0x2026;

}  // namespace labelbeam
