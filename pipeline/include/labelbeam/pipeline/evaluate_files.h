#pragma once

#include <labelbeam/eval/metrics.h>
#include <labelbeam/readers/row_reader.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace labelbeam::pipeline {

struct EvaluateOptions {
  ReadOptions read;             ///< of the truth
  std::string labels_file;      ///< the labels that there are; empty: those of both files
  eval::Convention convention;  ///< what special cases count as
};

/// Set NLL from the listed sets of a predictions file.
struct FileSetNll {
  double mean = 0.0;     ///< nats a document; infinite where a true set has no probability
  std::size_t rows = 0;  ///< with listed sets
  /// Rows whose true set is not listed. Their set has at most the residual probability, so that the
  /// mean is a lower bound where there are any.
  std::size_t unlisted = 0;
};

/// How well predictions match the truth.
struct FileEvaluation {
  std::size_t rows = 0;        ///< that were compared
  std::size_t unlabelled = 0;  ///< rows of the truth that say nothing of their labels: left out
  std::size_t num_labels = 0;  ///< L
  bool weighted = false;       ///< rows count by their weights
  std::string convention;      ///< `Convention::name()`
  std::vector<eval::MetricValue> metrics;  ///< the standard ones, in their order
  /// Weighted averages, metrics of confusions and figures of sets; then, where every prediction
  /// scores every label, metrics of rankings, and of probabilities if all scores are in [0, 1].
  std::vector<eval::NamedValue> figures;
  std::size_t unranked = 0;           ///< compared rows whose prediction does not score every label
  bool has_scores = false;            ///< some prediction has
  std::size_t improbable = 0;         ///< scores that are not in [0, 1]
  std::optional<FileSetNll> set_nll;  ///< where every prediction lists sets
};

/// Compares a predictions file with the truth. Rows are matched by id, whatever their order.
///
/// The labels are the union of both files, unless a labels file is given (a name a line, or a JSON
/// array of names). Throws `DataError` as the readers do, for an id that only one file has (naming
/// some), a prediction without a decision, and a label that is not in the labels file.
FileEvaluation evaluate_files(const std::string& truth_file, const std::string& prediction_file,
                              const EvaluateOptions& options = {});

/// A table for people.
std::string to_text(const FileEvaluation& evaluation);
/// As docs/schemas/evaluate.schema.json says.
std::string to_json(const FileEvaluation& evaluation);

}  // namespace labelbeam::pipeline
