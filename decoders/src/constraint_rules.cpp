#include "constraint_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace labelbeam::decoders {
namespace {

using Occurrences = std::vector<std::pair<LabelId, std::uint32_t>>;

/// Checks the parts of a spec against one label space.
class SpecCheck {
 public:
  explicit SpecCheck(std::size_t num_labels) : num_labels_(num_labels) {}

  void require_known(const LabelSet& labels, const char* part) const {
    if (labels.empty()) return;
    const LabelId largest = labels.ids().back();
    if (largest < num_labels_) return;
    throw std::invalid_argument(fmt::format(
        "Constraints: {} holds label {}, but there are {} labels", part, largest, num_labels_));
  }

  void require_some(const LabelSet& labels, const char* part) const {
    if (labels.empty()) throw std::invalid_argument(fmt::format("Constraints: {} is empty", part));
    require_known(labels, part);
  }

 private:
  std::size_t num_labels_;
};

ConstraintSpec checked(ConstraintSpec spec, const SetSemantics& semantics) {
  check(semantics);
  const SpecCheck spec_check(semantics.num_labels);
  for (const LabelSet& group : spec.exclusions) spec_check.require_some(group, "an exclusion");
  for (const Implication& rule : spec.implications) {
    spec_check.require_some(rule.if_all, "the if-part of an implication");
    spec_check.require_some(rule.then_all, "the then-part of an implication");
  }
  spec_check.require_known(spec.must, "must");
  spec_check.require_known(spec.never, "never");
  return spec;
}

Occurrences in_exclusions(const ConstraintSpec& spec) {
  Occurrences occurrences;
  for (std::size_t i = 0; i < spec.exclusions.size(); ++i) {
    if (spec.exclusions[i].size() < 2) continue;  // excludes nothing
    for (LabelId label : spec.exclusions[i]) {
      occurrences.emplace_back(label, static_cast<std::uint32_t>(i));
    }
  }
  return occurrences;
}

Occurrences in_bodies(const ConstraintSpec& spec) {
  Occurrences occurrences;
  for (std::size_t i = 0; i < spec.implications.size(); ++i) {
    for (LabelId label : spec.implications[i].if_all) {
      occurrences.emplace_back(label, static_cast<std::uint32_t>(i));
    }
  }
  return occurrences;
}

}  // namespace

RulesByLabel::RulesByLabel(std::span<const std::pair<LabelId, std::uint32_t>> occurrences,
                           std::size_t num_labels)
    : first_(num_labels + 1), rules_(occurrences.size()) {
  for (const auto& [label, rule] : occurrences) ++first_[label + 1];
  for (std::size_t i = 0; i < num_labels; ++i) first_[i + 1] += first_[i];
  std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
  for (const auto& [label, rule] : occurrences) rules_[next[label]++] = rule;
}

ConstraintRules::ConstraintRules(ConstraintSpec spec, const SetSemantics& semantics)
    : spec_(checked(std::move(spec), semantics)),
      semantics_(semantics),
      exclusions_(in_exclusions(spec_), semantics.num_labels),
      bodies_(in_bodies(spec_), semantics.num_labels),
      is_never_(semantics.num_labels),
      is_bound_(semantics.num_labels),
      num_free_from_(semantics.num_labels + 1) {
  for (LabelId label : spec_.never) is_never_[label] = 1;
  for (LabelId label = 0; label < semantics.num_labels; ++label) {
    is_bound_[label] =
        is_never(label) || !exclusions_of(label).empty() || !bodies_with(label).empty();
  }
  for (std::size_t at = semantics.num_labels; at-- > 0;) {
    const LabelId label = label_at(at);
    num_free_from_[at] = num_free_from_[at + 1] + (is_bound(label) ? 0 : 1);
    if (is_bound(label) && !is_never(label)) bound_labels_.push_back(label);
  }
  std::reverse(bound_labels_.begin(), bound_labels_.end());
}

std::size_t ConstraintRules::min_size() const {
  const std::size_t least = semantics_.empty_set == EmptySet::forbid ? 1 : 0;
  return std::max(spec_.min_size, least);
}

Propagation::Propagation(const ConstraintRules& rules, std::size_t max_size)
    : rules_(rules),
      max_size_(max_size),
      in_set_(rules.semantics().num_labels),
      members_(rules.spec().exclusions.size()) {
  missing_.reserve(rules.spec().implications.size());
  for (const Implication& rule : rules.spec().implications) {
    missing_.push_back(static_cast<std::uint32_t>(rule.if_all.size()));
  }
}

bool Propagation::add(LabelId label) {
  bool holds = put(label, kAdded);
  while (holds && followed_ < added_.size()) holds = follow(added_[followed_]);
  return holds;
}

bool Propagation::put(LabelId label, std::uint32_t reason) {
  if (contains(label)) return true;
  in_set_[label] = 1;
  added_.push_back(label);
  reasons_.push_back(reason);
  if (rules_.is_never(label)) {
    conflict_ = {RuleConflict::Kind::never, label, label};
    return false;
  }
  if (added_.size() > max_size_) {
    conflict_ = {RuleConflict::Kind::size, label, label};
    return false;
  }
  return true;
}

// Counts the label in all of its rules, also after a conflict, so that `undo` can count it out.
bool Propagation::follow(LabelId label) {
  ++followed_;
  bool holds = true;
  for (std::uint32_t group : rules_.exclusions_of(label)) {
    if (++members_[group] < 2 || !holds) continue;
    holds = false;
    for (LabelId other : rules_.spec().exclusions[group]) {
      if (other != label && contains(other)) {
        conflict_ = {RuleConflict::Kind::exclusion, other, label};
      }
    }
  }
  for (std::uint32_t rule : rules_.bodies_with(label)) {
    if (--missing_[rule] > 0) continue;
    for (LabelId implied : rules_.spec().implications[rule].then_all) {
      holds = holds && put(implied, rule);
    }
  }
  return holds;
}

void Propagation::undo(std::size_t size) {
  while (added_.size() > size) {
    const LabelId label = added_.back();
    if (added_.size() == followed_) {
      for (std::uint32_t group : rules_.exclusions_of(label)) --members_[group];
      for (std::uint32_t rule : rules_.bodies_with(label)) ++missing_[rule];
      --followed_;
    }
    in_set_[label] = 0;
    added_.pop_back();
    reasons_.pop_back();
  }
}

bool Propagation::is_excluded(LabelId label) const {
  const auto groups = rules_.exclusions_of(label);
  return std::any_of(groups.begin(), groups.end(),
                     [this](std::uint32_t group) { return members_[group] > 0; });
}

}  // namespace labelbeam::decoders
