#include "mass_ledger.h"

#include <algorithm>
#include <cmath>

#include "positions.h"

namespace labelbeam::decoders {
namespace {

Marginal bounded(double lower, double open) {
  Marginal marginal;
  marginal.lower = std::min(1.0, lower);
  marginal.upper = std::min(1.0, marginal.lower + open);
  marginal.estimate = marginal.lower;
  return marginal;
}

}  // namespace

MassLedger::MassLedger(const SetSemantics& semantics, const Constraints* constraints)
    : semantics_(semantics),
      constraints_(constraints),
      reached_(semantics.num_labels),
      expanded_(semantics.num_labels),
      closed_with_(is_conditional() ? semantics.num_labels : 0) {}

void MassLedger::clear() {
  prefixes_.clear();
  set_aside_.clear();
  std::fill(reached_.begin(), reached_.end(), 0.0);
  std::fill(expanded_.begin(), expanded_.end(), 0.0);
  std::fill(closed_with_.begin(), closed_with_.end(), 0.0);
  closed_ = 0.0;
  unknown_ = 0.0;
}

PrefixId MassLedger::expand(PrefixId parent, LabelId position, double log_prob,
                            const MaskedRow& row) {
  const double mass = std::exp(log_prob);
  if (row.weight_sum() > 0.0) {
    const double scale = mass / row.weight_sum();
    for (std::size_t i = row.first(); i < reached_.size(); ++i) {
      reached_[i] += scale * row.weights()[i];
    }
  }
  return enter(parent, position, mass, mass * row.label_prob());
}

PrefixId MassLedger::enter(PrefixId parent, LabelId position, double mass, double open) {
  if (parent != kNoPrefix) take_from_open(parent, position, mass);
  prefixes_.push_back({parent, position, open});
  return static_cast<PrefixId>(prefixes_.size() - 1);
}

void MassLedger::take_from_open(PrefixId parent, LabelId position, double mass) {
  expanded_[position] += mass;
  prefixes_[parent].open -= mass;
}

void MassLedger::merge(PrefixId from, LabelId label, PrefixId into, LabelId into_label,
                       double mass) {
  take_from_open(from, label, mass);
  take_from_open(into, into_label, -mass);
}

void MassLedger::set_aside(PrefixId parent, LabelId label, double mass) {
  take_from_open(parent, label, mass);
  set_aside_.push_back({parent, label, mass});
}

void MassLedger::close(PrefixId prefix, double mass) {
  closed_ += mass;
  if (!is_conditional()) return;
  for (; prefix != 0; prefix = prefixes_[prefix].parent) {
    closed_with_[prefixes_[prefix].position] += mass;
  }
}

void MassLedger::append_positions(PrefixId prefix, std::vector<LabelId>& positions) const {
  for (; prefix != 0; prefix = prefixes_[prefix].parent) {
    positions.push_back(prefixes_[prefix].position);
  }
}

LabelSet MassLedger::label_set(PrefixId prefix) const {
  LabelSet set;
  for (; prefix != 0; prefix = prefixes_[prefix].parent) {
    set.insert(label_at(semantics_, prefixes_[prefix].position));
  }
  return set;
}

// What is open is a difference of sums and may be a rounding error below zero.

double MassLedger::open_at(std::size_t position) const {
  return std::max(0.0, reached_[position] - expanded_[position]);
}

double MassLedger::open_mass() const {
  double total = 0.0;
  for (const Prefix& prefix : prefixes_) total += std::max(0.0, prefix.open);
  for (const Prefix& prefix : set_aside_) total += prefix.open;
  return total;
}

double MassLedger::open_mass(PrefixId prefix) const {
  return std::max(0.0, prefixes_[prefix].open);
}

double MassLedger::open_mass_towards(const LabelSet& set) const {
  double by_last_label = unknown_;
  for (LabelId label : set) by_last_label += open_at(label);
  double by_prefix = 0.0;
  std::vector<std::size_t> size_inside(prefixes_.size());  // 1 + size; 0: not a subset of the set
  for (std::size_t i = 0; i < prefixes_.size(); ++i) {
    const Prefix& prefix = prefixes_[i];
    if (prefix.parent == kNoPrefix) {
      size_inside[i] = 1;
    } else if (size_inside[prefix.parent] > 0 && set.contains(prefix.position)) {
      size_inside[i] = size_inside[prefix.parent] + 1;
    }
    const bool child_fits = size_inside[i] > 0 && size_inside[i] <= set.size();
    if (child_fits) by_prefix += std::max(0.0, prefix.open);
  }
  double by_labels = 0.0;
  for (const Prefix& prefix : set_aside_) {
    const std::size_t parent_size = size_inside[prefix.parent];
    const bool fits = parent_size > 0 && parent_size <= set.size() && set.contains(prefix.position);
    if (fits) by_labels += prefix.open;
  }
  return std::min(by_last_label, by_prefix) + by_labels;
}

bool MassLedger::is_conditional() const {
  return constraints_ != nullptr && constraints_->meaning() == ConstraintMeaning::condition;
}

Interval MassLedger::valid() const {
  if (!is_conditional()) return {1.0, 1.0};
  const double lower = std::min(1.0, closed_);
  return {lower, std::min(1.0, lower + open_mass())};
}

/// [L] by position: the open mass of prefixes that hold a label.
std::vector<double> MassLedger::open_with() const {
  std::vector<double> below(prefixes_.size());  // open mass below a prefix, itself included
  std::vector<double> with(reached_.size());
  for (const Prefix& prefix : set_aside_) {
    below[prefix.parent] += prefix.open;
    with[prefix.position] += prefix.open;
  }
  for (std::size_t i = prefixes_.size(); i-- > 0;) {
    below[i] += std::max(0.0, prefixes_[i].open);
    if (prefixes_[i].parent == kNoPrefix) continue;
    below[prefixes_[i].parent] += below[i];
    with[prefixes_[i].position] += below[i];
  }
  for (std::size_t i = 0; i < with.size(); ++i) with[i] += open_at(i);
  return with;
}

/// [L] by position: the open mass of prefixes from which a label can still come. Fixed order: those
/// whose last label ranks below it. Free order: those that do not hold it.
std::vector<double> MassLedger::open_towards(const std::vector<double>& open_with) const {
  std::vector<double> towards(reached_.size());
  double open_below = 0.0;
  const double open = semantics_.order.is_fixed() ? 0.0 : open_mass();
  for (std::size_t i = 0; i < towards.size(); ++i) {
    towards[i] =
        semantics_.order.is_fixed() ? open_below + unknown_ : std::max(0.0, open - open_with[i]);
    open_below += open_at(i);
  }
  return towards;
}

// With a = p(valid, l in Y) and b = p(valid, l not in Y) bounded each, p(l in Y | valid) = a / (a +
// b).
Marginal MassLedger::conditional(std::size_t position, double open_with,
                                 double open_towards) const {
  const double with = closed_with_[position];
  const double without = std::max(0.0, closed_ - with);
  const double most_with = with + open_with + open_towards;
  const double most_without = without + std::max(0.0, open_mass() - open_with);
  Marginal marginal;
  if (with > 0.0) marginal.lower = with / (with + most_without);
  marginal.upper = most_with > 0.0 ? most_with / (most_with + without) : 0.0;
  marginal.upper = std::max(marginal.lower, marginal.upper);  // equal but for rounding
  marginal.estimate =
      std::clamp(closed_ > 0.0 ? with / closed_ : 0.0, marginal.lower, marginal.upper);
  return marginal;
}

std::vector<Marginal> MassLedger::marginals() const {
  const bool needs_holders = is_conditional() || !semantics_.order.is_fixed();
  const std::vector<double> with =
      needs_holders ? open_with() : std::vector<double>(reached_.size());
  const std::vector<double> towards = open_towards(with);
  std::vector<Marginal> marginals(reached_.size());
  for (std::size_t i = 0; i < marginals.size(); ++i) {
    marginals[label_at(semantics_, i)] =
        is_conditional() ? conditional(i, with[i], towards[i]) : bounded(reached_[i], towards[i]);
  }
  return marginals;
}

}  // namespace labelbeam::decoders
