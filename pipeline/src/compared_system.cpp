#include "compared_system.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/independent.h>
#include <labelbeam/decoders/tree_fitting.h>
#include <labelbeam/error.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>

#include "encode.h"
#include "inference.h"

namespace labelbeam::pipeline {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kSigmoidSystem = "sigmoid";
constexpr std::size_t kBatchSize = 64;

template <eval::Part part>
Split<part> make_split(const Dataset& data, const TextEncoder& encoder,
                       const models::ModelDescription& model) {
  const std::size_t num_model_labels = model.labels.size();
  Split<part> split;
  split.documents = encoder.encode(data, num_model_labels);
  split.num_labels = std::max(num_model_labels, data.labels.size());
  std::vector<LabelSet> truth;
  for (const Example& row : data.rows) truth.push_back(row.labels);
  std::vector<LabelSet> known;
  for (const models::EncodedDocument& document : split.documents) known.push_back(document.labels);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const bool is_forbidden = truth[i].empty() && model.semantics.empty_set == EmptySet::forbid;
    split.has_probability.push_back(truth[i].size() == known[i].size() && !is_forbidden);
  }
  split.truth = eval::PartTruth<part>(std::move(truth));
  split.known_truth = eval::PartTruth<part>(std::move(known));
  return split;
}

/// Progress of inference over `total` documents under one headline.
Done report_progress(const RunHooks& hooks, const std::string& stage, std::size_t total) {
  if (!hooks.progress && !hooks.should_stop) return {};
  const auto start = std::chrono::steady_clock::now();
  return [=](std::size_t done) {
    if (hooks.should_stop && hooks.should_stop())
      throw RunStopped("stopped; the trained models are kept");
    if (!hooks.progress) return;
    Progress progress;
    progress.stage = stage;
    progress.unit = "documents";
    progress.done = done;
    progress.total = total;
    progress.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    progress.finished = done == total;
    hooks.progress(progress);
  };
}

/// Mean set NLL over the rows that can have a probability.
template <eval::Part part>
double mean_nll(const std::vector<double>& nll, const Split<part>& split) {
  double sum = 0.0;
  std::size_t rows = 0;
  for (std::size_t i = 0; i < nll.size(); ++i) {
    if (!split.has_probability[i]) continue;
    sum += nll[i];
    ++rows;
  }
  return rows == 0 ? std::nan("") : sum / static_cast<double>(rows);
}

template <eval::Part part>
Outputs run_sigmoid(const models::SetModel& model, const Split<part>& split, const Done& done) {
  Outputs outputs;
  const EmptySet empty_set = model->semantics().empty_set;
  outputs.scores = sigmoid_scores(model, split.documents, kBatchSize, done);
  if (!models::has_distribution(model->options())) return outputs;
  for (std::size_t i = 0; i < split.documents.size(); ++i) {
    const std::span<const double> row = std::as_const(outputs.scores).row(i);
    outputs.documents.push_back(
        {decoders::independent_distribution(row, {kComparedNumSets, empty_set}),
         decoders::independent_size_marginals(row, empty_set)});
  }
  outputs.row_nll = sigmoid_set_nll(model, split.documents, kBatchSize);
  outputs.set_nll = mean_nll(outputs.row_nll, split);
  return outputs;
}

template <eval::Part part>
Outputs run_tree(const models::SetModel& model, const decoders::TreeSetModel& tree,
                 const Split<part>& split, const Done& done) {
  Outputs outputs;
  const EmptySet empty_set = model->semantics().empty_set;
  outputs.scores = sigmoid_scores(model, split.documents, kBatchSize, done);
  for (std::size_t i = 0; i < split.documents.size(); ++i) {
    const std::span<const double> row = std::as_const(outputs.scores).row(i);
    outputs.documents.push_back({tree.distribution(row, {kComparedNumSets, empty_set}), {}});
    outputs.row_nll.push_back(-tree.log_prob(row, split.known_truth[i], empty_set));
  }
  outputs.set_nll = mean_nll(outputs.row_nll, split);
  return outputs;
}

template <eval::Part part>
Outputs run_decoder(const models::SetModel& model, const Split<part>& split, const Done& done) {
  Outputs outputs;
  outputs.scores = ScoreMatrix(split.documents.size(), model->semantics().num_labels);
  const decoders::BeamSearch search({.beam_size = kComparedBeamSize, .num_sets = kComparedNumSets});
  std::vector<SetDistribution> found = decode(
      model, split.documents,
      [&](StepModel& session, std::span<const std::size_t>) { return search.search(session); },
      kBatchSize, done);
  for (std::size_t i = 0; i < found.size(); ++i) {
    copy_marginals(found[i], outputs.scores.row(i));
    outputs.documents.push_back({std::move(found[i]), std::nullopt});
  }
  outputs.row_nll = decoder_set_nll(model, split.documents, kBatchSize);
  outputs.set_nll = mean_nll(outputs.row_nll, split);
  return outputs;
}

/// Label orders and embeddings are asked of decoders: other systems have none.
void keep_decoder_choices(TrainConfig& config) {
  if (models::has_decoder(config.model.system)) return;
  config.label_order = OrderChoice::frequency;
  config.label_embeddings = EmbeddingChoice::random;
}

/// Whether a model was trained as `config` says. Fields that its record lacks, since it is older
/// than they are, count as their defaults.
bool has_config(const json& record, const TrainConfig& config) {
  TrainConfig recorded;
  try {
    apply_json(record.value("config", json()).dump(), recorded);
  } catch (const std::invalid_argument&) {
    return false;
  }
  keep_decoder_choices(recorded);
  return recorded == config;
}

