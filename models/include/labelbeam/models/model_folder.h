#pragma once

#include <labelbeam/label_vocab.h>
#include <labelbeam/models/set_model.h>
#include <labelbeam/thresholds.h>
#include <labelbeam/tokenizer.h>
#include <labelbeam/vocabulary.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace labelbeam::models {

/// Thresholds on the sigmoid's probabilities that validation data chose.
struct TunedChoice {
  std::string strategy;  ///< "global", "per_label", ...
  std::string target;    ///< the metric tuned for; may be empty
  Thresholds thresholds;

  bool operator==(const TunedChoice&) const = default;
};

/// Everything that a trained model needs besides its weights.
struct ModelDescription {
  ModelOptions options;
  TokenizerOptions tokenizer;
  std::size_t max_tokens = 128;  ///< longer documents are cut
  WordVocab words;
  WordTables tables;  ///< how many of the words are trained
  LabelVocab labels;
  SetSemantics semantics;
  std::vector<std::pair<LabelSet, std::uint64_t>> training_sets;  ///< distinct sets and their rows
  std::vector<TunedChoice> tuned;
  std::string training = "{}";  ///< how it was trained and how well: a JSON object
};

/// A model ready for use.
struct TrainedModel {
  ModelDescription description;
  SetModel model{nullptr};
};

/// Writes `model.json` and a weights file next to it (safetensors); the folder is made if needed.
/// The weights come first and `model.json`, which names them, is replaced atomically: at every
/// moment the folder holds the old model or the new one. Throws `WriteError`.
void save_model(const std::filesystem::path& folder, const ModelDescription& description,
                const SetModel& model);

/// Reads a folder that `save_model` wrote, onto `device`. Throws `MissingFileError`, or `DataError`
/// for a damaged file, an unknown version, and weights that do not fit the description.
TrainedModel load_model(const std::filesystem::path& folder, torch::Device device = torch::kCPU);

/// The description alone.
ModelDescription load_description(const std::filesystem::path& folder);

}  // namespace labelbeam::models
