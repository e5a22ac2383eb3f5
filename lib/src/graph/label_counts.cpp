#include <fmt/format.h>
#include <labelbeam/graph/label_counts.h>
#include <labelbeam/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace labelbeam {
namespace {

constexpr LabelId kFree = std::numeric_limits<LabelId>::max();
constexpr std::size_t kFirstCapacity = 8;
constexpr std::size_t kBytesPerSlot = sizeof(LabelId) + sizeof(double);

void check_weight(double weight) {
  if (!(weight >= 0.0) || !std::isfinite(weight)) {
    throw std::invalid_argument(
        fmt::format("LabelCounts: a weight must be finite and not negative, got {}", weight));
  }
}

}  // namespace

std::size_t LabelCounts::Row::slot_of(LabelId second) const {
  const std::size_t mask = keys_.size() - 1;
  const int bits = std::countr_zero(keys_.size());
  // Fibonacci hashing: the upper bits of the product depend on all bits of the label.
  std::size_t slot = (second * 0x9E3779B9u) >> (32 - bits);
  while (keys_[slot] != kFree && keys_[slot] != second) slot = (slot + 1) & mask;
  return slot;
}

void LabelCounts::Row::grow(std::size_t span) {
  const std::size_t capacity = keys_.empty() ? kFirstCapacity : 2 * keys_.size();
  const std::vector<LabelId> old_keys = std::move(keys_);
  const std::vector<double> old_values = std::move(values_);
  const bool to_dense = capacity * kBytesPerSlot >= span * sizeof(double);
  keys_.assign(to_dense ? 0 : capacity, kFree);
  values_.assign(to_dense ? span : capacity, 0.0);
  for (std::size_t old = 0; old < old_keys.size(); ++old) {
    if (old_keys[old] == kFree) continue;
    const std::size_t slot = to_dense ? old_keys[old] : slot_of(old_keys[old]);
    if (!to_dense) keys_[slot] = old_keys[old];
    values_[slot] = old_values[old];
  }
}

void LabelCounts::Row::add(LabelId second, double weight, std::size_t span) {
  if (!is_dense() && 4 * (size_ + 1) > 3 * keys_.size()) grow(span);
  if (is_dense()) {
    size_ += values_[second] == 0.0 ? 1 : 0;
    values_[second] += weight;
    return;
  }
  const std::size_t slot = slot_of(second);
  if (keys_[slot] == kFree) {
    keys_[slot] = second;
    ++size_;
  }
  values_[slot] += weight;
}

double LabelCounts::Row::count(LabelId second) const {
  if (size_ == 0) return 0.0;
  return values_[is_dense() ? second : slot_of(second)];
}

std::vector<PairCount> LabelCounts::Row::pairs(LabelId first) const {
  std::vector<PairCount> pairs;
  pairs.reserve(size_);
  for (std::size_t slot = 0; slot < values_.size(); ++slot) {
    if (values_[slot] == 0.0) continue;
    pairs.push_back({first, is_dense() ? static_cast<LabelId>(slot) : keys_[slot], values_[slot]});
  }
  return pairs;
}

LabelCounts::LabelCounts(std::size_t num_labels) : counts_(num_labels), rows_(num_labels) {
  if (num_labels == 0 || num_labels > kMaxLabels) {
    throw std::invalid_argument(fmt::format(
        "LabelCounts: the number of labels must be 1 to {}, got {}", kMaxLabels, num_labels));
  }
}

void LabelCounts::check(const LabelSet& set) const {
  if (!set.empty() && set.ids().back() >= num_labels()) {
    throw std::invalid_argument(
        fmt::format("LabelCounts: label {} is not below L = {}", set.ids().back(), num_labels()));
  }
}

void LabelCounts::add_labels(const LabelSet& set, double weight) {
  total_ += weight;
  for (const LabelId label : set) counts_[label] += weight;
}

