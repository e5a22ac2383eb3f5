#include "row_source.h"

#include <labelbeam/clustered_step_model.h>

#include <utility>

#include "clustered_rows.h"

namespace labelbeam::decoders {
namespace {

class DenseRows : public RowSource {
 public:
  DenseRows(const SetSemantics& semantics, const Constraints* constraints, std::string search)
      : num_tokens_(semantics.num_tokens()), expander_(semantics, constraints, std::move(search)) {}

  bool serves(const StepModel& model) const override {
    return dynamic_cast<const ClusteredStepModel*>(&model) == nullptr;
  }
  void fetch(StepModel& model, std::span<const StateId> states) override {
    logits_.resize(states.size() * num_tokens_);
    model.logits(states, logits_);
  }

  PrefixExpander::Expanded expand(std::size_t row, const LivePrefix& prefix, std::size_t document,
                                  MassLedger& ledger, TopChildren& children,
                                  std::uint32_t parent) override {
    const auto expanded = expander_.expand(
        ledger, prefix.parent, prefix.position, prefix.log_prob,
        std::span<const float>(logits_).subspan(row * num_tokens_, num_tokens_), document);
    children.add_row(expander_.row(), prefix.log_prob, parent);
    return expanded;
  }

 private:
  std::size_t num_tokens_;
  PrefixExpander expander_;
  std::vector<float> logits_;  // [R, V]
};

}  // namespace

std::unique_ptr<RowSource> make_row_source(StepModel& model, const SetSemantics& semantics,
                                           const Constraints* constraints, std::string search) {
  if (const auto* clustered = dynamic_cast<const ClusteredStepModel*>(&model)) {
    return std::make_unique<ClusteredRows>(semantics, clustered->clusters(), constraints,
                                           std::move(search));
  }
  return std::make_unique<DenseRows>(semantics, constraints, std::move(search));
}

}  // namespace labelbeam::decoders
