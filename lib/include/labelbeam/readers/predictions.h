#pragma once

#include <labelbeam/set_distribution.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace labelbeam {

/// A label set with its probability, by name.
struct PredictedSet {
  std::vector<std::string> labels;
  double log_prob = 0.0;  ///< nats

  bool operator==(const PredictedSet&) const = default;
};

/// What is proven of a prediction.
struct Certificate {
  bool best_set = false;  ///< no set can be more probable than the first of `sets`
  bool answer = false;    ///< no other answer can have a larger expected utility
  /// Of the answer, and above the best other answer; none where the answer was no rule's.
  std::optional<double> expected_utility = std::nullopt;
  std::optional<double> margin = std::nullopt;
  Interval valid{1.0, 1.0};  ///< p(the constraints hold)

  bool operator==(const Certificate&) const = default;
};

/// What a model said of one document, by name: one line of a predictions file.
struct Prediction {
  std::string id;
  std::vector<std::string> labels;  ///< the decision
  bool decided = true;              ///< false: the line has scores or sets only
  std::vector<std::pair<std::string, double>>
      scores;                      ///< a score a label, sorted by name; or empty
  std::vector<PredictedSet> sets;  ///< as given, best first; or empty
  std::optional<double> residual;  ///< probability of the sets not listed
  /// Written, not read back: it is of the answer that was given with it.
  std::optional<Certificate> certificate;

  bool operator==(const Prediction&) const = default;
};

/// Reads JSON lines {"id", "labels", "scores": {label: number}, "sets": [{"labels", "log_prob"}],
/// "residual": number}, of which "id" and one of "labels", "scores" and "sets" must be there.
///
/// Throws `DataError` for a repeated id, a repeated set or label, a number that is not finite, a
/// log_prob above 0, a residual outside [0, 1], and sets whose probabilities sum to more than 1.
class PredictionReader {
 public:
  explicit PredictionReader(const std::string& path);
  ~PredictionReader();
  PredictionReader(PredictionReader&&) noexcept;
  PredictionReader& operator=(PredictionReader&&) noexcept;

  /// The next prediction; false at the end.
  bool next(Prediction& prediction);
  std::size_t line_number() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// All predictions of a file. An empty file is a `DataError`.
std::vector<Prediction> read_predictions(const std::string& path);

}  // namespace labelbeam
