#pragma once

#include <labelbeam/eval/comparison.h>
#include <labelbeam/label_vocab.h>
#include <labelbeam/set_distribution.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace labelbeam::eval {

/// I(y_i; y_j | x) of one document in nats, and the covariance of y_i and y_j.
struct PairInformation {
  LabelId first = 0;  ///< < `second`
  LabelId second = 0;
  double mutual_information = 0.0;
  double covariance = 0.0;
};

/// The mutual information of every pair of labels under the sets of a distribution, by their
/// weights: sum over a, b of p(y_i = a, y_j = b) log(p(a, b) / (p(a) p(b))). Pairs with a label
/// that is in all sets or in none have none and are left out; by rising `first` and `second`.
///
/// The weights are those of the sets found, which stand for all: mass that was not found is missing
/// from it. O(M^2 + sum of |set|^2) for M labels in some sets but not in all.
std::vector<PairInformation> pair_information(const SetDistribution& distribution);

/// -log p(true label set | x) of one row, nats.
struct RowSetNll {
  double joint = 0.0;              ///< under the model of label sets
  double product = 0.0;            ///< under the product of its marginals
  std::optional<double> baseline;  ///< under the independent system
  bool seen = false;               ///< whether the true set occurs in the training data
  bool clipped = false;            ///< whether `product` rests on a marginal that was clipped
};

/// Collects the dependence that one system sees, over rows and seeds.
class DependenceAccumulator {
 public:
  void add(const SetDistribution& distribution);
  void add(const RowSetNll& row);

  /// The means; of the pairs the `num_pairs` with the largest mutual information. `system` and
  /// `baseline` are left empty. `labels` names every label of the distributions.
  DependenceSummary summary(const LabelVocab& labels, std::size_t num_pairs) const;

 private:
  struct Pair {
    double mutual_information = 0.0;
    double covariance = 0.0;
  };
  struct Nll {
    std::uint64_t rows = 0;
    std::uint64_t baseline_rows = 0;
    double joint = 0.0;
    double product = 0.0;
    double baseline = 0.0;

    void add(const RowSetNll& row);
    IndependenceGain mean() const;
  };

  std::uint64_t num_distributions_ = 0;
  double pair_information_ = 0.0;
  double found_mass_ = 0.0;
  std::unordered_map<std::uint64_t, Pair> pairs_;  // first * 2^32 + second
  Nll seen_;
  Nll unseen_;
  Nll all_;
  std::uint64_t clipped_ = 0;
};

}  // namespace labelbeam::eval
