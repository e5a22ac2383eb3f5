#include "candidate_answers.h"

#include <algorithm>
#include <utility>

#include "fbeta_maximiser.h"

namespace labelbeam::decoders {

std::vector<LabelSet> candidate_answers(const SetDistribution& distribution,
                                        const SizeMarginals& marginals) {
  std::vector<LabelSet> answers{LabelSet()};
  for (const ScoredSet& set : distribution.sets) answers.push_back(set.labels);
  std::vector<std::pair<double, LabelId>>
      by_marginal;  // its negative, so that ascending is best first
  for (std::size_t i = 0; i < marginals.labels.size(); ++i) {
    double marginal = 0.0;
    for (double p : marginals.row(i)) marginal += p;
    by_marginal.emplace_back(-marginal, marginals.labels[i]);
  }
  std::sort(by_marginal.begin(), by_marginal.end());
  FbetaMaximiser maximiser(marginals, 1.0);
  LabelSet most_probable;
  const std::size_t largest = std::min(2 * marginals.max_size, marginals.labels.size());
  for (std::size_t size = 1; size <= largest; ++size) {
    answers.push_back(maximiser.best_of_size(size).labels);
    most_probable.insert(by_marginal[size - 1].second);
    answers.push_back(most_probable);
  }
  std::sort(answers.begin(), answers.end(), [](const LabelSet& a, const LabelSet& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  answers.erase(std::unique(answers.begin(), answers.end()), answers.end());
  return answers;
}

}  // namespace labelbeam::decoders
