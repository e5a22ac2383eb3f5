#pragma once

#include <labelbeam/constraint_spec.h>
#include <labelbeam/graph/chow_liu_tree.h>
#include <labelbeam/graph/label_counts.h>
#include <labelbeam/label_order.h>

#include <span>

namespace labelbeam {

// Fixed label orders for a decoder, each a guess at which labels are best told first. Of the labels
// that may come next the most frequent one does; ties by id. Those down a tree or a hierarchy end
// each branch before the next one begins: parents are mostly more frequent than their children, so
// that otherwise little would differ from the order of the frequencies.

/// Most frequent label first.
LabelOrder frequency_order(const LabelCounts& counts);

/// From the root of the Chow-Liu tree on: a label is followed by its children, most frequent first,
/// each with what stands below it. Throws `std::invalid_argument` for a tree of another L.
LabelOrder tree_order(const LabelCounts& counts, const ChowLiuTree& tree);

/// Along the maximum branching in which a label's parent is the label that best foretells it: an
/// arc from a to b weighs p(b | a), b as a root p(b), estimated with `smoothing` prior sets that
/// follow independence. A label that foretells a more frequent one comes first, so that the other
/// is nearly certain when its turn comes. Throws `std::invalid_argument` for counts of nothing and
/// unless `smoothing` is finite and above 0.
LabelOrder arborescence_order(const LabelCounts& counts, double smoothing = 1.0);

/// Down a hierarchy such as {child} -> {parent}: every label of `then_all` comes before those of
/// `if_all`, and a label is followed by what stands below it. Throws `std::invalid_argument` for
/// labels >= L and implications in a circle.
LabelOrder topological_order(const LabelCounts& counts, std::span<const Implication> implications);

}  // namespace labelbeam
