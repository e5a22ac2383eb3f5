#include <fmt/format.h>
#include <labelbeam/decoders/thresholding.h>
#include <labelbeam/label_ranking.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace labelbeam::decoders {
namespace {

void check_scores(const char* who, std::span<const double> scores) {
  for (std::size_t label = 0; label < scores.size(); ++label) {
    if (!std::isnan(scores[label])) continue;
    throw std::invalid_argument(fmt::format("{}: the score of label {} is nan", who, label));
  }
}

LabelSet first(const std::vector<LabelId>& ranking, std::size_t count) {
  return LabelSet(std::span(ranking).first(std::min(count, ranking.size())));
}

std::size_t labels_above_gap(std::span<const double> scores, const std::vector<LabelId>& ranking) {
  std::size_t count = 0;
  double widest = 0.0;
  for (std::size_t r = 1; r < ranking.size(); ++r) {
    const double gap = scores[ranking[r - 1]] - scores[ranking[r]];
    if (!(gap > widest)) continue;  // also where both are infinite
    widest = gap;
    count = r;
  }
  return count;
}

std::size_t predicted_count(const PredictedCount& rule, std::span<const double> scores,
                            const std::vector<LabelId>& ranking) {
  if (rule.weights.size() > scores.size()) {
    throw std::invalid_argument(
        fmt::format("apply_score_rule: a predicted count weighs {} scores, but there are {}",
                    rule.weights.size(), scores.size()));
  }
  double count = rule.intercept;
  for (std::size_t r = 0; r < rule.weights.size(); ++r) {
    count += rule.weights[r] * scores[ranking[r]];
  }
  const double least = rule.top1_if_empty ? 1.0 : 0.0;
  const auto most = static_cast<double>(scores.size());
  return static_cast<std::size_t>(std::clamp(std::floor(count + 0.5), std::min(least, most), most));
}

/// A rule's answer for one row.
struct RowRule {
  std::span<const double> scores;

  LabelSet operator()(const Thresholds& rule) const { return apply_thresholds(scores, rule); }
  LabelSet operator()(const TopK& rule) const { return first(ranked_labels(scores), rule.k); }
  LabelSet operator()(const LargestGap& rule) const {
    const std::vector<LabelId> ranking = ranked_labels(scores);
    const std::size_t count = labels_above_gap(scores, ranking);
    return first(ranking, count == 0 && rule.top1_if_empty ? 1 : count);
  }
  LabelSet operator()(const ShareCut&) const {
    throw std::invalid_argument("apply_score_rule: shares of rows need the rows of a collection");
  }
  LabelSet operator()(const PredictedCount& rule) const {
    const std::vector<LabelId> ranking = ranked_labels(scores);
    return first(ranking, predicted_count(rule, scores, ranking));
  }
};

std::vector<LabelSet> apply_shares(const ScoreMatrix& scores, const ShareCut& rule) {
  if (rule.shares.size() != scores.num_labels) {
    throw std::invalid_argument(
        fmt::format("apply_score_rule: {} labels have scores, but {} shares", scores.num_labels,
                    rule.shares.size()));
  }
  const std::size_t num_rows = scores.num_rows;
  std::vector<LabelSet> sets(num_rows);
  std::vector<std::size_t> rows(num_rows);
  for (std::size_t l = 0; l < scores.num_labels; ++l) {
    const auto score = [&](std::size_t row) { return scores.row(row)[l]; };
    const double wanted = rule.shares[l] * static_cast<double>(num_rows);
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    std::sort(rows.begin(), rows.end(),
              [&](std::size_t a, std::size_t b) { return score(a) > score(b); });
    for (std::size_t begin = 0, end = 0; begin < num_rows; begin = end) {
      while (end < num_rows && score(rows[end]) == score(rows[begin])) ++end;
      if (static_cast<double>(begin + end) / 2.0 > wanted) break;
      for (std::size_t r = begin; r < end; ++r) sets[rows[r]].insert(static_cast<LabelId>(l));
    }
  }
  if (!rule.top1_if_empty || scores.num_labels == 0) return sets;
  for (std::size_t i = 0; i < num_rows; ++i) {
    if (sets[i].empty()) sets[i].insert(best_label(scores.row(i)));
  }
  return sets;
}

}  // namespace

LabelSet apply_thresholds(std::span<const double> scores, const Thresholds& thresholds) {
  if (scores.size() != thresholds.values.size()) {
    throw std::invalid_argument(fmt::format("apply_thresholds: {} scores, but {} thresholds",
                                            scores.size(), thresholds.values.size()));
  }
  check_scores("apply_thresholds", scores);
  return labels_above(scores, thresholds);
}

bool is_for_collections(const ScoreRule& rule) { return std::holds_alternative<ShareCut>(rule); }

LabelSet apply_score_rule(std::span<const double> scores, const ScoreRule& rule) {
  check_scores("apply_score_rule", scores);
  return std::visit(RowRule{scores}, rule);
}

std::vector<LabelSet> apply_score_rule(const ScoreMatrix& scores, const ScoreRule& rule) {
  if (const auto* shares = std::get_if<ShareCut>(&rule)) {
    for (std::size_t i = 0; i < scores.num_rows; ++i)
      check_scores("apply_score_rule", scores.row(i));
    return apply_shares(scores, *shares);
  }
  std::vector<LabelSet> sets;
  sets.reserve(scores.num_rows);
  for (std::size_t i = 0; i < scores.num_rows; ++i) {
    sets.push_back(apply_score_rule(scores.row(i), rule));
  }
  return sets;
}

}  // namespace labelbeam::decoders
