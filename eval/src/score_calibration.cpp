#include <fmt/format.h>
#include <labelbeam/eval/compensated_sum.h>
#include <labelbeam/eval/score_calibration.h>

#include <algorithm>
#include <stdexcept>

#include "fit_temperature.h"
#include "isotonic_fit.h"
#include "log_odds.h"
#include "logistic_fit.h"
#include "score_checks.h"

namespace labelbeam::eval {
namespace {

constexpr double kMaxWeight = 1e3;  // classes that are parted would make weights infinite

void check_probability(double probability) {
  if (!(probability >= 0.0 && probability <= 1.0)) {
    throw std::invalid_argument(
        fmt::format("calibration: a probability must be in [0, 1], got {}", probability));
  }
}

double log_odds(double probability) {
  check_probability(probability);
  return LogProbabilities(probability).log_odds();
}

TemperatureMap fit_temperature_map(std::span<const double> probabilities,
                                   const std::vector<bool>& outcomes) {
  std::vector<double> logits;
  for (const double p : probabilities) logits.push_back(log_odds(p));
  return {fit_temperature([&](double inverse) {
    CompensatedSum slope;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const double logit = outcomes[i] ? logits[i] : -logits[i];
      slope.add(-logit * sigmoid(-inverse * logit));
    }
    return slope.value();
  })};
}

PlattMap fit_platt(std::span<const double> probabilities, const std::vector<bool>& outcomes) {
  const auto positives = static_cast<double>(std::count(outcomes.begin(), outcomes.end(), true));
  const double negatives = static_cast<double>(outcomes.size()) - positives;
  const double positive_target = (positives + 1.0) / (positives + 2.0);
  const double negative_target = 1.0 / (negatives + 2.0);
  LogisticProblem problem{{}, {}, {1.0, 0.0}, {0.0, -kMaxWeight}, {kMaxWeight, kMaxWeight}};
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    problem.inputs.insert(problem.inputs.end(), {log_odds(probabilities[i]), 1.0});
    problem.targets.push_back(outcomes[i] ? positive_target : negative_target);
  }
  const std::vector<double> weights = fit_logistic(problem);
  return {weights[0], weights[1]};
}

BetaMap fit_beta(std::span<const double> probabilities, const std::vector<bool>& outcomes) {
  LogisticProblem problem{
      {}, {}, {1.0, 1.0, 0.0}, {0.0, 0.0, -kMaxWeight}, {kMaxWeight, kMaxWeight, kMaxWeight}};
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const LogProbabilities logs(probabilities[i]);
    problem.inputs.insert(problem.inputs.end(), {logs.of_true, -logs.of_false, 1.0});
    problem.targets.push_back(outcomes[i] ? 1.0 : 0.0);
  }
  const std::vector<double> weights = fit_logistic(problem);
  return {weights[0], weights[1], weights[2]};
}

CalibrationMap fit_pooled(CalibrationMethod method, const ScoreMatrix& probabilities,
                          std::span<const LabelSet> truth) {
  std::vector<bool> outcomes;
  outcomes.reserve(probabilities.values.size());
  for (const LabelSet& set : truth) {
    for (std::size_t l = 0; l < probabilities.num_labels; ++l) {
      outcomes.push_back(set.contains(static_cast<LabelId>(l)));
    }
  }
  return fit_calibration(method, probabilities.values, outcomes);
}

}  // namespace

double TemperatureMap::apply(double probability) const {
  return sigmoid(log_odds(probability) / temperature);
}

double PlattMap::apply(double probability) const {
  return sigmoid(slope * log_odds(probability) + intercept);
}

double BetaMap::apply(double probability) const {
  check_probability(probability);
  const LogProbabilities logs(probability);
  return sigmoid(a * logs.of_true - b * logs.of_false + c);
}

double IsotonicMap::apply(double probability) const {
  check_probability(probability);
  const auto above = std::upper_bound(inputs.begin(), inputs.end(), probability);
  if (above == inputs.begin()) return outputs.front();
  if (above == inputs.end()) return outputs.back();
  const auto right = static_cast<std::size_t>(above - inputs.begin());
  const std::size_t left = right - 1;
  const double share = (probability - inputs[left]) / (inputs[right] - inputs[left]);
  return outputs[left] + share * (outputs[right] - outputs[left]);
}

