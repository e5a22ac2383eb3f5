#pragma once

#include <labelbeam/step_model.h>

#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include "live_states.h"

namespace labelbeam::decoders {

/// The documents of a search that still have live prefixes, which are stepped together; memory is
/// kept. A document that has finished has no rows.
///
/// A document's `live()` is a range of prefixes, one at first, with the members `parent` (a row of
/// the document's last step) and `label`.
class LiveDocuments {
 public:
  /// Before the first step of a search.
  void reset(std::size_t num_documents) {
    live_.resize(num_documents);
    std::iota(live_.begin(), live_.end(), std::size_t{0});
  }

  bool empty() const { return live_.empty(); }

  /// `expand(document, index, first_row)` expands all live prefixes of a document, whose rows begin
  /// at `first_row`.
  template <typename Documents, typename Expand>
  void step(Documents& documents, LiveStates& states, const Expand& expand) {
    still_live_.clear();
    rows_.clear();
    labels_.clear();
    std::size_t first_row = 0;
    for (std::size_t index : live_) {
      auto& document = documents[index];
      const std::size_t num_rows = document.live().size();
      expand(document, index, first_row);
      for (const auto& prefix : document.live()) {
        rows_.push_back(first_row + prefix.parent);
        labels_.push_back(prefix.label);
      }
      if (!document.live().empty()) still_live_.push_back(index);
      first_row += num_rows;
    }
    states.step(rows_, labels_);
    live_.swap(still_live_);
  }

 private:
  std::vector<std::size_t> live_;  // indices of documents
  std::vector<std::size_t> still_live_;
  std::vector<std::size_t> rows_;  // the parent of each live prefix
  std::vector<LabelId> labels_;
};

/// Steps all documents, one call of the model a step, until none has a live prefix.
///
/// `Document`: `step(logits, index, workspace)` expands all its live prefixes. `Workspace`: has the
/// member `logits`, a vector of floats.
template <typename Document, typename Workspace>
void step_documents(StepModel& model, std::vector<Document>& documents, Workspace& workspace) {
  const std::size_t num_tokens = model.semantics().num_tokens();
  LiveStates states(model);
  LiveDocuments live;
  live.reset(documents.size());
  while (!live.empty()) {
    workspace.logits.resize(states.size() * num_tokens);
    model.logits(states.ids(), workspace.logits);
    live.step(documents, states, [&](Document& document, std::size_t index, std::size_t first_row) {
      document.step(std::span<const float>(workspace.logits)
                        .subspan(first_row * num_tokens, document.live().size() * num_tokens),
                    index, workspace);
    });
  }
}

}  // namespace labelbeam::decoders
