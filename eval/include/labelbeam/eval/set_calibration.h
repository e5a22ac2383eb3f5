#pragma once

#include <labelbeam/eval/comparison.h>
#include <labelbeam/eval/listed_sets.h>
#include <labelbeam/eval/protocol.h>
#include <labelbeam/label_set.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// Whether p(set | x) means what it says. All throw `std::invalid_argument` if there are no rows,
/// or not as many rows of truth.
namespace labelbeam::eval {

/// Predicted probabilities of sets in bins of equal width, against how often they were the truth.
struct SetReliability {
  double calibration_error = 0.0;    ///< expected calibration error (Naeini et al. 2015)
  std::vector<ReliabilityBin> bins;  ///< empty bins left out
};

/// Of each row's most probable listed set; rows without a listed set are left out.
/// Throws `std::invalid_argument` if no row lists one.
SetReliability top_set_reliability(std::span<const ListedSets> rows,
                                   std::span<const LabelSet> truth, std::size_t num_bins = 10);

/// Of all listed sets of all rows, each a prediction of its own.
SetReliability listed_set_reliability(std::span<const ListedSets> rows,
                                      std::span<const LabelSet> truth, std::size_t num_bins = 10);

/// How much is expected to be missing from the lists, and how much is.
struct OtherReliability {
  double probability = 0.0;  ///< mean probability of "other"
  double frequency = 0.0;    ///< share of rows whose truth is not listed
};
OtherReliability other_reliability(std::span<const ListedSets> rows,
                                   std::span<const LabelSet> truth);

/// p_T(Y) proportional to p(Y)^(1/T) over the listed sets and "other", which counts as one set.
ListedSets apply_temperature(const ListedSets& row, double temperature);

/// The mean of -log p(truth), where a truth that is not listed has the probability of "other": a
/// lower bound of set NLL, equal to it if every truth is listed.
struct ListedNll {
  double mean = 0.0;  ///< nats a row, over the rows that are not `impossible`; NaN if all are
  std::uint64_t unlisted = 0;    ///< rows whose truth is not listed
  std::uint64_t impossible = 0;  ///< rows whose truth has probability 0: left out of the mean
};
ListedNll listed_nll(std::span<const ListedSets> rows, std::span<const LabelSet> truth);

/// The T in [0.001, 1000] at which `listed_nll` of validation rows is least. It is convex in 1/T.
/// 1 if all rows are impossible.
double fit_set_temperature(std::span<const ListedSets> rows, TuningTruth truth);

}  // namespace labelbeam::eval
