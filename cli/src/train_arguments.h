#pragma once

#include <labelbeam/pipeline/train_config.h>
#include <labelbeam/pipeline/train_run.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "command.h"

namespace labelbeam::cli {

/// Options of commands that train: a file of settings, and what overrides it.
struct TrainingArguments {
  std::string config_file;
  std::vector<std::string> vectors;
  std::optional<std::int64_t> epochs;
  std::string device;
  std::string label_order;
  std::string label_embeddings;
};
void add_train_options(CLI::App& command, TrainingArguments& arguments);

/// Options of the command that trains one model.
struct ModelArguments {
  std::string system;
  std::string loss;
};
void add_model_options(CLI::App& command, ModelArguments& arguments);
void apply(const ModelArguments& arguments, pipeline::TrainConfig& config);

/// The settings: defaults, then the file, then the options.
pipeline::TrainConfig config_of(const TrainingArguments& arguments);

/// Progress, notes and warnings go to the console; signals ask the run to stop.
pipeline::RunHooks hooks_of(Session& session);

/// Calls `run` with signals noted for it to see; a stopped run ends as `Interrupted`.
void run_patiently(const std::function<void()>& run);

}  // namespace labelbeam::cli
