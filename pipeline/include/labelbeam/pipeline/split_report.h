#pragma once

#include <labelbeam/label_vocab.h>
#include <labelbeam/split_quality.h>

#include <cstdint>
#include <string>
#include <vector>

namespace labelbeam::pipeline {

/// What `labelbeam split` did.
struct SplitReport {
  std::string in;
  std::string out;
  std::string method;
  std::uint64_t seed = 0;
  std::vector<std::string> parts;  ///< names, as many as `quality` has parts
  LabelVocab labels;
  SplitQuality quality;
};

/// A table for a terminal.
std::string to_text(const SplitReport& report);

/// One document, docs/schemas/split.schema.json.
std::string to_json(const SplitReport& report);

}  // namespace labelbeam::pipeline
