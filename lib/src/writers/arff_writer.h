#pragma once

#include <labelbeam/dataset.h>

#include <string>

namespace labelbeam {

/// Writes an ARFF file with the labels behind the features, and NAME.xml, which names them.
void write_mulan(const std::string& path, const Dataset& data);

/// Writes an ARFF file with the labels first and their number, "-C L", in the name of the relation.
void write_meka(const std::string& path, const Dataset& data);

}  // namespace labelbeam
