#pragma once

#include <labelbeam/step_model.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace labelbeam {

/// A partition of L labels into C clusters.
class LabelClusters {
 public:
  /// `cluster_of`: [L], the cluster of each label. Throws `std::invalid_argument` for no label, and
  /// unless the clusters are 0 .. C-1 and none is empty.
  explicit LabelClusters(std::vector<std::uint32_t> cluster_of);

  std::size_t num_labels() const { return cluster_of_.size(); }
  std::size_t num_clusters() const { return begins_.size() - 1; }
  std::uint32_t cluster_of(LabelId label) const { return cluster_of_.at(label); }
  /// The labels of a cluster, ascending.
  std::span<const LabelId> members(std::uint32_t cluster) const {
    return std::span(members_).subspan(begins_.at(cluster),
                                       begins_.at(cluster + 1) - begins_[cluster]);
  }

 private:
  std::vector<std::uint32_t> cluster_of_;  // [L]
  std::vector<LabelId> members_;           // [L], cluster after cluster
  std::vector<std::size_t> begins_;        // [C + 1]
};

/// A step model of many labels whose softmax has two levels: over C clusters and END, then over the
/// labels of a cluster (Goodman 2001, "Classes for fast maximum entropy training").
///
/// p(l | s) is proportional to exp(z_c) exp(w_l) / (sum of exp(w) over all labels of c), with z the
/// cluster's logit and w the label's within it, over the admissible labels and END: a cluster that
/// has lost labels to the mask loses their share. A search that knows of clusters opens only those
/// it needs; to every other search this is a step model like any.
class ClusteredStepModel : public StepModel {
 public:
  virtual const LabelClusters& clusters() const = 0;

  /// The logits of every cluster and, last, of END. `states`: [R]; `out`: [R, C + 1]. -inf means
  /// impossible; NaN and +inf are faults.
  virtual void cluster_logits(std::span<const StateId> states, std::span<float> out) = 0;

  /// The logits of the labels of one cluster. `out`: [R, members], in their order. A cluster that
  /// is possible has a label that is.
  virtual void logits_within(std::uint32_t cluster, std::span<const StateId> states,
                             std::span<float> out) = 0;

  /// The same distribution as flat logits, by opening every cluster.
  void logits(std::span<const StateId> states, std::span<float> out) override;
};

}  // namespace labelbeam
