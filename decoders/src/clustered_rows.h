#pragma once

#include <labelbeam/clustered_step_model.h>

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "row_source.h"

namespace labelbeam::decoders {

/// The rows of a clustered model. Clusters are opened in falling order of mass until the next one
/// holds less than the worst child that would be kept, so that the children are exact; what stays
/// closed is open mass whose labels are not known.
///
/// A cluster that the mask cuts is opened for its share: under a free order those of the emitted
/// labels; under a fixed one those with labels on both sides of the last rank, so that ranks should
/// run through one cluster after the other.
class ClusteredRows : public RowSource {
 public:
  /// Throws `std::invalid_argument` for constraints that renormalise, which would open everything,
  /// and for clusters of another number of labels.
  ClusteredRows(const SetSemantics& semantics, const LabelClusters& clusters,
                const Constraints* constraints, std::string search);

  bool serves(const StepModel&) const override { return false; }  // the clusters are the model's
  void fetch(StepModel& model, std::span<const StateId> states) override;
  PrefixExpander::Expanded expand(std::size_t row, const LivePrefix& prefix, std::size_t document,
                                  MassLedger& ledger, TopChildren& children,
                                  std::uint32_t parent) override;

 private:
  struct Opened {
    LabelId position;
    double share;  // of its cluster
  };
  struct Cluster {
    double weight;  // exp of its logit less the largest
    std::uint32_t id;
    bool operator<(const Cluster& other) const {  // heaviest first, then the lowest id
      return weight != other.weight ? weight < other.weight : id > other.id;
    }
  };

  void find_emitted(const LivePrefix& prefix, const MassLedger& ledger);
  bool is_admissible(LabelId position) const;
  bool is_cut(std::uint32_t cluster) const;
  bool is_gone(std::uint32_t cluster) const;
  double finite(double logit, std::size_t document, const char* what, std::size_t id) const;
  /// The admissible labels of a cluster into `opened_`; returns their share.
  double open(std::uint32_t cluster, StateId state, std::size_t document);

  const SetSemantics& semantics_;
  const LabelClusters& clusters_;
  const Constraints* constraints_;
  std::string search_;
  std::vector<std::pair<LabelId, LabelId>> positions_;  // [C] lowest and highest
  ClusteredStepModel* model_ = nullptr;
  std::vector<StateId> states_;
  std::vector<float> logits_;  // [R, C + 1]

  // Of the row that is being expanded:
  std::vector<LabelId> emitted_;        // positions, the last label first
  std::vector<unsigned char> allowed_;  // [V], by label; where there are constraints
  std::vector<Cluster> heap_;           // not opened
  std::vector<Opened> opened_;
  std::vector<float> within_;
  std::vector<std::pair<double, LabelId>> reached_;  // weight and position
};

}  // namespace labelbeam::decoders
