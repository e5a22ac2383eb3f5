#pragma once

#include <labelbeam/set_distribution.h>
#include <labelbeam/set_semantics.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "masked_row.h"

namespace labelbeam::decoders {

/// Index of an expanded prefix in its document's ledger; parents come before their children.
using PrefixId = std::uint32_t;
inline constexpr PrefixId kNoPrefix = std::numeric_limits<PrefixId>::max();

/// Where the mass of one document went: the expanded prefixes, what their children hold, and how
/// much of that is *open*, that is in children that were not expanded (live, pruned or beyond D).
///
/// A child needs no entry of its own: it is a sum over expanded prefixes by last label. Positions
/// as in `MaskedRow`.
class MassLedger {
 public:
  /// `constraints` may be null.
  MassLedger(const SetSemantics& semantics, const Constraints* constraints);

  /// Forgets everything, and keeps the memory.
  void clear();
  /// Records that the prefix `parent` + `position` (the root: `kNoPrefix`, any position) was
  /// expanded to `row`. Returns its id: ids count from 0.
  PrefixId expand(PrefixId parent, LabelId position, double log_prob, const MaskedRow& row);
  /// The same in pieces, where not every label of the row is known: the prefix, of which `open` is
  /// the mass that labels may follow;
  PrefixId enter(PrefixId parent, LabelId position, double mass, double open);
  /// each known label's mass,
  void reach(LabelId position, double mass) { reached_[position] += mass; }
  /// and the part of `open` whose labels are not known.
  void leave_closed(double mass) { unknown_ += mass; }
  std::size_t num_expanded() const { return prefixes_.size(); }
  PrefixId parent(PrefixId prefix) const { return prefixes_[prefix].parent; }
  /// The position of the last label; of the root any.
  LabelId position(PrefixId prefix) const { return prefixes_[prefix].position; }
  /// Records that END after an expanded prefix has this mass.
  void close(PrefixId prefix, double mass);

  /// Free order: records that the mass of the child `from` + `label` is carried by the child
  /// `into` + `into_label` of the same labels.
  void merge(PrefixId from, LabelId label, PrefixId into, LabelId into_label, double mass);
  /// Free order: records the child `parent` + `label` as an open prefix by itself, so that bounds
  /// know all its labels. It is never expanded.
  void set_aside(PrefixId parent, LabelId label, double mass);

  /// Appends the positions of a prefix, its last label first.
  void append_positions(PrefixId prefix, std::vector<LabelId>& positions) const;
  LabelSet label_set(PrefixId prefix) const;

  /// Whether there are constraints and what is asked is given that they hold.
  bool is_conditional() const;
  /// The mass of all prefixes that were not expanded.
  double open_mass() const;
  /// The part of it in children of one prefix.
  double open_mass(PrefixId prefix) const;
  /// Free order: an upper bound of the open mass from which `set` can still come.
  double open_mass_towards(const LabelSet& set) const;
  /// p(the constraints hold): closed mass below, with the open mass above.
  Interval valid() const;
  /// [L], by label; given that the constraints hold.
  std::vector<Marginal> marginals() const;

 private:
  struct Prefix {
    PrefixId parent;
    LabelId position;
    double open;  // mass of its children that were neither expanded nor set aside
  };

  void take_from_open(PrefixId parent, LabelId position, double mass);
  double open_at(std::size_t position) const;
  std::vector<double> open_with() const;
  std::vector<double> open_towards(const std::vector<double>& open_with) const;
  Marginal conditional(std::size_t position, double open_with, double open_towards) const;

  const SetSemantics& semantics_;
  const Constraints* constraints_;
  std::vector<Prefix> prefixes_;
  std::vector<Prefix> set_aside_;    // their own mass is what is open
  std::vector<double> reached_;      // [L] mass of all children that end in a position
  std::vector<double> expanded_;     // [L] the part of it in children expanded or set aside
  double unknown_ = 0.0;             // open mass of children whose last label is not known
  double closed_ = 0.0;              // mass of the sequences that were closed
  std::vector<double> closed_with_;  // [L] the part of it with a label; only where conditional
};

}  // namespace labelbeam::decoders
