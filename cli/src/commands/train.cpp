#include <fmt/format.h>
#include <labelbeam/pipeline/train_run.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "command.h"
#include "data_arguments.h"
#include "signals.h"
#include "train_arguments.h"

namespace labelbeam::cli {
namespace {

using nlohmann::ordered_json;

struct TrainArguments {
  DataArguments data;
  TrainingArguments train;
  ModelArguments model;
  std::string out;
  bool resume = false;
  bool print_config = false;
};

ordered_json number_or_null(const std::optional<double>& number) {
  return number ? ordered_json(*number) : ordered_json(nullptr);
}

std::string to_text(const pipeline::TrainSummary& summary) {
  std::string text =
      fmt::format("Trained {} epochs in {}; the best was epoch {}.\n", summary.epochs,
                  format_duration(summary.seconds), summary.best_epoch);
  if (summary.valid_set_nll_decoder) {
    text += fmt::format("set NLL on valid, decoder: {:.4f} nats a document\n",
                        *summary.valid_set_nll_decoder);
  }
  if (summary.valid_set_nll_sigmoid) {
    text += fmt::format("set NLL on valid, sigmoid: {:.4f} nats a document\n",
                        *summary.valid_set_nll_sigmoid);
  }
  if (summary.valid_head_loss) {
    text += fmt::format("loss on valid, sigmoid: {:.4f}\n", *summary.valid_head_loss);
  }
  return text + fmt::format("The model is in {}.\n", summary.folder);
}

std::string to_json(const pipeline::TrainSummary& summary, const pipeline::TrainConfig& config) {
  const ordered_json json = {{"command", "train"},
                             {"folder", summary.folder},
                             {"system", pipeline::system_name(config.model.system)},
                             {"loss", pipeline::loss_name(config.model.loss)},
                             {"epochs", summary.epochs},
                             {"best_epoch", summary.best_epoch},
                             {"valid_set_nll",
                              {{"sigmoid", number_or_null(summary.valid_set_nll_sigmoid)},
                               {"decoder", number_or_null(summary.valid_set_nll_decoder)}}},
                             {"valid_head_loss", number_or_null(summary.valid_head_loss)},
                             {"seconds", summary.seconds},
                             {"word_coverage", summary.word_coverage},
                             {"vector_coverage", summary.vector_coverage}};
  return json.dump(2) + '\n';
}

void train(Session& session, const TrainArguments& arguments) {
  pipeline::TrainConfig config = config_of(arguments.train);
  apply(arguments.model, config);
  if (session.seed) config.train.seed = *session.seed;
  if (arguments.print_config) return session.console.write(pipeline::to_json(config) + '\n');
  if (arguments.data.folder.empty()) throw std::invalid_argument("--data is required");
  if (arguments.out.empty()) throw std::invalid_argument("--out is required");

  const DataFolder data = read_data(session, arguments.data);
  remove_parts_of(arguments.out);
  if (session.threads > 0) pipeline::set_num_threads(session.threads);
  run_patiently([&] {
    const pipeline::TrainSummary summary =
        pipeline::train_model(data, config, arguments.out, arguments.resume, hooks_of(session));
    session.console.result(to_text(summary), to_json(summary, config));
  });
}

}  // namespace

void add_train(CLI::App& program, Session& session) {
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App& command = add_command(program, session, "train",
                                  "Train a model and tune its thresholds", arguments, train);
  add_data_options(command, arguments->data);
  command.get_option("--data")->required(false);  // --print-config needs none
  command.add_option("--out", arguments->out, "Folder of the model; made if needed")
      ->type_name("DIR");
  add_model_options(command, arguments->model);
  add_train_options(command, arguments->train);
  command.add_flag("--resume", arguments->resume, "Go on where an interrupted run stopped");
  command.add_flag("--print-config", arguments->print_config,
                   "Print the settings as JSON and do nothing else");
}

}  // namespace labelbeam::cli
