#include <fmt/format.h>
#include <labelbeam/decoders/independent.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <queue>
#include <stdexcept>

#include "label_probs.h"
#include "log_math.h"
#include "ranking.h"

namespace labelbeam::decoders {

void check_label_probs(std::span<const double> probs, EmptySet empty_set) {
  if (probs.empty()) throw std::invalid_argument("label probabilities: none was given");
  for (std::size_t l = 0; l < probs.size(); ++l) {
    if (probs[l] >= 0.0 && probs[l] <= 1.0) continue;
    throw std::invalid_argument(fmt::format(
        "label probabilities: the probability of label {} must be between 0 and 1, got {}", l,
        probs[l]));
  }
  if (empty_set == EmptySet::learn) {
    throw std::invalid_argument(
        "label probabilities: EmptySet::learn is a training option; use allow or forbid");
  }
}

void check_label_ids(const LabelSet& labels, std::size_t num_labels) {
  if (labels.empty() || labels.ids().back() < num_labels) return;
  throw std::invalid_argument(
      fmt::format("label {} of the set is not below the number of labels, {}", labels.ids().back(),
                  num_labels));
}

double log_empty_prob(std::span<const double> probs) {
  double sum = 0.0;
  for (double p : probs) sum += std::log1p(-p);
  return sum;
}

double log_not_empty(double log_empty, EmptySet empty_set) {
  return empty_set == EmptySet::allow ? 0.0 : std::log(-std::expm1(std::min(0.0, log_empty)));
}

namespace {

constexpr std::uint32_t kNoFlip = std::numeric_limits<std::uint32_t>::max();

/// The sets of independent labels from the most probable on. A set is the most probable one with
/// some labels flipped; with the flips sorted by cost, every set of flips has one parent: its last
/// flip moved to the next cheaper one, or dropped where that one is in the set.
class SetEnumerator {
 public:
  explicit SetEnumerator(std::span<const double> probs) {
    for (LabelId label = 0; label < probs.size(); ++label) {
      const double p = probs[label];
      if (p > 0.5) best_.push_back(label);
      log_prob_ += p > 0.5 ? std::log(p) : std::log1p(-p);
      if (p > 0.0 && p < 1.0) {
        flips_.push_back({std::abs(std::log(p) - std::log1p(-p)), label, p > 0.5});
      }
    }
    std::stable_sort(flips_.begin(), flips_.end(),
                     [](const Flip& a, const Flip& b) { return a.cost < b.cost; });
    push({0.0, kNoFlip, kNoFlip});
  }

  bool done() const { return heap_.empty(); }

  ScoredSet next() {
    const Entry top = heap_.top();
    heap_.pop();
    const Node node = nodes_[top.node];
    const std::uint32_t following = node.flip == kNoFlip ? 0 : node.flip + 1;
    if (following < flips_.size()) {
      const double longer = node.cost + flips_[following].cost;
      push({longer, top.node, following});
      if (node.flip != kNoFlip) {
        push({nodes_[node.parent].cost + flips_[following].cost, node.parent, following});
      }
    }
    const double log_prob = log_prob_ - node.cost;
    return {labels_of(top.node), log_prob, log_prob, 0.0};
  }

 private:
  struct Flip {
    double cost;
    LabelId label;
    bool removes;
  };
  struct Node {
    double cost;
    std::uint32_t parent;  // the flips before the last
    std::uint32_t flip;    // the last
  };
  struct Entry {
    double cost;
    std::uint32_t node;
    bool operator<(const Entry& other) const {  // the heap's top is the cheapest, then the oldest
      return cost != other.cost ? cost > other.cost : node > other.node;
    }
  };

  void push(const Node& node) {
    heap_.push({node.cost, static_cast<std::uint32_t>(nodes_.size())});
    nodes_.push_back(node);
  }

  LabelSet labels_of(std::uint32_t id) const {
    LabelSet labels(best_);
    for (; nodes_[id].flip != kNoFlip; id = nodes_[id].parent) {
      const Flip& flip = flips_[nodes_[id].flip];
      if (flip.removes) {
        labels.erase(flip.label);
      } else {
        labels.insert(flip.label);
      }
    }
    return labels;
  }

  std::vector<LabelId> best_;
  double log_prob_ = 0.0;  // of `best_`
  std::vector<Flip> flips_;
  std::vector<Node> nodes_;
  std::priority_queue<Entry> heap_;
};

}  // namespace

SetDistribution independent_distribution(std::span<const double> probs,
                                         const IndependentOptions& options) {
  check_label_probs(probs, options.empty_set);
  if (options.num_sets < 1) {
    throw std::invalid_argument("independent labels: num_sets must be at least 1, got 0");
  }
  const double normaliser = log_not_empty(log_empty_prob(probs), options.empty_set);
  SetDistribution result;
  result.certified = true;
  if (normaliser == kMinusInfinity) {
    result.marginals.assign(probs.size(), Marginal{0.0, 0.0, 0.0, 0.0});
    return result;
  }
  SetEnumerator enumerator(probs);
  while (!enumerator.done() && result.sets.size() < options.num_sets) {
    ScoredSet set = enumerator.next();
    if (set.labels.empty() && options.empty_set == EmptySet::forbid) continue;
    set.log_prob = set.log_upper = std::min(0.0, set.log_prob - normaliser);
    result.sets.push_back(std::move(set));
  }
  rank_sets(result, options.num_sets);
  for (double p : probs) {
    const double marginal = std::min(1.0, p / std::exp(normaliser));
    result.marginals.push_back({marginal, marginal, marginal, 0.0});
  }
  return result;
}

double independent_log_prob(std::span<const double> probs, const LabelSet& labels,
                            EmptySet empty_set) {
  check_label_probs(probs, empty_set);
  check_label_ids(labels, probs.size());
  if (labels.empty() && empty_set == EmptySet::forbid) return kMinusInfinity;
  double log_prob = 0.0;
  auto next = labels.begin();
  for (LabelId label = 0; label < probs.size(); ++label) {
    const bool present = next != labels.end() && *next == label;
    if (present) ++next;
    log_prob += present ? std::log(probs[label]) : std::log1p(-probs[label]);
  }
  if (log_prob == kMinusInfinity) return log_prob;
  return std::min(0.0, log_prob - log_not_empty(log_empty_prob(probs), empty_set));
}

}  // namespace labelbeam::decoders
