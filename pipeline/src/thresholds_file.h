#pragma once

#include <labelbeam/label_vocab.h>
#include <labelbeam/thresholds.h>

#include <string>

namespace labelbeam::pipeline {

/// Reads {"thresholds": {label: number}, "default": number, "top1_if_empty": bool}. Every label of
/// `labels` gets its threshold, or the default; thresholds of other labels are left out. Throws
/// `DataError` for anything else, and for a label that gets none.
Thresholds read_thresholds(const std::string& file, const LabelVocab& labels);

/// The JSON object that `read_thresholds` reads. Infinite thresholds become the largest numbers.
std::string to_json(const Thresholds& thresholds, const LabelVocab& labels);

}  // namespace labelbeam::pipeline
