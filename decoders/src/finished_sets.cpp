#include "finished_sets.h"

#include <algorithm>
#include <functional>

#include "log_math.h"

namespace labelbeam::decoders {
namespace {

/// The labels of a prefix under a free order, sorted.
void read_labels(const MassLedger& ledger, PrefixId prefix, std::vector<LabelId>& labels) {
  labels.clear();
  ledger.append_positions(prefix, labels);
  std::sort(labels.begin(), labels.end());
}

std::uint32_t hash_of(const std::vector<LabelId>& labels) {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a over the ids, then a mixing step
  for (LabelId label : labels) hash = (hash ^ label) * 0x100000001b3u;
  hash ^= hash >> 32;
  return static_cast<std::uint32_t>((hash * 0x9e3779b97f4a7c15u) >> 32);
}

}  // namespace

void FinishedSets::clear() {
  found_.clear();
  std::fill(slots_.begin(), slots_.end(), 0u);
}

void FinishedSets::add(PrefixId prefix, double log_prob, const MassLedger& ledger) {
  if (log_prob == kMinusInfinity) return;
  if (distinct_) {
    found_.push_back({log_prob, prefix, 0});
    return;
  }
  read_labels(ledger, prefix, labels_);
  const std::uint32_t hash = hash_of(labels_);
  make_room();
  if (Found* same = find(hash, ledger)) {
    same->log_prob = log_add(same->log_prob, log_prob);
    return;
  }
  found_.push_back({log_prob, prefix, hash});
  insert_slot(found_.size() - 1);
}

FinishedSets::Found* FinishedSets::find(std::uint32_t hash, const MassLedger& ledger) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
    Found& found = found_[slots_[slot] - 1];
    if (found.hash != hash) continue;
    read_labels(ledger, found.prefix, other_);
    if (other_ == labels_) return &found;
  }
  return nullptr;
}

void FinishedSets::insert_slot(std::size_t index) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = found_[index].hash & mask;
  while (slots_[slot] != 0) slot = (slot + 1) & mask;
  slots_[slot] = static_cast<std::uint32_t>(index + 1);
}

/// At most half of the table is used.
void FinishedSets::make_room() {
  if (2 * (found_.size() + 1) <= slots_.size()) return;
  slots_.assign(std::max<std::size_t>(64, 2 * slots_.size()), 0u);
  for (std::size_t i = 0; i < found_.size(); ++i) insert_slot(i);
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
