#include <fmt/format.h>
#include <labelbeam/decoders/decision.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "best_answer.h"
#include "fbeta_maximiser.h"

namespace labelbeam::decoders {
namespace {

/// The set of `support` that independent labels with these marginals make most probable.
LabelSet most_plausible(const std::vector<Marginal>& marginals,
                        const std::unordered_set<LabelSet>& support) {
  constexpr double kLeast = 1e-12;  // neither certain nor impossible, so that all sets compare
  const auto log_odds = [&](LabelId label) {
    const double estimate = label < marginals.size() ? marginals[label].estimate : 0.0;
    const double p = std::clamp(estimate, kLeast, 1.0 - kLeast);
    return std::log(p) - std::log1p(-p);
  };
  const LabelSet* best = nullptr;
  double best_score = -std::numeric_limits<double>::infinity();
  for (const LabelSet& set : support) {
    double score = 0.0;
    for (LabelId label : set) score += log_odds(label);
    const bool precedes = best == nullptr || score > best_score ||
                          (score == best_score &&
                           (set.size() != best->size() ? set.size() < best->size() : set < *best));
    if (!precedes) continue;
    best = &set;
    best_score = score;
  }
  return best == nullptr ? LabelSet() : *best;
}

}  // namespace

Decision decide_subset_accuracy(const SetDistribution& distribution) {
  const std::vector<ScoredSet>& sets = distribution.sets;
  if (sets.empty()) return {};
  const double next = sets.size() > 1 ? sets[1].weight : 0.0;
  return {sets[0].labels, sets[0].weight, sets[0].weight - next, distribution.certified};
}

Decision decide_support(const SetDistribution& distribution,
                        const std::unordered_set<LabelSet>& support) {
  std::vector<const ScoredSet*> found;  // best first, as the sets are
  double rival = 0.0;                   // the most that another set of `support` can have
  for (const ScoredSet& set : distribution.sets) {
    if (!support.contains(set.labels)) continue;
    if (!found.empty()) rival = std::max(rival, std::exp(set.log_upper));
    found.push_back(&set);
  }
  if (found.empty()) return {most_plausible(distribution.marginals, support), 0.0, 0.0, false};
  if (found.size() < support.size()) rival = std::max(rival, distribution.residual);
  const ScoredSet& best = *found[0];
  const double next = found.size() > 1 ? found[1]->weight : 0.0;
  const bool is_mode = &best == &distribution.sets.front() && distribution.certified;
  return {best.labels, best.weight, best.weight - next,
          is_mode || std::exp(best.log_prob) >= rival};
}

Decision decide_hamming(const SetDistribution& distribution) {
  const std::vector<Marginal>& marginals = distribution.marginals;
  if (marginals.empty()) return {};
  std::vector<LabelId> labels;
  double agreement = 0.0;
  double margin = 1.0;
  bool certified = true;
  for (LabelId label = 0; label < marginals.size(); ++label) {
    const Marginal& marginal = marginals[label];
    const double p = marginal.estimate;
    if (p > 0.5) labels.push_back(label);
    agreement += p > 0.5 ? p : 1.0 - p;
    margin = std::min(margin, std::abs(2.0 * p - 1.0));
    certified = certified && (p > 0.5 ? marginal.lower >= 0.5 : marginal.upper <= 0.5);
  }
  const auto num_labels = static_cast<double>(marginals.size());
  return {LabelSet(labels), agreement / num_labels, margin / num_labels, certified};
}

Decision decide_fbeta(const SizeMarginals& marginals, double beta, EmptyConvention convention) {
  if (!(beta >= 0.0 && std::isfinite(beta))) {
    throw std::invalid_argument(
        fmt::format("decide_fbeta: beta must be finite and not negative, got {}", beta));
  }
  BestAnswer best(LabelSet(), convention == EmptyConvention::one ? marginals.empty : 0.0);
  FbetaMaximiser maximiser(marginals, beta);
  for (std::size_t size = 1; size <= maximiser.max_size(); ++size) {
    if (maximiser.bound(size) <= best.runner_up()) continue;
    const FbetaMaximiser::Best of_size = maximiser.best_of_size(size);
    best.consider(of_size.labels, of_size.value);
    best.consider_other(of_size.runner_up);
  }
  return best.decision(marginals.unseen);
}

Decision decide_fbeta(const SetDistribution& distribution, double beta,
                      EmptyConvention convention) {
  return decide_fbeta(size_marginals(distribution), beta, convention);
}

}  // namespace labelbeam::decoders
