#pragma once

#include <labelbeam/constraint_spec.h>
#include <labelbeam/set_semantics.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace labelbeam::test_support {

/// Random rules of every kind over a few labels, at times unsatisfiable.
ConstraintSpec random_spec(std::mt19937_64& random, std::size_t num_labels);

/// Label sets as bits, at most 32 labels.
using LabelBits = std::uint32_t;
LabelBits bits_of(const LabelSet& labels);

/// Whether a set satisfies a spec, and is not empty where that is forbidden: by the definitions.
bool satisfies(const ConstraintSpec& spec, EmptySet empty_set, LabelBits labels);

/// Every set that does, out of all 2^L.
std::vector<LabelBits> valid_sets(const ConstraintSpec& spec, const SetSemantics& semantics);

/// A spec that some set of at most D labels satisfies.
ConstraintSpec random_satisfiable_spec(std::mt19937_64& random, const SetSemantics& semantics);

/// The mask after a prefix by its definition: END where the prefix is a valid set; a label that the
/// semantics admit where a valid set holds it and the prefix and, under a fixed order, nothing else
/// that ranks below it.
std::vector<unsigned char> mask_by_enumeration(const std::vector<LabelBits>& valid,
                                               const SetSemantics& semantics,
                                               const LabelSet& prefix);

}  // namespace labelbeam::test_support
