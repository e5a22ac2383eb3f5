#include <labelbeam/tokenizer.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.h"

using labelbeam::Tokenizer;
using labelbeam::TokenizerOptions;

namespace {

/// The tokens with a blank between them.
std::string tokens(std::string_view text, const TokenizerOptions& options = {}) {
  std::string joined;
  for (const std::string& token : Tokenizer(options).tokenize(text)) {
    CHECK_FALSE(token.empty());
    if (!joined.empty()) joined += ' ';
    joined += token;
  }
  return joined;
}

struct TokenRow {
  std::string text;
  std::string tokens;
};

void check_rows(const std::vector<TokenRow>& rows, const TokenizerOptions& options = {}) {
  for (const TokenRow& row : rows) {
    INFO(row.text);
    CHECK(tokens(row.text, options) == row.tokens);
  }
}

/// Text of code points, such as emoji that editors show in their own ways.
std::string utf8(std::u32string_view code_points) {
  std::string out;
  for (const char32_t c : code_points) {
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else if (c < 0x800) {
      out += static_cast<char>(0xC0 | (c >> 6));
      out += static_cast<char>(0x80 | (c & 0x3F));
    } else {
      if (c < 0x10000) {
        out += static_cast<char>(0xE0 | (c >> 12));
      } else {
        out += static_cast<char>(0xF0 | (c >> 18));
        out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
      }
      out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
      out += static_cast<char>(0x80 | (c & 0x3F));
    }
  }
  return out;
}

TokenizerOptions everything_off() {
  TokenizerOptions off;
  off.lower_case = off.compose = off.html_entities = off.users = off.urls = false;
  off.numbers = off.hashtags = off.emoticons = off.plain_emoji = false;
  off.shorten_runs = off.contractions = off.split_hyphens = false;
  return off;
}

}  // namespace

TEST_CASE("Prose is split into words and marks") {
  check_rows({{"Hello, World!", "hello , world !"},
              {"  two\t words\n", "two words"},
              {"(a) \"b\" [c]; d: e?", "( a ) \" b \" [ c ] ; d : e ?"},
              {"and/or 100% $5", "and / or <number> % $ <number>"},
              {"Wait... what.. no…", "wait ... what ... no ..."},
              {"yes--no — maybe - so –", "yes -- no -- maybe - so –"},
              {"“quoted” ‘single’", "\" quoted \" ' single '"},
              {"WOW!!!!! ?!?", "wow ! ! ! ? ! ?"}});
}

TEST_CASE("Twitter names, addresses and hashtags become placeholders") {
  check_rows({{"@user_1 hi @Bob!", "<user> hi <user> !"},
              {"me @ home", "me @ home"},
              {"@anna's cat", "<user> 's cat"},
              {"see https://t.co/aB3?x=1&y=2, ok", "see <url> , ok"},
              {"(http://a.org/b_(c))", "( <url>"},
              {"(see http://a.org/b).", "( see <url> ) ."},
              {"www.gnu.org and pic.twitter.com/xYz", "<url> and <url>"},
              {"debian.org is not node.js", "<url> is not node . js"},
              {"write to a.b+c@lists.debian.org.", "write to <url> ."},
              {"http:// x", "http : / / x"},
              {"#WorstDayEver", "<hashtag> worst day ever"},
              {"#BBCNews #GOPATS #iPhone7",
               "<hashtag> bbc news <hashtag> gopats "
               "<hashtag> i phone <number>"},
              {"#snake_case_2016", "<hashtag> snake case <number>"},
              {"so#happy", "so <hashtag> happy"},
              {"# 1 #1 #", "# <number> # <number> #"}});
}

TEST_CASE("Numbers, dates, times and versions become a placeholder") {
  check_rows({{"5 1,000.50 2017-10-05 10:30 3/4 24/7 v 0.9.5",
               "<number> <number> <number> <number> "
               "<number> <number> v <number>"},
              {"-5 +3.2 a-5", "<number> <number> a <number>"},
              {"1990s 10k 64bit 5pm 10:30pm",
               "<number> s <number> k <number> bit <number> pm "
               "<number> pm"},
              {"3d 1st 2nd 2day x86_64 mp3 python3.9", "3d 1st 2nd 2day x86_64 mp3 python3.9"},
              {"3.", "<number> ."},
              {"٣٫٥ ١٢", "<number> ٫ <number> <number>"}});
  TokenizerOptions options;
  options.numbers = false;
  check_rows({{"1,000.50 on 2017-10-05", "1,000.50 on 2017-10-05"}, {"10k", "10k"}}, options);
}

TEST_CASE("Contractions are split the way the vectors of GloVe are") {
  check_rows({{"don't Can't won't ISN'T", "do n't ca n't wo n't is n't"},
              {"it's I'm you're we've she'll he'd", "it 's i 'm you 're we 've she 'll he 'd"},
              {"it’s don´t", "it 's do n't"},
              {"shouldn't've", "should n't 've"},
              {"dont doesnt im youre thats", "do n't does n't i 'm you 're that 's"},
              {"o'clock 'em goin' n't 's", "o ' clock ' em goin ' n ' t ' s"},
              {"its well were", "its well were"}});
  TokenizerOptions options;
  options.contractions = false;
  check_rows({{"don't it’s dont", "don't it's dont"}}, options);
}

