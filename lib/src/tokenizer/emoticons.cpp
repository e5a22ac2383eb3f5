#include "tokenizer/emoticons.h"

#include <array>

#include "tokenizer/code_points.h"

namespace labelbeam {
namespace {

using View = std::u32string_view;

constexpr const char* kSmile = "<smile>";
constexpr const char* kSad = "<sadface>";
constexpr const char* kLaugh = "<lolface>";
constexpr const char* kNeutral = "<neutralface>";
constexpr const char* kHeart = "<heart>";
constexpr const char* kItself = "";

struct Fixed {
  View text;
  const char* meaning;
};

/// Those that are not eyes, nose and mouth in a row. Longer ones first; letters in lower case.
constexpr std::array<Fixed, 21> kFixed{{{U"</3", kSad},     {U"<3", kHeart},    {U"(>_<)", kItself},
                                        {U"(^-^)", kSmile}, {U"(^_^)", kSmile}, {U"(^^)", kSmile},
                                        {U"^_^", kSmile},   {U"^-^", kSmile},   {U"^.^", kSmile},
                                        {U"-_-", kItself},  {U"-.-", kNeutral}, {U">_<", kSad},
                                        {U">.<", kSad},     {U"t_t", kSad},     {U"t.t", kSad},
                                        {U"o_o", kNeutral}, {U"o.o", kNeutral}, {U"u_u", kSad},
                                        {U"u.u", kItself},  {U"xd", kLaugh},    {U"d:", kSad}}};

bool is_one_of(char32_t c, View set) { return c != 0 && set.find(c) != View::npos; }
bool is_eyes(char32_t c) { return is_one_of(c, U":;="); }
bool is_nose(char32_t c) { return is_one_of(c, U"-'^o*"); }

const char* mouth_meaning(char32_t c) {
  if (is_one_of(c, U")]}D>3")) return kSmile;
  if (is_one_of(c, U"([{<cC@")) return kSad;
  if (is_one_of(c, U"pPb")) return kLaugh;
  if (is_one_of(c, U"/|\\lLsS*oO$x")) return kNeutral;
  return nullptr;
}

bool alone_before(View text, std::size_t begin) {
  return begin == 0 || !(is_word(text[begin - 1]) || is_eyes(text[begin - 1]));
}

bool stands_free(View text, std::size_t begin, std::size_t end) {
  const bool before = begin == 0 || is_space(text[begin - 1]);
  return before && (end == text.size() || is_space(text[end]));
}

/// Eyes, perhaps a tear and a nose, a mouth that may be repeated: `:)`, `;-D`, `:'(`, `>:((`.
Emoticon upright_face(View text, std::size_t begin) {
  std::size_t i = begin;
  if (text[i] == U'>' && is_eyes(code_point_at(text, i + 1))) ++i;
  if (!is_eyes(text[i])) return {};
  ++i;
  bool tear = false;
  if (is_one_of(code_point_at(text, i), U"',") &&
      mouth_meaning(code_point_at(text, i + 1)) == nullptr) {
    ++i, tear = true;
  }
  const std::size_t eyes_end = i;
  if (is_nose(code_point_at(text, i)) && mouth_meaning(code_point_at(text, i + 1)) != nullptr) ++i;
  const char32_t mouth = code_point_at(text, i);
  const char* const meaning = mouth_meaning(mouth);
  if (meaning == nullptr) return {};
  const bool nose = i > eyes_end && text[eyes_end] != U'o';
  while (code_point_at(text, i) == mouth) ++i;
  // A mouth that is a letter, a digit or a sign with other uses needs to stand apart.
  const bool certain = is_one_of(mouth, U"()[]") || (nose && !is_word(mouth));
  if (certain ? text[begin] == U'=' && !alone_before(text, begin)
              : !alone_before(text, begin) || is_word(code_point_at(text, i)) ||
                    code_point_at(text, i) == U'/') {
    return {};
  }
  return {i - begin, tear && meaning != kSmile ? kSad : meaning};
}

/// The same from right to left: `(:`, `(-:`, `):`; only where nothing touches it.
Emoticon reversed_face(View text, std::size_t begin) {
  if (!is_one_of(text[begin], U"()")) return {};
  std::size_t i = begin + 1;
  if (is_one_of(code_point_at(text, i), U"-'")) ++i;
  if (!is_one_of(code_point_at(text, i), U":;=")) return {};
  ++i;
  if (!stands_free(text, begin, i)) return {};
  return {i - begin, text[begin] == U'(' ? kSmile : kSad};
}

Emoticon fixed_face(View text, std::size_t begin) {
  for (const Fixed& face : kFixed) {
    const std::size_t end = begin + face.text.size();
    if (to_lower(text[begin]) != face.text.front()) continue;
    if (to_lower(text.substr(begin, face.text.size())) != face.text) continue;
    const bool heart = face.meaning == kHeart || face.text.front() == U'(';
    if (face.text == U"d:" && text[begin] != U'D') continue;
    if (heart ? is_digit(code_point_at(text, end)) : !stands_free(text, begin, end)) continue;
    return {face.text.size(), face.meaning};
  }
  return {};
}

}  // namespace

Emoticon find_emoticon(View text, std::size_t begin) {
  if (const Emoticon face = fixed_face(text, begin); face.length > 0) return face;
  if (const Emoticon face = upright_face(text, begin); face.length > 0) return face;
  return reversed_face(text, begin);
}

}  // namespace labelbeam
