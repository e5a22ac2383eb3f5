#include <fmt/format.h>
#include <labelbeam/decoders/decision.h>

#include <cmath>
#include <stdexcept>

#include "fbeta_maximiser.h"

namespace labelbeam::decoders {

Decision decide_subset_accuracy(const SetDistribution& distribution) {
  if (distribution.sets.empty()) return {};
  return {distribution.sets.front().labels, distribution.sets.front().weight};
}

Decision decide_hamming(const SetDistribution& distribution) {
  const std::vector<Marginal>& marginals = distribution.marginals;
  if (marginals.empty()) return {};
  std::vector<LabelId> labels;
  double agreement = 0.0;
  for (LabelId label = 0; label < marginals.size(); ++label) {
    const double p = marginals[label].estimate;
    if (p > 0.5) labels.push_back(label);
    agreement += p > 0.5 ? p : 1.0 - p;
  }
  return {LabelSet(labels), agreement / static_cast<double>(marginals.size())};
}

Decision decide_fbeta(const SizeMarginals& marginals, double beta, EmptyConvention convention) {
  if (!(beta >= 0.0 && std::isfinite(beta))) {
    throw std::invalid_argument(
        fmt::format("decide_fbeta: beta must be finite and not negative, got {}", beta));
  }
  Decision best;
  if (convention == EmptyConvention::one) best.expected_utility = marginals.empty;
  FbetaMaximiser maximiser(marginals, beta);
  for (std::size_t size = 1; size <= maximiser.max_size(); ++size) {
    if (maximiser.bound(size) <= best.expected_utility) continue;
    Decision decision = maximiser.best_of_size(size);
    if (decision.expected_utility > best.expected_utility) best = std::move(decision);
  }
  return best;
}

Decision decide_fbeta(const SetDistribution& distribution, double beta,
                      EmptyConvention convention) {
  return decide_fbeta(size_marginals(distribution), beta, convention);
}

}  // namespace labelbeam::decoders