/// One model's folder, trained or found.
models::TrainedModel obtain_model(const std::string& system, const DataFolder& data,
                                  const TrainConfig& config, const fs::path& folder,
                                  const RunHooks& hooks) {
  if (fs::exists(folder / "model.json")) {
    const models::ModelDescription description = models::load_description(folder);
    const json record = json::parse(description.training);
    if (!has_config(record, config) ||
        record.value("data_fingerprint", json()) != data_fingerprint(data)) {
      throw DataError((folder / "model.json").string(), 0,
                      "this model was trained with other options or other data; "
                      "give another output folder, or remove this model's folder");
    }
    if (hooks.message) hooks.message("using the model in " + folder.string());
  } else {
    const TrainSummary summary = train_model(data, config, folder.string(), /*resume=*/true, hooks);
    if (hooks.message) {
      hooks.message(fmt::format("trained {} in {}: best of {} epochs is {}", system,
                                format_duration(summary.seconds), summary.epochs,
                                summary.best_epoch));
    }
  }
  return models::load_model(folder, parse_device(config.device));
}

/// "sigmoid:focal" -> "sigmoid-focal-seed1"; `tree` has no model of its own.
std::string model_folder_name(std::string system, std::uint64_t seed) {
  if (system == kTreeSystem) system = kSigmoidSystem;
  std::replace(system.begin(), system.end(), ':', '-');
  return fmt::format("{}-seed{}", system, seed);
}

std::string describe_sigmoid(const std::string& system) {
  models::ModelOptions options;
  choose_system(system, options);
  return fmt::format("the same encoder with one sigmoid a label, trained with the loss {}{}",
                     models::loss_name(options.loss),
                     models::gives_probabilities(options.loss)
                         ? ", which is binary cross-entropy"
                         : ": its sigmoids are scores, not probabilities, so that there are "
                           "thresholds but no rules and no set NLL");
}

}  // namespace

bool SystemRun::models_dependence() const {
  return system == kTreeSystem || models::has_decoder(model.options.system);
}

bool SystemRun::has_thresholds() const {
  return system != kTreeSystem && !models::has_decoder(model.options.system);
}

bool SystemRun::shares_scores() const { return system == kTreeSystem; }

SystemRun run_system(const std::string& system, std::uint64_t seed, const DataFolder& data,
                     const TrainConfig& common, const std::string& folder, const RunHooks& hooks) {
  TrainConfig config = common;
  choose_system(system, config.model);
  keep_decoder_choices(config);
  config.train.seed = seed;
  const fs::path model_folder = fs::path(folder) / "models" / model_folder_name(system, seed);
  models::TrainedModel trained = obtain_model(system, data, config, model_folder, hooks);
  const TextEncoder encoder(config.tokenizer, trained.description.words, config.max_tokens);
  SystemRun run;
  run.system = system;
  run.seed = seed;
  run.model = std::move(trained.description);
  const std::size_t num_labels = run.model.labels.size();
  run.valid = make_split<eval::Part::valid>(data.valid, encoder, run.model);
  run.test = make_split<eval::Part::test>(data.test, encoder, run.model);
  const auto progress = [&](const std::string& what, std::size_t documents) {
    return report_progress(hooks, what + " with " + system, documents);
  };
  if (!models::has_decoder(config.model.system)) {
    run.train = make_split<eval::Part::train>(data.train, encoder, run.model);
    run.train_scores = sigmoid_scores(trained.model, run.train.documents, kBatchSize,
                                      progress("scoring train", run.train.documents.size()));
  }
  const auto over_both = [&](const auto& run_model) {
    run.on_valid = run_model(run.valid, progress("decoding valid", run.valid.documents.size()));
    run.on_test = run_model(run.test, progress("decoding test", run.test.documents.size()));
  };
  if (models::has_decoder(config.model.system)) {
    over_both([&](const auto& split, const Done& done) {
      return run_decoder(trained.model, split, done);
    });
  } else if (system == kTreeSystem) {
    decoders::TreeFitOptions fitting;
    fitting.num_threads = static_cast<std::size_t>(at::get_num_threads());
    const auto fitted = decoders::fit_tree(run.train_scores, run.train.known_truth, fitting);
    const decoders::TreeSetModel tree(num_labels, decoders::edges_of(fitted));
    over_both([&](const auto& split, const Done& done) {
      return run_tree(trained.model, tree, split, done);
    });
  } else {
    over_both([&](const auto& split, const Done& done) {
      return run_sigmoid(trained.model, split, done);
    });
  }
  return run;
}

std::string describe_system(const std::string& system) {
  if (system == kSigmoidSystem)
    return "BiLSTM encoder with one sigmoid a label, trained with binary cross-entropy: labels are "
           "independent given the text";
  if (system.starts_with("sigmoid:")) return describe_sigmoid(system);
  if (system == kTreeSystem)
    return "the sigmoid with a tree of dependencies between labels over its probabilities (an odds "
           "ratio an edge, fitted on train): the labels' probabilities stay, sets change";
  if (system == "decoder")
    return "the same encoder with an LSTM label decoder that emits the set label by label, decoded "
           "by beam search";
  return "the same encoder with the label decoder and a sigmoid head trained together; answers "
         "come from the decoder by beam search";
}

}  // namespace labelbeam::pipeline
