#include <fmt/format.h>
#include <labelbeam/decoders/constraints.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "constraint_rules.h"
#include "rule_conflict_text.h"
#include "size_lookahead.h"

namespace labelbeam::decoders {
namespace {

constexpr std::size_t kSatisfiabilityBudget = 100'000;

void require_satisfiable(const ConstraintRules& rules, const LabelVocab* names) {
  const std::size_t most = std::min(rules.max_size(), rules.semantics().max_size);
  Propagation state(rules, most);
  for (LabelId label : rules.spec().must) {
    if (state.add(label)) continue;
    throw std::invalid_argument("Constraints: no label set satisfies them: " +
                                rule_conflict_text(rules, state, names));
  }
  SizeLookahead lookahead(rules, kSatisfiabilityBudget);
  const bool fits = rules.min_size() <= most;
  if (fits && lookahead.grows(state, rules.min_size(), 0) != SizeLookahead::Answer::no) return;
  throw std::invalid_argument(
      fmt::format("Constraints: no label set satisfies them: none that follows the other rules has "
                  "at least {} and at most {} labels",
                  rules.min_size(), most));
}

/// What may follow one prefix.
class Admission {
 public:
  Admission(const ConstraintRules& rules, const LabelSet& emitted, std::size_t lookahead_budget)
      : rules_(rules), state_(rules, rules.max_size()), lookahead_(rules, lookahead_budget) {
    const auto add = [this](LabelId label) { return state_.add(label); };
    holds_ = std::all_of(emitted.begin(), emitted.end(), add) &&
             std::all_of(rules.spec().must.begin(), rules.spec().must.end(), add);
    is_closed_ = holds_ && state_.size() == emitted.size();
    if (!holds_ || !rules.semantics().order.is_fixed()) return;
    for (LabelId label : state_.labels()) {
      if (!emitted.contains(label)) last_ = std::min(last_, rules.position(label));
    }
  }

  /// Whether no valid set holds the emitted labels.
  bool is_dead() const { return !holds_; }
  /// Whether the emitted labels follow every rule, sizes below the smallest left aside.
  bool is_closed() const { return is_closed_; }
  /// Whether every answer of `admits` was settled.
  bool is_exact() const { return is_exact_; }

  /// Whether a valid set goes through a label that the semantics admit.
  bool admits(LabelId label) {
    const bool fixed = rules_.semantics().order.is_fixed();
    const std::size_t position = rules_.position(label);
    if (fixed && position > last_) return false;  // a label that must come ranks below
    const std::size_t before = state_.size();
    if (!rules_.is_bound(label) && !state_.contains(label) && before + 1 >= rules_.min_size()) {
      return before < rules_.max_size();
    }
    const std::size_t first = fixed ? position : 0;
    const bool admitted = state_.add(label) && comes_in_order(before, first) && grows(first);
    state_.undo(before);
    return admitted;
  }

 private:
  bool comes_in_order(std::size_t before, std::size_t first) const {
    return std::all_of(state_.labels().begin() + static_cast<std::ptrdiff_t>(before),
                       state_.labels().end(),
                       [&](LabelId label) { return rules_.position(label) >= first; });
  }

  bool grows(std::size_t first) {
    if (state_.size() >= rules_.min_size()) return true;
    const SizeLookahead::Answer answer = lookahead_.grows(state_, rules_.min_size(), first);
    is_exact_ = is_exact_ && answer != SizeLookahead::Answer::unknown;
    return answer != SizeLookahead::Answer::no;
  }

  const ConstraintRules& rules_;
  Propagation state_;
  SizeLookahead lookahead_;
  bool holds_ = false;
  bool is_closed_ = false;
  bool is_exact_ = true;
  // Fixed order: the position of the first label that must still come.
  std::size_t last_ = rules_.semantics().num_labels;
};

}  // namespace

Constraints::Constraints(ConstraintSpec spec, const SetSemantics& semantics,
                         ConstraintOptions options, const LabelVocab* names)
    : rules_(std::make_shared<const ConstraintRules>(std::move(spec), semantics)),
      options_(std::move(options)) {
  if (names != nullptr && names->size() != semantics.num_labels) {
    throw std::invalid_argument(fmt::format("Constraints: there are {} names, but {} labels",
                                            names->size(), semantics.num_labels));
  }
  require_satisfiable(*rules_, names);
}

const ConstraintSpec& Constraints::spec() const { return rules_->spec(); }
const SetSemantics& Constraints::semantics() const { return rules_->semantics(); }

bool Constraints::is_valid(const LabelSet& labels) const {
  const ConstraintSpec& spec = rules_->spec();
  // A rule that a set breaks is one of a label of the set: no other is looked at.
  const auto is_kept = [&](std::uint32_t group) {
    return spec.exclusions[group].intersection_size(labels) <= 1;
  };
  const auto is_followed = [&](std::uint32_t rule) {
    const auto& [if_all, then_all] = spec.implications[rule];
    return !if_all.is_subset_of(labels) || then_all.is_subset_of(labels);
  };
  const auto follows_rules = [&](LabelId label) {
    if (label >= rules_->semantics().num_labels) return true;
    const auto exclusions = rules_->exclusions_of(label);
    const auto implications = rules_->bodies_with(label);
    return std::all_of(exclusions.begin(), exclusions.end(), is_kept) &&
           std::all_of(implications.begin(), implications.end(), is_followed);
  };
  return labels.size() >= rules_->min_size() && labels.size() <= rules_->max_size() &&
         spec.must.is_subset_of(labels) && spec.never.intersection_size(labels) == 0 &&
         std::all_of(labels.begin(), labels.end(), follows_rules) &&
         (!options_.predicate || options_.predicate(labels));
}

double share_invalid(const Constraints& constraints, std::span<const LabelSet> sets) {
  if (sets.empty()) throw std::invalid_argument("share_invalid: there are no sets");
  const auto invalid = std::count_if(sets.begin(), sets.end(), [&](const LabelSet& labels) {
    return !constraints.is_valid(labels);
  });
  return static_cast<double>(invalid) / static_cast<double>(sets.size());
}

bool Constraints::restrict(const LabelSet& emitted, std::span<unsigned char> mask) const {
  Admission admission(*rules_, emitted, options_.lookahead_budget);
  if (admission.is_dead()) {
    std::fill(mask.begin(), mask.end(), static_cast<unsigned char>(0));
    return true;
  }
  const LabelId end = rules_->semantics().end();
  if (mask[end] && !(admission.is_closed() && is_valid(emitted))) mask[end] = 0;
  for (LabelId label = 0; label < end; ++label) {
    if (mask[label] && !admission.admits(label)) mask[label] = 0;
  }
  return admission.is_exact();
}

}  // namespace labelbeam::decoders
