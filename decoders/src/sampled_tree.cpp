#include "sampled_tree.h"

#include <algorithm>
#include <cmath>

#include "ranking.h"
#include "set_bounds.h"

namespace labelbeam::decoders {

SampledTree::SampledTree(const SetSemantics& semantics, const Constraints* constraints)
    : semantics_(semantics),
      ledger_(semantics, constraints),
      weight_with_(semantics.num_labels),
      variance_with_(semantics.num_labels) {}

PrefixId SampledTree::expand(PrefixId parent, LabelId position, double log_prob,
                             const MaskedRow& row) {
  const PrefixId id = ledger_.expand(parent, position, log_prob, row);
  const double end_log_prob = log_prob - row.log_normaliser() + row.end_score();
  ledger_.close(id, std::exp(end_log_prob));
  const LabelSet labels = ledger_.label_set(id);
  if (labels.size() == semantics_.max_size && row.label_prob() > 0.0) truncated_ = true;
  if (end_log_prob == kMinusInfinity) return id;
  double& sum = sets_[labels].log_prob;
  sum = log_add(sum, end_log_prob);
  return id;
}

void SampledTree::draw_closed(PrefixId prefix, double weight, double variance) {
  const LabelSet labels = ledger_.label_set(prefix);
  if (labels.size() <= semantics_.max_size) sets_[labels].weight += weight;
  weigh(labels, weight, variance);
}

void SampledTree::draw_dead_end(PrefixId prefix, double weight, double variance) {
  if (!ledger_.is_conditional()) weigh(ledger_.label_set(prefix), weight, variance);
}

void SampledTree::weigh(const LabelSet& labels, double weight, double variance) {
  weight_ += weight;
  variance_ += variance;
  for (LabelId label : labels) {
    weight_with_[label] += weight;
    variance_with_[label] += variance;
  }
}

// The ratio of weighted sums p = sum w x / sum w; its variance by the delta method, that is, as of
// the sum of w (x - p).
void SampledTree::estimate(std::vector<Marginal>& marginals) const {
  if (weight_ == 0.0) return;
  for (std::size_t l = 0; l < marginals.size(); ++l) {
    Marginal& marginal = marginals[l];
    const double p = weight_with_[l] / weight_;
    const double variance = (1.0 - 2.0 * p) * variance_with_[l] + p * p * variance_;
    marginal.estimate = std::clamp(p, marginal.lower, marginal.upper);
    const double most = (marginal.upper - marginal.lower) / 2.0;  // of what is between the bounds
    marginal.std_error = std::min(most, std::sqrt(std::max(0.0, variance)) / weight_);
  }
}

SetDistribution SampledTree::finish() const {
  SetDistribution result;
  double next_best = kMinusInfinity;  // of the sets that are known and are no answers
  for (const auto& [labels, sums] : sets_) {
    if (sums.weight == 0.0) {
      next_best = std::max(next_best, sums.log_prob);
      continue;
    }
    const double log_prob = std::min(0.0, sums.log_prob);  // sums may round above 1
    result.sets.push_back({labels, log_prob, log_prob, sums.weight});
  }
  result.marginals = ledger_.marginals();
  estimate(result.marginals);
  result.valid = ledger_.valid();
  result.num_scored = ledger_.num_expanded();
  result.truncated = truncated_;
  rank_weighted_sets(result);
  if (result.sets.empty()) return result;
  if (semantics_.order.is_fixed()) {
    const double rival = std::max(ledger_.open_mass(), std::exp(next_best));
    result.certified = std::exp(result.sets.front().log_prob) >= rival;
  } else {
    bound_sets(result, ledger_, next_best);
  }
  return result;
}

}  // namespace labelbeam::decoders
