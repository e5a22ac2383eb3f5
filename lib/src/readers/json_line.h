#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace labelbeam {

/// The deepest nesting of arrays and objects in a JSON line.
inline constexpr std::size_t kMaxJsonDepth = 32;

/// Where a JSON line stands, for messages.
struct LinePlace {
  std::string file;
  std::size_t line = 0;  ///< 0: a whole file that is parsed as one

  [[noreturn]] void fail(const std::string& reason) const;
};

/// Parses one line that must hold one JSON object. Broken UTF-8, a repeated key and nesting beyond
/// `kMaxJsonDepth` are `DataError`s, as is anything that is not JSON.
nlohmann::json parse_json_line(const std::string& line, const LinePlace& place);

/// The value under a key; nullptr where it is absent or null.
const nlohmann::json* find_value(const nlohmann::json& object, const char* key);

/// A number that is finite.
double finite_number(const nlohmann::json& value, std::string_view what, const LinePlace& place);

/// The "id" of a line, a string or a whole number; empty where there is none.
std::string id_of(const nlohmann::json& object, const LinePlace& place);

/// An array of label names.
std::vector<std::string> label_names(const nlohmann::json& value, const LinePlace& place);

/// Throws `DataError` for a name that is empty or longer than a vocabulary takes.
void check_label_name(std::string_view name, const LinePlace& place);

/// Whether a line has nothing but spaces and tabs.
bool is_blank(std::string_view line);

}  // namespace labelbeam
