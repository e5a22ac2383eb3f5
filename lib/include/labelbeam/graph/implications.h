#pragma once

#include <labelbeam/constraint_spec.h>
#include <labelbeam/graph/label_counts.h>
#include <labelbeam/graph/pair_measures.h>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace labelbeam {

/// Sets with one label nearly always have the other too.
struct NearImplication {
  LabelId from = 0;
  LabelId to = 0;   ///< at least as frequent as `from`
  PairTable table;  ///< of `from`, then `to`

  double confidence() const { return table.both / table.first; }
};

/// What makes an implication or an exclusion.
struct RuleOptions {
  double min_confidence = 0.95;  ///< of an implication, in (0.5, 1]
  double min_support = 10.0;     ///< sets with both labels of an implication, above 0
  /// Most sets with both labels of an exclusion, as a share of those expected; in [0, 1).
  double max_observed = 0.0;
  double min_expected = 5.0;  ///< expected sets with both labels of an exclusion, above 0
  double fdr = 0.05;          ///< of implications and exclusions against independence, in (0, 1]
};

/// All near-implications by `from`, then `to`. Of two labels that imply each other the rarer one
/// implies the other (the lower id, if equally frequent), so that there is no circle.
std::vector<NearImplication> near_implications(const LabelCounts& counts,
                                               const RuleOptions& options = {});

/// The implications that do not follow from others of them by a chain (transitive reduction): each
/// label's parents. They must have no circle, else `std::invalid_argument`.
std::vector<NearImplication> hierarchy(std::span<const NearImplication> implications,
                                       std::size_t num_labels);

/// A constraint that the data suggest, and how it fares.
struct SuggestedRule {
  LabelId first = 0;  ///< of an implication: what implies `second`
  LabelId second = 0;
  bool is_implication = false;  ///< else an exclusion
  PairTable table;              ///< as counted
  double violations = 0.0;      ///< share of the sets that the rule is about which break it
  /// Upper end of Wilson's interval of `violations` at 95 percent.
  double violations_upper = 1.0;
  std::optional<double> held_out_violations = std::nullopt;  ///< of other rows; none without any
};

/// Exclusions and implications that the counts suggest, fewest violations (by their upper ends)
/// first.
///
/// An implication is about the sets with its first label, an exclusion about those with either. Of
/// labels that one label implies none exclude each other: with such an exclusion it could be in no
/// set.
/// `held_out` holds the counts of other rows or is null. Implications are those of `hierarchy`.
/// Throws `std::invalid_argument` for options out of range and for held-out counts of another L.
std::vector<SuggestedRule> suggest_rules(const LabelCounts& counts, const RuleOptions& options = {},
                                         const LabelCounts* held_out = nullptr);

/// The rules as constraints, in their order.
ConstraintSpec to_constraints(std::span<const SuggestedRule> rules);

}  // namespace labelbeam
