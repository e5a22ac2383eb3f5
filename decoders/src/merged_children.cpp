#include "merged_children.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "log_math.h"

namespace labelbeam::decoders {
namespace {

/// Whether `a` and `b`, of one size, are the same set with one label more each: `more_a`, which `a`
/// does not hold, and `more_b`, which `a` holds.
bool are_same(const LabelSet& a, LabelId more_a, const LabelSet& b, LabelId more_b) {
  return b.contains(more_a) && !b.contains(more_b) && a.intersection_size(b) + 1 == a.size();
}

}  // namespace

MergedChildren::MergedChildren(const SetSemantics& semantics, std::vector<std::uint64_t> label_keys)
    : label_keys_(std::move(label_keys)), top_(semantics) {}

const std::vector<Child>& MergedChildren::best(std::span<const LiveSet> sets,
                                               std::span<const double> log_probs, std::size_t n) {
  sets_ = sets;
  log_probs_ = log_probs;
  index_.clear();
  is_held_.assign(label_keys_.size(), 0);
  for (std::uint32_t s = 0; s < sets.size(); ++s) {
    index_.insert(sets[s].key, s);
    for (LabelId label : sets[s].labels) is_held_[label] = 1;
  }
  top_.reset(n);
  for (std::uint32_t s = 0; s < sets.size(); ++s) {
    const std::size_t most_parents = std::min(sets.size(), sets[s].labels.size() + 1);
    const double gain_inside = std::log(static_cast<double>(sets[s].num_rows));
    const double gain = gain_inside + std::log(static_cast<double>(most_parents));
    const std::span<const double> largest = largest_members(sets[s]);
    for (LabelId label = 0; label < largest.size(); ++label) {
      if (largest[label] + gain < top_.threshold()) continue;
      const double bound = largest[label] + (is_held_[label] ? gain : gain_inside);
      if (bound >= top_.threshold()) add_if_heaviest(s, label);
    }
  }
  return top_.sorted();
}

/// [L]: the most probable of the children of a set's rows.
std::span<const double> MergedChildren::largest_members(const LiveSet& set) {
  const std::size_t num_labels = label_keys_.size();
  const std::span<const double> rows =
      log_probs_.subspan(set.first_row * num_labels, set.num_rows * num_labels);
  if (set.num_rows == 1) return rows;
  largest_.assign(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(num_labels));
  for (std::size_t first = num_labels; first < rows.size(); first += num_labels) {
    for (std::size_t l = 0; l < num_labels; ++l) {
      largest_[l] = std::max(largest_[l], rows[first + l]);
    }
  }
  return largest_;
}

double MergedChildren::contribution(const LiveSet& set, LabelId label) const {
  double sum = child_log_prob(set.first_row, label);
  for (std::uint32_t i = 1; i < set.num_rows; ++i) {
    sum = log_add(sum, child_log_prob(set.first_row + i, label));
  }
  return sum;
}

/// Calls `visit(set, label)` for the other live sets of which one more label makes the same child,
/// until it answers false.
template <typename Visit>
void MergedChildren::visit_other_parents(std::uint32_t parent, LabelId label,
                                         const Visit& visit) const {
  if (!is_held_[label]) return;
  const LiveSet& set = sets_[parent];
  for (LabelId other_label : set.labels) {
    const auto is_parent = [&](std::uint32_t other) {
      return are_same(set.labels, label, sets_[other].labels, other_label);
    };
    const std::uint64_t key = set.key ^ label_keys_[label] ^ label_keys_[other_label];
    const std::uint32_t other = index_.find(key, is_parent);
    if (other != SetIndex::kNone && !visit(other, other_label)) return;
  }
}

void MergedChildren::add_if_heaviest(std::uint32_t parent, LabelId label) {
  const double own = contribution(sets_[parent], label);
  double sum = own;
  bool is_heaviest = true;
  visit_other_parents(parent, label, [&](std::uint32_t other, LabelId other_label) {
    const double theirs = contribution(sets_[other], other_label);
    is_heaviest = own > theirs || (own == theirs && parent < other);
    sum = log_add(sum, theirs);
    return is_heaviest;
  });
  if (is_heaviest && sum >= top_.threshold()) top_.add(sum, parent, label);
}

void MergedChildren::append(const LiveSet& set, LabelId label, std::vector<Member>& members) const {
  for (std::uint32_t i = 0; i < set.num_rows; ++i) {
    const std::uint32_t row = set.first_row + i;
    const double log_prob = child_log_prob(row, label);
    if (log_prob > kMinusInfinity) members.push_back({log_prob, row, label});
  }
}

void MergedChildren::append_members(const Child& child, std::vector<Member>& members) const {
  append(sets_[child.parent], child.label, members);
  visit_other_parents(child.parent, child.label, [&](std::uint32_t other, LabelId label) {
    append(sets_[other], label, members);
    return true;
  });
}

}  // namespace labelbeam::decoders
