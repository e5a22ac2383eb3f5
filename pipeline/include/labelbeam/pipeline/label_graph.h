#pragma once

#include <labelbeam/readers/dataset_reader.h>
#include <labelbeam/writers/label_graph.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace labelbeam::pipeline {

/// What `labelbeam graph` makes of a data set.
struct LabelGraphRunOptions {
  ReadOptions read = {};
  LabelGraphOptions graph = {};
  bool communities = false;   ///< look for communities
  bool centralities = false;  ///< measure how central each label is
  bool tree = false;          ///< make the Chow-Liu tree
  bool cliques = false;       ///< list the maximal cliques of three labels or more, largest first
  /// How many of the most frequent sets of three labels or more are listed; 0: none. They are in 10
  /// rows at least, or in the graph's `min_support` where that is more.
  std::size_t num_sets = 0;
  /// Suggest constraints, at the graph's `fdr` and at its `min_support` where that is above that of
  /// `RuleOptions`.
  bool rules = false;
  std::uint64_t seed = 1;  ///< of the communities
};

/// The label graph of a file of rows, or of the train file of a data folder; the tree's held-out
/// gain and the rules' held-out violations are then those on valid, or on test where there is no
/// valid, and so is the second share of rows that break any rule. Throws as `read_dataset` and
/// `LabelGraph` do, `std::invalid_argument` where there are very many cliques or sets, and
/// `DataError` for a file without labels or labelled rows.
LabelGraphDocument label_graph(const std::string& path, const LabelGraphRunOptions& options = {});

/// The label graph of the expected counts of the distributions in a predictions file: every set
/// that a row lists counts with its probability, normalised over the listed sets, so that the mass
/// of others is shared out among these in proportion. Labels are those that the sets name. There is
/// no held-out part; `options.read` does not matter. Throws as `PredictionReader` and `LabelGraph`
/// do, `std::invalid_argument` where rules or sets are asked for, and `DataError` for a row without
/// sets and a file without rows or labels.
LabelGraphDocument expected_label_graph(const std::string& predictions_file,
                                        const LabelGraphRunOptions& options = {});

/// Tables for people: `top` strongest pairs in both directions, most central labels by PageRank and
/// first suggested constraints with their rows and violations, largest cliques (0: all),
/// communities, the tree, frequent sets, and the share of rows that break any constraint.
std::string to_text(const LabelGraphDocument& document, std::size_t top = 10);

}  // namespace labelbeam::pipeline
