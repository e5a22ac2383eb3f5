#include "row_ranking.h"

#include <algorithm>

namespace labelbeam::eval {

RowRanking::RowRanking(const LabelSet& truth, std::span<const double> scores, TieOrder ties)
    : num_true_(truth.size()) {
  labels_.reserve(scores.size());
  for (std::size_t l = 0; l < scores.size(); ++l) {
    labels_.push_back({scores[l], static_cast<LabelId>(l), false});
  }
  for (const LabelId label : truth) labels_[label].is_true = true;
  std::sort(labels_.begin(), labels_.end(), [ties](const Label& a, const Label& b) {
    if (a.score != b.score) return a.score > b.score;
    return ties == TieOrder::lowest_label ? a.id < b.id : a.id > b.id;
  });
}

std::size_t RowRanking::end_of_rank(std::size_t first, Ranks ranks) const {
  std::size_t end = first + 1;
  if (ranks == Ranks::parted) return end;
  while (end < labels_.size() && labels_[end].score == labels_[first].score) ++end;
  return end;
}

std::size_t RowRanking::count_true(std::size_t first, std::size_t end) const {
  std::size_t count = 0;
  for (std::size_t r = first; r < end; ++r) count += labels_[r].is_true ? 1 : 0;
  return count;
}

std::size_t RowRanking::hits(std::size_t k) const {
  return count_true(0, std::min(k, labels_.size()));
}

RowRanking::Figures RowRanking::figures(Ranks ranks) const {
  Figures figures;
  double precisions = 0.0;
  double pairs = 0.0;
  std::size_t found = 0;
  for (std::size_t first = 0; first < labels_.size() && found < num_true_;) {
    const std::size_t end = end_of_rank(first, ranks);
    const std::size_t here = count_true(first, end);
    found += here;
    if (here > 0) {
      figures.coverage = end;
      precisions +=
          static_cast<double>(here) * static_cast<double>(found) / static_cast<double>(end);
      pairs += static_cast<double>(here) * static_cast<double>(end - found);
    }
    first = end;
  }
  if (has_one_class()) return figures;
  figures.average_precision = precisions / static_cast<double>(num_true_);
  figures.misordered_pairs =
      pairs / (static_cast<double>(num_true_) * static_cast<double>(labels_.size() - num_true_));
  return figures;
}

double RowRanking::ndcg(std::size_t k, std::span<const double> discounts, Ranks ranks) const {
  if (num_true_ == 0) return 0.0;
  const std::size_t last = std::min(k, labels_.size());
  double gain = 0.0;
  for (std::size_t first = 0; first < last;) {
    const std::size_t end = end_of_rank(first, ranks);
    const double share =
        static_cast<double>(count_true(first, end)) / static_cast<double>(end - first);
    gain += share * (discounts[std::min(end, last)] - discounts[first]);
    first = end;
  }
  return gain / discounts[std::min(last, num_true_)];
}

}  // namespace labelbeam::eval
