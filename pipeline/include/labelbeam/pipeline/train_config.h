#pragma once

#include <labelbeam/models/model_options.h>
#include <labelbeam/models/train_options.h>
#include <labelbeam/pipeline/label_start.h>
#include <labelbeam/set_semantics.h>
#include <labelbeam/tokenizer.h>

#include <cstddef>
#include <string>
#include <vector>

namespace labelbeam::pipeline {

/// Everything that decides what a training run learns, but for the data.
struct TrainConfig {
  models::ModelOptions model;
  models::TrainOptions train;
  TokenizerOptions tokenizer;
  std::size_t max_tokens = 128;          ///< longer documents are cut
  std::size_t min_word_count = 2;        ///< rarer words of the training data are unknown words
  EmptySet empty_set = EmptySet::learn;  ///< whether the empty set may be an answer
  OrderChoice label_order = OrderChoice::frequency;            ///< of the label decoder
  EmbeddingChoice label_embeddings = EmbeddingChoice::random;  ///< what its embeddings start from
  std::vector<std::string> vectors;  ///< files of word vectors, the first that has a word wins
  std::string device = "cpu";        ///< cpu, cuda or cuda:N

  bool operator==(const TrainConfig&) const = default;
};

/// Reads a JSON object whose fields override the defaults; the fields are those that `to_json`
/// writes. Throws `DataError` naming `file` and the field for an unknown field or a value out of
/// range.
TrainConfig read_train_config(const std::string& file);

/// Overrides fields of `config` by those of a JSON object; throws `std::invalid_argument`.
void apply_json(const std::string& json, TrainConfig& config);

/// All fields as a JSON object, indented; what `read_train_config` reads.
std::string to_json(const TrainConfig& config);

/// The name of the system that puts a tree of dependencies over the model of `sigmoid`.
inline constexpr const char* kTreeSystem = "tree";

/// The systems that can be compared: `sigmoid`, `sigmoid:LOSS` for every loss but `bce`, `tree`,
/// `decoder`, `joint`.
const std::vector<std::string>& compared_systems();
/// Sets system and loss to those of one of these names, the loss to `bce` where it names none.
/// Throws `std::invalid_argument` for any other name.
void choose_system(const std::string& name, models::ModelOptions& options);

/// The names of the losses, `bce` first.
const std::vector<std::string>& loss_names();

using models::loss_name;
using models::parse_loss;
using models::parse_system;
using models::system_name;

}  // namespace labelbeam::pipeline
