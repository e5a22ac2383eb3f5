#include <labelbeam/tokenizer.h>

#include <algorithm>
#include <array>
#include <utility>

#include "tokenizer/clean_text.h"
#include "tokenizer/code_points.h"
#include "tokenizer/emoticons.h"
#include "tokenizer/shapes.h"

namespace labelbeam {
namespace {

using View = std::u32string_view;

constexpr std::array<View, 6> kClitics{U"'s", U"'m", U"'re", U"'ve", U"'ll", U"'d"};
constexpr View kNegation = U"n't";

/// What is typed without an apostrophe and is no other word that is as common; with the length of
/// the first piece.
struct Contraction {
  View typed;
  std::size_t head;
  View tail;
};
constexpr std::array<Contraction, 25> kWithoutApostrophe{
    {{U"aint", 2, kNegation},    {U"arent", 3, kNegation},  {U"cant", 2, kNegation},
     {U"couldnt", 5, kNegation}, {U"didnt", 3, kNegation},  {U"doesnt", 4, kNegation},
     {U"dont", 2, kNegation},    {U"hadnt", 3, kNegation},  {U"hasnt", 3, kNegation},
     {U"havent", 4, kNegation},  {U"isnt", 2, kNegation},   {U"shouldnt", 6, kNegation},
     {U"wasnt", 3, kNegation},   {U"werent", 4, kNegation}, {U"wont", 2, kNegation},
     {U"wouldnt", 5, kNegation}, {U"im", 1, U"'m"},         {U"ive", 1, U"'ve"},
     {U"youre", 3, U"'re"},      {U"theyre", 4, U"'re"},    {U"thats", 4, U"'s"},
     {U"theres", 5, U"'s"},      {U"whats", 4, U"'s"},      {U"shes", 3, U"'s"},
     {U"hes", 2, U"'s"}}};

bool is_skin_tone(char32_t c) { return c >= 0x1F3FB && c <= 0x1F3FF; }
bool is_gender_sign(char32_t c) { return c == 0x2640 || c == 0x2642; }
bool is_dash(char32_t c) { return c == U'-' || c == 0x2014 || c == 0x2015; }

/// Walks over clean text once; every rule takes at least one code point or none.
class Scanner {
 public:
  Scanner(View text, const TokenizerOptions& options) : text_(text), options_(options) {}

  std::vector<std::string> run() {
    while (at_ < text_.size()) {
      if (is_space(text_[at_])) {
        ++at_;
      } else if (!placeholder() && !emoticon() && !address() && !user() && !hashtag() && !emoji() &&
                 !number() && !word() && !clitic()) {
        mark();
      }
    }
    return std::move(tokens_);
  }

 private:
  char32_t peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : U'\0';
  }
  View rest() const { return text_.substr(at_); }
  bool after_word() const { return at_ > 0 && is_word(text_[at_ - 1]); }
  bool is_hyphen_in_word(std::size_t i) const {
    return text_[i] == U'-' && i > 0 && i + 1 < text_.size() && is_word(text_[i - 1]) &&
           is_word(text_[i + 1]);
  }

  void emit(View token) {
    tokens_.push_back(to_utf8(options_.lower_case ? to_lower(token) : std::u32string(token)));
  }

  /// Takes `length` code points as `name`, or as they are written.
  bool take(std::size_t length, const char* name, bool use_name) {
    if (length == 0) return false;
    if (use_name) {
      tokens_.emplace_back(name);
    } else {
      emit(text_.substr(at_, length));
    }
    at_ += length;
    return true;
  }

  bool placeholder() {
    if (peek() != U'<') return false;
    return take(placeholder_length(rest()), "", false);
  }

  bool emoticon() {
    const Emoticon face = find_emoticon(text_, at_);
    return take(face.length, face.meaning, options_.emoticons && *face.meaning != '\0');
  }

  bool address() {
    if (after_word() || !is_ascii_word(peek())) return false;
    std::size_t length = url_length(rest());
    if (length == 0) length = email_length(rest());
    return take(length, "<url>", options_.urls);
  }

  bool user() {
    if (!options_.users || after_word()) return false;
    return take(user_length(rest()), "<user>", true);
  }

  bool hashtag() {
    if (!options_.hashtags) return false;
    const std::size_t length = hashtag_length(rest());
    if (length == 0) return false;
    tokens_.emplace_back("<hashtag>");
    hashtag_words(text_.substr(at_ + 1, length - 1));
    at_ += length;
    return true;
  }

