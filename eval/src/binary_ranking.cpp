#include "binary_ranking.h"

#include <labelbeam/eval/compensated_sum.h>

#include <algorithm>
#include <cstddef>
#include <limits>

namespace labelbeam::eval {

BinaryRanking rank_cases(std::vector<ScoredCase> cases) {
  std::erase_if(cases, [](const ScoredCase& item) { return item.weight == 0.0; });
  // Of equal scores in one order too, so that sums are added in one order everywhere.
  std::sort(cases.begin(), cases.end(), [](const ScoredCase& a, const ScoredCase& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.positive != b.positive ? a.positive : a.weight < b.weight;
  });
  BinaryRanking ranking;
  CompensatedSum positives;
  CompensatedSum negatives;
  CompensatedSum area;       // below the curve of positives over negatives, not normalised
  CompensatedSum precision;  // sum over positives of the precision where they are reached
  for (std::size_t next = 0; next < cases.size();) {
    const double score = cases[next].score;
    const double positives_before = positives.value();
    const double negatives_before = negatives.value();
    for (; next < cases.size() && cases[next].score == score; ++next) {
      (cases[next].positive ? positives : negatives).add(cases[next].weight);
    }
    ranking.positives = positives.value();
    ranking.negatives = negatives.value();
    area.add((ranking.negatives - negatives_before) *
             (positives_before + (ranking.positives - positives_before) / 2.0));
    precision.add((ranking.positives - positives_before) *
                  (ranking.positives / (ranking.positives + ranking.negatives)));
  }
  ranking.roc_auc = ranking.has_one_class() ? std::numeric_limits<double>::quiet_NaN()
                                            : area.value() / ranking.positives / ranking.negatives;
  if (ranking.positives > 0.0) ranking.average_precision = precision.value() / ranking.positives;
  return ranking;
}

}  // namespace labelbeam::eval
