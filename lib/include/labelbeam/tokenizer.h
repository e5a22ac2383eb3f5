#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace labelbeam {

/// What the tokenizer does to a text. Every field is a plain bool, so that a model can store them.
struct TokenizerOptions {
  /// Lower-case every token, code point by code point, in no locale.
  bool lower_case = true;
  /// Compose to Unicode NFC first, so that é is one token however it was typed.
  bool compose = true;
  /// Decode HTML entities (`&amp;`, `&#39;`, `&#x2019;`), once.
  bool html_entities = true;
  /// `@name` becomes `<user>`; otherwise `@` and `name`.
  bool users = true;
  /// Web and e-mail addresses become `<url>`; otherwise one token as written.
  bool urls = true;
  /// Numbers, dates, times and versions become `<number>`, also before a unit (`10k`, `64bit`, but
  /// not `3d` and `1st`); otherwise one token as written.
  bool numbers = true;
  /// `#WorstDay` becomes `<hashtag> worst day`; otherwise `#` and `WorstDay`.
  bool hashtags = true;
  /// `:-)` becomes `<smile>` (likewise `<sadface>`, `<lolface>`, `<neutralface>`, `<heart>`);
  /// otherwise one token as written.
  bool emoticons = true;
  /// Emoji lose skin tone and gender: U+1F937 U+1F3FD U+200D U+2640 becomes U+1F937.
  bool plain_emoji = true;
  /// Three or more equal letters in a row become two (`cooool` -> `cool`), at the end of a word one
  /// but for e, f, l, o, s and z (`happyyy` -> `happy`, `soooo` -> `soo`); more than three equal
  /// punctuation marks become three.
  bool shorten_runs = true;
  /// `don't` and `dont` -> `do n't`, `it's` -> `it 's`: the pieces that GloVe has vectors for.
  bool contractions = true;
  /// `well-known` -> `well known`; otherwise hyphens between letters and digits stay in the word.
  bool split_hyphens = true;

  bool operator==(const TokenizerOptions&) const = default;
};

/// Calls `visit(name, field)` for every field; `Options` is `TokenizerOptions` or const of it.
template <typename Options, typename Visit>
void visit_tokenizer_options(Options& options, const Visit& visit) {
  visit("lower_case", options.lower_case);
  visit("compose", options.compose);
  visit("html_entities", options.html_entities);
  visit("users", options.users);
  visit("urls", options.urls);
  visit("numbers", options.numbers);
  visit("hashtags", options.hashtags);
  visit("emoticons", options.emoticons);
  visit("plain_emoji", options.plain_emoji);
  visit("shorten_runs", options.shorten_runs);
  visit("contractions", options.contractions);
  visit("split_hyphens", options.split_hyphens);
}

/// Splits a text into words, numbers, punctuation marks and emoji.
///
/// Made for tweets and for plain prose, and for the vocabularies of the GloVe vectors. The rules,
/// where options do not say more:
///  - White space, control characters and the two characters `\n` separate tokens.
///  - An emoji with its modifiers, a joined family, a flag or a keycap is one token (a grapheme
///    cluster); the variation selectors U+FE0E and U+FE0F are dropped from every token.
///  - A word is letters, digits, combining marks and inner underscores (`x86_64`), an abbreviation
///    with inner full stops (`e.g.`), or a name like `C++`, `libstdc++` and `C#`. Chinese
///    characters are a word each. `GNU/Linux` is `GNU`, `/`, `Linux`.
///  - Two or more full stops are one token `...`, two or more hyphens or a long dash are `--`;
///    every other mark is a token. Curly quotation marks become straight ones.
///  - `<user>`, `<url>`, `<number>`, `<hashtag>` and the like stay whole where a text holds them.
///
/// The same bytes give the same tokens on every machine. Time is linear in the length of the text.
class Tokenizer {
 public:
  explicit Tokenizer(TokenizerOptions options = {}) : options_(options) {}

  /// The tokens, valid UTF-8, in the order of the text; none of them is empty.
  /// Throws `std::invalid_argument`, with the offset in bytes, for text that is not valid UTF-8.
  std::vector<std::string> tokenize(std::string_view text) const;

  const TokenizerOptions& options() const { return options_; }

 private:
  TokenizerOptions options_;
};

}  // namespace labelbeam
