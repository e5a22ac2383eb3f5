#pragma once

#include <span>
#include <string>
#include <string_view>

namespace labelbeam {

/// A JSON string with its quotes. Throws `std::invalid_argument` for broken UTF-8, naming `what`.
std::string json_string(std::string_view text, std::string_view what);

/// A JSON array of strings.
std::string json_array(std::span<const std::string> texts, std::string_view what);

/// A JSON number, as short as it reads back exactly. Throws `std::invalid_argument` unless it is
/// finite, naming `what`.
std::string json_number(double number, std::string_view what);
std::string json_number(float number, std::string_view what);

}  // namespace labelbeam
