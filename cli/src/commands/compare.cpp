#include <labelbeam/eval/report_writers.h>
#include <labelbeam/pipeline/comparison_run.h>
#include <labelbeam/pipeline/data_folder.h>

#include <filesystem>
#include <memory>

#include "command.h"
#include "data_arguments.h"
#include "signals.h"
#include "train_arguments.h"

namespace labelbeam::cli {
namespace {

struct CompareArguments {
  DataArguments data;
  TrainingArguments train;
  pipeline::ComparisonOptions options;
  std::string out;
  bool hide_texts = false;
};

pipeline::ComparisonOptions options_of(const Session& session, const CompareArguments& arguments) {
  pipeline::ComparisonOptions options = arguments.options;
  options.config = config_of(arguments.train);
  options.first_seed = session.seed.value_or(options.config.train.seed);
  options.example_texts = !arguments.hide_texts;
  const std::filesystem::path folder(arguments.data.folder);
  options.name = (folder.has_filename() ? folder : folder.parent_path()).filename().string();
  options.source = "the folder " + arguments.data.folder;
  if (const auto source = pipeline::read_data_source(arguments.data.folder)) {
    options.name = source->name;
    options.source = source->source;
    options.synthetic = source->synthetic;
  }
  return options;
}

std::vector<pipeline::InputRecord> record_inputs(const CompareArguments& arguments,
                                                 const pipeline::TrainConfig& config) {
  std::vector<pipeline::InputRecord> inputs =
      pipeline::record_data(arguments.data.folder, arguments.data.options.read);
  for (const std::string& file : config.vectors)
    inputs.push_back(pipeline::record_input("vectors", file));
  if (!arguments.train.config_file.empty())
    inputs.push_back(pipeline::record_input("config", arguments.train.config_file));
  return inputs;
}

void compare(Session& session, const CompareArguments& arguments) {
  pipeline::ComparisonOptions options = options_of(session, arguments);
  const DataFolder data = read_data(session, arguments.data);
  options.provenance = {session.invocation, record_inputs(arguments, options.config)};
  remove_parts_of(arguments.out);
  if (session.threads > 0) pipeline::set_num_threads(session.threads);
  run_patiently([&] {
    const eval::ComparisonReport report =
        pipeline::run_comparison(data, options, arguments.out, hooks_of(session));
    session.console.result(eval::to_text(report), eval::to_json(report));
  });
}

}  // namespace

void add_compare(CLI::App& program, Session& session) {
  auto arguments = std::make_shared<CompareArguments>();
  CLI::App& command = add_command(
      program, session, "compare",
      "Train systems on the same data and compare every decision rule and threshold strategy",
      arguments, compare);
  add_data_options(command, arguments->data);
  command.add_option("--out", arguments->out, "Folder of models and reports; made if needed")
      ->required()
      ->type_name("DIR");
  command
      .add_option("--systems", arguments->options.systems,
                  "Systems, the baseline first: sigmoid, sigmoid:LOSS, decoder, joint")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember(pipeline::compared_systems()))
      ->capture_default_str();
  command.add_option("--seeds", arguments->options.num_seeds, "Runs of every system")
      ->capture_default_str()
      ->check(not_negative())
      ->type_name("N");
  command.add_flag("--hide-texts", arguments->hide_texts, "No texts of test rows in the reports");
  add_train_options(command, arguments->train);
}

}  // namespace labelbeam::cli
