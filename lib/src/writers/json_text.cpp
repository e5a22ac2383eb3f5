#include "writers/json_text.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace labelbeam {
namespace {

template <typename Number>
std::string finite_text(Number number, std::string_view what) {
  if (!std::isfinite(number)) {
    throw std::invalid_argument(fmt::format("{} is {}, which JSON cannot carry", what, number));
  }
  return fmt::format("{}", number);
}

}  // namespace

std::string json_string(std::string_view text, std::string_view what) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::type_error&) {
    throw std::invalid_argument(fmt::format("{} is not UTF-8", what));
  }
}

std::string json_array(std::span<const std::string> texts, std::string_view what) {
  std::string array = "[";
  for (const std::string& text : texts) {
    if (array.size() > 1) array += ", ";
    array += json_string(text, what);
  }
  return array + "]";
}

std::string json_number(double number, std::string_view what) { return finite_text(number, what); }
std::string json_number(float number, std::string_view what) { return finite_text(number, what); }

}  // namespace labelbeam
