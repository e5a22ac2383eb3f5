#pragma once

#include <labelbeam/output_file.h>
#include <labelbeam/readers/predictions.h>

#include <span>
#include <string>

namespace labelbeam {

/// One line of a predictions file, without the line feed; numbers as short as they read back
/// exactly. Throws `std::invalid_argument` for a number that is not finite and for broken UTF-8.
std::string to_json_line(const Prediction& prediction);

/// Writes predictions as `PredictionReader` reads them. Throws `WriteError`.
void write_predictions(const std::string& path, std::span<const Prediction> predictions);

}  // namespace labelbeam
