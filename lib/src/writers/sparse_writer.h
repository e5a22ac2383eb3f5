#pragma once

#include <labelbeam/dataset.h>
#include <labelbeam/output_file.h>

#include <string>

namespace labelbeam {

/// Writes `1,3,5 2:0.5 7:1`. Label names must be whole numbers.
void write_libsvm(OutputFile& file, const Dataset& data);

/// Writes the numbers of rows, features and labels, then `1,3,5 2:0.5 7:1`, and the names of the
/// labels to NAME.labels.txt. Names that are the numbers from 0 to L - 1 are ids; else the order of
/// the vocabulary is.
void write_xmc(const std::string& path, const Dataset& data);

}  // namespace labelbeam
