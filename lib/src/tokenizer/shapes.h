#pragma once

#include <cstddef>
#include <string_view>

namespace labelbeam {

// How many code points at the start of `text` have a shape; 0 where it has not. Each looks at a
// bounded number of code points beyond what it takes.

/// `<user>` and the other placeholders of the GloVe vectors for Twitter.
std::size_t placeholder_length(std::u32string_view text);
/// `https://a.b/c`, `www.a.b`, `a.b/c`, `a.org`.
std::size_t url_length(std::u32string_view text);
std::size_t email_length(std::u32string_view text);
/// `@name`.
std::size_t user_length(std::u32string_view text);
/// `#word`: at least one letter.
std::size_t hashtag_length(std::u32string_view text);
/// `5`, `1,000.50`, `2017-10-05`, `10:30`, `1/2`, with an inner separator between digits.
std::size_t number_length(std::u32string_view text);
/// `e.g.`, `U.S.A`: single letters with full stops between them.
std::size_t abbreviation_length(std::u32string_view text);

}  // namespace labelbeam
