#pragma once

#include <labelbeam/step_model.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mass_ledger.h"
#include "prefix_expander.h"
#include "top_children.h"

namespace labelbeam::decoders {

/// A prefix that a beam expands.
struct LivePrefix {
  PrefixId parent;   ///< `kNoPrefix`: this is the root
  LabelId position;  ///< of its last label
  double log_prob;
};

/// Where a beam takes the rows of a step from.
class RowSource {
 public:
  virtual ~RowSource() = default;
  /// Whether it may be used again, for another session.
  virtual bool serves(const StepModel& model) const = 0;
  /// Asks the model for the rows of a step.
  virtual void fetch(StepModel& model, std::span<const StateId> states) = 0;
  /// Enters the prefix of a row into its document's ledger, and offers its children as those of
  /// `parent` to `children`.
  virtual PrefixExpander::Expanded expand(std::size_t row, const LivePrefix& prefix,
                                          std::size_t document, MassLedger& ledger,
                                          TopChildren& children, std::uint32_t parent) = 0;
};

/// For `model`'s kind: every logit, or a clustered model's clusters as they are needed. `search`
/// opens the messages.
std::unique_ptr<RowSource> make_row_source(StepModel& model, const SetSemantics& semantics,
                                           const Constraints* constraints, std::string search);

}  // namespace labelbeam::decoders
