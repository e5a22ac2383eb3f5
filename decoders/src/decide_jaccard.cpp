#include <labelbeam/decoders/decision.h>

#include <algorithm>
#include <vector>

#include "fbeta_maximiser.h"

namespace labelbeam::decoders {
namespace {

/// Expected Jaccard index of an answer that is changed one label at a time. Labels are indices into
/// the union of the sets; what does not occur in any set can only lower the index.
class JaccardObjective {
 public:
  JaccardObjective(const SetDistribution& distribution, EmptyConvention convention)
      : value_of_empty_(convention == EmptyConvention::one ? 1.0 : 0.0) {
    for (const ScoredSet& set : distribution.sets) {
      union_.insert(union_.end(), set.labels.begin(), set.labels.end());
    }
    std::sort(union_.begin(), union_.end());
    union_.erase(std::unique(union_.begin(), union_.end()), union_.end());
    holders_.resize(union_.size() * distribution.sets.size());
    for (const ScoredSet& set : distribution.sets) add_set(set);
    chosen_.resize(union_.size());
  }

  std::size_t num_labels() const { return union_.size(); }
  bool chosen(std::size_t label) const { return chosen_[label] != 0; }
  LabelSet answer() const {
    std::vector<LabelId> labels;
    for (std::size_t i = 0; i < union_.size(); ++i) {
      if (chosen_[i]) labels.push_back(union_[i]);
    }
    return LabelSet(labels);
  }
  /// P(label in set) by the weights.
  double marginal(std::size_t label) const {
    double sum = 0.0;
    for (std::size_t n = 0; n < sets_.size(); ++n) sum += holds(n, label) * sets_[n].weight;
    return sum;
  }

  void choose(const LabelSet& answer) {
    for (std::size_t i = 0; i < union_.size(); ++i) {
      if (chosen(i) != answer.contains(union_[i])) flip(i);
    }
  }

  void flip(std::size_t label) {
    const int change = chosen_[label] ? -1 : 1;
    chosen_[label] ^= 1;
    for (std::size_t n = 0; n < sets_.size(); ++n) {
      const int held = holds(n, label);
      sets_[n].shared += change * held;
      sets_[n].covered += change * (1 - held);
    }
  }

  double value() const {
    double value = 0.0;
    for (const Set& set : sets_) value += set.weight * index(set.shared, set.covered);
    return value;
  }

  /// The value if each set could have the answer's remaining labels to its liking: those it holds,
  /// and no other. `undecided`: labels that are neither chosen nor ruled out.
  double bound(const std::vector<std::size_t>& undecided) const {
    double bound = 0.0;
    for (std::size_t n = 0; n < sets_.size(); ++n) {
      int shared = sets_[n].shared;
      for (std::size_t label : undecided) shared += holds(n, label);
      bound += sets_[n].weight * index(shared, sets_[n].covered);
    }
    return bound;
  }

 private:
  struct Set {
    double weight;
    int shared;   // |set ∩ answer|
    int covered;  // |set ∪ answer|
  };

  void add_set(const ScoredSet& set) {
    const std::size_t n = sets_.size();
    for (LabelId label : set.labels) {
      const auto at = std::lower_bound(union_.begin(), union_.end(), label);
      holders_[n * union_.size() + static_cast<std::size_t>(at - union_.begin())] = 1;
    }
    sets_.push_back({set.weight, 0, static_cast<int>(set.labels.size())});
  }

  int holds(std::size_t n, std::size_t label) const { return holders_[n * union_.size() + label]; }

  double index(int shared, int covered) const {
    return covered == 0 ? value_of_empty_ : static_cast<double>(shared) / covered;
  }

  double value_of_empty_;
  std::vector<LabelId> union_;          // [M] ascending
  std::vector<unsigned char> holders_;  // [N, M]
  std::vector<unsigned char> chosen_;   // [M]
  std::vector<Set> sets_;               // [N]
};

void consider(JaccardObjective& objective, const LabelSet& answer, Decision& best) {
  objective.choose(answer);
  const double value = objective.value();
  if (value > best.expected_utility) best = {answer, value};
}

void consider_candidates(JaccardObjective& objective, const SetDistribution& distribution,
                         Decision& best) {
  std::size_t largest = 0;
  for (const ScoredSet& set : distribution.sets) {
    consider(objective, set.labels, best);
    largest = std::max(largest, set.labels.size());
  }
  const SizeMarginals marginals = size_marginals(distribution);
  FbetaMaximiser maximiser(marginals, 1.0);
  for (std::size_t size = 1; size <= largest; ++size) {
    consider(objective, maximiser.best_of_size(size).labels, best);
  }
}

void consider_marginal_prefixes(JaccardObjective& objective, Decision& best) {
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < objective.num_labels(); ++i) {
    order.emplace_back(-objective.marginal(i), i);
  }
  std::sort(order.begin(), order.end());
  objective.choose({});
  for (const auto& [minus_marginal, label] : order) {
    objective.flip(label);
    const double value = objective.value();
    if (value > best.expected_utility) best = {objective.answer(), value};
  }
}

/// Flips one label, or swaps a chosen one for another, as long as that helps. The smallest gain
/// that counts is above rounding, so that this ends.
void improve(JaccardObjective& objective, Decision& best) {
  constexpr double kLeastGain = 1e-13;
  objective.choose(best.labels);
  const auto better = [&] {
    const double value = objective.value();
    if (value <= best.expected_utility + kLeastGain) return false;
    best = {objective.answer(), value};
    return true;
  };
  const auto try_flip = [&](std::size_t label) {
    objective.flip(label);
    if (better()) return true;
    objective.flip(label);
    return false;
  };
  const auto try_swaps = [&](std::size_t dropped) {
    objective.flip(dropped);
    for (std::size_t label = 0; label < objective.num_labels(); ++label) {
      if (label != dropped && !objective.chosen(label) && try_flip(label)) return true;
    }
    objective.flip(dropped);
    return false;
  };
  for (bool improved = true; improved;) {
    improved = false;
    for (std::size_t label = 0; label < objective.num_labels(); ++label) {
      improved |= try_flip(label) || (objective.chosen(label) && try_swaps(label));
    }
  }
}

/// Decides the undecided labels, the last one first, wherever that can still beat the best answer.
void branch(JaccardObjective& objective, std::vector<std::size_t>& undecided, Decision& best) {
  if (objective.bound(undecided) <= best.expected_utility) return;
  if (undecided.empty()) {
    best = {objective.answer(), objective.value()};
    return;
  }
  const std::size_t label = undecided.back();
  undecided.pop_back();
  objective.flip(label);
  branch(objective, undecided, best);
  objective.flip(label);
  branch(objective, undecided, best);
  undecided.push_back(label);
}

}  // namespace

Decision decide_jaccard(const SetDistribution& distribution, EmptyConvention convention) {
  JaccardObjective objective(distribution, convention);
  Decision best{LabelSet(), objective.value()};
  consider_candidates(objective, distribution, best);
  consider_marginal_prefixes(objective, best);
  improve(objective, best);
  if (objective.num_labels() <= kMaxExactJaccard) {
    objective.choose({});
    std::vector<std::size_t> undecided;
    for (std::size_t i = 0; i < objective.num_labels(); ++i) undecided.push_back(i);
    std::sort(undecided.begin(), undecided.end(), [&](std::size_t a, std::size_t b) {
      return objective.marginal(a) < objective.marginal(b);
    });
    branch(objective, undecided, best);
  }
  return best;
}

}  // namespace labelbeam::decoders
