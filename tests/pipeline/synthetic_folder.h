#pragma once

#include <labelbeam/pipeline/train_config.h>
#include <labelbeam/readers/dataset_reader.h>
#include <labelbeam/synthetic.h>

namespace labelbeam::pipeline {

/// A small data set whose joint distribution is known.
inline DataFolder synthetic_folder(std::size_t train, std::size_t valid, std::size_t test) {
  SyntheticOptions options;
  options.num_labels = 4;
  const SyntheticTask task(options);
  DataFolder data;
  data.train = task.sample(train, 1, "train");
  data.valid = task.sample(valid, 2, "valid");
  data.test = task.sample(test, 3, "test");
  return data;
}

/// A configuration that trains in a second.
inline TrainConfig quick_config(models::System system = models::System::joint) {
  TrainConfig config;
  config.model.system = system;
  config.model.embedding_size = 12;
  config.model.hidden_size = 12;
  config.model.label_embedding_size = 6;
  config.model.decoder_hidden_size = 16;
  config.model.embedding_dropout = config.model.encoder_dropout = config.model.decoder_dropout =
      0.1;
  config.train.learning_rate = 0.01;
  config.train.max_epochs = 4;
  config.train.batch_size = 16;
  return config;
}

}  // namespace labelbeam::pipeline
