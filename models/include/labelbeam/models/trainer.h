#pragma once

#include <labelbeam/label_set.h>
#include <labelbeam/models/set_model.h>
#include <labelbeam/models/train_options.h>
#include <labelbeam/vocabulary.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace labelbeam::models {

/// A document as models read it: word ids and its labels.
struct EncodedDocument {
  std::vector<WordId> tokens;
  LabelSet labels;
  double weight = 1.0;
};

/// -log p(set | x) in nats a document, mean over documents by weight; absent without such a head,
/// and for a sigmoid head whose outputs are no probabilities (`gives_probabilities`).
struct SetNll {
  std::optional<double> sigmoid;
  std::optional<double> decoder;
  /// What `train` gives in place of `sigmoid` where that is absent: the head's own loss.
  std::optional<double> head_loss;

  /// The one that training stops on: the decoder's where there is one.
  double stopping() const {
    if (decoder) return *decoder;
    return sigmoid ? *sigmoid : head_loss.value();
  }
};

/// What an epoch did.
struct EpochReport {
  std::int64_t epoch = 0;      ///< from 1
  double train_loss = 0.0;     ///< mean over documents of the objective, with dropout
  SetNll valid;                ///< on the validation data, without dropout
  double learning_rate = 0.0;  ///< that the epoch used
  double seconds = 0.0;
  double tokens_per_second = 0.0;
  bool improved = false;  ///< the best value of `valid.stopping()` so far
};

/// How far an epoch is.
struct BatchReport {
  std::int64_t epoch = 0;   ///< from 1
  std::size_t done = 0;     ///< documents
  std::size_t total = 0;    ///< documents of the epoch
  double train_loss = 0.0;  ///< mean over the documents done
  double seconds = 0.0;     ///< since the epoch began
};

/// What training calls while it works; each may be left empty.
struct TrainHooks {
  std::function<void(const BatchReport&)> on_batch;
  std::function<void(const EpochReport&)> on_epoch;
  /// Asked after every batch; true ends training with `TrainStopped`.
  std::function<bool()> should_stop;
};

/// Training was asked to stop. The state file holds the last whole epoch.
class TrainStopped : public std::runtime_error {
 public:
  TrainStopped() : std::runtime_error("training was stopped") {}
};

/// The loss became NaN or infinite; the message names the epoch and the documents of the batch.
/// The state file holds the last whole epoch.
class TrainDiverged : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct TrainResult {
  std::vector<EpochReport> epochs;
  std::int64_t best_epoch = 0;
  SetNll best_valid;
};

/// Trains with Adam and early stopping on validation set NLL, or on the validation value of the
/// sigmoid head's own loss where that is all there is; `model` ends with its best weights.
///
/// The sigmoid head learns the loss that the model's options name, the decoder -log p(set | x)
/// under its fixed order; the joint model decoder + head_weight x sigmoid. The weights of
/// `bce_balanced` come from the labels' counts in `training`. The same seed, data, machine and
/// number of threads give the same bits.
///
/// With `state_file`, every epoch ends by writing it atomically; if it is there at the start,
/// training goes on from it and ends as if it had never been interrupted. Throws `DataError` if it
/// belongs to other options or data, `std::invalid_argument` for empty training or validation data.
TrainResult train(SetModel& model, std::span<const EncodedDocument> training,
                  std::span<const EncodedDocument> validation, const TrainOptions& options,
                  const std::optional<std::filesystem::path>& state_file, const TrainHooks& hooks);

/// Set NLL of every head that gives probabilities, without dropout.
SetNll evaluate_set_nll(const SetModel& model, std::span<const EncodedDocument> documents,
                        std::int64_t batch_size = 128);

}  // namespace labelbeam::models
