#include "finished_sets.h"

#include <algorithm>
#include <functional>

#include "log_math.h"
#include "ranking.h"

namespace labelbeam::decoders {
namespace {

/// The labels of a prefix under a free order, sorted.
void read_labels(const MassLedger& ledger, PrefixId prefix, std::vector<LabelId>& labels) {
  labels.clear();
  ledger.append_positions(prefix, labels);
  std::sort(labels.begin(), labels.end());
}

std::uint64_t hash_of(const std::vector<LabelId>& labels) {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a over the ids, then a mixing step
  for (LabelId label : labels) hash = (hash ^ label) * 0x100000001b3u;
  hash ^= hash >> 32;
  return (hash * 0x9e3779b97f4a7c15u) >> 32;
}

}  // namespace

void FinishedSets::clear() {
  found_.clear();
  index_.clear();
}

void FinishedSets::add(PrefixId prefix, double log_prob, const MassLedger& ledger) {
  if (log_prob == kMinusInfinity) return;
  if (distinct_) {
    found_.push_back({log_prob, prefix});
    return;
  }
  read_labels(ledger, prefix, labels_);
  const std::uint64_t hash = hash_of(labels_);
  const std::uint32_t same = index_.find(hash, [&](std::uint32_t index) {
    read_labels(ledger, found_[index].prefix, other_);
    return other_ == labels_;
  });
  if (same != SetIndex::kNone) {
    found_[same].log_prob = log_add(found_[same].log_prob, log_prob);
    return;
  }
  index_.insert(hash, static_cast<std::uint32_t>(found_.size()));
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

SetDistribution FinishedSets::best(std::size_t n, const MassLedger& ledger) {
  const double least = nth_best(n);
  SetDistribution result;
  for (const Found& found : found_) {
    if (found.log_prob < least) continue;
    const double log_prob = std::min(0.0, found.log_prob);  // sums may round above 1
    result.sets.push_back({ledger.label_set(found.prefix), log_prob, log_prob, 0.0});
  }
  result.marginals = ledger.marginals();
  result.valid = ledger.valid();
  result.num_scored = ledger.num_expanded();
  rank_sets(result, n);
  return result;
}

}  // namespace labelbeam::decoders
