#pragma once

#include <labelbeam/eval/protocol.h>
#include <labelbeam/models/model_folder.h>
#include <labelbeam/models/trainer.h>
#include <labelbeam/pipeline/decisions.h>
#include <labelbeam/pipeline/train_config.h>
#include <labelbeam/pipeline/train_run.h>
#include <labelbeam/readers/dataset_reader.h>
#include <labelbeam/score_matrix.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace labelbeam::pipeline {

/// How label sets are found in a comparison.
inline constexpr std::size_t kComparedBeamSize = 16;
inline constexpr std::size_t kComparedNumSets = 64;

/// One split as the comparison sees it.
template <eval::Part part>
struct Split {
  std::vector<models::EncodedDocument> documents;  ///< labels that the model knows
  eval::PartTruth<part> known_truth;               ///< those labels
  eval::PartTruth<part> truth;  ///< all labels, also those that no model can predict
  std::size_t num_labels = 0;   ///< of `truth`
  /// [n]: whether set NLL counts the row: the model knows its labels, and where it forbids the
  /// empty set they are not none. Other rows have probability 0 under every system.
  std::vector<bool> has_probability;
};
using TrainSplit = Split<eval::Part::train>;
using ValidSplit = Split<eval::Part::valid>;
using TestSplit = Split<eval::Part::test>;

/// What a system says of a split.
struct Outputs {
  std::vector<DocumentDistribution> documents;  ///< none without a distribution
  ScoreMatrix scores;                           ///< p(label in set | x), or what ranks labels
  std::vector<double> row_nll;  ///< -log p(set | x), of the labels that the model knows
  double set_nll = 0.0;         ///< the mean over rows that `has_probability` counts
};

/// A system of the comparison, trained with one seed and run over the data.
struct SystemRun {
  std::string system;
  std::uint64_t seed = 0;
  models::ModelDescription model;
  TrainSplit train;  ///< empty without `train_scores`
  ValidSplit valid;
  TestSplit test;
  ScoreMatrix train_scores;  ///< the sigmoids' on train; empty for a decoder
  Outputs on_valid, on_test;

  /// Whether it gives label sets probabilities.
  bool has_distribution() const { return !on_test.documents.empty(); }
  /// Whether those say that labels depend on each other given the text.
  bool models_dependence() const;
  /// Whether its answers may come from thresholds.
  bool has_thresholds() const;
  /// Whether its scores are those of the system `sigmoid`.
  bool shares_scores() const;
};

/// Trains the model of a system in FOLDER/models, or finds it there, and runs it over valid and
/// test. The system `tree` is the model of `sigmoid` with a tree of labels fitted to its scores on
/// train. Throws as `run_comparison` does.
SystemRun run_system(const std::string& system, std::uint64_t seed, const DataFolder& data,
                     const TrainConfig& config, const std::string& folder, const RunHooks& hooks);

/// One sentence for the report.
std::string describe_system(const std::string& system);

}  // namespace labelbeam::pipeline
