#pragma once

#include <labelbeam/tokenizer.h>

#include <string>
#include <string_view>

namespace labelbeam {

/// The code points that are split into tokens: validated, entities decoded, composed, without
/// characters that nobody sees, and with one form of every quotation mark and hyphen.
std::u32string clean_text(std::string_view text, const TokenizerOptions& options);

}  // namespace labelbeam
