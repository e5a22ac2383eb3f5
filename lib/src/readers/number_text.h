#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "readers/json_line.h"

namespace labelbeam {

/// A feature. Throws `DataError` unless the text is a finite number that a float can hold; no
/// locale has a say.
float feature_value(std::string_view text, const LinePlace& place);

/// A finite number of at least 0; nullopt for anything else.
std::optional<double> weight_value(std::string_view text);

/// A whole number without sign or leading zeros, below 2^64; nullopt for anything else.
std::optional<std::uint64_t> whole_number(std::string_view text);

/// A piece of a file as a quoted string on one line, for messages: cut off after 80 bytes.
std::string shown(std::string_view text);

}  // namespace labelbeam
