#pragma once

#include <labelbeam/eval/resampling.h>
#include <labelbeam/parallel_for.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <vector>

/// The weights of rows in resamples and permutations. They depend on the seed, the number of the
/// resample and the number of rows alone, so that what has the same rows is resampled alike.
namespace labelbeam::eval {

using Lanes = ResampledAnswer::Lanes;
inline constexpr std::size_t kLanes = ResampledAnswer::kLanes;
// Differences that are equal but for rounding count as equal.
inline constexpr double kRoundedDifference = 1e-12;

/// Calls `body(weights, first, count)` for blocks of up to `kLanes` weightings of `num_rows` rows;
/// `fill(weights, b, lane)` sets the weights of number b in a lane of zeros.
template <typename Fill, typename Body>
void for_each_block(std::size_t num_rows, std::size_t num_weightings,
                    const ResamplingOptions& options, const std::string& stage, const Fill& fill,
                    const Body& body) {
  ProgressStage progress(options.progress, stage, "resamples", num_weightings);
  std::mutex reporting;
  const std::size_t num_blocks = (num_weightings + kLanes - 1) / kLanes;
  parallel_for_ranges(num_blocks, options.num_threads, [&](std::size_t begin, std::size_t end) {
    std::vector<Lanes> weights(num_rows);
    for (std::size_t block = begin; block < end; ++block) {
      const std::size_t first = block * kLanes;
      const std::size_t count = std::min(kLanes, num_weightings - first);
      std::fill(weights.begin(), weights.end(), Lanes{});
      for (std::size_t lane = 0; lane < count; ++lane) fill(weights, first + lane, lane);
      body(weights, first, count);
      const std::lock_guard lock(reporting);
      progress.advance(count);
    }
  });
  progress.finish();
}

/// Bootstrap resample b: as many rows as there are, with replacement, into a lane of zeros.
void draw_rows(std::vector<Lanes>& weights, std::uint64_t seed, std::size_t b, std::size_t lane);

/// The ways in which a paired permutation test lets the answers to a row change places.
class Permutations {
 public:
  /// `different`: the rows whose answers differ. All ways of swapping them are enumerated if there
  /// are no more than `options.num_resamples`, else that many are drawn by a coin a row.
  Permutations(std::vector<std::size_t> different, const ResamplingOptions& options);

  std::size_t count() const { return count_; }
  /// Weight 1 to the rows that change places in permutation b, in a lane of zeros.
  void fill(std::vector<Lanes>& weights, std::size_t b, std::size_t lane) const;
  /// `hits`: permutations at least as extreme as what was observed.
  double p(std::uint64_t hits) const;

 private:
  std::vector<std::size_t> different_;
  std::uint64_t seed_;
  bool exact_;
  std::size_t count_;
};

/// The weighted sum of a value a row, [n], under every weighting.
inline Lanes weighted_sum(std::span<const double> values, std::span<const Lanes> weights) {
  Lanes total{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) total[lane] += values[i] * weights[i][lane];
  }
  return total;
}

}  // namespace labelbeam::eval
