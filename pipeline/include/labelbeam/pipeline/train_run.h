#pragma once

#include <labelbeam/pipeline/train_config.h>
#include <labelbeam/progress.h>
#include <labelbeam/readers/dataset_reader.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace labelbeam::pipeline {

/// How a long run talks to its caller. Every member may be left empty.
struct RunHooks {
  ProgressSink progress;
  std::function<void(const std::string&)> message;  ///< one line for people: an epoch, a step
  std::function<void(const std::string&)> warning;  ///< one line: something to know of
  std::function<bool()> should_stop;                ///< true ends the run with `RunStopped`
};

/// The caller asked the run to stop; what was finished is on disk and the run can be resumed.
class RunStopped : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct TrainSummary {
  std::string folder;       ///< the model folder
  std::int64_t epochs = 0;  ///< that were run
  std::int64_t best_epoch = 0;
  std::optional<double> valid_set_nll_sigmoid;  ///< nats a document, of the best epoch
  std::optional<double> valid_set_nll_decoder;
  /// In place of the sigmoid's set NLL where its outputs are no probabilities: its own loss.
  std::optional<double> valid_head_loss;
  double seconds = 0.0;
  double word_coverage = 0.0;    ///< share of training tokens that are known words
  double vector_coverage = 0.0;  ///< share of training tokens with a word vector
};

/// Trains a model on `data.train`, stops on `data.valid`, tunes thresholds on `data.valid` and
/// writes the model folder. `data.test` is not looked at.
///
/// With `resume`, a training state left in the folder by an interrupted run is continued; without,
/// it is removed first. Throws `DataError` and `std::invalid_argument` for data that cannot be
/// trained on (no text, no labels) and for an order or embeddings of labels without a decoder to
/// use them, `models::TrainDiverged`, `RunStopped`.
TrainSummary train_model(const DataFolder& data, const TrainConfig& config,
                         const std::string& folder, bool resume, const RunHooks& hooks);

/// A hash of the ids, texts and labels of train and valid: 16 hexadecimal digits.
std::string data_fingerprint(const DataFolder& data);

/// Threads that LibTorch uses inside an operation; 0 leaves LibTorch's default.
void set_num_threads(int threads);

}  // namespace labelbeam::pipeline