TEST_CASE("Emoticons become placeholders where they stand for themselves") {
  check_rows({{":) :-) ;D =) (: ^_^", "<smile> <smile> <smile> <smile> <smile> <smile>"},
              {":( :-(( :'( ): D: T_T",
               "<sadface> <sadface> <sadface> <sadface> <sadface> "
               "<sadface>"},
              {"xD :p :-P", "<lolface> <lolface> <lolface>"},
              {":/ :-| :|", "<neutralface> <neutralface> <neutralface>"},
              {"<3 I &lt;3 u </3", "<heart> i <heart> u <sadface>"},
              {"haha:)", "haha <smile>"},
              {"-_- o.o", "-_- <neutralface>"},
              {"std::string foo:Dbar (a):", "std : : string foo : dbar ( a ) :"},
              {"note: (this) x:p 10:30", "note : ( this ) x : p <number>"}});
  TokenizerOptions options;
  options.emoticons = false;
  check_rows({{"ok :-) :D <3", "ok :-) :d <3"}}, options);
}

TEST_CASE("HTML entities are decoded once") {
  check_rows({{"a &amp; b &lt; c &gt; d", "a & b < c > d"},
              {"don&#39;t it&#x2019;s &quot;x&quot;", "do n't it 's \" x \""},
              {"a&nbsp;b", "a b"},
              {"&amp;lt;", "& lt ;"},
              {"AT&T &unknown; &#xD800; &#99999999; &#; &",
               "at & t & unknown ; & <hashtag> x d <number> ; & # <number> ; & # ; &"}});
  TokenizerOptions options;
  options.html_entities = false;
  options.hashtags = false;
  check_rows({{"&amp; &#39;", "& amp ; & # <number> ;"}}, options);
}

TEST_CASE("Escaped line breaks, control and zero-width characters do not stick to words") {
  check_rows({{"one\\ntwo", "one two"},
              {std::string("a\0b\x01"
                           "c",
                           5),
               "a b c"},
              {utf8(U"a\u200Bb c\u00ADd \uFEFFe"), "a b cd e"},
              {utf8(U"a\u00A0b\u3000c\u2028d"), "a b c d"}});
}

TEST_CASE("Long runs are shortened") {
  check_rows({{"soooooo cooool HAPPYYY yeahhhh", "soo cool happy yeah"},
              {"www iii AAA aaaaaa mmm", "www iii aaa aa mmm"},
              {"10000000", "<number>"},
              {"======", "= = ="}});
  TokenizerOptions options;
  options.shorten_runs = false;
  check_rows({{"sooo =====", "sooo = = = = ="}}, options);
}

TEST_CASE("Names of packages and languages stay readable") {
  check_rows(
      {{"libfoo-dev", "libfoo dev"},
       {"C++ and C++11, libstdc++, C#", "c++ and c++ <number> , libstdc++ , c#"},
       {"e.g. i.e. U.S.A. p.m.", "e.g. i.e. u.s.a. p.m."},
       {"GNU/Linux", "gnu / linux"},
       {"x86_64 __init__ _x_", "x86_64 _ _ init _ _ _ x _"},
       {"Apache::AuthDBI", "apache : : authdbi"},
       {"command-line re-use 3-way -v --help", "command line re use <number> way - v -- help"},
       {"a+b 1++ ++", "a + b <number> + + + +"}});
  TokenizerOptions options;
  options.split_hyphens = false;
  check_rows({{"libfoo-dev well-known 3-way -v a- b", "libfoo-dev well-known 3-way - v a - b"}},
             options);
}

TEST_CASE("Placeholders that a text holds already stay whole") {
  check_rows({{"<user> saw <url>, <number><hashtag> &lt;user&gt;",
               "<user> saw <url> , <number> <hashtag> <user>"},
              {"<b> <User>", "< b > < user >"}});
}

TEST_CASE("An emoji with all that belongs to it is one token") {
  const std::string family = utf8(U"\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466");
  const std::string shrug = utf8(U"\U0001F937");
  const std::string thumb = utf8(U"\U0001F44D");
  const std::string heart = utf8(U"\u2764");
  const std::string flags = utf8(U"\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7");
  check_rows({{family + family, family + " " + family},
              {utf8(U"\U0001F937\U0001F3FD\u200D\u2640\uFE0F"), shrug},
              {utf8(U"ok\U0001F44D\U0001F3FF\U0001F44D"), "ok " + thumb + " " + thumb},
              {utf8(U"\u2764\uFE0F\u2764"), heart + " " + heart},
              {flags, utf8(U"\U0001F1E9\U0001F1EA") + " " + utf8(U"\U0001F1EB\U0001F1F7")},
              {utf8(U"1\uFE0F\u20E3 #\uFE0F\u20E3"), utf8(U"1\u20E3 #\u20E3")},
              {utf8(U"\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F!"),
               utf8(U"\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F !")},
              {utf8(U"a\U0001F602b"), utf8(U"a \U0001F602 b")},
              {utf8(U"\u200D\u200D"), ""}});
  TokenizerOptions options;
  options.plain_emoji = false;
  check_rows({{utf8(U"\U0001F44D\U0001F3FF"), utf8(U"\U0001F44D\U0001F3FF")},
              {utf8(U"\U0001F937\U0001F3FD\u200D\u2640\uFE0F"),
               utf8(U"\U0001F937\U0001F3FD\u200D\u2640")}},
             options);
}

