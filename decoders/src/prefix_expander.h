#pragma once

#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "masked_row.h"
#include "mass_ledger.h"

namespace labelbeam::decoders {

/// Turns a row of logits into an entry of a document's ledger.
class PrefixExpander {
 public:
  struct Expanded {
    PrefixId id;
    double end_log_prob;  // of the prefix and END
  };

  PrefixExpander(const SetSemantics& semantics, const Constraints* constraints, std::string search)
      : row_(semantics, constraints, std::move(search)) {}

  /// The row after the prefix `parent` + `position` (the root: `kNoPrefix`, any position), which
  /// the ledger does not hold yet.
  const MaskedRow& load(const MassLedger& ledger, PrefixId parent, LabelId position,
                        std::span<const float> logits, std::size_t document) {
    emitted_.clear();
    if (parent != kNoPrefix) {
      emitted_.push_back(position);
      if (row_.needs_whole_prefix()) ledger.append_positions(parent, emitted_);
    }
    row_.load(logits, emitted_, document);
    return row_;
  }

  /// Enters this prefix, of `log_prob`, into the ledger.
  Expanded expand(MassLedger& ledger, PrefixId parent, LabelId position, double log_prob,
                  std::span<const float> logits, std::size_t document) {
    load(ledger, parent, position, logits, document);
    const PrefixId id = ledger.expand(parent, position, log_prob, row_);
    const double end_log_prob = log_prob - row_.log_normaliser() + row_.end_score();
    ledger.close(id, std::exp(end_log_prob));
    return {id, end_log_prob};
  }

  /// Of the last prefix.
  const MaskedRow& row() const { return row_; }

 private:
  MaskedRow row_;
  std::vector<LabelId> emitted_;
};

}  // namespace labelbeam::decoders