double apply(const CalibrationMap& map, double probability) {
  return std::visit([&](const auto& kind) { return kind.apply(probability); }, map);
}

std::vector<CalibrationMethod> calibration_methods() {
  return {CalibrationMethod::temperature, CalibrationMethod::platt, CalibrationMethod::beta,
          CalibrationMethod::isotonic};
}

std::string to_string(CalibrationMethod method) {
  switch (method) {
    case CalibrationMethod::temperature:
      return "temperature";
    case CalibrationMethod::platt:
      return "platt";
    case CalibrationMethod::beta:
      return "beta";
    case CalibrationMethod::isotonic:
      return "isotonic";
  }
  throw std::invalid_argument("calibration: there is no such method");
}

CalibrationMap fit_calibration(CalibrationMethod method, std::span<const double> probabilities,
                               const std::vector<bool>& outcomes) {
  if (probabilities.empty() || probabilities.size() != outcomes.size()) {
    throw std::invalid_argument(
        fmt::format("fit_calibration: there must be rows, and as many outcomes as probabilities, "
                    "got {} and {}",
                    outcomes.size(), probabilities.size()));
  }
  for (const double p : probabilities) check_probability(p);
  switch (method) {
    case CalibrationMethod::temperature:
      return fit_temperature_map(probabilities, outcomes);
    case CalibrationMethod::platt:
      return fit_platt(probabilities, outcomes);
    case CalibrationMethod::beta:
      return fit_beta(probabilities, outcomes);
    case CalibrationMethod::isotonic:
      return fit_isotonic(probabilities, outcomes);
  }
  throw std::invalid_argument("fit_calibration: there is no such method");
}

ScoreMatrix ScoreCalibration::apply(const ScoreMatrix& probabilities) const {
  if (probabilities.num_labels != maps.size()) {
    throw std::invalid_argument(fmt::format("ScoreCalibration: there are {} maps, but {} labels",
                                            maps.size(), probabilities.num_labels));
  }
  ScoreMatrix calibrated = probabilities;
  for (std::size_t i = 0; i < calibrated.num_rows; ++i) {
    const std::span<double> row = calibrated.row(i);
    for (std::size_t l = 0; l < row.size(); ++l) row[l] = eval::apply(maps[l], row[l]);
  }
  return calibrated;
}

ScoreCalibration calibrate_scores(CalibrationMethod method, const ScoreMatrix& probabilities,
                                  TuningTruth tuned_on, std::uint64_t min_positives) {
  const std::span<const LabelSet> truth = tuned_on.rows();
  check_scores("calibrate_scores", probabilities, truth);
  const std::size_t num_labels = probabilities.num_labels;
  ScoreCalibration calibration;
  if (method == CalibrationMethod::temperature) {
    calibration.maps.assign(num_labels, fit_pooled(method, probabilities, truth));
    return calibration;
  }
  calibration.maps.resize(num_labels);
  std::vector<double> column(truth.size());
  std::vector<bool> outcomes(truth.size());
  for (std::size_t l = 0; l < num_labels; ++l) {
    const auto label = static_cast<LabelId>(l);
    for (std::size_t i = 0; i < truth.size(); ++i) {
      column[i] = probabilities.row(i)[l];
      outcomes[i] = truth[i].contains(label);
    }
    const auto positives = std::count(outcomes.begin(), outcomes.end(), true);
    if (static_cast<std::uint64_t>(positives) < min_positives) {
      calibration.pooled_labels.push_back(label);
    } else {
      calibration.maps[l] = fit_calibration(method, column, outcomes);
    }
  }
  if (calibration.pooled_labels.empty()) return calibration;
  const CalibrationMap pooled = fit_pooled(method, probabilities, truth);
  for (const LabelId label : calibration.pooled_labels) calibration.maps[label] = pooled;
  calibration.warnings.push_back(fmt::format(
      "Calibration a label: {} of {} labels have fewer than {} positive rows and got the pooled "
      "map.",
      calibration.pooled_labels.size(), num_labels, min_positives));
  return calibration;
}

}  // namespace labelbeam::eval
