#include "clustered_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "log_math.h"
#include "positions.h"

namespace labelbeam::decoders {
ClusteredRows::ClusteredRows(const SetSemantics& semantics, const LabelClusters& clusters,
                             const Constraints* constraints, std::string search)
    : semantics_(semantics),
      clusters_(clusters),
      constraints_(constraints),
      search_(std::move(search)) {
  if (clusters.num_labels() != semantics.num_labels) {
    throw std::invalid_argument(fmt::format("{}: the model has {} labels, but clusters of {}",
                                            search_, semantics.num_labels, clusters.num_labels()));
  }
  if (constraints != nullptr && constraints->semantics() != semantics) {
    throw std::invalid_argument(search_ + ": the constraints were made for other set semantics");
  }
  if (constraints != nullptr && constraints->meaning() == ConstraintMeaning::renormalise) {
    throw std::invalid_argument(
        fmt::format("{}: constraints that renormalise need every logit of a clustered model; let "
                    "them condition",
                    search_));
  }
  for (std::uint32_t cluster = 0; cluster < clusters.num_clusters(); ++cluster) {
    auto& [lowest, highest] = positions_.emplace_back(semantics.end(), LabelId{0});
    for (LabelId label : clusters.members(cluster)) {
      lowest = std::min(lowest, position_of(semantics, label));
      highest = std::max(highest, position_of(semantics, label));
    }
  }
}

void ClusteredRows::fetch(StepModel& model, std::span<const StateId> states) {
  model_ = &dynamic_cast<ClusteredStepModel&>(model);
  states_.assign(states.begin(), states.end());
  logits_.resize(states.size() * (clusters_.num_clusters() + 1));
  model_->cluster_logits(states, logits_);
}

void ClusteredRows::find_emitted(const LivePrefix& prefix, const MassLedger& ledger) {
  emitted_.clear();
  if (prefix.parent != kNoPrefix) {
    emitted_.push_back(prefix.position);
    ledger.append_positions(prefix.parent, emitted_);
  }
  if (constraints_ == nullptr) return;
  LabelSet labels;
  for (LabelId position : emitted_) labels.insert(label_at(semantics_, position));
  allowed_.assign(semantics_.num_tokens(), 1);
  constraints_->restrict(labels, allowed_);
}

bool ClusteredRows::is_admissible(LabelId position) const {
  if (emitted_.empty()) return true;
  if (semantics_.order.is_fixed()) return position > emitted_.front();
  return std::find(emitted_.begin(), emitted_.end(), position) == emitted_.end();
}

/// Whether the mask takes some of its labels, and perhaps all.
bool ClusteredRows::is_cut(std::uint32_t cluster) const {
  if (emitted_.empty()) return false;
  if (semantics_.order.is_fixed()) return positions_[cluster].first <= emitted_.front();
  return std::any_of(emitted_.begin(), emitted_.end(),
                     [&](LabelId label) { return clusters_.cluster_of(label) == cluster; });
}

/// Whether the mask is known to take all of its labels.
bool ClusteredRows::is_gone(std::uint32_t cluster) const {
  return semantics_.order.is_fixed() && !emitted_.empty() &&
         positions_[cluster].second <= emitted_.front();
}

double ClusteredRows::finite(double logit, std::size_t document, const char* what,
                             std::size_t id) const {
  if (logit < std::numeric_limits<double>::infinity()) return logit;  // false for NaN too
  throw std::invalid_argument(
      fmt::format("{}: document {}: the logit of {} {} is {}", search_, document, what, id, logit));
}

double ClusteredRows::open(std::uint32_t cluster, StateId state, std::size_t document) {
  const std::span<const LabelId> members = clusters_.members(cluster);
  within_.resize(members.size());
  model_->logits_within(cluster, std::span(&state, 1), within_);
  double largest = kMinusInfinity;
  for (std::size_t m = 0; m < members.size(); ++m) {
    largest = std::max(largest, finite(within_[m], document, "label", members[m]));
  }
  if (largest == kMinusInfinity) {
    throw std::invalid_argument(
        fmt::format("{}: document {}: cluster {} is possible, but none of its labels is", search_,
                    document, cluster));
  }
  double sum = 0.0;
  for (float w : within_) sum += std::exp(w - largest);
  double admissible = 0.0;
  opened_.clear();
  for (std::size_t m = 0; m < members.size(); ++m) {
    const LabelId position = position_of(semantics_, members[m]);
    if (!is_admissible(position)) continue;
    const double share = std::exp(within_[m] - largest) / sum;
    admissible += share;
    if (allowed_.empty() || allowed_[members[m]]) opened_.push_back({position, share});
  }
  return admissible;
}

PrefixExpander::Expanded ClusteredRows::expand(std::size_t row, const LivePrefix& prefix,
                                               std::size_t document, MassLedger& ledger,
                                               TopChildren& children, std::uint32_t parent) {
  const std::size_t width = clusters_.num_clusters() + 1;
  const std::span<const float> logits = std::span<const float>(logits_).subspan(row * width, width);
  find_emitted(prefix, ledger);
  const bool end_admissible = !emitted_.empty() || semantics_.empty_set != EmptySet::forbid;
  double end_score = kMinusInfinity;
  if (end_admissible) end_score = finite(logits.back(), document, "token", semantics_.end());
  double largest = end_score;
  for (std::uint32_t c = 0; c + 1 < width; ++c) {
    if (!is_gone(c)) largest = std::max(largest, finite(logits[c], document, "cluster", c));
  }

  // The normaliser: closed clusters count whole, cut ones by their share.
  heap_.clear();
  reached_.clear();
  double closed = 0.0, admissible_opened = 0.0;
  for (std::uint32_t c = 0; c + 1 < width; ++c) {
    if (is_gone(c) || logits[c] == kMinusInfinity) continue;
    const double weight = std::exp(logits[c] - largest);
    if (!is_cut(c)) {
      closed += weight;
      heap_.push_back({weight, c});
      continue;
    }
    admissible_opened += weight * open(c, states_[row], document);
    for (const Opened& label : opened_) reached_.emplace_back(weight * label.share, label.position);
  }
  const double end_weight = end_score == kMinusInfinity ? 0.0 : std::exp(end_score - largest);
  const double sum = closed + admissible_opened + end_weight;
  const double base = sum > 0.0 ? prefix.log_prob - std::log(sum) : kMinusInfinity;

  const auto offer = [&](std::size_t first) {
    for (std::size_t i = first; i < reached_.size(); ++i) {
      const double log_prob = base + std::log(reached_[i].first);
      if (log_prob >= children.threshold()) children.add(log_prob, parent, reached_[i].second);
    }
    children.settle();
  };
  offer(0);
  std::make_heap(heap_.begin(), heap_.end());
  while (!heap_.empty() && base + std::log(heap_.front().weight) >= children.threshold()) {
    std::pop_heap(heap_.begin(), heap_.end());
    const Cluster cluster = heap_.back();
    heap_.pop_back();
    closed -= cluster.weight;
    const std::size_t first = reached_.size();
    open(cluster.id, states_[row], document);
    for (const Opened& label : opened_) {
      reached_.emplace_back(cluster.weight * label.share, label.position);
    }
    offer(first);
  }
  // `closed` is a difference of sums: summed anew it is never a rounding error below zero.
  closed = 0.0;
  for (const Cluster& cluster : heap_) closed += cluster.weight;
  double open_weight = closed;
  for (const auto& [weight, position] : reached_) open_weight += weight;

  const double mass = std::exp(prefix.log_prob);
  const double scale = sum > 0.0 ? mass / sum : 0.0;
  const PrefixId id = ledger.enter(prefix.parent, prefix.position, mass, scale * open_weight);
  for (const auto& [weight, position] : reached_) ledger.reach(position, scale * weight);
  ledger.leave_closed(scale * closed);
  const bool may_end = allowed_.empty() || allowed_[semantics_.end()];
  const double end_log_prob =
      may_end && end_weight > 0.0 ? base + end_score - largest : kMinusInfinity;
  ledger.close(id, std::exp(end_log_prob));
  return {id, end_log_prob};
}

}  // namespace labelbeam::decoders
