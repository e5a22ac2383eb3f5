#pragma once

#include <labelbeam/eval/comparison.h>
#include <labelbeam/pipeline/manifest.h>
#include <labelbeam/pipeline/train_config.h>
#include <labelbeam/pipeline/train_run.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace labelbeam::pipeline {

struct ComparisonOptions {
  std::string name;        ///< of the data, for the report
  std::string source;      ///< where the data come from, one phrase
  bool synthetic = false;  ///< the data are generated
  /// See `compared_systems`; the baseline first.
  std::vector<std::string> systems{"sigmoid", "tree", "joint"};
  std::uint64_t first_seed = 1;
  std::size_t num_seeds = 1;
  std::size_t num_examples = 12;  ///< test rows shown on which the systems disagree
  bool example_texts = true;      ///< whether their texts are shown
  TrainConfig config;             ///< of every system; system, loss and seed are set per run
  Provenance provenance;          ///< for the manifest; without one `rerun` cannot repeat the run
};

/// Trains every system with every seed (models are kept under FOLDER/models and used again), tunes
/// every threshold strategy and applies every rule on valid, reads test once, and writes
/// report.json, report.md, report.html and manifest.json into FOLDER.
///
/// A sigmoid whose loss gives no probabilities is compared by its thresholds alone: it has no
/// rules, no set NLL, and no part in the pictures of probabilities and sets.
///
/// A model that FOLDER already has is used if it was trained with the same options and data, else
/// `DataError` says so. Throws as `train_model` does.
eval::ComparisonReport run_comparison(const DataFolder& data, const ComparisonOptions& options,
                                      const std::string& folder, const RunHooks& hooks);

}  // namespace labelbeam::pipeline
