#include <fmt/format.h>
#include <labelbeam/eval/compensated_sum.h>
#include <labelbeam/eval/curves.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "score_checks.h"

namespace labelbeam::eval {
namespace {

std::vector<PrecisionRecallPoint> thin(const std::vector<PrecisionRecallPoint>& points,
                                       std::size_t max_points) {
  if (points.size() <= max_points) return points;
  std::vector<PrecisionRecallPoint> kept;
  for (std::size_t k = 0; k < max_points; ++k) {
    kept.push_back(points[k * (points.size() - 1) / (max_points - 1)]);
  }
  return kept;
}

}  // namespace

std::vector<ReliabilityBin> reliability_bins(const ScoreMatrix& probabilities,
                                             std::span<const LabelSet> truth,
                                             std::size_t num_bins) {
  check_scores("reliability_bins", probabilities, truth);
  if (num_bins == 0) {
    throw std::invalid_argument("reliability_bins: num_bins must be at least 1, got 0");
  }
  struct Tally {
    CompensatedSum probability;
    std::uint64_t positives = 0;
    std::uint64_t count = 0;
  };
  std::vector<Tally> tallies(num_bins);
  for (std::size_t i = 0; i < probabilities.num_rows; ++i) {
    for (std::size_t l = 0; l < probabilities.num_labels; ++l) {
      const double p = probabilities.row(i)[l];
      if (p < 0.0 || p > 1.0) {
        throw std::invalid_argument(fmt::format(
            "reliability_bins: row {} has the probability {}, which is not in 0 to 1", i, p));
      }
      const auto bin = static_cast<std::size_t>(p * static_cast<double>(num_bins));
      Tally& tally = tallies[std::min(bin, num_bins - 1)];
      tally.probability.add(p);
      if (truth[i].contains(static_cast<LabelId>(l))) ++tally.positives;
      ++tally.count;
    }
  }
  std::vector<ReliabilityBin> bins;
  for (const Tally& tally : tallies) {
    if (tally.count == 0) continue;
    const auto count = static_cast<double>(tally.count);
    bins.push_back({tally.probability.value() / count, static_cast<double>(tally.positives) / count,
                    tally.count});
  }
  return bins;
}

std::vector<PrecisionRecallPoint> precision_recall_points(const ScoreMatrix& scores,
                                                          std::span<const LabelSet> truth,
                                                          std::size_t max_points) {
  check_scores("precision_recall_points", scores, truth);
  if (max_points < 2) {
    throw std::invalid_argument(
        fmt::format("precision_recall_points: max_points must be at least 2, got {}", max_points));
  }
  std::vector<std::pair<double, bool>> cells;
  std::uint64_t positives = 0;
  for (std::size_t i = 0; i < scores.num_rows; ++i) {
    for (std::size_t l = 0; l < scores.num_labels; ++l) {
      cells.emplace_back(scores.row(i)[l], truth[i].contains(static_cast<LabelId>(l)));
      positives += cells.back().second ? 1U : 0U;
    }
  }
  if (positives == 0) return {};
  std::sort(cells.begin(), cells.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<PrecisionRecallPoint> points;
  std::uint64_t hits = 0;
  for (std::size_t k = 0; k < cells.size(); ++k) {
    hits += cells[k].second ? 1U : 0U;
    if (k + 1 < cells.size() && cells[k + 1].first == cells[k].first) continue;
    points.push_back({static_cast<double>(hits) / static_cast<double>(positives),
                      static_cast<double>(hits) / static_cast<double>(k + 1)});
  }
  return thin(points, max_points);
}

std::vector<std::uint64_t> set_size_counts(std::span<const LabelSet> sets) {
  std::vector<std::uint64_t> counts;
  for (const LabelSet& set : sets) {
    if (set.size() >= counts.size()) counts.resize(set.size() + 1);
    ++counts[set.size()];
  }
  return counts;
}

}  // namespace labelbeam::eval
