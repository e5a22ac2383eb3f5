#pragma once

#include <labelbeam/dataset.h>
#include <labelbeam/label_set.h>
#include <labelbeam/label_vocab.h>

#include <span>
#include <string>
#include <vector>

namespace labelbeam::pipeline {

/// Label names of a file: a name a line (empty lines are left out), or a JSON array of strings.
/// Throws `DataError` for a repeated or empty name and a file without names.
LabelVocab read_label_names(const std::string& file);

/// Throws `DataError`, ending in `hint`, where no row of a file has a label or all rows are without
/// "labels".
void require_labels(const Dataset& data, const std::string& file, const std::string& hint = "");

/// The ids of names; new names are added to the vocabulary.
LabelSet add_label_set(std::span<const std::string> names, LabelVocab& labels);

/// The ids of names that the vocabulary has.
LabelSet ids_of(std::span<const std::string> names, const LabelVocab& labels);

std::vector<std::string> names_of(const LabelSet& set, const LabelVocab& labels);

/// `"a", "b", "c" and 4 more`.
std::string some_of(std::span<const std::string> names);

}  // namespace labelbeam::pipeline
