#include <fmt/format.h>
#include <labelbeam/eval/compensated_sum.h>
#include <labelbeam/eval/conformal.h>
#include <labelbeam/random.h>
#include <labelbeam/stable_hash.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "log_probability.h"

namespace labelbeam::eval {
namespace {

constexpr std::uint64_t kHalvesStream = 0x68616C766573;  // "halves"
constexpr double kLowerQuantile = 3.0902323061678132;    // of the normal law, 0.999

void check_rows(const char* who, std::span<const ListedSets> rows, std::span<const double> uniforms,
                std::span<const LabelSet> truth) {
  if (rows.empty() || rows.size() != uniforms.size() || rows.size() != truth.size()) {
    throw std::invalid_argument(
        fmt::format("{}: there must be rows, and as many uniform numbers and rows of the truth, "
                    "got {}, {} and {}",
                    who, rows.size(), uniforms.size(), truth.size()));
  }
}

std::vector<double> lac_scores(const ListedSets& row) {
  std::vector<double> scores;
  scores.reserve(row.sets.size() + 1);
  double least = probability(row.log_other);
  for (const double log_prob : row.log_probs) {
    const double p = probability(log_prob);
    scores.push_back(1.0 - p);
    least = std::min(least, p);
  }
  scores.push_back(1.0 - least);
  return scores;
}

std::vector<double> aps_scores(const ListedSets& row, double uniform) {
  std::vector<double> scores;
  scores.reserve(row.sets.size() + 1);
  double ahead = 0.0;
  const auto add = [&](double log_prob) {
    const double p = probability(log_prob);
    scores.push_back(ahead + uniform * p);
    ahead += p;
  };
  for (const double log_prob : row.log_probs) add(log_prob);
  add(row.log_other);
  return scores;
}

/// A row's scores, and the place of its truth among them: regions of many splits need no more.
struct ScoredRow {
  std::vector<double> scores;
  std::size_t truth;

  double of_truth() const { return scores[truth]; }
};

ScoredRow score_row(ConformityScore score, const ListedSets& row, double uniform,
                    const LabelSet& truth) {
  return {nonconformity(score, row, uniform), row.find(truth).value_or(row.sets.size())};
}

std::vector<ScoredRow> score_rows(ConformityScore score, std::span<const ListedSets> rows,
                                  std::span<const double> uniforms,
                                  std::span<const LabelSet> truth) {
  std::vector<ScoredRow> scored;
  scored.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    scored.push_back(score_row(score, rows[i], uniforms[i], truth[i]));
  }
  return scored;
}

ConformalRegion region_of(const ConformalThreshold& threshold, std::span<const double> scores) {
  const std::size_t num_sets = scores.size() - 1;
  if (threshold.is_everything()) return {num_sets, true};
  const auto end = std::upper_bound(scores.begin(), scores.end(), *threshold.highest);
  const auto held = static_cast<std::size_t>(end - scores.begin());
  return {std::min(held, num_sets), held > num_sets};
}

/// Counts, to be shares and means of the rows that were added.
struct RegionCounts {
  std::size_t rows = 0, covered = 0, sets = 0, other = 0, empty = 0;

  void add(const ConformalThreshold& threshold, const ScoredRow& row) {
    const ConformalRegion region = region_of(threshold, row.scores);
    ++rows;
    covered += threshold.covers(row.of_truth()) ? 1 : 0;
    sets += region.num_sets;
    other += region.other ? 1 : 0;
    empty += region.num_sets == 0 && !region.other ? 1 : 0;
  }
  RegionFigures figures() const {
    const auto share = [&](std::size_t count) {
      return static_cast<double>(count) / static_cast<double>(rows);
    };
    return {share(covered), share(sets), share(other), share(empty)};
  }
};

}  // namespace

ConformityScore parse_conformity_score(std::string_view name) {
  if (name == "lac") return ConformityScore::lac;
  if (name == "aps") return ConformityScore::aps;
  throw std::invalid_argument(
      fmt::format("there is no conformity score \"{}\"; there are lac and aps", name));
}

std::string to_string(ConformityScore score) {
  return score == ConformityScore::lac ? "lac" : "aps";
}

double row_uniform(std::uint64_t seed, std::string_view id) {
  return unit_interval(stable_hash(id, seed));
}

std::vector<double> nonconformity(ConformityScore score, const ListedSets& row, double uniform) {
  return score == ConformityScore::lac ? lac_scores(row) : aps_scores(row, uniform);
}

double nonconformity_of(ConformityScore score, const ListedSets& row, double uniform,
                        const LabelSet& truth) {
  return score_row(score, row, uniform, truth).of_truth();
}

