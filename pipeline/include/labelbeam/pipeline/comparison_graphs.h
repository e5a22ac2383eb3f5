#pragma once

#include <labelbeam/eval/comparison.h>
#include <labelbeam/graph/label_graph.h>
#include <labelbeam/label_vocab.h>
#include <labelbeam/readers/dataset_reader.h>
#include <labelbeam/set_distribution.h>

#include <span>
#include <string>

namespace labelbeam::pipeline {

/// The label graph of a system's answers beside that of the truth: which dependencies the answers
/// lack, and which they have without need. `counts` are of the same rows and labels as `names`;
/// `options.measure` does not matter. Throws `std::invalid_argument` for another number of labels
/// and as `LabelGraph` does.
eval::GraphComparison compare_graphs(const std::string& system, const LabelVocab& names,
                                     const LabelCounts& truth, const LabelCounts& answers,
                                     const LabelGraphOptions& options = {});

/// The same of the expected counts of a system's distributions, one a row.
eval::GraphComparison compare_graphs(const std::string& system, const LabelVocab& names,
                                     const LabelCounts& truth,
                                     std::span<const SetDistribution> distributions,
                                     const LabelGraphOptions& options = {});

/// The same of a predictions file, whose rows are matched with those of the truth by id: a file of
/// rows, or the test file of a data folder. Distributions are those of the sets that a line lists.
/// Throws `DataError` for a truth without labels, where an id has no counterpart and where a line
/// has no labels, or no sets where distributions are counted.
eval::GraphComparison compare_graphs(const std::string& truth_path,
                                     const std::string& predictions_file, const ReadOptions& read,
                                     const LabelGraphOptions& options = {},
                                     eval::CountedSets counted = eval::CountedSets::answers);

/// Tables for people: the figures, then the pairs that are missed and invented, `top` each (0:
/// all).
std::string to_text(const eval::GraphComparison& comparison, std::size_t top = 10);

}  // namespace labelbeam::pipeline
