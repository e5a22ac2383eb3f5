#pragma once

#include <labelbeam/eval/metrics.h>
#include <labelbeam/label_set.h>
#include <labelbeam/progress.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace labelbeam::eval {

/// One way of deciding over n rows, in the form that a metric is computed from again and again with
/// other weights of the rows. It may have been run with several seeds: a metric is then the mean of
/// its value over the seeds, and a row's weight is the same for all of them.
///
/// All that a metric needs is linear in the weights: the sum of a value a row (samples), and counts
/// of right, surplus and missed labels, by label (macro, weighted) or of all (micro). Each row's
/// share is stored sparsely, so that one weighting costs O(n + labels of all rows).
class ResampledAnswer {
 public:
  /// As many weightings as are computed at once.
  static constexpr std::size_t kLanes = 8;
  /// A number for each of `kLanes` weightings.
  using Lanes = std::array<double, kLanes>;

  /// The linear part of the metrics under `kLanes` weightings.
  struct Sums {
    Lanes weight{};
    std::vector<Lanes> rows;   ///< [row metrics] weighted sum of a row's value, mean over seeds
    std::vector<Lanes> cells;  ///< [seeds, labels, 3] weight of right, surplus and missed labels
  };

  /// `truth`: [n]; `answers`: [seeds][n]; `metrics`: those that will be asked for. Throws
  /// `std::invalid_argument` if n = 0, there is no seed or metric, sizes differ, or an id >= L.
  ResampledAnswer(std::span<const LabelSet> truth, std::span<const std::vector<LabelSet>> answers,
                  std::size_t num_labels, std::vector<Metric> metrics,
                  const Convention& convention = {});

  std::size_t num_rows() const { return num_rows_; }
  std::size_t num_seeds() const { return num_seeds_; }
  const std::vector<Metric>& metrics() const { return metrics_; }

  /// [metrics] on the rows as they are.
  std::vector<double> values() const;
  /// [metrics] with row i counted `weights[i]` times. Throws `std::invalid_argument` for another
  /// number of weights, one that is negative or not finite, or if all are 0.
  std::vector<double> values(std::span<const double> weights) const;
  /// [n] one of the metrics without row i, O(n + labels of all rows). Throws
  /// `std::invalid_argument` for fewer than two rows.
  std::vector<double> jackknife(std::size_t metric) const;

  /// `weights`: [n]. Writes into `sums`, whose memory is used again.
  void sum(std::span<const Lanes> weights, Sums& sums) const;
  /// [metrics] from sums of positive weight.
  void values(const Sums& sums, std::vector<Lanes>& values) const;

  /// Whether swapping the answers to row i changes nothing of what the metrics need.
  bool is_same_row(const ResampledAnswer& other, std::size_t i) const;
  /// Whether both have the same metrics, convention, and numbers of rows, labels and seeds.
  bool is_comparable(const ResampledAnswer& other) const;

 private:
  using Cell =
      std::uint32_t;  // 3 * label (0 where only micro is asked for) + right, surplus, missed
  std::span<const Cell> cells_of(std::size_t seed, std::size_t row) const;
  double ratio_metric(const Metric& metric, std::span<const double> cells) const;
  void add_micro_jackknife(const Metric& metric, std::size_t seed, std::span<const double> cells,
                           std::vector<double>& values) const;
  void add_label_jackknife(const Metric& metric, std::size_t seed, std::span<const double> cells,
                           std::vector<double>& values) const;

  std::size_t num_rows_;
  std::size_t num_seeds_;
  std::size_t num_labels_;
  std::size_t num_groups_ = 0;  // labels that are told apart: L, 1, or 0 where no cell is needed
  std::vector<Metric> metrics_;
  Convention convention_;
  std::vector<std::vector<double>> row_values_;  // [row metrics][n]
  std::vector<std::size_t> offsets_;             // [seeds * n + 1] into `cells_`
  std::vector<Cell> cells_;
};

struct ResamplingOptions {
  std::size_t num_resamples = 10000;
  std::uint64_t seed = 1;
  std::size_t num_threads = 1;  ///< 0: one a hardware thread; results do not depend on it
  ProgressSink progress = {};   ///< called from one thread at a time; what it throws ends the work
};

/// Throws `std::invalid_argument` unless there is at least one resample.
void check_resampling(const ResamplingOptions& options);

/// Bootstrap replicates: [answers][metrics][num_resamples]. Resample b draws n rows with
/// replacement and is the same rows for every answer and seed, so that replicates of two answers
/// are paired (Efron 1979).
///
/// Throws `std::invalid_argument` if answers differ in their number of rows.
std::vector<std::vector<std::vector<double>>> bootstrap(std::span<const ResampledAnswer> answers,
                                                        const ResamplingOptions& options = {});

/// Two-sided p-values of the paired permutation test: [metrics].
///
/// The null hypothesis is that it does not matter which of the two gave which answers to a row. For
/// every permutation a fair coin a row says whether the rows' answers (of all seeds together)
/// change places, and the metrics are computed anew from the swapped answers (Fisher 1935; for
/// metrics that are no means Yeh 2000). p is the share of permutations whose difference is at least
/// as far from 0 as the one observed, which counts as one of them, (1 + hits) / (1 +
/// num_resamples); where no more than `num_resamples` different ones exist, all are enumerated and
/// p is exact.
///
/// Throws `std::invalid_argument` if the two are not comparable.
std::vector<double> permutation_p(const ResampledAnswer& a, const ResampledAnswer& b,
                                  const ResamplingOptions& options = {});

/// Bootstrap replicates of the mean of a value a row: [columns][num_resamples]. `columns`: [n]
/// each. The resamples are those of `bootstrap`.
///
/// Throws `std::invalid_argument` if a column is empty or columns differ in their number of rows.
std::vector<std::vector<double>> bootstrap_means(std::span<const std::vector<double>> columns,
                                                 const ResamplingOptions& options = {});

/// [n] the mean of `values` without value i. Throws `std::invalid_argument` for fewer than two.
std::vector<double> mean_jackknife(std::span<const double> values);

/// Two-sided p-value of the paired permutation test that a mean difference is 0. `differences`:
/// [n], by row. Where two answers to a row change places, its difference changes sign
/// (Fisher 1935): the same test as `permutation_p` of a metric that is a mean over rows, except
/// that rows count as different by their values, which tells when all permutations are enumerated.
///
/// Throws `std::invalid_argument` for n = 0.
double sign_flip_p(std::span<const double> differences, const ResamplingOptions& options = {});

}  // namespace labelbeam::eval
