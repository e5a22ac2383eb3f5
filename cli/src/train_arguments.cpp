#include "train_arguments.h"

#include "exit_code.h"
#include "signals.h"

namespace labelbeam::cli {

void add_train_options(CLI::App& command, TrainingArguments& arguments) {
  command
      .add_option("--vectors", arguments.vectors,
                  "Word vectors: word2vec, GloVe or fastText; the first file that has a word wins")
      ->allow_extra_args(false)
      ->type_name("FILE");
  command
      .add_option("--config", arguments.config_file,
                  "JSON file of settings; train --print-config shows them all")
      ->type_name("FILE");
  command.add_option("--epochs", arguments.epochs, "At most so many passes over train")
      ->check(not_negative())
      ->type_name("N");
  command.add_option("--device", arguments.device, "cpu, cuda or cuda:N; default: cpu")
      ->type_name("NAME");
  command
      .add_option(
          "--label-order", arguments.label_order,
          "In what order the decoder emits labels, of train's label graph; default: frequency")
      ->check(CLI::IsMember(pipeline::order_names()));
  command
      .add_option("--label-embeddings", arguments.label_embeddings,
                  "What the decoder's label embeddings start from; default: random")
      ->check(CLI::IsMember(pipeline::embedding_names()));
}

void add_model_options(CLI::App& command, ModelArguments& arguments) {
  command.add_option("--system", arguments.system, "What is trained; default: joint")
      ->check(CLI::IsMember({"sigmoid", "decoder", "joint"}));
  command
      .add_option("--loss", arguments.loss,
                  "Loss of the sigmoid head; default: bce, the one that gives probabilities")
      ->check(CLI::IsMember(pipeline::loss_names()));
}

void apply(const ModelArguments& arguments, pipeline::TrainConfig& config) {
  if (!arguments.system.empty()) config.model.system = pipeline::parse_system(arguments.system);
  if (!arguments.loss.empty()) config.model.loss = pipeline::parse_loss(arguments.loss);
}

pipeline::TrainConfig config_of(const TrainingArguments& arguments) {
  pipeline::TrainConfig config;
  if (!arguments.config_file.empty()) config = pipeline::read_train_config(arguments.config_file);
  if (!arguments.vectors.empty()) config.vectors = arguments.vectors;
  if (arguments.epochs) config.train.max_epochs = *arguments.epochs;
  if (!arguments.device.empty()) config.device = arguments.device;
  if (!arguments.label_order.empty())
    config.label_order = pipeline::parse_order(arguments.label_order);
  if (!arguments.label_embeddings.empty())
    config.label_embeddings = pipeline::parse_embedding(arguments.label_embeddings);
  return config;
}

pipeline::RunHooks hooks_of(Session& session) {
  Console& console = session.console;
  return {console.progress(), [&console](const std::string& line) { console.note(line); },
          [&console](const std::string& line) { console.warn(line); },
          [] { return stop_signal() != 0; }};
}

void run_patiently(const std::function<void()>& run) {
  const PatientSection patient;
  try {
    run();
  } catch (const pipeline::RunStopped& stopped) {
    throw Interrupted(stopped.what());
  }
}

}  // namespace labelbeam::cli
