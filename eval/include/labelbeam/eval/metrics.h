#pragma once

#include <labelbeam/eval/convention.h>
#include <labelbeam/eval/exact_sum.h>
#include <labelbeam/label_set.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace labelbeam::eval {

/// What is measured. T truth, P prediction of a row, a label or everything, see `Average`.
enum class MetricKind {
  subset_accuracy,  ///< share of rows with T = P
  hamming_loss,     ///< share of wrong cells: |T xor P| / L, a mean over rows; lower is better
  jaccard,          ///< |T and P| / |T or P|
  precision,        ///< |T and P| / |P|
  recall,           ///< |T and P| / |T|
  f_beta,           ///< (1 + beta^2) |T and P| / (beta^2 |T| + |P|)
};

/// What a ratio is taken over before it is averaged.
enum class Average {
  samples,   ///< a ratio a row, the mean over rows
  micro,     ///< one ratio over all cells
  macro,     ///< a ratio a label, the plain mean over all L labels
  weighted,  ///< a ratio a label, the mean by how often each label is true; plain if none ever is
};

/// One metric. `subset_accuracy` and `hamming_loss` are means over rows and have no other average.
struct Metric {
  MetricKind kind = MetricKind::subset_accuracy;
  Average average = Average::samples;
  double beta =
      1.0;  ///< of `f_beta`: how many times recall counts as much as precision; finite, > 0

  bool operator==(const Metric&) const = default;
};

/// Reads scikit-learn's name with the average as a suffix: `subset_accuracy`, `hamming_loss`,
/// `jaccard_samples`, `precision_micro`, `recall_macro`, `f1_weighted`, and `fbeta_samples:2` with
/// the parameter after a colon. Throws `std::invalid_argument` for anything else.
Metric parse_metric(std::string_view name);

/// The name that `parse_metric` reads; `f1_...` where beta is 1.
std::string metric_name(const Metric& metric);

/// True for all but `hamming_loss`.
bool higher_is_better(const Metric& metric);

/// A metric's value and how much of it rests on the convention.
struct MetricValue {
  Metric metric;
  double value = 0.0;
  std::uint64_t undefined =
      0;  ///< rows (samples), labels (macro, weighted) or 1 (micro) where it was 0/0
  std::string convention;  ///< `Convention::name()`
};

/// A figure of any family, by its name; NaN where it is not defined at all.
struct NamedValue {
  std::string name;  ///< scikit-learn's with the average as suffix
  double value = 0.0;
  std::uint64_t undefined = 0;  ///< rows or labels whose share rests on the convention
  std::string convention;       ///< the convention that the figure follows
};

/// The value under the name of its metric.
NamedValue named(const MetricValue& value);

/// How often a label is right, predicted and true, in rows (or weight, where rows are weighted).
struct LabelCounts {
  double true_positives = 0.0;
  double predicted = 0.0;
  double actual = 0.0;
};

/// How often a label (or a cell of all) is right and wrong, in rows or weight.
struct LabelConfusion {
  double true_negatives = 0.0;
  double false_positives = 0.0;
  double false_negatives = 0.0;
  double true_positives = 0.0;
};

/// All rows with the same |T and P|, |P| and |T|: a row's share of most metrics depends on no more.
struct RowGroup {
  std::uint64_t true_positives = 0;
  std::uint64_t predicted = 0;
  std::uint64_t actual = 0;
  std::uint64_t rows = 0;
  double weight = 0.0;  ///< of the rows together
};

/// Collects rows and answers any metric of them, one pass, no row kept.
///
/// Rows enter as counts (64-bit integers without weights, exact sums with them), so that shards
/// merged in any order give bit for bit the result of the whole.
class MetricAccumulator {
 public:
  /// `num_labels`: L. Throws `std::invalid_argument` unless 1 <= L <= `kMaxLabels`.
  explicit MetricAccumulator(std::size_t num_labels, const Convention& convention = {});

  /// Adds a row. Throws `std::invalid_argument` for an id >= L or a weight that is negative or not
  /// finite.
  void add(const LabelSet& truth, const LabelSet& prediction, double weight = 1.0);

  /// Adds the rows of `other`. Throws `std::invalid_argument` if L or the convention differ.
  void merge(const MetricAccumulator& other);

  std::uint64_t num_rows() const { return num_rows_; }
  std::size_t num_labels() const { return num_labels_; }

  /// Throws `std::invalid_argument` if there are no rows, all weights are 0, or the metric is not
  /// one (beta).
  MetricValue result(const Metric& metric) const;

  /// The metric of each label on its own: [L], `metric.average` unused, `undefined` 0 or 1.
  /// Throws as `result` does, and for `subset_accuracy` and `hamming_loss`.
  std::vector<MetricValue> label_results(const Metric& metric) const;

  /// [L]
  std::vector<LabelCounts> label_counts() const;
  /// [L]
  std::vector<LabelConfusion> label_confusions() const;
  /// By rising |T and P|, |P| and |T|; none without rows.
  std::vector<RowGroup> row_groups() const;
  const Convention& convention() const { return convention_; }

 private:
  struct GroupTally {
    std::uint64_t rows = 0;
    ExactSum weight;
  };
  struct LabelTally {
    std::uint64_t true_positives = 0;
    std::uint64_t predicted = 0;
    std::uint64_t actual = 0;
  };
  struct LabelWeights {
    ExactSum true_positives;
    ExactSum predicted;
    ExactSum actual;
  };

  void start_weighting();
  void check_rows(const std::string& what) const;
  MetricValue samples_result(const Metric& metric) const;
  MetricValue micro_result(const Metric& metric) const;
  MetricValue label_mean(const Metric& metric) const;

  std::size_t num_labels_;
  Convention convention_;
  std::uint64_t num_rows_ = 0;
  std::unordered_map<std::uint64_t, GroupTally> groups_;
  std::vector<LabelTally> labels_;
  std::vector<LabelWeights> label_weights_;  ///< empty until a row has a weight other than 1
};

/// The metrics of every report, in its order: subset accuracy, Hamming loss, then Jaccard, F1,
/// precision and recall, each by samples, micro and macro.
const std::vector<Metric>& standard_metrics();

/// The standard metrics of predictions. `truth`, `pred`: [n].
/// Throws `std::invalid_argument` if the sizes differ, n = 0, or an id >= L.
std::vector<MetricValue> evaluate(std::span<const LabelSet> truth, std::span<const LabelSet> pred,
                                  std::size_t num_labels, const Convention& convention = {});

/// One metric of predictions; throws as above.
MetricValue evaluate(const Metric& metric, std::span<const LabelSet> truth,
                     std::span<const LabelSet> pred, std::size_t num_labels,
                     const Convention& convention = {});

/// Mean of -log p(true set | x), nats a document; +inf if a true set has no probability.
/// `log_probs`: [n]. Throws `std::invalid_argument` if n = 0, or for NaN or a value above 0
/// (beyond rounding, 1e-6).
double mean_set_nll(std::span<const double> log_probs);

}  // namespace labelbeam::eval
