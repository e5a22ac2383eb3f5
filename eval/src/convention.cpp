#include <fmt/format.h>
#include <labelbeam/eval/convention.h>
#include <labelbeam/eval/metrics.h>

#include <stdexcept>
#include <utility>

#include "confusion.h"

namespace labelbeam::eval {
namespace {

constexpr std::pair<std::string_view, Convention> kConventions[] = {
    {"sklearn", {0.0, Tool::sklearn}},
    {"sklearn(zero_division=0)", {0.0, Tool::sklearn}},
    {"sklearn(zero_division=1)", {1.0, Tool::sklearn}},
    {"mulan", {1.0, Tool::mulan}},
    {"meka", {0.0, Tool::meka}},
    {"pyramid", {1.0, Tool::pyramid}},
    {"boomer", {1.0, Tool::boomer}},
    {"xmc", {0.0, Tool::xmc}},
    {"semeval", {0.0, Tool::semeval}},
};

}  // namespace

void check_convention(const Convention& convention) {
  for (const auto& [name, known] : kConventions) {
    if (convention == known) return;
  }
  throw std::invalid_argument(fmt::format(
      "Convention: zero_division must be 0 or 1, and of a tool but scikit-learn the tool's, got {}",
      convention.zero_division));
}

Convention Convention::sklearn(double zero_division) {
  const Convention convention{zero_division, Tool::sklearn};
  check_convention(convention);
  return convention;
}

Convention Convention::parse(std::string_view name) {
  std::string names;
  for (const auto& [known, convention] : kConventions) {
    if (name == known) return convention;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", known);
  }
  throw std::invalid_argument(
      fmt::format("unknown convention '{}': expected one of {}", name, names));
}

std::string Convention::name() const {
  if (tool == Tool::sklearn) return fmt::format("sklearn(zero_division={})", zero_division);
  for (const auto& [known, convention] : kConventions) {
    if (convention.tool == tool) return std::string(known);
  }
  throw std::invalid_argument("Convention: the tool is not one");
}

double Convention::zero_over_zero(MetricKind kind, bool both_empty) const {
  switch (tool) {
    case Tool::mulan:
      return both_empty ? 1.0 : 0.0;
    case Tool::meka:
    case Tool::semeval:
      return both_empty && kind == MetricKind::jaccard ? 1.0 : 0.0;
    default:
      return zero_division;
  }
}

}  // namespace labelbeam::eval
