#include "row_weightings.h"

#include <labelbeam/random.h>

#include <utility>

namespace labelbeam::eval {
namespace {

constexpr std::uint64_t kBootstrapStream = 1;
constexpr std::uint64_t kPermutationStream = 2;

}  // namespace

void draw_rows(std::vector<Lanes>& weights, std::uint64_t seed, std::size_t b, std::size_t lane) {
  CounterRng random(seed, {kBootstrapStream, b});
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[static_cast<std::size_t>(random.below(weights.size()))][lane] += 1.0;
  }
}

Permutations::Permutations(std::vector<std::size_t> different, const ResamplingOptions& options)
    : different_(std::move(different)),
      seed_(options.seed),
      exact_(different_.size() < 64 &&
             (std::uint64_t{1} << different_.size()) <= options.num_resamples),
      count_(exact_ ? std::size_t{1} << different_.size() : options.num_resamples) {}

void Permutations::fill(std::vector<Lanes>& weights, std::size_t b, std::size_t lane) const {
  if (exact_) {
    for (std::size_t k = 0; k < different_.size(); ++k) {
      weights[different_[k]][lane] = static_cast<double>((b >> k) & 1U);
    }
    return;
  }
  CounterRng random(seed_, {kPermutationStream, b});
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (i % 64 == 0) bits = random();
    weights[i][lane] = static_cast<double>(bits & 1U);
    bits >>= 1U;
  }
}

double Permutations::p(std::uint64_t hits) const {
  if (exact_) return static_cast<double>(hits) / static_cast<double>(count_);
  return static_cast<double>(hits + 1) / static_cast<double>(count_ + 1);
}

}  // namespace labelbeam::eval
