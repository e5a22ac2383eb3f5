#pragma once

#include <labelbeam/eval/protocol.h>
#include <labelbeam/label_set.h>
#include <labelbeam/score_matrix.h>

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

/// Maps from a label's probability, as a model gives it, to one that is calibrated. They are fitted
/// on validation rows and see nothing else.
///
/// All but isotonic regression act on log-odds, of probabilities taken as no closer to 0 and 1 than
/// 2^-52, and are smooth and never falling; applied to anything but a number in [0, 1] a map throws
/// `std::invalid_argument`.
namespace labelbeam::eval {

/// p' = sigmoid(logit(p) / T) (Guo, Pleiss, Sun & Weinberger 2017).
struct TemperatureMap {
  double temperature = 1.0;

  double apply(double probability) const;
};

/// p' = sigmoid(slope * logit(p) + intercept) (Platt 1999).
struct PlattMap {
  double slope = 1.0;
  double intercept = 0.0;

  double apply(double probability) const;
};

/// p' = sigmoid(a log p - b log(1 - p) + c), a, b >= 0 (Kull, Silva Filho & Flach 2017).
struct BetaMap {
  double a = 1.0;
  double b = 1.0;
  double c = 0.0;

  double apply(double probability) const;
};

/// Linear between `inputs`, constant beyond them (as scikit-learn's IsotonicRegression).
struct IsotonicMap {
  std::vector<double> inputs;   ///< rising, at least 1
  std::vector<double> outputs;  ///< [inputs], never falling

  double apply(double probability) const;
};

using CalibrationMap = std::variant<TemperatureMap, PlattMap, BetaMap, IsotonicMap>;

double apply(const CalibrationMap& map, double probability);

enum class CalibrationMethod { temperature, platt, beta, isotonic };

std::vector<CalibrationMethod> calibration_methods();
std::string to_string(CalibrationMethod method);

/// Fits one map. `probabilities`: [n], in [0, 1]; `outcomes`: [n], whether it came true.
///
/// Temperature: the T in [0.001, 1000] of least log loss. Platt: the least log loss against his
/// smoothed targets, (P + 1) / (P + 2) and 1 / (N + 2) for P positives and N negatives, with the
/// slope held at 0 or above. Beta: the least log loss, each of a, b and |c| at most 1000. Isotonic:
/// least squares by pooling adjacent violators, equal probabilities pooled first.
///
/// The first three minimise convex functions, to a gradient of about 1e-7 a row.
/// Throws `std::invalid_argument` if there are no rows, their numbers differ, or a probability is
/// not in [0, 1].
CalibrationMap fit_calibration(CalibrationMethod method, std::span<const double> probabilities,
                               const std::vector<bool>& outcomes);

/// The maps of all labels.
struct ScoreCalibration {
  std::vector<CalibrationMap> maps;    ///< [L]
  std::vector<LabelId> pooled_labels;  ///< labels with too little support: the pooled map
  std::vector<std::string> warnings;   ///< in full sentences, for the report

  /// `probabilities`: [n, L]. Throws `std::invalid_argument` for another L.
  ScoreMatrix apply(const ScoreMatrix& probabilities) const;
};

/// Fits a map a label, or one for all labels under temperature. A label with fewer than
/// `min_positives` positive rows gets the map that is fitted to the cells of all labels.
/// `probabilities`: [n, L]; `truth`: [n], both of validation rows.
/// Throws `std::invalid_argument` as `fit_calibration` does, and for a truth id >= L.
ScoreCalibration calibrate_scores(CalibrationMethod method, const ScoreMatrix& probabilities,
                                  TuningTruth truth, std::uint64_t min_positives = 20);

}  // namespace labelbeam::eval
