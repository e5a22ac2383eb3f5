#pragma once

#include <labelbeam/eval/conformal.h>
#include <labelbeam/readers/row_reader.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace labelbeam::pipeline {

struct ConformalOptions {
  ReadOptions read;                                 ///< of the truth
  std::vector<double> coverage = {0.8, 0.9, 0.95};  ///< the levels asked for
  eval::ConformityScore score = eval::ConformityScore::aps;
  std::uint64_t seed = 1;      ///< of the randomness of `aps` and of the halves
  std::size_t num_halves = 0;  ///< random halves of the calibration rows to measure coverage on
  std::string apply_file;      ///< predictions to give regions to; empty: none
  std::string apply_truth;     ///< their truth, if their coverage is to be measured
};

/// What is known of one level of coverage.
struct ConformalLevel {
  eval::ConformalThreshold threshold;          ///< from all calibration rows
  std::optional<eval::HalvesCoverage> halves;  ///< on random halves of the calibration rows
  std::optional<eval::RegionFigures> applied;  ///< on the rows of `apply_file` with a truth
};

/// The region of a row at one level.
struct NamedRegion {
  double coverage = 0.0;
  std::vector<std::vector<std::string>> sets;  ///< by falling probability
  bool other = false;                          ///< also every set that the prediction does not list
};
struct RowRegions {
  std::string id;
  std::vector<NamedRegion> levels;  ///< in the order asked for
};

struct ConformalResult {
  eval::ConformityScore score = eval::ConformityScore::aps;
  std::uint64_t seed = 0;
  std::size_t rows = 0;        ///< of calibration
  std::size_t unlabelled = 0;  ///< rows of the truth that say nothing of their labels: left out
  std::size_t unlisted = 0;    ///< calibration rows whose truth is not listed
  std::vector<ConformalLevel> levels;
  std::vector<RowRegions> regions;  ///< of `apply_file`, in its order
  std::size_t measured = 0;         ///< rows of `apply_file` that `applied` is measured on
  std::vector<std::string> warnings;
};

/// Calibrates conformal regions on a predictions file with sets and its truth, and applies them to
/// another one (see `eval/conformal.h`). Rows are matched by id, whatever their order. "Other" has
/// the residual of a prediction, or what its sets leave of 1.
///
/// Throws `DataError` as the readers do, for an id that only one file has, and for a prediction
/// without sets; `std::invalid_argument` for a coverage that is not between 0 and 1, or none.
ConformalResult conformal_files(const std::string& truth_file, const std::string& prediction_file,
                                const ConformalOptions& options = {});

/// A table for people.
std::string to_text(const ConformalResult& result);
/// As docs/schemas/conformal.schema.json says; without the regions.
std::string to_json(const ConformalResult& result);
/// As docs/schemas/regions.schema.json says, without a line feed.
std::string to_json_line(const RowRegions& row);

}  // namespace labelbeam::pipeline
