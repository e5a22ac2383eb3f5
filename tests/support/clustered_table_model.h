#pragma once

#include <labelbeam/clustered_step_model.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace labelbeam::test_support {

struct ClusteredTableOptions {
  SetSemantics semantics;
  std::vector<std::uint32_t> cluster_of;     ///< [L]
  std::vector<std::uint64_t> document_keys;  ///< one table a document
  double scale = 2.0;                        ///< logits are spread over [-scale, scale]
  double end_logit = 0.0;                    ///< added to END's
};

/// A clustered model whose logits are a hash of the document and the labels emitted, with the exact
/// answer by plain enumeration in double from the definition of `ClusteredStepModel`.
class ClusteredTableModel : public ClusteredStepModel {
 public:
  explicit ClusteredTableModel(ClusteredTableOptions options);

  const SetSemantics& semantics() const override { return options_.semantics; }
  std::size_t num_documents() const override { return options_.document_keys.size(); }
  const LabelClusters& clusters() const override { return clusters_; }
  void start(std::span<StateId> roots) override;
  void advance(std::span<const StateId> parents, std::span<const LabelId> labels,
               std::span<StateId> children) override;
  void release(std::span<const StateId> states) override { num_live_ -= states.size(); }
  void cluster_logits(std::span<const StateId> states, std::span<float> out) override;
  void logits_within(std::uint32_t cluster, std::span<const StateId> states,
                     std::span<float> out) override;

  std::size_t num_live() const { return num_live_; }
  std::size_t num_rows_scored() const { return num_rows_scored_; }
  /// Labels whose logits were asked for, over all calls.
  std::size_t num_labels_scored() const { return num_labels_scored_; }

  /// Probabilities of all sets of one document.
  std::map<LabelSet, double> exact(std::size_t document) const;

 private:
  double cluster_logit(std::uint64_t prefix, std::uint32_t cluster) const;
  double logit_within(std::uint64_t prefix, LabelId label) const;
  void enumerate(std::uint64_t prefix, std::vector<LabelId>& emitted, double mass,
                 std::map<LabelSet, double>& sets) const;

  ClusteredTableOptions options_;
  LabelClusters clusters_;
  std::vector<std::uint64_t> prefixes_;  // by state
  std::size_t num_live_ = 0;
  std::size_t num_rows_scored_ = 0;
  std::size_t num_labels_scored_ = 0;
};

}  // namespace labelbeam::test_support
