#include "rule_conflict_text.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace labelbeam::decoders {
namespace {

constexpr std::size_t kMostClauses = 16;

class ConflictText {
 public:
  ConflictText(const ConstraintRules& rules, const Propagation& state, const LabelVocab* names)
      : rules_(rules), state_(state), names_(names), needed_(rules.semantics().num_labels) {}

  std::string text() {
    trace_back();
    std::string text;
    std::size_t clauses = 0;
    std::size_t left_out = 0;
    for (std::size_t i = 0; i < state_.size(); ++i) {
      if (!needed_[state_.labels()[i]]) continue;
      if (++clauses > kMostClauses) {
        ++left_out;
      } else {
        text += clause(i) + "; ";
      }
    }
    if (left_out > 0) text += fmt::format("and {} more such; ", left_out);
    return text + last_clause();
  }

 private:
  /// Marks the labels that the conflict follows from.
  void trace_back() {
    const RuleConflict& conflict = state_.conflict();
    const bool all = conflict.kind == RuleConflict::Kind::size;
    needed_.assign(needed_.size(), all);
    needed_[conflict.label] = needed_[conflict.other_label] = true;
    for (std::size_t i = state_.size(); i-- > 0;) {
      const std::uint32_t reason = state_.reasons()[i];
      if (!needed_[state_.labels()[i]] || reason == Propagation::kAdded) continue;
      for (LabelId label : rules_.spec().implications[reason].if_all) needed_[label] = true;
    }
  }

  std::string clause(std::size_t i) const {
    const std::string label = name(state_.labels()[i]);
    const std::uint32_t reason = state_.reasons()[i];
    if (reason == Propagation::kAdded) return label + " must be in every answer";
    const LabelSet& body = rules_.spec().implications[reason].if_all;
    std::string text;
    for (LabelId part : body) text += (text.empty() ? "" : " and ") + name(part);
    return text + (body.size() == 1 ? " implies " : " imply ") + label;
  }

  std::string last_clause() const {
    const RuleConflict& conflict = state_.conflict();
    switch (conflict.kind) {
      case RuleConflict::Kind::never:
        return name(conflict.label) + " may be in no answer";
      case RuleConflict::Kind::exclusion:
        return name(conflict.label) + " and " + name(conflict.other_label) + " exclude each other";
      default:
        return fmt::format("an answer has at most {} labels", state_.size() - 1);
    }
  }

  std::string name(LabelId label) const {
    return names_ != nullptr ? fmt::format("\"{}\"", names_->name(label))
                             : fmt::format("label {}", label);
  }

  const ConstraintRules& rules_;
  const Propagation& state_;
  const LabelVocab* names_;
  std::vector<bool> needed_;  // [L]
};

}  // namespace

std::string rule_conflict_text(const ConstraintRules& rules, const Propagation& state,
                               const LabelVocab* names) {
  return ConflictText(rules, state, names).text();
}

}  // namespace labelbeam::decoders
