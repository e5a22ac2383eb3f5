#pragma once

#include <labelbeam/eval/listed_sets.h>
#include <labelbeam/label_set.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Split-conformal regions: lists of label sets that hold the truth with a stated probability,
/// whatever the model, if calibration rows and new rows are exchangeable (Vovk, Gammerman & Shafer
/// 2005; Papadopoulos et al. 2002).
///
/// A row is a distribution over its listed sets and "other", which comes last. A region that holds
/// "other" covers every set that is not listed.
namespace labelbeam::eval {

/// How badly a set fits a row: the higher, the later it enters the region.
enum class ConformityScore {
  /// 1 - p(Y) (least ambiguous sets; Sadinle, Lei & Wasserman 2019). "Other" counts with the most
  /// that one of its sets can have: its mass, or the least listed probability if that is less.
  lac,
  /// The mass of the sets ahead of Y plus a uniform share of its own (adaptive prediction sets;
  /// Romano, Sesia & Candes 2020). Coverage is exact, regions may be empty.
  aps,
};

/// "lac" or "aps". `std::invalid_argument` for another name.
ConformityScore parse_conformity_score(std::string_view name);
std::string to_string(ConformityScore score);

/// A number in [0, 1) that only a seed and the id of a row decide: the randomness of `aps`.
double row_uniform(std::uint64_t seed, std::string_view id);

/// The scores of a row's listed sets and, last, of "other": [sets + 1], never falling. `uniform`:
/// of the row; `lac` does not read it.
std::vector<double> nonconformity(ConformityScore score, const ListedSets& row, double uniform);

/// The score of the true set.
double nonconformity_of(ConformityScore score, const ListedSets& row, double uniform,
                        const LabelSet& truth);

/// Which of a row's sets a region holds: the first ones, and perhaps "other".
struct ConformalRegion {
  std::size_t num_sets = 0;
  bool other = false;

  bool covers(const ListedSets& row, const LabelSet& truth) const;
};

/// The threshold on scores of a level of coverage.
struct ConformalThreshold {
  double coverage = 0.9;     ///< 1 - alpha
  std::size_t num_rows = 0;  ///< n, of calibration
  std::size_t rank = 0;      ///< ceil((n + 1) coverage)
  std::optional<double>
      highest;  ///< the score of that rank; none if rank > n: all is in the region

  /// Whether n is too small for the level, so that every region is everything.
  bool is_everything() const { return !highest; }
  ConformalRegion region(ConformityScore score, const ListedSets& row, double uniform) const;
  /// The same as `region(...).covers(...)` from the score of the true set.
  bool covers(double score_of_truth) const { return !highest || score_of_truth <= *highest; }
};

/// `calibration_scores`: [n], of the true sets, any order. A new exchangeable row is covered with a
/// probability of at least `coverage`, and where no scores are equal of rank / (n + 1).
/// Throws `std::invalid_argument` unless 0 < coverage < 1 and no score is NaN.
ConformalThreshold calibrate_conformal(std::span<const double> calibration_scores, double coverage);

/// How regions did on rows whose truth is known.
struct RegionFigures {
  double covered = 0.0;      ///< share of rows whose region holds the truth
  double mean_sets = 0.0;    ///< mean number of listed sets in a region
  double other_share = 0.0;  ///< share of regions that hold "other"
  double empty_share = 0.0;  ///< share of regions that hold nothing
};
/// `uniforms`: [n]. Throws `std::invalid_argument` if there are no rows, or the numbers differ.
RegionFigures measure_regions(ConformityScore score, const ConformalThreshold& threshold,
                              std::span<const ListedSets> rows, std::span<const double> uniforms,
                              std::span<const LabelSet> truth);

/// The law of the number of covered rows among `num_new`, over calibration and new rows: it is
/// beta-binomial with a = rank and b = n + 1 - rank where no scores are equal, and no smaller where
/// some are (Vovk 2012).
struct CoverageLaw {
  double mean = 0.0;                ///< of the share of covered rows
  double standard_deviation = 0.0;  ///< of that share
};
CoverageLaw coverage_law(const ConformalThreshold& threshold, std::size_t num_new);

/// Coverage on random halves of the same rows: each half-split calibrates on one and measures on
/// the other.
struct HalvesCoverage {
  std::size_t num_splits = 0;
  std::size_t num_calibration = 0;  ///< rows of the first half
  RegionFigures mean;               ///< over the splits
  CoverageLaw law;                  ///< of one split
  /// Below what the mean over the splits falls with a probability of about 0.001 by chance.
  double lower_limit = 0.0;
  bool passed = false;  ///< mean.covered >= lower_limit
};
/// Throws as `measure_regions` does, and unless there are 2 rows and 1 split.
HalvesCoverage measure_halves(ConformityScore score, double coverage,
                              std::span<const ListedSets> rows, std::span<const double> uniforms,
                              std::span<const LabelSet> truth, std::size_t num_splits,
                              std::uint64_t seed);

}  // namespace labelbeam::eval
