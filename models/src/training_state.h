#pragma once

#include <labelbeam/models/trainer.h>

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "adam.h"

namespace labelbeam::models {

/// Everything a run needs to go on after an epoch. The tensors are the run's own: reading a state
/// overwrites them in place.
struct TrainingState {
  Adam::NamedTensors best;       // the weights of the best epoch
  Adam::NamedTensors optimiser;  // moments and step counts
  Adam::NamedTensors weights;    // the current weights
  std::vector<EpochReport> epochs;
  double learning_rate;  // of the next epoch
};

/// A text that differs whenever options, model shape or data differ.
std::string training_fingerprint(const SetModel& model, std::span<const EncodedDocument> training,
                                 std::span<const EncodedDocument> validation,
                                 const TrainOptions& options);

/// One tensor file, written atomically.
void write_training_state(const std::filesystem::path& file, const std::string& fingerprint,
                          const TrainingState& state);

/// Throws `DataError` if the file is damaged or belongs to other options or data.
void read_training_state(const std::filesystem::path& file, const std::string& fingerprint,
                         TrainingState& state);

}  // namespace labelbeam::models
