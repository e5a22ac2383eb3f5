#include <fmt/format.h>
#include <labelbeam/eval/resampling.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "row_weightings.h"

namespace labelbeam::eval {
namespace {

/// What the sums of one answer become when the rows of weight 1 get the other's answers.
void swap_rows(const Lanes& all, const Lanes& own, const Lanes& other, Lanes& swapped) {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    swapped[lane] = all[lane] - own[lane] + other[lane];
  }
}

void swap_rows(const ResampledAnswer::Sums& all, const ResampledAnswer::Sums& own,
               const ResampledAnswer::Sums& other, ResampledAnswer::Sums& swapped) {
  swapped = all;
  for (std::size_t k = 0; k < all.rows.size(); ++k) {
    swap_rows(all.rows[k], own.rows[k], other.rows[k], swapped.rows[k]);
  }
  for (std::size_t c = 0; c < all.cells.size(); ++c) {
    swap_rows(all.cells[c], own.cells[c], other.cells[c], swapped.cells[c]);
  }
}

}  // namespace

void check_resampling(const ResamplingOptions& options) {
  if (options.num_resamples < 1) {
    throw std::invalid_argument("ResamplingOptions: num_resamples must be at least 1, got 0");
  }
}

std::vector<std::vector<std::vector<double>>> bootstrap(std::span<const ResampledAnswer> answers,
                                                        const ResamplingOptions& options) {
  check_resampling(options);
  std::vector<std::vector<std::vector<double>>> replicates;
  if (answers.empty()) return replicates;
  const std::size_t num_rows = answers.front().num_rows();
  for (const ResampledAnswer& answer : answers) {
    if (answer.num_rows() != num_rows) {
      throw std::invalid_argument(fmt::format("bootstrap: one answer has {} rows, another {}",
                                              num_rows, answer.num_rows()));
    }
    replicates.emplace_back(answer.metrics().size(), std::vector<double>(options.num_resamples));
  }
  const auto draw = [&](std::vector<Lanes>& weights, std::size_t b, std::size_t lane) {
    draw_rows(weights, options.seed, b, lane);
  };
  for_each_block(num_rows, options.num_resamples, options, "bootstrap", draw,
                 [&](std::vector<Lanes>& weights, std::size_t first, std::size_t count) {
                   // A lane that is not used would be 0/0.
                   for (std::size_t lane = count; lane < kLanes; ++lane)
                     weights.front()[lane] = 1.0;
                   ResampledAnswer::Sums sums;
                   std::vector<Lanes> values;
                   for (std::size_t a = 0; a < answers.size(); ++a) {
                     answers[a].sum(weights, sums);
                     answers[a].values(sums, values);
                     for (std::size_t m = 0; m < values.size(); ++m) {
                       std::copy_n(values[m].begin(), count,
                                   replicates[a][m].begin() + static_cast<std::ptrdiff_t>(first));
                     }
                   }
                 });
  return replicates;
}

std::vector<double> permutation_p(const ResampledAnswer& a, const ResampledAnswer& b,
                                  const ResamplingOptions& options) {
  check_resampling(options);
  if (!a.is_comparable(b)) {
    throw std::invalid_argument(
        "permutation_p: the answers differ in metrics, convention, or number of rows, labels or "
        "seeds");
  }
  const std::size_t num_rows = a.num_rows();
  const std::size_t num_metrics = a.metrics().size();
  std::vector<std::size_t> different;
  for (std::size_t i = 0; i < num_rows; ++i) {
    if (!a.is_same_row(b, i)) different.push_back(i);
  }
  const Permutations permutations(std::move(different), options);
  const std::vector<Lanes> ones(num_rows, [] {
    Lanes one;
    one.fill(1.0);
    return one;
  }());
  ResampledAnswer::Sums all_a;
  ResampledAnswer::Sums all_b;
  a.sum(ones, all_a);
  b.sum(ones, all_b);
  const std::vector<double> values_a = a.values();
  const std::vector<double> values_b = b.values();

  const auto fill = [&](std::vector<Lanes>& weights, std::size_t number, std::size_t lane) {
    permutations.fill(weights, number, lane);
  };
  std::vector<std::uint64_t> hits(num_metrics);
  std::mutex counting;
  for_each_block(num_rows, permutations.count(), options, "permutation test", fill,
                 [&](std::vector<Lanes>& weights, std::size_t, std::size_t count) {
                   ResampledAnswer::Sums own_a, own_b, swapped;
                   a.sum(weights, own_a);
                   b.sum(weights, own_b);
                   std::vector<Lanes> swapped_a, swapped_b;
                   swap_rows(all_a, own_a, own_b, swapped);
                   a.values(swapped, swapped_a);
                   swap_rows(all_b, own_b, own_a, swapped);
                   b.values(swapped, swapped_b);
                   const std::lock_guard lock(counting);
                   for (std::size_t m = 0; m < num_metrics; ++m) {
                     const double observed =
                         std::abs(values_a[m] - values_b[m]) - kRoundedDifference;
                     for (std::size_t lane = 0; lane < count; ++lane) {
                       if (std::abs(swapped_a[m][lane] - swapped_b[m][lane]) >= observed) ++hits[m];
                     }
                   }
                 });
  std::vector<double> p;
  for (const std::uint64_t count : hits) p.push_back(permutations.p(count));
  return p;
}

}  // namespace labelbeam::eval
