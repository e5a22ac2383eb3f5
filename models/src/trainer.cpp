#include <fmt/format.h>
#include <fmt/ranges.h>
#include <labelbeam/models/sigmoid_loss.h>
#include <labelbeam/models/trainer.h>
#include <labelbeam/random.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>

#include "adam.h"
#include "training_state.h"

namespace labelbeam::models {
namespace {

using Documents = std::span<const EncodedDocument>;

constexpr std::int64_t kEvaluationBatch = 128;

struct Batch {
  TokenBatch tokens;
  std::vector<const LabelSet*> sets;
  torch::Tensor targets;  // [B, L] 0/1
  torch::Tensor weights;  // [B]
};

Batch collect(Documents documents, std::span<const std::size_t> rows, std::size_t num_labels,
              torch::Device device) {
  std::vector<const std::vector<WordId>*> tokens;
  Batch batch;
  const auto size = static_cast<std::int64_t>(rows.size());
  torch::Tensor targets = torch::zeros({size, static_cast<std::int64_t>(num_labels)});
  torch::Tensor weights = torch::ones({size});
  auto target = targets.accessor<float, 2>();
  auto weight = weights.accessor<float, 1>();
  for (std::int64_t b = 0; b < size; ++b) {
    const EncodedDocument& document = documents[rows[static_cast<std::size_t>(b)]];
    tokens.push_back(&document.tokens);
    batch.sets.push_back(&document.labels);
    for (LabelId label : document.labels) target[b][static_cast<std::int64_t>(label)] = 1.0f;
    weight[b] = static_cast<float>(document.weight);
  }
  batch.tokens = make_batch(tokens, device);
  batch.targets = targets.to(device);
  batch.weights = weights.to(device);
  return batch;
}

/// Of the labels in the training data, for `bce_balanced`; for other losses undefined. [L]
torch::Tensor label_weights(const SetModel& model, Documents training) {
  if (model->options().loss != SigmoidLoss::bce_balanced) return {};
  std::vector<std::uint64_t> counts(model->semantics().num_labels, 0);
  for (const EncodedDocument& document : training) {
    for (LabelId label : document.labels) ++counts[label];
  }
  return positive_weights(counts, training.size()).to(model->device());
}

/// The sigmoid head's own loss. `weights`: see `label_weights`. [B]
torch::Tensor head_loss(const SetModel& model, const Encoding& encoding, const Batch& batch,
                        const torch::Tensor& weights) {
  return sigmoid_loss(model->options().loss, model->classifier()->forward(encoding), batch.targets,
                      weights);
}

torch::Tensor objective(const SetModel& model, const Batch& batch, const torch::Tensor& weights,
                        double head_weight, Noise& noise) {
  const System system = model->options().system;
  const Encoding encoding = model->encode(batch.tokens, &noise);
  torch::Tensor loss;
  if (has_decoder(system)) loss = model->decoder()->nll(encoding, batch.sets, &noise);
  if (has_sigmoid(system)) {
    const torch::Tensor head = head_loss(model, encoding, batch, weights);
    loss = loss.defined() ? loss + head_weight * head : head;
  }
  return (loss * batch.weights).sum() / batch.weights.sum();
}

std::vector<std::size_t> by_length(Documents documents) {
  std::vector<std::size_t> rows(documents.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
    return documents[a].tokens.size() < documents[b].tokens.size();
  });
  return rows;
}

/// The batches of an epoch: rows shuffled, sorted by length within stretches of fifty batches (so
/// that a batch holds little padding), and the batches shuffled again.
std::vector<std::vector<std::size_t>> draw_batches(Documents documents, const TrainOptions& options,
                                                   std::int64_t epoch) {
  CounterRng random(options.seed, {static_cast<std::uint64_t>(epoch)});
  std::vector<std::size_t> rows(documents.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  random.shuffle(std::span(rows));
  const auto batch_size = static_cast<std::size_t>(options.batch_size);
  const std::size_t stretch = 50 * batch_size;
  std::vector<std::vector<std::size_t>> batches;
  for (std::size_t begin = 0; begin < rows.size(); begin += stretch) {
    const std::size_t end = std::min(begin + stretch, rows.size());
    const auto first = rows.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = rows.begin() + static_cast<std::ptrdiff_t>(end);
    std::stable_sort(first, last, [&](std::size_t a, std::size_t b) {
      return documents[a].tokens.size() < documents[b].tokens.size();
    });
    for (std::size_t at = begin; at < end; at += batch_size) {
      const std::size_t stop = std::min(at + batch_size, end);
      batches.emplace_back(rows.begin() + static_cast<std::ptrdiff_t>(at),
                           rows.begin() + static_cast<std::ptrdiff_t>(stop));
    }
  }
  random.shuffle(std::span(batches));
  return batches;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

[[noreturn]] void report_divergence(double loss, std::int64_t epoch,
                                    std::span<const std::size_t> rows) {
  throw TrainDiverged(fmt::format(
      "the loss became {} in epoch {}, in the batch of training rows {} (counted from 0); "
      "a lower learning rate usually helps",
      loss, epoch, fmt::join(rows, ", ")));
}

EpochReport run_epoch(SetModel& model, Documents training, const torch::Tensor& weights,
                      const TrainOptions& options, const TrainHooks& hooks, std::int64_t epoch,
                      double learning_rate, Adam& adam, Noise& noise) {
  const auto start = std::chrono::steady_clock::now();
  const std::vector<std::vector<std::size_t>> batches = draw_batches(training, options, epoch);
  // The noise restarts with every epoch, so that a resumed run needs no generator state.
  noise.reseed(CounterRng(options.seed, {static_cast<std::uint64_t>(epoch), 1})());
  double loss_sum = 0.0;
  std::size_t done = 0, tokens = 0;
  for (const std::vector<std::size_t>& rows : batches) {
    const Batch batch = collect(training, rows, model->semantics().num_labels, model->device());
    torch::Tensor loss = objective(model, batch, weights, options.head_weight, noise);
    const double value = loss.item<double>();
    if (!std::isfinite(value)) report_divergence(value, epoch, rows);
    loss.backward();
    adam.step(learning_rate, options.clip_norm);
    loss_sum += value * static_cast<double>(rows.size());
    done += rows.size();
    for (std::size_t row : rows) tokens += training[row].tokens.size();
    if (hooks.on_batch) {
      hooks.on_batch({epoch, done, training.size(), loss_sum / static_cast<double>(done),
                      seconds_since(start)});
    }
    if (hooks.should_stop && hooks.should_stop()) throw TrainStopped();
  }
  EpochReport report;
  report.epoch = epoch;
  report.train_loss = loss_sum / static_cast<double>(training.size());
  report.learning_rate = learning_rate;
  report.seconds = seconds_since(start);
  report.tokens_per_second = static_cast<double>(tokens) / report.seconds;
  return report;
}

/// Means over documents by weight, without dropout. With `weights` (see `label_weights`), also of a
/// head loss that is no NLL.
SetNll evaluate(const SetModel& model, Documents documents, const torch::Tensor* weights,
                std::int64_t batch_size) {
  const torch::InferenceMode inference;
  const std::vector<std::size_t> rows = by_length(documents);
  const ModelOptions& options = model->options();
  const bool sigmoid = has_sigmoid(options.system);
  const bool with_nll = sigmoid && gives_probabilities(options.loss);
  const bool with_loss = sigmoid && !with_nll && weights != nullptr;
  double weight_sum = 0.0, sigmoid_sum = 0.0, decoder_sum = 0.0, loss_sum = 0.0;
  const auto stride = static_cast<std::size_t>(batch_size);
  for (std::size_t begin = 0; begin < rows.size(); begin += stride) {
    const std::span<const std::size_t> chosen =
        std::span(rows).subspan(begin, std::min(stride, rows.size() - begin));
    const Batch batch = collect(documents, chosen, model->semantics().num_labels, model->device());
    const Encoding encoding = model->encode(batch.tokens, nullptr);
    const auto weighted = [&](const torch::Tensor& value) {
      return (value.to(torch::kFloat64) * batch.weights).sum().item<double>();
    };
    weight_sum += batch.weights.sum().item<double>();
    if (with_nll) {
      const torch::Tensor logits = model->classifier()->forward(encoding);
      sigmoid_sum += weighted(independent_nll(logits, batch.targets));
    }
    if (with_loss) loss_sum += weighted(head_loss(model, encoding, batch, *weights));
    if (has_decoder(options.system))
      decoder_sum += weighted(model->decoder()->nll(encoding, batch.sets, nullptr));
  }
  SetNll result;
  if (with_nll) result.sigmoid = sigmoid_sum / weight_sum;
  if (with_loss) result.head_loss = loss_sum / weight_sum;
  if (has_decoder(options.system)) result.decoder = decoder_sum / weight_sum;
  return result;
}

Adam::NamedTensors named_parameters(const SetModel& model) {
  Adam::NamedTensors parameters;
  for (const auto& item : model->named_parameters())
    parameters.emplace_back(item.key(), item.value());
  return parameters;
}

void copy_weights(const Adam::NamedTensors& from, const Adam::NamedTensors& to) {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < from.size(); ++i) torch::Tensor(to[i].second).copy_(from[i].second);
}

Adam::NamedTensors clone(const Adam::NamedTensors& tensors) {
  Adam::NamedTensors copies;
  for (const auto& [name, tensor] : tensors) copies.emplace_back(name, tensor.detach().clone());
  return copies;
}

}  // namespace

void check(const TrainOptions& options) {
  const auto require = [](bool ok, const char* rule, double got) {
    if (!ok) throw std::invalid_argument(fmt::format("TrainOptions: {}, got {}", rule, got));
  };
  require(options.learning_rate > 0.0, "learning_rate must be above 0", options.learning_rate);
  require(options.batch_size >= 1, "batch_size must be at least 1",
          static_cast<double>(options.batch_size));
  require(options.max_epochs >= 1, "max_epochs must be at least 1",
          static_cast<double>(options.max_epochs));
  require(options.patience >= 1, "patience must be at least 1",
          static_cast<double>(options.patience));
  require(options.learning_rate_decay > 0.0 && options.learning_rate_decay <= 1.0,
          "learning_rate_decay must be above 0 and at most 1", options.learning_rate_decay);
  require(options.clip_norm > 0.0, "clip_norm must be above 0", options.clip_norm);
  require(options.head_weight > 0.0, "head_weight must be above 0", options.head_weight);
}

TrainResult train(SetModel& model, Documents training, Documents validation,
                  const TrainOptions& options,
                  const std::optional<std::filesystem::path>& state_file, const TrainHooks& hooks) {
  check(options);
  if (training.empty()) throw std::invalid_argument("train: there are no training documents");
  if (validation.empty()) throw std::invalid_argument("train: there are no validation documents");

  const torch::Tensor weights_of_labels = label_weights(model, training);
  const Adam::NamedTensors weights = named_parameters(model);
  Adam adam(weights);
  Noise noise(options.seed, model->device());
  TrainingState state{clone(weights), adam.named_state(), weights, {}, options.learning_rate};
  const std::string fingerprint =
      state_file ? training_fingerprint(model, training, validation, options) : "";
  if (state_file && std::filesystem::exists(*state_file)) {
    read_training_state(*state_file, fingerprint, state);
  }

  const auto best = [&] {
    return std::min_element(state.epochs.begin(), state.epochs.end(),
                            [](const EpochReport& a, const EpochReport& b) {
                              return a.valid.stopping() < b.valid.stopping();
                            });
  };
  const auto finished = [&] {
    const auto epochs = static_cast<std::int64_t>(state.epochs.size());
    return epochs >= options.max_epochs ||
           (epochs > 0 && epochs - best()->epoch >= options.patience);
  };
  while (!finished()) {
    const auto epoch = static_cast<std::int64_t>(state.epochs.size()) + 1;
    EpochReport report = run_epoch(model, training, weights_of_labels, options, hooks, epoch,
                                   state.learning_rate, adam, noise);
    report.valid = evaluate(model, validation, &weights_of_labels, kEvaluationBatch);
    report.improved = state.epochs.empty() || report.valid.stopping() < best()->valid.stopping();
    if (report.improved) {
      copy_weights(weights, state.best);
    } else {
      state.learning_rate *= options.learning_rate_decay;
    }
    state.epochs.push_back(report);
    if (state_file) write_training_state(*state_file, fingerprint, state);
    if (hooks.on_epoch) hooks.on_epoch(report);
  }
  copy_weights(state.best, weights);
  return {state.epochs, best()->epoch, best()->valid};
}

SetNll evaluate_set_nll(const SetModel& model, Documents documents, std::int64_t batch_size) {
  return evaluate(model, documents, nullptr, batch_size);
}

}  // namespace labelbeam::models
