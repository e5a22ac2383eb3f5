#pragma once

#include <labelbeam/constraint_spec.h>
#include <labelbeam/label_vocab.h>

#include <string>

namespace labelbeam {

/// The JSON object that `read_constraints` reads, on lines of its own; every field but a `max_size`
/// that is not set. Throws `std::invalid_argument` for broken UTF-8 in a name and
/// `std::out_of_range` for a label without a name.
std::string to_json(const ConstraintSpec& spec, const LabelVocab& labels);

/// Writes constraints as `read_constraints` reads them. Throws `WriteError`.
void write_constraints(const std::string& path, const ConstraintSpec& spec,
                       const LabelVocab& labels);

}  // namespace labelbeam
