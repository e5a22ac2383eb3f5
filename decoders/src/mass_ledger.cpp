#include "mass_ledger.h"

#include <algorithm>
#include <cmath>

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

MassLedger::MassLedger(const SetSemantics& semantics)
    : semantics_(semantics), reached_(semantics.num_labels), expanded_(semantics.num_labels) {}

PrefixId MassLedger::expand(PrefixId parent, LabelId position, double log_prob,
                            const MaskedRow& row) {
  const double mass = std::exp(log_prob);
  if (row.weight_sum() > 0.0) {
    const double scale = mass / row.weight_sum();
    for (std::size_t i = row.first(); i < reached_.size(); ++i) {
      reached_[i] += scale * row.weights()[i];
    }
  }
  if (parent != kNoPrefix) {
    expanded_[position] += mass;
    prefixes_[parent].open -= mass;
  }
  prefixes_.push_back({parent, position, mass * row.label_prob()});
  return static_cast<PrefixId>(prefixes_.size() - 1);
}

void MassLedger::append_positions(PrefixId prefix, std::vector<LabelId>& positions) const {
  for (; prefix != 0; prefix = prefixes_[prefix].parent) {
    positions.push_back(prefixes_[prefix].position);
  }
}

LabelSet MassLedger::label_set(PrefixId prefix) const {
  LabelSet set;
  for (; prefix != 0; prefix = prefixes_[prefix].parent) {
    const LabelId position = prefixes_[prefix].position;
    set.insert(semantics_.order.is_fixed() ? semantics_.order.by_rank()[position] : position);
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
  return total;
}

double MassLedger::open_mass_towards(const LabelSet& set) const {
  double by_last_label = 0.0;
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
  return std::min(by_last_label, by_prefix);
}

std::vector<Marginal> MassLedger::marginals() const {
  return semantics_.order.is_fixed() ? fixed_order_marginals() : free_order_marginals();
}

// A label can still come from every open prefix whose last label ranks below it.
std::vector<Marginal> MassLedger::fixed_order_marginals() const {
  std::vector<Marginal> marginals(reached_.size());
  double open_below = 0.0;
  for (std::size_t rank = 0; rank < reached_.size(); ++rank) {
    marginals[semantics_.order.by_rank()[rank]] = bounded(reached_[rank], open_below);
    open_below += open_at(rank);
  }
  return marginals;
}

// A label can still come from every open prefix that does not hold it.
std::vector<Marginal> MassLedger::free_order_marginals() const {
  std::vector<double> open_below(prefixes_.size());  // open mass below a prefix, itself included
  std::vector<double> open_with(reached_.size());    // open mass of prefixes that hold a label
  double total = 0.0;
  for (std::size_t i = prefixes_.size(); i-- > 0;) {
    const double open = std::max(0.0, prefixes_[i].open);
    total += open;
    open_below[i] += open;
    if (prefixes_[i].parent == kNoPrefix) continue;
    open_below[prefixes_[i].parent] += open_below[i];
    open_with[prefixes_[i].position] += open_below[i];
  }
  std::vector<Marginal> marginals(reached_.size());
  for (std::size_t label = 0; label < reached_.size(); ++label) {
    const double open_without = std::max(0.0, total - open_with[label] - open_at(label));
    marginals[label] = bounded(reached_[label], open_without);
  }
  return marginals;
}

}  // namespace labelbeam::decoders
