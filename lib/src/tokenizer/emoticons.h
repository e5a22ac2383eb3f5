#pragma once

#include <cstddef>
#include <string_view>

namespace labelbeam {

/// A face drawn with punctuation marks.
struct Emoticon {
  std::size_t length = 0;    // code points; 0: none
  const char* meaning = "";  // <smile> and the like; empty where it stands for itself
};

/// The emoticon that begins at `begin`. One that could be part of a word (`:D`, `xD`) or of other
/// punctuation (`):`) counts only where it stands alone.
Emoticon find_emoticon(std::u32string_view text, std::size_t begin);

}  // namespace labelbeam
