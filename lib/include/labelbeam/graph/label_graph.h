#pragma once

#include <labelbeam/graph/label_counts.h>
#include <labelbeam/graph/pair_measures.h>
#include <labelbeam/graph/weighted_graph.h>

#include <cstddef>
#include <optional>
#include <vector>

namespace labelbeam {

/// Two labels that depend on each other.
struct LabelEdge {
  LabelId first = 0;  ///< < second
  LabelId second = 0;
  PairTable table;       ///< as counted
  double value = 0.0;    ///< the graph's measure after shrinkage; -inf for PMI of 0 sets without it
  double p_value = 1.0;  ///< `independence_p_value`
  double q_value = 1.0;  ///< adjusted by Benjamini and Hochberg over all candidate pairs

  /// More often together than independent labels, or less often.
  bool is_positive() const { return table.both > table.expected(); }
};

/// Which pairs become edges, and what they weigh.
struct LabelGraphOptions {
  PairMeasure measure = PairMeasure::npmi;  ///< what edges weigh
  /// Sets that the labels of a positive edge share at least, and those of a negative one were
  /// expected to share; above 0.
  double min_support = 1.0;
  double min_expected = 5.0;  ///< least expected count of a negative edge; above 0
  double fdr = 0.05;          ///< expected share of false edges, in (0, 1]; 1: no test
  /// k of `shrink_towards_independence`; none: `estimate_shrinkage`.
  std::optional<double> shrinkage = std::nullopt;
  std::size_t num_threads = 1;  ///< 0: one a hardware thread; changes no result
};

/// The label co-occurrence graph: labels, and the pairs of them that pass a test of independence
/// with the false discovery rate under control.
///
/// All pairs of labels that are in at least `min_support` sets each are candidates, seen or not:
/// Benjamini and Hochberg (1995) is applied to their p-values, those that fail the minimum counts
/// counting as 1. Fractional counts (of distributions) are tested by G^2 alone.
class LabelGraph {
 public:
  /// Throws `std::invalid_argument` for options out of range and counts of nothing.
  explicit LabelGraph(const LabelCounts& counts, LabelGraphOptions options = {});

  const LabelGraphOptions& options() const { return options_; }
  std::size_t num_labels() const { return label_counts_.size(); }
  double total() const { return total_; }                                    ///< n
  const std::vector<double>& label_counts() const { return label_counts_; }  ///< [L]
  /// By first label, then second.
  const std::vector<LabelEdge>& edges() const { return edges_; }
  double num_candidates() const { return num_candidates_; }  ///< pairs that p-values were for
  double shrinkage() const { return shrinkage_; }            ///< k

  /// The positive edges whose value is above 0, for the algorithms in weighted_graph.h.
  std::vector<WeightedEdge> attractions() const;

 private:
  LabelGraphOptions options_;
  double total_ = 0.0;
  std::vector<double> label_counts_;
  double num_candidates_ = 0.0;
  double shrinkage_ = 0.0;
  std::vector<LabelEdge> edges_;
};

/// The k that the counts suggest: method of moments for ab ~ Poisson(E lift), lift ~ Gamma(k, k),
/// over all pairs of labels, k = sum E^2 / sum((ab - E)^2 - E), but at most 10, also where the sum
/// below is not positive: few strong pairs among many independent ones stay visible.
double estimate_shrinkage(const LabelCounts& counts);

/// n times the product of the labels' shares: how many sets would hold all of them if labels were
/// independent.
double expected_count(const LabelGraph& graph, const LabelSet& labels);

/// The positive or the negative edges, strongest first (ties by p-value, then labels); at most
/// `top` of them, 0: all.
std::vector<LabelEdge> strongest_edges(const LabelGraph& graph, bool positive, std::size_t top = 0);

}  // namespace labelbeam
