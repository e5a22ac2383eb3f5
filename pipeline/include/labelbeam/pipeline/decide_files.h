#pragma once

#include <labelbeam/eval/metrics.h>
#include <labelbeam/readers/predictions.h>
#include <labelbeam/readers/row_reader.h>

#include <cstddef>
#include <string>
#include <vector>

namespace labelbeam::pipeline {

/// What the decisions are made from.
enum class DecideFrom {
  automatic,  ///< rules: sets where a row lists them, else scores; thresholds: the other way round
  scores,     ///< scores; rules take the labels to be independent
  sets,       ///< listed sets; thresholds are put on the marginals that these give
};

struct DecideOptions {
  /// A rule (see `Rule::parse`), a threshold strategy (see `ThresholdStrategy::parse`), or
  /// `thresholds`: as `thresholds_file` says.
  std::string decision = "subset_accuracy";
  DecideFrom from = DecideFrom::automatic;
  std::string thresholds_file;    ///< JSON, see `decide_file`
  std::string support_truth;      ///< rows whose label sets are the support, of `support`
  double fixed_threshold = 0.5;   ///< of `fixed`; at 0.5 the scores must be probabilities
  bool top1_if_empty = false;     ///< where no label reaches its threshold: the best-scored one
  std::string valid_truth;        ///< rows that a strategy is tuned on
  std::string valid_predictions;  ///< their scores or sets
  ReadOptions read;               ///< of `valid_truth` and `support_truth`
  eval::Convention convention;    ///< what 0/0 counts as
  std::size_t num_sets = 64;      ///< most probable sets that a rule on scores looks at
};

struct DecideSummary {
  std::size_t rows = 0;
  std::size_t num_labels = 0;
  std::size_t empty = 0;              ///< rows that got no label
  double cardinality = 0.0;           ///< mean number of labels a row
  std::string thresholds_json;        ///< what `thresholds_file` takes; empty where the decision
                                      ///< puts no threshold on a label: rules, cuts and counts
  std::vector<std::string> warnings;  ///< in full sentences
};

struct DecidedFile {
  std::vector<Prediction> predictions;  ///< in the order of the file
  DecideSummary summary;
};

/// Decides anew for every row of a predictions file, which keeps its scores, sets and residual.
///
/// A label that a row gives no score for has score 0. Sets stand for their distribution: weights
/// are their probabilities, normalised; marginals are the scores where a row has them, else those
/// of the weights, with the residual as room above.
///
/// Under a rule for collections, and under `pcut`, the file is the collection: n x L marginals or
/// scores are held at once.
///
/// A thresholds file is a JSON object {"thresholds": {label: number}, "default": number,
/// "top1_if_empty": bool}; without "default" it must name every label.
///
/// Throws `DataError` as the readers do, for a row without what the decision needs, and for a score
/// outside [0, 1] under a rule or a strategy that needs probabilities; `std::invalid_argument` for
/// options that do not fit together.
DecidedFile decide_file(const std::string& prediction_file, const DecideOptions& options = {});

/// As docs/schemas/decide.schema.json says.
std::string to_json(const DecideSummary& summary, const DecideOptions& options);

}  // namespace labelbeam::pipeline
