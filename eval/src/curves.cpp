#include <fmt/format.h>
#include <labelbeam/eval/compensated_sum.h>
#include <labelbeam/eval/curves.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "score_checks.h"

namespace labelbeam::eval {
namespace {

template <typename Point>
std::vector<Point> thin(const std::vector<Point>& points, std::size_t max_points) {
  if (points.size() <= max_points) return points;
  std::vector<Point> kept;
  for (std::size_t k = 0; k < max_points; ++k) {
    kept.push_back(points[k * (points.size() - 1) / (max_points - 1)]);
  }
  return kept;
}

void check_max_points(std::string_view who, std::size_t max_points, std::size_t least) {
  if (max_points < least) {
    throw std::invalid_argument(
        fmt::format("{}: max_points must be at least {}, got {}", who, least, max_points));
  }
}

/// A cell (row, label): its score, and whether the label is true.
using ScoredCell = std::pair<double, bool>;

/// The cells of the labels `begin` to `end`, in any order.
std::vector<ScoredCell> cells_of(const ScoreMatrix& scores, std::span<const LabelSet> truth,
                                 std::size_t begin, std::size_t end) {
  std::vector<ScoredCell> cells;
  cells.reserve(scores.num_rows * (end - begin));
  for (std::size_t i = 0; i < scores.num_rows; ++i) {
    for (std::size_t l = begin; l < end; ++l) {
      cells.emplace_back(scores.row(i)[l], truth[i].contains(static_cast<LabelId>(l)));
    }
  }
  return cells;
}

void sort_by_score(std::vector<ScoredCell>& cells) {
  std::sort(cells.begin(), cells.end(),
            [](const ScoredCell& a, const ScoredCell& b) { return a.first > b.first; });
}

/// The points of a ROC curve from (0, 0) to (1, 1), one a distinct score; empty where there is one
/// class only.
std::vector<RocPoint> roc_points(std::vector<ScoredCell> cells) {
  const auto positives = static_cast<double>(std::count_if(
      cells.begin(), cells.end(), [](const ScoredCell& cell) { return cell.second; }));
  const double negatives = static_cast<double>(cells.size()) - positives;
  if (positives == 0.0 || negatives == 0.0) return {};
  sort_by_score(cells);
  std::vector<RocPoint> points{{0.0, 0.0}};
  std::uint64_t hits = 0;
  for (std::size_t k = 0; k < cells.size(); ++k) {
    hits += cells[k].second ? 1U : 0U;
    if (k + 1 < cells.size() && cells[k + 1].first == cells[k].first) continue;
    points.push_back(
        {static_cast<double>(k + 1 - hits) / negatives, static_cast<double>(hits) / positives});
  }
  return points;
}

double area_below(const std::vector<RocPoint>& points) {
  CompensatedSum area;
  for (std::size_t k = 1; k < points.size(); ++k) {
    area.add((points[k].false_positive_rate - points[k - 1].false_positive_rate) *
             (points[k].true_positive_rate + points[k - 1].true_positive_rate) / 2.0);
  }
  return area.value();
}

/// The true positive rate that a curve reaches at a false positive rate; the upper end where the
/// curve rises straight up.
double rate_at(const std::vector<RocPoint>& points, double false_positive_rate) {
  const auto next = std::upper_bound(
      points.begin(), points.end(), false_positive_rate,
      [](double rate, const RocPoint& point) { return rate < point.false_positive_rate; });
  if (next == points.end()) return points.back().true_positive_rate;
  const RocPoint& left = *std::prev(next);
  const double share = (false_positive_rate - left.false_positive_rate) /
                       (next->false_positive_rate - left.false_positive_rate);
  return left.true_positive_rate + share * (next->true_positive_rate - left.true_positive_rate);
}

RocCurve macro_roc_curve(const ScoreMatrix& scores, std::span<const LabelSet> truth,
                         std::size_t max_points) {
  std::vector<CompensatedSum> rates(max_points - 1);  // at k / (max_points - 2)
  CompensatedSum area;
  double labels = 0.0;
  const double steps = static_cast<double>(rates.size() - 1);
  for (std::size_t l = 0; l < scores.num_labels; ++l) {
    const std::vector<RocPoint> points = roc_points(cells_of(scores, truth, l, l + 1));
    if (points.empty()) continue;
    for (std::size_t k = 0; k < rates.size(); ++k) {
      rates[k].add(rate_at(points, static_cast<double>(k) / steps));
    }
    area.add(area_below(points));
    labels += 1.0;
  }
  RocCurve curve{"", RocAverage::macro, 0.0, {}};
  if (labels == 0.0) return curve;
  curve.area = area.value() / labels;
  curve.points.push_back({0.0, 0.0});
  for (std::size_t k = 0; k < rates.size(); ++k) {
    curve.points.push_back({static_cast<double>(k) / steps, rates[k].value() / labels});
  }
  return curve;
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
  check_max_points("precision_recall_points", max_points, 2);
  std::vector<ScoredCell> cells = cells_of(scores, truth, 0, scores.num_labels);
  const auto positives =
      std::count_if(cells.begin(), cells.end(), [](const ScoredCell& cell) { return cell.second; });
  if (positives == 0) return {};
  sort_by_score(cells);
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

std::vector<RocCurve> roc_curves(const ScoreMatrix& scores, std::span<const LabelSet> truth,
                                 std::size_t max_points) {
  check_scores("roc_curves", scores, truth);
  check_max_points("roc_curves", max_points, 3);
  const std::vector<RocPoint> pooled = roc_points(cells_of(scores, truth, 0, scores.num_labels));
  std::vector<RocCurve> curves;
  if (!pooled.empty()) {
    curves.push_back({"", RocAverage::micro, area_below(pooled), thin(pooled, max_points)});
  }
  RocCurve macro = macro_roc_curve(scores, truth, max_points);
  if (!macro.points.empty()) curves.push_back(std::move(macro));
  return curves;
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
