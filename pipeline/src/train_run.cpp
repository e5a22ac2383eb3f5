#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/models/model_folder.h>
#include <labelbeam/models/trainer.h>
#include <labelbeam/output_file.h>
#include <labelbeam/pipeline/threshold_strategies.h>
#include <labelbeam/pipeline/train_run.h>
#include <labelbeam/stable_hash.h>
#include <labelbeam/word_vectors.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "encode.h"
#include "inference.h"

namespace labelbeam::pipeline {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kStateFile = "training-state.safetensors";
constexpr const char* kLogFile = "training-log.jsonl";

void check_split(const Dataset& data, const char* split) {
  if (data.rows.empty())
    throw std::invalid_argument(fmt::format("the {} data have no rows", split));
  for (const Example& row : data.rows) {
    if (!row.text) {
      throw std::invalid_argument(
          fmt::format("the row \"{}\" of the {} data has no text", row.id, split));
    }
    if (!row.labelled) {
      throw std::invalid_argument(
          fmt::format("the row \"{}\" of the {} data has no labels", row.id, split));
    }
  }
}

/// The words of a model: those of the training data that are frequent enough or have a vector
/// learn; the other words of the vector files keep their vectors.
struct Words {
  WordVocab vocab;
  models::WordTables tables;
  WordVectors vectors;
  double word_coverage = 0.0;
  double vector_coverage = 0.0;
};

Words choose_words(const Dataset& training, const TrainConfig& config) {
  const Tokenizer tokenizer(config.tokenizer);
  WordCounts counts;
  for (const Example& row : training.rows) count_words(tokenizer.tokenize(*row.text), counts);
  Words words;
  if (!config.vectors.empty()) {
    words.vectors = read_word_vectors(config.vectors, [](std::string_view) { return true; });
    if (static_cast<std::int64_t>(words.vectors.dimension()) != config.model.embedding_size) {
      throw DataError(config.vectors.front(), 0,
                      fmt::format("its vectors have {} numbers, but embedding_size is {}",
                                  words.vectors.dimension(), config.model.embedding_size));
    }
  }
  WordCounts trained;
  std::uint64_t tokens = 0, known = 0, covered = 0;
  for (const auto& [word, count] : counts) {
    const bool has_vector = words.vectors.contains(word);
    tokens += count;
    if (has_vector) covered += count;
    if (!has_vector && count < config.min_word_count) continue;
    trained.emplace(word, count);
    known += count;
  }
  std::vector<std::string> names = WordVocab::build(trained).words();
  words.tables.trained = static_cast<std::int64_t>(names.size() + WordVocab::kFirstWord);
  for (const std::string& word : words.vectors.words()) {
    if (!counts.contains(word)) names.push_back(word);
  }
  words.vocab = WordVocab(std::move(names));
  words.tables.fixed = static_cast<std::int64_t>(words.vocab.size()) - words.tables.trained;
  words.word_coverage =
      static_cast<double>(known) / static_cast<double>(std::max<std::uint64_t>(tokens, 1));
  words.vector_coverage =
      static_cast<double>(covered) / static_cast<double>(std::max<std::uint64_t>(tokens, 1));
  return words;
}

void copy_vectors(const Words& words, const models::SetModel& model) {
  const torch::NoGradGuard no_grad;
  torch::Tensor trained = model->encoder()->trained_words();
  torch::Tensor fixed = model->encoder()->fixed_words();
  const auto dimension = static_cast<std::int64_t>(words.vectors.dimension());
  for (std::size_t i = 0; i < words.vectors.size(); ++i) {
    const auto id = words.vocab.find(words.vectors.words()[i]);
    if (!id) continue;
    const auto row = static_cast<std::int64_t>(*id);
    torch::Tensor target = row < words.tables.trained ? trained.select(0, row)
                                                      : fixed.select(0, row - words.tables.trained);
    // from_blob wants a mutable pointer; the values are only read.
    target.copy_(torch::from_blob(const_cast<float*>(words.vectors.row(i).data()), {dimension}));
  }
}

void check_start(const TrainConfig& config) {
  if (models::has_decoder(config.model.system)) return;
  const char* field = config.label_order != OrderChoice::frequency         ? "label_order"
                      : config.label_embeddings != EmbeddingChoice::random ? "label_embeddings"
                                                                           : nullptr;
  if (!field) return;
  throw std::invalid_argument(
      fmt::format("{} is of a label decoder, which the system {} does not have: leave it out, or "
                  "train decoder or joint",
                  field, models::system_name(config.model.system)));
}

void start_embeddings(const Dataset& training, const TrainConfig& config, models::SetModel& model,
                      const RunHooks& hooks) {
  if (config.label_embeddings == EmbeddingChoice::random) return;
  const auto embeddings =
      choose_embeddings(config.label_embeddings, count_labels(training),
                        static_cast<std::size_t>(config.model.label_embedding_size));
  if (embeddings) return model->start_label_embeddings(*embeddings);
  if (!hooks.warning) return;
  hooks.warning(
      fmt::format("no labels of the training data go together: label embeddings start from random "
                  "numbers, not from {} ones",
                  embedding_name(config.label_embeddings)));
}

SetSemantics choose_semantics(const Dataset& training, const TrainConfig& config) {
  const bool has_empty_set = std::any_of(training.rows.begin(), training.rows.end(),
                                         [](const Example& row) { return row.labels.empty(); });
  SetSemantics semantics;
  semantics.num_labels = training.labels.size();
  // Pairs of labels are counted for those who ask for them: there may be many.
  semantics.order = config.label_order == OrderChoice::frequency
                        ? LabelOrder::by_frequency(label_counts(training))
                        : choose_order(config.label_order, count_labels(training));
  semantics.empty_set = resolve(config.empty_set, has_empty_set);
  semantics.max_size = semantics.num_labels;
  return semantics;
}

std::vector<std::pair<LabelSet, std::uint64_t>> set_frequencies(const Dataset& training) {
  std::map<LabelSet, std::uint64_t> counts;
  for (const Example& row : training.rows) ++counts[row.labels];
  return {counts.begin(), counts.end()};
}

std::string describe(const models::EpochReport& report) {
  std::string line = fmt::format("epoch {}: loss {:.4f}", report.epoch, report.train_loss);
  if (report.valid.decoder || report.valid.sigmoid) line += ", validation set NLL";
  if (report.valid.decoder) line += fmt::format(" {:.4f} (decoder)", *report.valid.decoder);
  if (report.valid.sigmoid) line += fmt::format(" {:.4f} (sigmoid)", *report.valid.sigmoid);
  if (report.valid.head_loss)
    line += fmt::format(", validation loss {:.4f} (sigmoid)", *report.valid.head_loss);
  return line + fmt::format(", {:.0f} tokens/s{}", report.tokens_per_second,
                            report.improved ? ", best so far" : "");
}

json to_json(const models::EpochReport& report) {
  json line{{"epoch", report.epoch},
            {"train_loss", report.train_loss},
            {"learning_rate", report.learning_rate},
            {"seconds", report.seconds},
            {"tokens_per_second", report.tokens_per_second},
            {"improved", report.improved}};
  if (report.valid.decoder) line["valid_set_nll_decoder"] = *report.valid.decoder;
  if (report.valid.sigmoid) line["valid_set_nll_sigmoid"] = *report.valid.sigmoid;
  if (report.valid.head_loss) line["valid_head_loss"] = *report.valid.head_loss;
  return line;
}

std::vector<models::TunedChoice> tune_thresholds(
    const models::SetModel& model, std::span<const models::EncodedDocument> validation) {
  std::vector<LabelSet> sets;
  for (const models::EncodedDocument& document : validation) sets.push_back(document.labels);
  const eval::ValidTruth truth(std::move(sets));
  const ScoreMatrix scores = sigmoid_scores(model, validation, 128);
  const bool top1_if_empty = model->semantics().empty_set == EmptySet::forbid;
  std::vector<models::TunedChoice> choices;
  for (const ThresholdStrategy& strategy : standard_threshold_strategies()) {
    if (!strategy.gives_thresholds()) continue;
    const TunedStrategy tuned = strategy.tune(scores, truth, eval::Convention{}, top1_if_empty);
    choices.push_back({strategy.name, strategy.target ? eval::metric_name(*strategy.target) : "",
                       *tuned.thresholds()});
  }
  return choices;
}

/// Translates the trainer's reports into those of a run.
models::TrainHooks make_hooks(const RunHooks& hooks, const std::string& stage) {
  models::TrainHooks train_hooks;
  train_hooks.on_batch = [=](const models::BatchReport& batch) {
    if (!hooks.progress) return;
    Progress progress;
    progress.stage = fmt::format("{}, epoch {}", stage, batch.epoch);
    progress.unit = "documents";
    progress.done = batch.done;
    progress.total = batch.total;
    progress.seconds = batch.seconds;
    progress.note = fmt::format("loss {:.3f}", batch.train_loss);
    progress.finished = batch.done == batch.total;
    hooks.progress(progress);
  };
  train_hooks.on_epoch = [=](const models::EpochReport& report) {
    if (hooks.message) hooks.message(stage + ", " + describe(report));
  };
  train_hooks.should_stop = hooks.should_stop;
  return train_hooks;
}

std::string log_lines(const models::TrainResult& result) {
  std::string lines;
  for (const models::EpochReport& report : result.epochs) lines += to_json(report).dump() + "\n";
  return lines;
}

}  // namespace