void LabelCounts::add_pairs(const LabelSet& set, std::size_t at, double weight) {
  const std::span<const LabelId> ids = set.ids();
  const auto last = static_cast<LabelId>(num_labels() - 1);
  Row& row = rows_[ids[at]];
  for (std::size_t other = at + 1; other < ids.size(); ++other) {
    row.add(last - ids[other], weight, last - ids[at]);
  }
}

void LabelCounts::add(const LabelSet& set, double weight) {
  check(set);
  check_weight(weight);
  if (weight == 0.0) return;
  add_labels(set, weight);
  for (std::size_t at = 0; at < set.size(); ++at) add_pairs(set, at, weight);
}

void LabelCounts::add(const SetDistribution& distribution) {
  for (const ScoredSet& scored : distribution.sets) {
    check(scored.labels);
    check_weight(scored.weight);
  }
  for (const ScoredSet& scored : distribution.sets) add(scored.labels, scored.weight);
}

void LabelCounts::merge(const LabelCounts& other) {
  if (other.num_labels() != num_labels()) {
    throw std::invalid_argument(fmt::format("LabelCounts: counts of {} labels are merged into {}",
                                            other.num_labels(), num_labels()));
  }
  total_ += other.total_;
  const auto last = static_cast<LabelId>(num_labels() - 1);
  for (LabelId first = 0; first <= last; ++first) {
    counts_[first] += other.counts_[first];
    // Labels leave a row in the order of their hashes, which would crowd a smaller one.
    Row smaller = other.rows_[first];
    if (smaller.size() > rows_[first].size()) std::swap(smaller, rows_[first]);
    for (const PairCount& pair : smaller.pairs(first)) {
      rows_[first].add(pair.second, pair.count, last - first);
    }
  }
}

double LabelCounts::count(LabelId a, LabelId b) const {
  if (a == b || std::max(a, b) >= num_labels()) {
    throw std::invalid_argument(
        fmt::format("LabelCounts: {} and {} are no two labels below L = {}", a, b, num_labels()));
  }
  return rows_[std::min(a, b)].count(static_cast<LabelId>(num_labels() - 1) - std::max(a, b));
}

std::vector<PairCount> LabelCounts::pairs_of(LabelId first) const {
  std::vector<PairCount> pairs = rows_.at(first).pairs(first);
  const auto last = static_cast<LabelId>(num_labels() - 1);
  for (PairCount& pair : pairs) pair.second = last - pair.second;
  std::sort(pairs.begin(), pairs.end(),
            [](const PairCount& a, const PairCount& b) { return a.second < b.second; });
  return pairs;
}

std::size_t LabelCounts::num_pairs() const {
  std::size_t count = 0;
  for (const Row& row : rows_) count += row.size();
  return count;
}

LabelCounts count_labels(std::span<const LabelSet> sets, std::size_t num_labels,
                         std::size_t num_threads) {
  LabelCounts counts(num_labels);
  for (const LabelSet& set : sets) {
    counts.check(set);
    counts.add_labels(set, 1.0);
  }
  // Every thread reads all sets and owns the pairs of some first labels: one copy of the counts.
  const std::size_t shares = std::min(resolve_num_threads(num_threads), num_labels);
  parallel_for(shares, shares, [&](std::size_t share) {
    for (const LabelSet& set : sets) {
      for (std::size_t at = 0; at < set.size(); ++at) {
        if (set.ids()[at] % shares == share) counts.add_pairs(set, at, 1.0);
      }
    }
  });
  return counts;
}

LabelCounts count_labels(const Dataset& data, std::size_t num_threads) {
  std::vector<LabelSet> sets;
  sets.reserve(data.rows.size());
  for (const Example& row : data.rows) {
    if (row.labelled) sets.push_back(row.labels);
  }
  return count_labels(sets, data.labels.size(), num_threads);
}

LabelCounts count_labels(std::span<const SetDistribution> distributions, std::size_t num_labels) {
  LabelCounts counts(num_labels);
  for (const SetDistribution& distribution : distributions) counts.add(distribution);
  return counts;
}

}  // namespace labelbeam
