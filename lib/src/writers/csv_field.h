#pragma once

#include <string>

namespace labelbeam {

/// A field of RFC 4180, quoted where it must be.
std::string csv_field(const std::string& text);

}  // namespace labelbeam
