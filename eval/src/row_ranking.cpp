#include "row_ranking.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace labelbeam::eval {

RowRanking::RowRanking(const LabelSet& truth, std::span<const double> scores, TieOrder ties)
    : num_labels_(scores.size()) {
  true_labels_.reserve(truth.size());
  for (const LabelId label : truth) true_labels_.push_back({label, scores[label], 0, 0, 0});
  // Counting takes |T| L steps without a branch, sorting L log L with many.
  if (truth.size() <= 2 * static_cast<std::size_t>(std::bit_width(scores.size()))) {
    place_by_counting(scores, ties);
  } else {
    place_by_sorting(scores, ties);
  }
  std::sort(true_labels_.begin(), true_labels_.end(),
            [](const TrueLabel& a, const TrueLabel& b) { return a.place < b.place; });
}

void RowRanking::place_by_counting(std::span<const double> scores, TieOrder ties) {
  for (TrueLabel& label : true_labels_) {
    for (const double score : scores) {
      label.first += score > label.score ? 1 : 0;
      label.end += score >= label.score ? 1 : 0;
    }
    label.place = label.first;
    if (label.end - label.first == 1) continue;
    const auto before = ties == TieOrder::lowest_label ? scores.first(label.id)
                                                       : scores.subspan(label.id + std::size_t{1});
    label.place += static_cast<std::size_t>(std::count(before.begin(), before.end(), label.score));
  }
}

void RowRanking::place_by_sorting(std::span<const double> scores, TieOrder ties) {
  std::vector<LabelId> order(scores.size());
  std::iota(order.begin(), order.end(), LabelId{0});
  std::sort(order.begin(), order.end(), [&](LabelId a, LabelId b) {
    if (scores[a] != scores[b]) return scores[a] > scores[b];
    return ties == TieOrder::lowest_label ? a < b : a > b;
  });
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first + 1;
    while (end < order.size() && scores[order[end]] == scores[order[first]]) ++end;
    for (std::size_t place = first; place < end; ++place) {
      // Still by rising id, as they came from the set.
      const auto label =
          std::lower_bound(true_labels_.begin(), true_labels_.end(), order[place],
                           [](const TrueLabel& item, LabelId id) { return item.id < id; });
      if (label == true_labels_.end() || label->id != order[place]) continue;
      label->place = place;
      label->first = first;
      label->end = end;
    }
    first = end;
  }
}

template <typename Use>
void RowRanking::for_each_rank(Ranks ranks, const Use& use) const {
  for (auto label = true_labels_.begin(); label != true_labels_.end();) {
    Rank rank{label->place, label->place + 1, 1};
    auto next = label + 1;
    if (ranks == Ranks::shared) {
      while (next != true_labels_.end() && next->first == label->first) ++next;
      rank = {label->first, label->end, static_cast<std::size_t>(next - label)};
    }
    use(rank);
    label = next;
  }
}

std::size_t RowRanking::hits(std::size_t k) const {
  const auto end = std::find_if(true_labels_.begin(), true_labels_.end(),
                                [k](const TrueLabel& label) { return label.place >= k; });
  return static_cast<std::size_t>(end - true_labels_.begin());
}

RowRanking::Figures RowRanking::figures(Ranks ranks) const {
  Figures figures;
  double precisions = 0.0;
  double pairs = 0.0;
  std::size_t found = 0;
  for_each_rank(ranks, [&](const Rank& rank) {
    const auto here = static_cast<double>(rank.num_true);
    found += rank.num_true;
    figures.coverage = rank.end;
    precisions += here * static_cast<double>(found) / static_cast<double>(rank.end);
    pairs += here * static_cast<double>(rank.end - found);
  });
  if (has_one_class()) return figures;
  const auto num_true_labels = static_cast<double>(num_true());
  figures.average_precision = precisions / num_true_labels;
  figures.misordered_pairs =
      pairs / (num_true_labels * static_cast<double>(num_labels_ - num_true()));
  return figures;
}

double RowRanking::ndcg(std::size_t k, std::span<const double> discounts, Ranks ranks) const {
  if (num_true() == 0) return 0.0;
  const std::size_t last = std::min(k, num_labels_);
  double gain = 0.0;
  for_each_rank(ranks, [&](const Rank& rank) {
    if (rank.first >= last) return;
    const double share =
        static_cast<double>(rank.num_true) / static_cast<double>(rank.end - rank.first);
    gain += share * (discounts[std::min(rank.end, last)] - discounts[rank.first]);
  });
  return gain / discounts[std::min(last, num_true())];
}

BinaryRanking RowRanking::areas() const {
  CaseCurve curve;
  std::size_t seen = 0;
  for_each_rank(Ranks::shared, [&](const Rank& rank) {
    curve.add(0.0, static_cast<double>(rank.first - seen));
    curve.add(static_cast<double>(rank.num_true),
              static_cast<double>(rank.end - rank.first - rank.num_true));
    seen = rank.end;
  });
  curve.add(0.0, static_cast<double>(num_labels_ - seen));
  return curve.ranking();
}

}  // namespace labelbeam::eval
