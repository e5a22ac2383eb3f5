#pragma once

#include <labelbeam/dataset.h>
#include <labelbeam/graph/pair_measures.h>
#include <labelbeam/label_set.h>
#include <labelbeam/set_distribution.h>

#include <cstddef>
#include <span>
#include <vector>

namespace labelbeam {

/// Two labels and how often both are in a set.
struct PairCount {
  LabelId first = 0;  ///< < second
  LabelId second = 0;
  double count = 0.0;

  bool operator==(const PairCount&) const = default;
};

/// How often each of L labels, and each pair of them, is in a set.
///
/// One pass; time is linear in the pairs seen. Only pairs that were seen take memory: 16 to 32
/// bytes each, and never more than 8 bytes for every pair that there could be. Whole counts are
/// exact up to 2^53.
class LabelCounts {
 public:
  /// Throws `std::invalid_argument` for no label or more than `kMaxLabels`.
  explicit LabelCounts(std::size_t num_labels);

  /// Throws `std::invalid_argument` for a label >= L, and unless `weight` is finite and not
  /// negative.
  void add(const LabelSet& set, double weight = 1.0);
  /// Expected counts of a document: each set found counts with its weight (they sum to 1).
  void add(const SetDistribution& distribution);
  /// Adds the counts of other rows; of whole counts the order of merging does not matter. Throws
  /// `std::invalid_argument` for another number of labels.
  void merge(const LabelCounts& other);

  std::size_t num_labels() const { return counts_.size(); }
  /// n: the number of sets, or the sum of their weights.
  double total() const { return total_; }
  /// [L]
  const std::vector<double>& label_counts() const { return counts_; }
  double count(LabelId label) const { return counts_.at(label); }
  /// Of two different labels, in any order; 0 where they were not seen together.
  double count(LabelId a, LabelId b) const;
  /// Of two different labels.
  PairTable table(LabelId first, LabelId second) const {
    return {count(first, second), count(first), count(second), total()};
  }
  /// The seen pairs whose lower label is `first`, by rising `second`.
  std::vector<PairCount> pairs_of(LabelId first) const;
  /// Number of pairs seen.
  std::size_t num_pairs() const;

 private:
  /// The labels after `first`, and how often each occurs with it: a hash table with linear probing
  /// while it is small, an array of all `span` of them from where that takes less memory. A label
  /// is held as L - 1 - label, below L - 1 - first = span.
  class Row {
   public:
    void add(LabelId second, double weight, std::size_t span);
    double count(LabelId second) const;
    std::vector<PairCount> pairs(LabelId first) const;
    std::size_t size() const { return size_; }

   private:
    std::size_t slot_of(LabelId second) const;
    void grow(std::size_t span);
    bool is_dense() const { return keys_.empty() && !values_.empty(); }

    std::vector<LabelId> keys_;   // empty where dense
    std::vector<double> values_;  // 0 where dense and not seen
    std::size_t size_ = 0;        // pairs seen
  };

  friend LabelCounts count_labels(std::span<const LabelSet> sets, std::size_t num_labels,
                                  std::size_t num_threads);

  void check(const LabelSet& set) const;
  void add_labels(const LabelSet& set, double weight);
  void add_pairs(const LabelSet& set, std::size_t at, double weight);

  double total_ = 0.0;
  std::vector<double> counts_;  // [L]
  std::vector<Row> rows_;       // [L], by first label
};

/// Counts sets, such as predictions. The result does not depend on `num_threads` (0: one a
/// hardware thread). Throws as `LabelCounts::add` does.
LabelCounts count_labels(std::span<const LabelSet> sets, std::size_t num_labels,
                         std::size_t num_threads = 1);

/// Counts the labelled rows, each once whatever its weight.
LabelCounts count_labels(const Dataset& data, std::size_t num_threads = 1);

/// Expected counts of a model's answers.
LabelCounts count_labels(std::span<const SetDistribution> distributions, std::size_t num_labels);

}  // namespace labelbeam
