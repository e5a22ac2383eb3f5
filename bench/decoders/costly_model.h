#pragma once

#include <benchmark/benchmark.h>

#include <ctime>
#include <utility>
#include <vector>

#include "pooled_model.h"

namespace labelbeam::decoders::bench {

/// Processor time of this program, in seconds.
inline double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// A model whose rows cost what a step of a small decoder does: each a product of a dense
/// [1024, 256] matrix of floats and a vector, as the recurrent part of an LSTM of 256 units, one
/// row after the other without a tuned matrix product. It knows how long that took.
class CostlyModel : public PooledModel {
 public:
  /// Sets of at most six labels.
  CostlyModel(std::size_t num_labels, std::size_t num_documents, LabelOrder order)
      : PooledModel(num_labels, num_documents, std::move(order), 6),
        weights_(kInputs * kOutputs, 0.01f) {}

  void logits(std::span<const StateId> states, std::span<float> out) override {
    const double start = processor_seconds();
    for (StateId state : states) {
      std::vector<float> product(kOutputs);
      for (std::size_t i = 0; i < kInputs; ++i) {
        const float input = static_cast<float>(state + i);
        for (std::size_t o = 0; o < kOutputs; ++o) {
          product[o] += input * weights_[i * kOutputs + o];
        }
      }
      benchmark::DoNotOptimize(product.data());
      benchmark::ClobberMemory();
    }
    PooledModel::logits(states, out);
    seconds_ += processor_seconds() - start;
  }

  double seconds() const { return seconds_; }

 private:
  static constexpr std::size_t kInputs = 256;
  static constexpr std::size_t kOutputs = 1024;
  std::vector<float> weights_;
  double seconds_ = 0.0;
};

}  // namespace labelbeam::decoders::bench