TrainSummary train_model(const DataFolder& data, const TrainConfig& config,
                         const std::string& folder, bool resume, const RunHooks& hooks) {
  const auto start = std::chrono::steady_clock::now();
  check_start(config);
  check_split(data.train, "training");
  check_split(data.valid, "validation");
  if (data.train.labels.size() == 0) throw std::invalid_argument("the training data name no label");
  const torch::Device device = parse_device(config.device);

  const Words words = choose_words(data.train, config);
  const SetSemantics semantics = choose_semantics(data.train, config);
  const TextEncoder encoder(config.tokenizer, words.vocab, config.max_tokens);
  const std::vector<models::EncodedDocument> training =
      encoder.encode(data.train, semantics.num_labels);
  const std::vector<models::EncodedDocument> validation =
      encoder.encode(data.valid, semantics.num_labels);

  models::Noise noise(config.train.seed, torch::kCPU);
  models::SetModel model(words.tables, semantics, config.model, noise);
  model->start_biases(label_counts(data.train), training.size());
  start_embeddings(data.train, config, model, hooks);
  copy_vectors(words, model);
  model->to(device);

  fs::create_directories(folder);
  const fs::path state_file = fs::path(folder) / kStateFile;
  if (!resume) fs::remove(state_file);
  const std::string stage = "training " + models::system_name(config.model.system);
  models::TrainResult result;
  try {
    result = models::train(model, training, validation, config.train, state_file,
                           make_hooks(hooks, stage));
  } catch (const models::TrainStopped&) {
    throw RunStopped("stopped; the last whole epoch is kept in " + state_file.string() +
                     ", and the same command with --resume goes on from there");
  }

  TrainSummary summary;
  summary.folder = folder;
  summary.epochs = static_cast<std::int64_t>(result.epochs.size());
  summary.best_epoch = result.best_epoch;
  summary.valid_set_nll_sigmoid = result.best_valid.sigmoid;
  summary.valid_set_nll_decoder = result.best_valid.decoder;
  summary.valid_head_loss = result.best_valid.head_loss;
  summary.word_coverage = words.word_coverage;
  summary.vector_coverage = words.vector_coverage;
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  models::ModelDescription description;
  description.options = config.model;
  description.tokenizer = config.tokenizer;
  description.max_tokens = config.max_tokens;
  description.words = words.vocab;
  description.tables = words.tables;
  description.labels = data.train.labels;
  description.semantics = semantics;
  description.training_sets = set_frequencies(data.train);
  if (models::has_sigmoid(config.model.system))
    description.tuned = tune_thresholds(model, validation);
  json training_record{{"config", json::parse(to_json(config))},
                       {"data_fingerprint", data_fingerprint(data)},
                       {"training_rows", training.size()},
                       {"validation_rows", validation.size()},
                       {"epochs", summary.epochs},
                       {"best_epoch", summary.best_epoch},
                       {"word_coverage", summary.word_coverage},
                       {"vector_coverage", summary.vector_coverage}};
  if (summary.valid_set_nll_sigmoid)
    training_record["valid_set_nll_sigmoid"] = *summary.valid_set_nll_sigmoid;
  if (summary.valid_set_nll_decoder)
    training_record["valid_set_nll_decoder"] = *summary.valid_set_nll_decoder;
  if (summary.valid_head_loss) training_record["valid_head_loss"] = *summary.valid_head_loss;
  description.training = training_record.dump();
  write_file_atomically((fs::path(folder) / kLogFile).string(), log_lines(result));
  models::save_model(folder, description, model);
  fs::remove(state_file);
  return summary;
}

std::string data_fingerprint(const DataFolder& data) {
  std::uint64_t hash = 0;
  const auto add = [&](std::string_view bytes) { hash = stable_hash(bytes, hash); };
  for (const std::string& name : data.train.labels.names()) add(name);
  for (const Dataset* split : {&data.train, &data.valid}) {
    for (const Example& row : split->rows) {
      add(row.id);
      add(row.text.value_or(""));
      add(std::string_view(reinterpret_cast<const char*>(row.labels.ids().data()),
                           row.labels.ids().size_bytes()));
    }
    add("end of split");
  }
  return fmt::format("{:016x}", hash);
}

void set_num_threads(int threads) {
  if (threads > 0) at::set_num_threads(threads);
}

}  // namespace labelbeam::pipeline
