#include <fmt/format.h>
#include <labelbeam/eval/resampling.h>

#include <cmath>
#include <mutex>
#include <numeric>
#include <stdexcept>

#include "row_weightings.h"

namespace labelbeam::eval {

std::vector<std::vector<double>> bootstrap_means(std::span<const std::vector<double>> columns,
                                                 const ResamplingOptions& options) {
  check_resampling(options);
  if (columns.empty()) return {};
  const std::size_t num_rows = columns.front().size();
  if (num_rows == 0) throw std::invalid_argument("bootstrap_means: there are no rows");
  for (const std::vector<double>& column : columns) {
    if (column.size() != num_rows) {
      throw std::invalid_argument(fmt::format("bootstrap_means: one column has {} rows, another {}",
                                              num_rows, column.size()));
    }
  }
  std::vector<std::vector<double>> replicates(columns.size(),
                                              std::vector<double>(options.num_resamples));
  const auto draw = [&](std::vector<Lanes>& weights, std::size_t b, std::size_t lane) {
    draw_rows(weights, options.seed, b, lane);
  };
  for_each_block(num_rows, options.num_resamples, options, "bootstrap of means", draw,
                 [&](std::vector<Lanes>& weights, std::size_t first, std::size_t count) {
                   for (std::size_t c = 0; c < columns.size(); ++c) {
                     const Lanes total = weighted_sum(columns[c], weights);
                     for (std::size_t lane = 0; lane < count; ++lane) {
                       replicates[c][first + lane] = total[lane] / static_cast<double>(num_rows);
                     }
                   }
                 });
  return replicates;
}

std::vector<double> mean_jackknife(std::span<const double> values) {
  if (values.size() < 2) {
    throw std::invalid_argument("mean_jackknife: there must be at least two values");
  }
  const double total = std::accumulate(values.begin(), values.end(), 0.0);
  std::vector<double> means;
  for (const double value : values) {
    means.push_back((total - value) / static_cast<double>(values.size() - 1));
  }
  return means;
}

double sign_flip_p(std::span<const double> differences, const ResamplingOptions& options) {
  check_resampling(options);
  if (differences.empty()) throw std::invalid_argument("sign_flip_p: there are no rows");
  std::vector<std::size_t> different;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    if (differences[i] != 0.0) different.push_back(i);
  }
  const Permutations permutations(std::move(different), options);
  const auto rows = static_cast<double>(differences.size());
  const double total = std::accumulate(differences.begin(), differences.end(), 0.0);
  const double observed = std::abs(total) / rows - kRoundedDifference;
  const auto fill = [&](std::vector<Lanes>& weights, std::size_t number, std::size_t lane) {
    permutations.fill(weights, number, lane);
  };
  std::uint64_t hits = 0;
  std::mutex counting;
  for_each_block(differences.size(), permutations.count(), options, "permutation test", fill,
                 [&](std::vector<Lanes>& weights, std::size_t, std::size_t count) {
                   const Lanes flipped = weighted_sum(differences, weights);
                   const std::lock_guard lock(counting);
                   for (std::size_t lane = 0; lane < count; ++lane) {
                     if (std::abs(total - 2.0 * flipped[lane]) / rows >= observed) ++hits;
                   }
                 });
  return permutations.p(hits);
}

}  // namespace labelbeam::eval
