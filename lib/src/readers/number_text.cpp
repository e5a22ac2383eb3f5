#include "readers/number_text.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <system_error>

namespace labelbeam {
namespace {

constexpr std::size_t kMaxShownBytes = 80;

template <typename Number>
std::errc parse_all(std::string_view text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && stop != end) return std::errc::invalid_argument;
  return error;
}

}  // namespace

float feature_value(std::string_view text, const LinePlace& place) {
  std::string_view number = text;
  // Other tools write a plus, which from_chars does not take.
  if (number.size() > 1 && number[0] == '+' && number[1] != '-') number.remove_prefix(1);
  float value = 0.0f;
  std::errc error = parse_all(number, value);
  if (error == std::errc::result_out_of_range) {  // too large, or so small that it is zero
    double wide = 0.0;
    error = parse_all(number, wide);
    if (error == std::errc() && std::abs(wide) < 1.0) value = static_cast<float>(wide);
    if (error == std::errc() && std::abs(wide) >= 1.0) error = std::errc::result_out_of_range;
  }
  if (error == std::errc::result_out_of_range) {
    place.fail(fmt::format("the feature {} is not in the range of a float", shown(text)));
  }
  if (error != std::errc() || !std::isfinite(value)) {
    place.fail(fmt::format("the feature {} is not a finite number", shown(text)));
  }
  return value;
}

std::optional<double> weight_value(std::string_view text) {
  double weight = 0.0;
  if (parse_all(text, weight) != std::errc() || !std::isfinite(weight) || weight < 0.0) {
    return std::nullopt;
  }
  return weight;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  if (parse_all(text, number) != std::errc()) return std::nullopt;
  if (text.size() > 1 && text[0] == '0') return std::nullopt;
  return number;
}

std::string shown(std::string_view text) {
  using nlohmann::json;
  const bool is_long = text.size() > kMaxShownBytes;
  const std::string quoted =
      json(text.substr(0, kMaxShownBytes)).dump(-1, ' ', false, json::error_handler_t::replace);
  return is_long ? quoted + "..." : quoted;
}

}  // namespace labelbeam
