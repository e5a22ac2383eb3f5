#include "comparison_calibration.h"

#include <fmt/format.h>
#include <labelbeam/eval/conformal.h>
#include <labelbeam/eval/listed_sets.h>
#include <labelbeam/eval/probability_metrics.h>
#include <labelbeam/eval/score_calibration.h>
#include <labelbeam/eval/set_calibration.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace labelbeam::pipeline {
namespace {

constexpr std::uint64_t kRegionSeed = 1;
constexpr double kCoverage[] = {0.8, 0.9, 0.95};

/// A split, as `eval` takes sets.
template <eval::Part part>
struct ListedSplit {
  std::vector<eval::ListedSets> lists;
  std::vector<double> uniforms;
  eval::PartTruth<part> truth;
};

using Valid = CalibrationSplit<eval::Part::valid>;
using Test = CalibrationSplit<eval::Part::test>;
using ListedValid = ListedSplit<eval::Part::valid>;
using ListedTest = ListedSplit<eval::Part::test>;

template <eval::Part part>
ListedSplit<part> list_split(const CalibrationSplit<part>& split) {
  ListedSplit<part> listed;
  std::vector<LabelSet> truth;
  for (std::size_t i = 0; i < split.documents.size(); ++i) {
    const Example& row = split.data.rows[i];
    listed.lists.push_back(eval::list_sets(split.documents[i].sets));
    listed.uniforms.push_back(eval::row_uniform(kRegionSeed, row.id));
    truth.push_back(row.labels);
  }
  listed.truth = eval::PartTruth<part>(std::move(truth));
  return listed;
}

/// Marginals may lie outside [0, 1] by rounding.
ScoreMatrix probabilities(const ScoreMatrix& scores) {
  ScoreMatrix clamped = scores;
  for (double& score : clamped.values) score = std::clamp(score, 0.0, 1.0);
  return clamped;
}

double label_error(const ScoreMatrix& scores, std::span<const LabelSet> truth) {
  for (const eval::NamedValue& value : eval::evaluate_probabilities(scores, truth)) {
    if (value.name == "expected_calibration_error_micro") return value.value;
  }
  throw std::logic_error("comparison: there is no calibration error of labels");
}

void add_labels(const Valid& valid, const Test& test, eval::SetCalibration& calibration,
                std::vector<std::string>& warnings) {
  const ScoreMatrix valid_scores = probabilities(valid.scores);
  const ScoreMatrix test_scores = probabilities(test.scores);
  calibration.label_error = label_error(test_scores, test.known_truth);
  for (const eval::CalibrationMethod method : eval::calibration_methods()) {
    const eval::ScoreCalibration maps =
        eval::calibrate_scores(method, valid_scores, valid.known_truth);
    calibration.label_errors_after[eval::to_string(method)] =
        label_error(maps.apply(test_scores), test.known_truth);
    for (const std::string& warning : maps.warnings) {
      const std::string line = fmt::format("{}: {}", calibration.system, warning);
      // Every kind of map a label says the same.
      if (warnings.empty() || warnings.back() != line) warnings.push_back(line);
    }
  }
}

void add_sets(const ListedValid& valid, const ListedTest& test, eval::SetCalibration& calibration) {
  const eval::SetReliability top = eval::top_set_reliability(test.lists, test.truth);
  calibration.top_set_error = top.calibration_error;
  calibration.top_set_bins = top.bins;
  const eval::SetReliability all = eval::listed_set_reliability(test.lists, test.truth);
  calibration.listed_set_error = all.calibration_error;
  calibration.listed_set_bins = all.bins;
  const eval::OtherReliability other = eval::other_reliability(test.lists, test.truth);
  calibration.other_probability = other.probability;
  calibration.other_frequency = other.frequency;

  calibration.temperature = eval::fit_set_temperature(valid.lists, valid.truth);
  const eval::ListedNll before = eval::listed_nll(test.lists, test.truth);
  calibration.nll_before = before.mean;
  calibration.impossible = before.impossible;
  std::vector<eval::ListedSets> tempered;
  for (const eval::ListedSets& row : test.lists) {
    tempered.push_back(eval::apply_temperature(row, calibration.temperature));
  }
  calibration.nll_after = eval::listed_nll(tempered, test.truth).mean;
}

void add_regions(const ListedValid& valid, const ListedTest& test,
                 eval::SetCalibration& calibration) {
  for (const eval::ConformityScore score :
       {eval::ConformityScore::aps, eval::ConformityScore::lac}) {
    std::vector<double> scores;
    for (std::size_t i = 0; i < valid.lists.size(); ++i) {
      scores.push_back(
          eval::nonconformity_of(score, valid.lists[i], valid.uniforms[i], valid.truth[i]));
    }
    for (const double coverage : kCoverage) {
      const eval::ConformalThreshold threshold = eval::calibrate_conformal(scores, coverage);
      const eval::RegionFigures figures =
          eval::measure_regions(score, threshold, test.lists, test.uniforms, test.truth);
      calibration.regions.push_back({eval::to_string(score), coverage, figures.covered,
                                     figures.mean_sets, figures.other_share,
                                     threshold.is_everything()});
    }
  }
}

}  // namespace

eval::SetCalibration measure_calibration(const std::string& system, const Valid& valid,
                                         const Test& test, std::vector<std::string>& warnings) {
  eval::SetCalibration calibration;
  calibration.system = system;
  add_labels(valid, test, calibration, warnings);
  const ListedValid listed_valid = list_split(valid);
  const ListedTest listed_test = list_split(test);
  add_sets(listed_valid, listed_test, calibration);
  add_regions(listed_valid, listed_test, calibration);
  return calibration;
}

}  // namespace labelbeam::pipeline
