#pragma once

#include <labelbeam/step_model.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace labelbeam::test_support {

struct TableModelOptions {
  SetSemantics semantics;
  /// One table a document: documents of equal keys are equal, wherever they are in a batch.
  std::vector<std::uint64_t> document_keys;
  /// Logits are spread over [-scale, scale]; large: near-deterministic.
  double scale = 2.0;
  /// Logits take one of three values, so that many sequences are equally probable.
  bool ties = false;
  /// Share of tokens that are impossible (-inf), END included.
  double zero_share = 0.0;
  /// Logits depend on the set emitted and not on its order.
  bool set_only = false;
};

/// A model whose logits are a hash of the document and the labels emitted, and whose exact answer
/// is computed by plain enumeration that shares nothing with the searches.
///
/// A misuse of the handles (unknown, released twice, END stepped, a label emitted twice) throws
/// `std::logic_error`.
class TableModel : public StepModel {
 public:
  explicit TableModel(TableModelOptions options);

  const SetSemantics& semantics() const override { return options_.semantics; }
  std::size_t num_documents() const override { return options_.document_keys.size(); }
  void start(std::span<StateId> roots) override;
  void logits(std::span<const StateId> states, std::span<float> out) override;
  void advance(std::span<const StateId> parents, std::span<const LabelId> labels,
               std::span<StateId> children) override;
  void release(std::span<const StateId> states) override;

  std::size_t num_live() const { return states_.size() - free_.size(); }
  std::size_t num_rows_scored() const { return num_rows_scored_; }
  std::size_t most_rows_in_a_call() const { return most_rows_in_a_call_; }

  /// What is true of one document, sets of any size included.
  struct Exact {
    std::map<LabelSet, double> sets;  ///< the sets of non-zero probability
    std::vector<double> marginals;    ///< [L] the mass of the paths that emit the label
    double lost = 0.0;                ///< mass of prefixes after which nothing is possible
  };
  Exact exact(std::size_t document) const;

 private:
  struct State {
    std::size_t document = 0;
    std::vector<LabelId> emitted;
    bool live = false;
  };

  float logit(std::uint64_t prefix_hash, LabelId token) const;
  std::uint64_t prefix_hash(std::size_t document, std::vector<LabelId> emitted) const;
  void enumerate(std::size_t document, std::vector<LabelId>& emitted, double mass,
                 Exact& exact) const;
  StateId new_state(std::size_t document, std::vector<LabelId> emitted);
  const State& live_state(StateId id) const;

  TableModelOptions options_;
  std::vector<State> states_;
  std::vector<StateId> free_;
  std::size_t num_rows_scored_ = 0;
  std::size_t most_rows_in_a_call_ = 0;
};

}  // namespace labelbeam::test_support
