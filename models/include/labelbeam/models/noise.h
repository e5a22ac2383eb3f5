#pragma once

#include <torch/types.h>

#include <cstdint>

namespace labelbeam::models {

/// The random numbers of training: dropout and initial weights draw from here and nowhere else, so
/// that a seed repeats a run and concurrent models do not disturb each other.
///
/// Passed as a pointer; a null pointer means inference, where nothing is dropped.
class Noise {
 public:
  Noise(std::uint64_t seed, torch::Device device);

  /// Starts the sequence of numbers anew.
  void reseed(std::uint64_t seed) { generator_.set_current_seed(seed); }
  torch::Generator& generator() { return generator_; }

 private:
  torch::Generator generator_;
};

/// Inverted dropout: zeroes elements with probability `rate`, scales the others by 1 / (1 - rate).
torch::Tensor dropout(const torch::Tensor& x, double rate, Noise* noise);

/// Fills with uniform numbers in [-bound, bound).
torch::Tensor uniform(torch::IntArrayRef shape, double bound, Noise& noise);

}  // namespace labelbeam::models
