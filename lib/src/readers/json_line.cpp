#include "readers/json_line.h"

#include <fmt/format.h>
#include <labelbeam/error.h>

#include <cmath>
#include <set>

#include "readers/utf8_check.h"

namespace labelbeam {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxLabelNameBytes = 4096;

/// Watches the parser: how deep it is, and which keys each open object has had.
class Watcher {
 public:
  explicit Watcher(const LinePlace& place) : place_(place) {}

  bool operator()(json::parse_event_t event, const json& value) {
    switch (event) {
      case json::parse_event_t::object_start:
      case json::parse_event_t::array_start:
        keys_.emplace_back();
        if (keys_.size() > kMaxJsonDepth) {
          place_.fail(fmt::format("JSON is nested more than {} levels deep", kMaxJsonDepth));
        }
        break;
      case json::parse_event_t::object_end:
      case json::parse_event_t::array_end:
        keys_.pop_back();
        break;
      case json::parse_event_t::key:
        if (!keys_.back().insert(value.get<std::string>()).second) {
          place_.fail(fmt::format("the key {} is repeated", value.dump()));
        }
        break;
      default:
        break;
    }
    return true;
  }

 private:
  const LinePlace& place_;
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

void LinePlace::fail(const std::string& reason) const { throw DataError(file, line, reason); }

json parse_json_line(const std::string& line, const LinePlace& place) {
  check_text_line(line, place.file, place.line);
  json value;
  try {
    Watcher watcher(place);
    value = json::parse(line, [&watcher](int, json::parse_event_t event, json& parsed) {
      return watcher(event, parsed);
    });
  } catch (const json::parse_error& error) {
    place.fail(fmt::format("not valid JSON at byte {} of the {}", error.byte,
                           place.line == 0 ? "file" : "line"));
  } catch (const json::out_of_range&) {
    place.fail("a number is too large for a double");
  }
  if (!value.is_object()) {
    place.fail(fmt::format("expected a JSON object, got a JSON {}", value.type_name()));
  }
  return value;
}

const json* find_value(const json& object, const char* key) {
  const auto at = object.find(key);
  return at == object.end() || at->is_null() ? nullptr : &*at;
}

double finite_number(const json& value, std::string_view what, const LinePlace& place) {
  if (!value.is_number()) {
    place.fail(fmt::format("{} must be a number, got a JSON {}", what, value.type_name()));
  }
  return value.get<double>();
}

std::string id_of(const json& object, const LinePlace& place) {
  const json* id = find_value(object, "id");
  if (!id) return "";
  if (id->is_number_integer()) return id->dump();
  if (!id->is_string()) {
    place.fail(fmt::format("\"id\" must be a string or a whole number, got {}", id->dump()));
  }
  if (id->get_ref<const std::string&>().empty()) place.fail("\"id\" is empty");
  return id->get<std::string>();
}

std::vector<std::string> label_names(const json& value, const LinePlace& place) {
  if (!value.is_array()) {
    place.fail(fmt::format("\"labels\" must be an array, got a JSON {}", value.type_name()));
  }
  std::vector<std::string> names;
  names.reserve(value.size());
  for (const json& name : value) {
    if (!name.is_string()) {
      place.fail(fmt::format("a label must be a string, got a JSON {}", name.type_name()));
    }
    names.push_back(name.get<std::string>());
    check_label_name(names.back(), place);
  }
  return names;
}

void check_label_name(std::string_view name, const LinePlace& place) {
  if (name.empty()) place.fail("a label name is empty");
  if (name.size() > kMaxLabelNameBytes) {
    place.fail(
        fmt::format("a label name has {} bytes, the limit is {}", name.size(), kMaxLabelNameBytes));
  }
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace labelbeam