bool ConformalRegion::covers(const ListedSets& row, const LabelSet& truth) const {
  const std::optional<std::size_t> found = row.find(truth);
  return found ? *found < num_sets : other;
}

ConformalRegion ConformalThreshold::region(ConformityScore score, const ListedSets& row,
                                           double uniform) const {
  return region_of(*this, nonconformity(score, row, uniform));
}

ConformalThreshold calibrate_conformal(std::span<const double> calibration_scores,
                                       double coverage) {
  if (!(coverage > 0.0 && coverage < 1.0)) {
    throw std::invalid_argument(
        fmt::format("calibrate_conformal: the coverage must be between 0 and 1, got {}", coverage));
  }
  std::vector<double> scores(calibration_scores.begin(), calibration_scores.end());
  if (std::any_of(scores.begin(), scores.end(), [](double s) { return std::isnan(s); })) {
    throw std::invalid_argument("calibrate_conformal: a score is not a number");
  }
  constexpr double kRounding = 1e-12;  // a product that is whole must not be rounded up
  const std::size_t n = scores.size();
  const double rank = std::ceil(static_cast<double>(n + 1) * (coverage - kRounding));
  ConformalThreshold threshold{coverage, n, static_cast<std::size_t>(std::max(rank, 1.0)), {}};
  if (threshold.rank > n) return threshold;
  const auto at = scores.begin() + static_cast<std::ptrdiff_t>(threshold.rank - 1);
  std::nth_element(scores.begin(), at, scores.end());
  threshold.highest = *at;
  return threshold;
}

RegionFigures measure_regions(ConformityScore score, const ConformalThreshold& threshold,
                              std::span<const ListedSets> rows, std::span<const double> uniforms,
                              std::span<const LabelSet> truth) {
  check_rows("measure_regions", rows, uniforms, truth);
  RegionCounts counts;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    counts.add(threshold, score_row(score, rows[i], uniforms[i], truth[i]));
  }
  return counts.figures();
}

CoverageLaw coverage_law(const ConformalThreshold& threshold, std::size_t num_new) {
  if (threshold.is_everything()) return {1.0, 0.0};
  const auto a = static_cast<double>(threshold.rank);
  const auto b = static_cast<double>(threshold.num_rows + 1 - threshold.rank);
  const auto m = static_cast<double>(num_new);
  const double mean = a / (a + b);
  return {mean, std::sqrt(mean * (1.0 - mean) * (a + b + m) / (m * (a + b + 1.0)))};
}

HalvesCoverage measure_halves(ConformityScore score, double coverage,
                              std::span<const ListedSets> rows, std::span<const double> uniforms,
                              std::span<const LabelSet> truth, std::size_t num_splits,
                              std::uint64_t seed) {
  check_rows("measure_halves", rows, uniforms, truth);
  if (rows.size() < 2 || num_splits < 1) {
    throw std::invalid_argument(
        fmt::format("measure_halves: there must be 2 rows and 1 split, got {} and {}", rows.size(),
                    num_splits));
  }
  const std::vector<ScoredRow> scored = score_rows(score, rows, uniforms, truth);
  HalvesCoverage result;
  result.num_splits = num_splits;
  result.num_calibration = rows.size() / 2;
  std::vector<std::size_t> order(rows.size());
  std::vector<double> calibration(result.num_calibration);
  CompensatedSum covered, sets, other, empty;
  for (std::size_t split = 0; split < num_splits; ++split) {
    std::iota(order.begin(), order.end(), std::size_t{0});
    CounterRng(seed, {kHalvesStream, split}).shuffle(std::span(order));
    for (std::size_t i = 0; i < calibration.size(); ++i) {
      calibration[i] = scored[order[i]].of_truth();
    }
    const ConformalThreshold threshold = calibrate_conformal(calibration, coverage);
    RegionCounts counts;
    for (std::size_t i = calibration.size(); i < order.size(); ++i) {
      counts.add(threshold, scored[order[i]]);
    }
    const RegionFigures figures = counts.figures();
    covered.add(figures.covered);
    sets.add(figures.mean_sets);
    other.add(figures.other_share);
    empty.add(figures.empty_share);
    result.law = coverage_law(threshold, order.size() - calibration.size());
  }
  const auto count = static_cast<double>(num_splits);
  result.mean = {covered.value() / count, sets.value() / count, other.value() / count,
                 empty.value() / count};
  result.lower_limit =
      result.law.mean - kLowerQuantile * result.law.standard_deviation / std::sqrt(count);
  result.passed = result.mean.covered >= result.lower_limit;
  return result;
}

}  // namespace labelbeam::eval
