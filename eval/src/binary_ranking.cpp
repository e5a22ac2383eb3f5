#include "binary_ranking.h"

#include <algorithm>
#include <boost/sort/pdqsort/pdqsort.hpp>
#include <cstddef>
#include <functional>
#include <limits>

namespace labelbeam::eval {

void CaseCurve::add(double positives, double negatives) {
  reach(positives_ + positives, negatives_ + negatives);
}

void CaseCurve::reach(double all_positives, double all_negatives) {
  area_.add((all_negatives - negatives_) * (positives_ + (all_positives - positives_) / 2.0));
  if (all_positives > positives_) {
    precision_.add((all_positives - positives_) *
                   (all_positives / (all_positives + all_negatives)));
  }
  positives_ = all_positives;
  negatives_ = all_negatives;
}

BinaryRanking CaseCurve::ranking() const {
  BinaryRanking ranking;
  ranking.positives = positives_;
  ranking.negatives = negatives_;
  ranking.roc_auc = ranking.has_one_class() ? std::numeric_limits<double>::quiet_NaN()
                                            : area_.value() / positives_ / negatives_;
  if (positives_ > 0.0) ranking.average_precision = precision_.value() / positives_;
  return ranking;
}

BinaryRanking rank_cases(std::vector<ScoredCase> cases) {
  std::erase_if(cases, [](const ScoredCase& item) { return item.weight == 0.0; });
  // Of equal scores in one order too, so that sums are added in one order everywhere.
  std::sort(cases.begin(), cases.end(), [](const ScoredCase& a, const ScoredCase& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.positive != b.positive ? a.positive : a.weight < b.weight;
  });
  CaseCurve curve;
  CompensatedSum positives;
  CompensatedSum negatives;
  for (std::size_t next = 0; next < cases.size();) {
    const double score = cases[next].score;
    for (; next < cases.size() && cases[next].score == score; ++next) {
      (cases[next].positive ? positives : negatives).add(cases[next].weight);
    }
    curve.reach(positives.value(), negatives.value());
  }
  return curve.ranking();
}

BinaryRanking rank_scores(std::vector<double> positives, std::vector<double> negatives) {
  boost::sort::pdqsort_branchless(positives.begin(), positives.end(), std::greater<>());
  boost::sort::pdqsort_branchless(negatives.begin(), negatives.end(), std::greater<>());
  CaseCurve curve;
  auto negative = negatives.begin();
  const auto negatives_while = [&](const auto& counts) {
    const auto first = negative;
    while (negative != negatives.end() && counts(*negative)) ++negative;
    return static_cast<double>(negative - first);
  };
  for (auto positive = positives.begin(); positive != positives.end();) {
    const double score = *positive;
    const auto first = positive;
    while (positive != positives.end() && *positive == score) ++positive;
    curve.add(0.0, negatives_while([score](double other) { return other > score; }));
    curve.add(static_cast<double>(positive - first),
              negatives_while([score](double other) { return other == score; }));
  }
  curve.add(0.0, static_cast<double>(negatives.end() - negative));
  return curve.ranking();
}

}  // namespace labelbeam::eval
