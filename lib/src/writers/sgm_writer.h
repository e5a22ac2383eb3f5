#pragma once

#include <labelbeam/dataset.h>

#include <string>

namespace labelbeam {

/// Writes texts to `path`, which must end in .src (then .gz or .zst), and labels to the .tgt file
/// beside it.
void write_sgm(const std::string& path, const Dataset& data);

}  // namespace labelbeam
