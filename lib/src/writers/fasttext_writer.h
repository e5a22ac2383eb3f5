#pragma once

#include <labelbeam/dataset.h>
#include <labelbeam/output_file.h>

#include <string>

namespace labelbeam {

/// Writes lines `__label__a __label__b text`. `prefix`: what a label starts with.
void write_fasttext(OutputFile& file, const Dataset& data, const std::string& prefix);

}  // namespace labelbeam