TEST_CASE("Composed and decomposed letters give the same token") {
  const std::string decomposed = utf8(U"Cafe\u0301");
  CHECK(tokens(decomposed) == "café");
  CHECK(tokens("CAFÉ") == "café");
  TokenizerOptions options;
  options.compose = false;
  CHECK(tokens(decomposed, options) == utf8(U"cafe\u0301"));
}

TEST_CASE("Scripts other than Latin are split sensibly") {
  check_rows({{"Привет, МИР!", "привет , мир !"},
              {"مرحبا بالعالم؟", "مرحبا بالعالم ؟"},
              {"שלום עולם", "שלום עולם"},
              {"नमस्ते दुनिया", "नमस्ते दुनिया"},
              {"漢字abc", "漢 字 abc"},
              {"ΣΊΣΥΦΟΣ", "σίσυφοσ"}});
}

TEST_CASE("Texts with nothing in them give no tokens") {
  check_rows({{"", ""}, {" \t\r\n\\n ", ""}, {utf8(U"\u0301\u0301"), ""}, {utf8(U"\uFE0F"), ""}});
}

TEST_CASE("Invalid UTF-8 is refused with the offset of the bad byte") {
  const std::vector<TokenRow> bad = {{"ab\xFF", "byte 2"},     {"\xC3", "byte 0"},
                                     {"é\xA9", "byte 2"},      {"x\xED\xA0\x80", "byte 1"},
                                     {"\xC0\xAF", "byte 0"},   {"a\xF4\x90\x80\x80", "byte 1"},
                                     {"ok \xE2\x82", "byte 3"}};
  for (const TokenRow& row : bad) {
    CHECK_THROWS_AS(tokens(row.text), std::invalid_argument);
    CHECK_THROWS_WITH(tokens(row.text), contains_text(row.tokens));
  }
}

TEST_CASE("With every option off the text is only cut") {
  const TokenizerOptions off = everything_off();
  check_rows({{"@Bob's #WorstDay at 10:30!!!!", "@ Bob's # WorstDay at 10:30 ! ! ! !"},
              {"See http://a.b/C well-known coool :-)", "See http://a.b/C well-known coool :-)"},
              {"don't &amp; 5k", "don't & amp ; 5k"}},
             off);
  CHECK_FALSE(off == TokenizerOptions{});
}

TEST_CASE("Lower case is an option and follows no locale") {
  TokenizerOptions options;
  options.lower_case = false;
  check_rows({{"Don't SHOUT #BigDay C++", "Do n't SHOUT <hashtag> Big Day C++"}}, options);
  check_rows({{"TITLE İstanbul ÅNGSTRÖM", "title istanbul ångström"}});
}

TEST_CASE("Tokens of a token are the token itself, for words and placeholders") {
  const std::string once = tokens(
      "Soooo happy!!! @bob #WorstDay 10:30 :) it's http://a.b/c e.g. C++ GNU/Linux well-known");
  CHECK(tokens(once) ==
        "soo happy ! ! ! <user> <hashtag> worst day <number> <smile> it ' s <url> "
        "e.g. c++ gnu / linux well known");
}

TEST_CASE("Long and hostile texts take time in proportion to their length") {
  std::string words;
  for (int i = 0; i < 100'000; ++i) words += "word ";
  CHECK(Tokenizer().tokenize(words).size() == 100'000);

  const auto repeat = [](std::string_view piece, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += piece;
    return out;
  };
  const auto seconds = [](const std::string& text) {
    const auto start = std::chrono::steady_clock::now();
    Tokenizer().tokenize(text);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  for (const std::string& piece :
       {std::string("a."),     std::string("a.b@"), std::string("#1"),         std::string(":"),
        std::string("&"),      std::string("'"),    std::string("a's"),        std::string("a'"),
        std::string("_"),      std::string("-"),    std::string("1-"),         std::string("<"),
        std::string("("),      std::string(":("),   std::string("http://"),    std::string("\\n"),
        utf8(U"\u0301\u0316"), utf8(U"\u200D"),     utf8(U"\U0001F468\u200D"), utf8(U"\U0001F1E9"),
        utf8(U"漢"),           std::string("=D")}) {
    INFO(piece);
    // 150,000 pieces in quadratic time would take far longer.
    CHECK(seconds(repeat(piece, 150'000)) < 20.0);
  }
}
