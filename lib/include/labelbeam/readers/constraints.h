#pragma once

#include <labelbeam/constraint_spec.h>
#include <labelbeam/label_vocab.h>

#include <string>

namespace labelbeam {

/// Reads constraints by label name, of which every field may be left out: {"exclusions": [["a",
/// "b"]], "implications": [{"if": ["child"], "then": ["parent"]}], "must": [], "never": [],
/// "min_size": 0, "max_size": 3}.
///
/// Throws `DataError` for any other field, a wrong type, an unknown or repeated label, a group
/// without labels, a size that is not a whole number of at least 0, and what is not JSON. Whether
/// some set satisfies the constraints is not looked at.
ConstraintSpec read_constraints(const std::string& file, const LabelVocab& labels);

}  // namespace labelbeam