  /// Splits at underscores, between letters and digits, and at the humps of mixed case.
  void hashtag_words(View body) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= body.size(); ++i) {
      const bool end = i == body.size() || body[i] == U'_';
      if (!end && (i == begin || !is_hump(body, i))) continue;
      if (i > begin) hashtag_word(body.substr(begin, i - begin));
      begin = end ? i + 1 : i;
    }
  }

  static bool is_hump(View body, std::size_t i) {
    const char32_t before = body[i - 1];
    const char32_t here = body[i];
    if (is_mark(here)) return false;
    if (is_digit(before) != is_digit(here)) return true;
    if (!is_upper(here)) return false;
    const bool new_word_behind_capitals =
        is_upper(before) && i + 1 < body.size() && is_letter(body[i + 1]) && !is_upper(body[i + 1]);
    return (is_letter(before) && !is_upper(before)) || new_word_behind_capitals;
  }

  void hashtag_word(View word) {
    if (options_.numbers && is_digit(word.front())) {
      tokens_.emplace_back("<number>");
    } else {
      emit_plain_word(word);
    }
  }

  bool emoji() {
    const bool keycap =
        (is_ascii_digit(peek()) || peek() == U'#' || peek() == U'*') && peek(1) == kKeycap;
    if (!keycap && !is_pictograph(peek()) && !is_regional_indicator(peek())) return false;
    const std::size_t length = cluster_length(rest());
    std::u32string token(rest().substr(0, length));
    if (options_.plain_emoji) token = without_variants(token);
    while (token.size() > 1 && token.back() == kJoiner) token.pop_back();
    emit(token);
    at_ += length;
    return true;
  }

  static std::u32string without_variants(View cluster) {
    std::u32string out;
    for (std::size_t i = 0; i < cluster.size(); ++i) {
      const bool gender = i > 0 && cluster[i] == kJoiner && i + 1 < cluster.size() &&
                          is_gender_sign(cluster[i + 1]);
      if (gender) ++i;
      if (!gender && !is_skin_tone(cluster[i])) out.push_back(cluster[i]);
    }
    return out;
  }

  bool number() {
    const bool sign = (peek() == U'-' || peek() == U'+') && is_digit(peek(1)) &&
                      (at_ == 0 || is_space(text_[at_ - 1]));
    const std::size_t digits = number_length(rest().substr(sign ? 1 : 0));
    if (digits == 0) return false;
    const std::size_t length = digits + (sign ? 1 : 0);
    const bool plain =
        std::all_of(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                    text_.begin() + static_cast<std::ptrdiff_t>(at_ + length), is_digit);
    if (plain && goes_on_as_word(at_ + length)) return false;
    return take(length, "<number>", options_.numbers);
  }

  /// Whether the digits before `i` begin a word such as `2nd` or `3d`, rather than being a number.
  bool goes_on_as_word(std::size_t i) const {
    if (i == text_.size()) return false;
    if (is_hyphen_in_word(i)) return !options_.split_hyphens;
    if (!is_word(text_[i]) || is_ideograph(text_[i])) return false;
    // 10k, 90s and 64bit are a number and a unit; 3d, 1st and 2day are words.
    const bool two_digits = is_digit(text_[at_]) && i - at_ >= 2;
    if (options_.numbers && two_digits) return false;
    const std::u32string suffix = to_lower(text_.substr(i, 2));
    const bool time_of_day =
        (suffix == U"am" || suffix == U"pm") && (i + 2 >= text_.size() || !is_word(text_[i + 2]));
    return !time_of_day;
  }

  bool word() {
    if (!is_word(peek()) || is_mark(peek())) return false;
    if (const std::size_t length = abbreviation_length(rest())) {
      return take(length, "", false);
    }
    if (is_ideograph(peek())) return take(1, "", false);
    const std::size_t begin = at_;
    do {
      ++at_;
    } while (at_ < text_.size() && continues_word(at_));
    name_suffix(begin);
    emit_word(text_.substr(begin, at_ - begin));
    return true;
  }

  bool continues_word(std::size_t i) const {
    const char32_t c = text_[i];
    if (is_word(c)) return !is_ideograph(c) && !is_pictograph(c);
    if (i + 1 == text_.size() || !is_word(text_[i + 1]) || is_ideograph(text_[i + 1])) {
      return c == U'_' && i + 1 < text_.size() && text_[i + 1] == U'_' && continues_word(i + 1);
    }
    switch (c) {
      case U'_':
      case kJoiner:
        return true;
      case U'\'':
        return is_letter(text_[i + 1]);
      case U'.':
        return is_digit(text_[i - 1]) && is_digit(text_[i + 1]);
      case U'-':
        return !options_.split_hyphens && is_word(text_[i - 1]);
      default:
        return false;
    }
  }

  /// `C++`, `libstdc++`, `C#`, `F#`.
  void name_suffix(std::size_t begin) {
    if (peek() == U'+' && peek(1) == U'+' && peek(2) != U'+' && !is_letter(peek(2))) {
      at_ += 2;
    } else if (peek() == U'#' && at_ - begin == 1 && !is_word(peek(1)) &&
               View(U"cfCF").find(text_[begin]) != View::npos) {
      ++at_;
    }
  }

  /// A word that may hold apostrophes.
  void emit_word(View word) {
    if (!options_.contractions) {
      emit_plain_word(word);
      return;
    }
    if (word.find(U'\'') == View::npos) {
      if (!missing_apostrophe(word)) emit_plain_word(word);
      return;
    }
    std::vector<View> clitics;  // last first
    while (const std::size_t size = clitic_size(word)) {
      clitics.push_back(word.substr(word.size() - size));
      word.remove_suffix(size);
    }
    emit_parts(word);
    for (std::size_t i = clitics.size(); i > 0; --i) emit(clitics[i - 1]);
  }

  bool missing_apostrophe(View word) {
    constexpr std::size_t kLongest = 8;
    if (word.size() > kLongest) return false;
    const std::u32string lower = to_lower(word);
    for (const Contraction& contraction : kWithoutApostrophe) {
      if (lower != contraction.typed) continue;
      emit(word.substr(0, contraction.head));
      emit(contraction.tail);
      return true;
    }
    return false;
  }

  /// The length of `n't`, `'s` and the like at the end of a word with something before it.
  static std::size_t clitic_size(View word) {
    const std::u32string end =
        to_lower(word.substr(word.size() - std::min<std::size_t>(4, word.size())));
    const auto has = [&](View clitic) {
      return word.size() > clitic.size() && View(end).ends_with(clitic);
    };
    if (has(kNegation)) return kNegation.size();
    for (const View clitic : kClitics) {
      if (has(clitic)) return clitic.size();
    }
    return 0;
  }

  /// `o'clock` -> `o ' clock`.
  void emit_parts(View word) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= word.size(); ++i) {
      if (i < word.size() && word[i] != U'\'') continue;
      if (i > begin) emit_plain_word(word.substr(begin, i - begin));
      if (i < word.size()) tokens_.emplace_back("'");
      begin = i + 1;
    }
  }

  void emit_plain_word(View word) {
    std::u32string kept;
    for (std::size_t i = 0; i < word.size();) {
      std::size_t run = 1;
      while (i + run < word.size() && to_lower(word[i + run]) == to_lower(word[i])) ++run;
      kept.append(word.substr(i, kept_of_run(word, i, run)));
      i += run;
    }
    std::erase(kept, kJoiner);
    emit(kept);
  }

  /// How many of `run` equal letters from `begin` stay.
  std::size_t kept_of_run(View word, std::size_t begin, std::size_t run) const {
    if (!options_.shorten_runs || run <= 2 || !is_letter(word[begin])) return run;
    if (run == 3 && run == word.size()) return run;  // www, iii and AAA are words
    // English words end in two of these letters only: tooo, falllll, but happyyy.
    const bool ends_word = begin + run == word.size() && run < word.size();
    const bool doubled_at_end = View(U"eflosz").find(to_lower(word[begin])) != View::npos;
    return ends_word && !doubled_at_end ? 1 : 2;
  }

  /// A clitic whose word was taken by another rule: `@anna's`.
  bool clitic() {
    if (!options_.contractions || peek() != U'\'' || at_ == 0 || is_space(text_[at_ - 1])) {
      return false;
    }
    for (const View clitic : kClitics) {
      const View here = rest().substr(0, clitic.size());
      const bool ends = !is_word(peek(clitic.size()));
      if (ends && to_lower(here) == clitic) return take(clitic.size(), "", false);
    }
    return false;
  }

  /// Punctuation, symbols and anything else.
  void mark() {
    const char32_t c = peek();
    if (c == U'.' || c == kEllipsis) {
      const std::size_t length = run_length([](char32_t x) { return x == U'.' || x == kEllipsis; });
      take(length, "...", length > 1 || c == kEllipsis);
    } else if (is_dash(c)) {
      if (options_.split_hyphens && is_hyphen_in_word(at_)) {
        ++at_;
        return;
      }
      const std::size_t length = run_length(is_dash);
      take(length, "--", length > 1 || c != U'-');
    } else if (c == kJoiner || is_mark(c)) {
      ++at_;  // nothing to join, nothing to combine with
    } else {
      constexpr std::size_t kLongestRun = 3;
      const std::size_t length = run_length([c](char32_t x) { return x == c; });
      const std::size_t kept = options_.shorten_runs ? std::min(length, kLongestRun) : length;
      for (std::size_t i = 0; i < kept; ++i) emit(text_.substr(at_, 1));
      at_ += length;
    }
  }

  template <typename Predicate>
  std::size_t run_length(Predicate predicate) const {
    std::size_t length = 0;
    while (at_ + length < text_.size() && predicate(text_[at_ + length])) ++length;
    return length;
  }

  View text_;
  const TokenizerOptions& options_;
  std::size_t at_ = 0;
  std::vector<std::string> tokens_;
};

}  // namespace

std::vector<std::string> Tokenizer::tokenize(std::string_view text) const {
  const std::u32string clean = clean_text(text, options_);
  return Scanner(clean, options_).run();
}

}  // namespace labelbeam
