#pragma once

#include <labelbeam/label_vocab.h>

#include <string>

#include "constraint_rules.h"

namespace labelbeam::decoders {

/// The rules that led to the conflict of `state`, in the order they were applied: one clause each,
/// split by "; ". `must` is what was added. `names` may be null.
std::string rule_conflict_text(const ConstraintRules& rules, const Propagation& state,
                               const LabelVocab* names);

}  // namespace labelbeam::decoders
