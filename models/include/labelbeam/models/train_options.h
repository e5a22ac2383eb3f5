#pragma once

#include <cstdint>

namespace labelbeam::models {

/// How a model is trained. The defaults are those of the comparison.
struct TrainOptions {
  double learning_rate = 1e-3;       ///< of Adam (Kingma & Ba 2015)
  std::int64_t batch_size = 32;      ///< documents
  std::int64_t max_epochs = 40;      ///< at most so many passes over the training data
  std::int64_t patience = 5;         ///< epochs without a better validation value before it stops
  double learning_rate_decay = 0.5;  ///< factor on the rate after an epoch without improvement
  double clip_norm = 5.0;            ///< largest global norm of the gradients
  double head_weight = 3.0;          ///< weight of the sigmoid head's loss in the joint model
  std::uint64_t seed = 1;            ///< of initial weights, dropout and the order of the batches

  bool operator==(const TrainOptions&) const = default;
};

/// Throws `std::invalid_argument` for values out of range.
void check(const TrainOptions& options);

/// Calls `visit(name, field)` for every field; `Options` is `TrainOptions` or const of it.
template <typename Options, typename Visit>
void visit_train_options(Options& options, const Visit& visit) {
  visit("learning_rate", options.learning_rate);
  visit("batch_size", options.batch_size);
  visit("max_epochs", options.max_epochs);
  visit("patience", options.patience);
  visit("learning_rate_decay", options.learning_rate_decay);
  visit("clip_norm", options.clip_norm);
  visit("head_weight", options.head_weight);
  visit("seed", options.seed);
}

}  // namespace labelbeam::models
