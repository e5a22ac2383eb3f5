#pragma once

#include <labelbeam/dataset.h>
#include <labelbeam/eval/comparison.h>
#include <labelbeam/eval/protocol.h>
#include <labelbeam/label_set.h>
#include <labelbeam/pipeline/decisions.h>
#include <labelbeam/score_matrix.h>

#include <span>
#include <string>
#include <vector>

namespace labelbeam::pipeline {

/// What a system says of one split, and its truth. Views: what they refer to must outlive them.
template <eval::Part part>
struct CalibrationSplit {
  const Dataset& data;                                 ///< ids and all labels, [n]
  const std::vector<DocumentDistribution>& documents;  ///< [n]
  const ScoreMatrix& scores;                           ///< p(label in set | x), [n, L]
  const eval::PartTruth<part>& known_truth;            ///< those labels that the system knows, [n]
};

/// Fits maps, temperature and regions on valid and measures them on test. A truth with a label that
/// the system does not know is a set that is not listed. What a method has to warn of is appended.
eval::SetCalibration measure_calibration(const std::string& system,
                                         const CalibrationSplit<eval::Part::valid>& valid,
                                         const CalibrationSplit<eval::Part::test>& test,
                                         std::vector<std::string>& warnings);

}  // namespace labelbeam::pipeline
