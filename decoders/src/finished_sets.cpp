#include "finished_sets.h"

#include <algorithm>
#include <functional>

#include "log_math.h"

namespace labelbeam::decoders {

void FinishedSets::add(PrefixId prefix, double log_prob, const MassLedger& ledger) {
  if (log_prob == kMinusInfinity) return;
  if (!distinct_) {
    const LabelSet set = ledger.label_set(prefix);
    const auto [at, is_new] = index_.try_emplace(set, found_.size());
    if (!is_new) {
      double& sum = found_[at->second].log_prob;
      sum = log_add(sum, log_prob);
      return;
    }
  }
  found_.push_back({log_prob, prefix});
}

double FinishedSets::nth_best(std::size_t n) {
  if (found_.size() < n) return kMinusInfinity;
  scratch_.clear();
  for (const Found& found : found_) scratch_.push_back(found.log_prob);
  const auto nth = scratch_.begin() + static_cast<std::ptrdiff_t>(n - 1);
  std::nth_element(scratch_.begin(), nth, scratch_.end(), std::greater<>());
  return *nth;
}

std::vector<ScoredSet> FinishedSets::best(std::size_t n, const MassLedger& ledger) {
  const double least = nth_best(n);
  std::vector<ScoredSet> sets;
  for (const Found& found : found_) {
    if (found.log_prob < least) continue;
    const double log_prob = std::min(0.0, found.log_prob);  // sums may round above 1
    sets.push_back({ledger.label_set(found.prefix), log_prob, log_prob, 0.0});
  }
  return sets;
}

}  // namespace labelbeam::decoders
