#pragma once

#include <labelbeam/step_model.h>

#include <cstddef>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "live_states.h"

namespace labelbeam::decoders {

/// Steps the documents of a search together, one call of the model a step, until none has a live
/// prefix. A document that has finished has no rows.
///
/// `Document`: `live()` is a range of prefixes, one at first, with the members `parent` (a row of
/// the document's last step) and `label`; `step(logits, index, workspace)` expands them all.
/// `Workspace`: has the member `logits`, a vector of floats.
template <typename Document, typename Workspace>
void step_documents(StepModel& model, std::vector<Document>& documents, Workspace& workspace) {
  const std::size_t num_tokens = model.semantics().num_tokens();
  LiveStates states(model);
  std::vector<std::size_t> live(documents.size());
  std::iota(live.begin(), live.end(), std::size_t{0});
  std::vector<std::size_t> rows;
  std::vector<LabelId> labels;
  while (!live.empty()) {
    workspace.logits.resize(states.size() * num_tokens);
    model.logits(states.ids(), workspace.logits);
    rows.clear();
    labels.clear();
    std::vector<std::size_t> still_live;
    std::span<const float> logits(workspace.logits);
    std::size_t first_row = 0;
    for (std::size_t index : live) {
      Document& document = documents[index];
      const std::size_t num_rows = document.live().size();
      document.step(logits.subspan(first_row * num_tokens, num_rows * num_tokens), index,
                    workspace);
      for (const auto& prefix : document.live()) {
        rows.push_back(first_row + prefix.parent);
        labels.push_back(prefix.label);
      }
      if (!document.live().empty()) still_live.push_back(index);
      first_row += num_rows;
    }
    states.step(rows, labels);
    live.swap(still_live);
  }
}

}  // namespace labelbeam::decoders
