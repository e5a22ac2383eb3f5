#pragma once

#include <labelbeam/eval/metrics.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

namespace labelbeam::eval::testing {

inline const NamedValue& figure(const std::vector<NamedValue>& values, const std::string& name) {
  for (const NamedValue& value : values) {
    if (value.name == name) return value;
  }
  throw std::invalid_argument("there is no figure " + name);
}

/// Whether all values are the same bit for bit (NaN as NaN), with the same counts.
inline bool identical(const std::vector<NamedValue>& a, const std::vector<NamedValue>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const bool both_nan = std::isnan(a[k].value) && std::isnan(b[k].value);
    if (a[k].name != b[k].name || a[k].undefined != b[k].undefined ||
        a[k].convention != b[k].convention || (a[k].value != b[k].value && !both_nan)) {
      return false;
    }
  }
  return true;
}

}  // namespace labelbeam::eval::testing
