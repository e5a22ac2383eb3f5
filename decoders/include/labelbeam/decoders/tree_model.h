#pragma once

#include <labelbeam/decoders/independent.h>
#include <labelbeam/set_distribution.h>

#include <cstddef>
#include <span>
#include <vector>

namespace labelbeam::decoders {

/// The probabilities of two labels together.
struct PairProbabilities {
  double both = 0.0;
  double first_only = 0.0;
  double second_only = 0.0;
  double neither = 0.0;
};

/// The 2 x 2 table with the marginals `first` and `second` and the odds ratio
/// both * neither / (first_only * second_only) (Plackett 1965, "A class of bivariate
/// distributions", eq. 2.2). Every cell keeps its relative accuracy.
///
/// Throws `std::invalid_argument` for a marginal outside [0, 1] or an odds ratio outside [1e-150,
/// 1e150].
PairProbabilities plackett_table(double first, double second, double odds_ratio);

/// Two labels that depend on each other directly.
struct OddsRatioEdge {
  LabelId first = 0;
  LabelId second = 0;
  /// Of [1e-150, 1e150]; above 1: they come together, below 1: they avoid each other.
  double odds_ratio = 1.0;

  bool operator==(const OddsRatioEdge&) const = default;
};

/// Label sets whose dependencies are a forest over the labels (Chow & Liu 1968), one step above
/// independence: p(Y | x) = prod_i p_i(y_i) prod_{edges ij} p_ij(y_i, y_j) / (p_i(y_i) p_j(y_j)).
///
/// The p_i are a document's label probabilities, for example a sigmoid's, and stay its marginals;
/// an edge's odds ratio is the same for all documents and gives p_ij by `plackett_table`. Without
/// edges it is `independent_distribution`. Const members may be called from many threads.
class TreeSetModel {
 public:
  /// Throws `std::invalid_argument` for no label, an edge with a label >= `num_labels`, edges that
  /// close a cycle, and a bad odds ratio.
  TreeSetModel(std::size_t num_labels, std::span<const OddsRatioEdge> edges);

  std::size_t num_labels() const { return nodes_.size(); }
  std::span<const OddsRatioEdge> edges() const { return edges_; }

  /// The most probable sets with exact `log_prob` and marginals, `certified`, as
  /// `independent_distribution` gives them. `probs`: [L]. The n best assignments of every subtree
  /// are merged from the leaves to the roots: O(L n log n).
  ///
  /// Throws `std::invalid_argument` for another number of probabilities than labels, and as
  /// `independent_distribution` does.
  SetDistribution distribution(std::span<const double> probs,
                               const IndependentOptions& options = {}) const;

  /// log p(set | x) in nats; -inf for an impossible set; with `EmptySet::forbid` conditioned on not
  /// being empty. Throws as `distribution` does, and for a label >= L.
  double log_prob(std::span<const double> probs, const LabelSet& labels,
                  EmptySet empty_set = EmptySet::allow) const;

 private:
  static constexpr std::size_t kNoParent = static_cast<std::size_t>(-1);

  /// A label after its parent.
  struct Node {
    LabelId label = 0;
    std::size_t parent = kNoParent;  // into `nodes_`, where parents come first
    double odds_ratio = 1.0;
  };
  /// log p(label in / not in Y | parent in / not in Y).
  struct Conditional {
    double log_prob[2][2];  // [parent][label]
  };

  std::vector<Conditional> conditionals(std::span<const double> probs, EmptySet empty_set) const;

  std::vector<OddsRatioEdge> edges_;
  std::vector<Node> nodes_;
};

}  // namespace labelbeam::decoders
