// Trains a small model on generated texts, loads it again and answers for one of them.

#include <labelbeam/pipeline/predictor.h>
#include <labelbeam/pipeline/train_run.h>
#include <labelbeam/synthetic.h>

#include <cmath>
#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: train_tiny MODEL_FOLDER\n");
    return 2;
  }
  using namespace labelbeam;
  SyntheticOptions task_options;
  task_options.num_labels = 4;
  const SyntheticTask task(task_options);
  DataFolder data;
  data.train = task.sample(200, 1, "train");
  data.valid = task.sample(50, 2, "valid");
  data.test = task.sample(50, 3, "test");

  pipeline::TrainConfig config;
  config.model.embedding_size = 8;
  config.model.hidden_size = 8;
  config.model.label_embedding_size = 8;
  config.model.decoder_hidden_size = 16;
  config.train.max_epochs = 2;
  pipeline::train_model(data, config, argv[1], /*resume=*/false, {});

  const pipeline::Predictor predictor(argv[1]);
  const pipeline::DocumentPrediction answer = predictor.predict(*data.test.rows.at(0).text);
  double mass = answer.distribution.residual;
  for (const ScoredSet& set : answer.distribution.sets) mass += std::exp(set.log_prob);
  std::printf("%zu labels, %zu sets, mass %.9f\n", predictor.labels().size(),
              answer.distribution.sets.size(), mass);
  return predictor.labels().size() == 4 && std::abs(mass - 1) < 1e-6 ? 0 : 1;
}
