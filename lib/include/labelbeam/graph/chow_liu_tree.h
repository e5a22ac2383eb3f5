#pragma once

#include <labelbeam/graph/label_counts.h>

#include <array>
#include <cstddef>
#include <vector>

namespace labelbeam {

/// An edge of a Chow-Liu tree.
struct TreeEdge {
  LabelId parent = 0;
  LabelId child = 0;
  double mutual_information = 0.0;  ///< of the two labels, nats

  bool operator==(const TreeEdge&) const = default;
};

/// The distribution over label sets of greatest likelihood among those in which labels depend on
/// each other along a tree: p(Y) = product over labels of p(y | y of the parent). Its edges are a
/// spanning tree of greatest mutual information, as counted, over all pairs, seen or not (Chow and
/// Liu 1968); smoothing changes its probabilities only.
class ChowLiuTree {
 public:
  /// Probabilities are (count + smoothing / 4) / (n + smoothing) a cell of a pair's table; labels
  /// have smoothing / 2, so that all tables agree on them. Takes time for every pair of labels,
  /// memory for those seen. Throws `std::invalid_argument` for counts of nothing and unless
  /// `smoothing` is finite and not negative; at 0, sets unlike the counted ones may get -inf.
  explicit ChowLiuTree(const LabelCounts& counts, double smoothing = 1.0);

  std::size_t num_labels() const { return label_probs_.size(); }
  /// The most frequent label, the lowest of these.
  LabelId root() const { return root_; }
  /// L - 1 edges, a label's own before those to its children.
  const std::vector<TreeEdge>& edges() const { return edges_; }
  /// [L]: p(label).
  const std::vector<double>& label_probs() const { return label_probs_; }

  /// log p(Y), nats. Throws `std::invalid_argument` for a label >= L.
  double log_prob(const LabelSet& set) const;
  /// log p(Y) of independent labels of the same probabilities, nats.
  double independent_log_prob(const LabelSet& set) const;
  /// The mean over the counted sets, of training or of other data, of `log_prob` minus
  /// `independent_log_prob`, nats. Throws `std::invalid_argument` for another L or counts of
  /// nothing.
  double gain(const LabelCounts& counts) const;

 private:
  using Table = std::array<std::array<double, 2>, 2>;  // [parent has][child has]

  LabelId root_ = 0;
  std::vector<TreeEdge> edges_;
  std::vector<Table> joint_;         // [L - 1], beside `edges_`
  std::vector<double> label_probs_;  // [L]
};

}  // namespace labelbeam
