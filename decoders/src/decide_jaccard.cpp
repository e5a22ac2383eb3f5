#include <labelbeam/decoders/decision.h>

#include <algorithm>
#include <vector>

#include "best_answer.h"
#include "candidate_answers.h"
#include "fbeta_maximiser.h"

namespace labelbeam::decoders {
namespace {

/// Expected Jaccard index of an answer that is changed one label at a time. Labels are indices into
/// the union of the sets, and one label that occurs in none where there is such a label: it can
/// only lower the index, but the best answer may have no better rival.
class JaccardObjective {
 public:
  JaccardObjective(const SetDistribution& distribution, const SizeMarginals& marginals,
                   EmptyConvention convention)
      : value_of_empty_(convention == EmptyConvention::one ? 1.0 : 0.0), labels_(marginals.labels) {
    const LabelId absent = lowest_absent(labels_, marginals.num_labels);
    if (absent < marginals.num_labels) {
      labels_.insert(std::upper_bound(labels_.begin(), labels_.end(), absent), absent);
    }
    holders_.resize(labels_.size() * distribution.sets.size());
    for (const ScoredSet& set : distribution.sets) add_set(set);
    chosen_.resize(labels_.size());
  }

  std::size_t num_labels() const { return labels_.size(); }
  bool chosen(std::size_t label) const { return chosen_[label] != 0; }
  LabelSet answer() const {
    std::vector<LabelId> labels;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      if (chosen_[i]) labels.push_back(labels_[i]);
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
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      if (chosen(i) != answer.contains(labels_[i])) flip(i);
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
      const auto at = std::lower_bound(labels_.begin(), labels_.end(), label);
      holders_[n * labels_.size() + static_cast<std::size_t>(at - labels_.begin())] = 1;
    }
    sets_.push_back({set.weight, 0, static_cast<int>(set.labels.size())});
  }

  int holds(std::size_t n, std::size_t label) const { return holders_[n * labels_.size() + label]; }

  double index(int shared, int covered) const {
    return covered == 0 ? value_of_empty_ : static_cast<double>(shared) / covered;
  }

  double value_of_empty_;
  std::vector<LabelId> labels_;         // [M] ascending
  std::vector<unsigned char> holders_;  // [N, M]
  std::vector<unsigned char> chosen_;   // [M]
  std::vector<Set> sets_;               // [N]
};

void consider(JaccardObjective& objective, const LabelSet& answer, BestAnswer& best) {
  objective.choose(answer);
  best.consider(answer, objective.value());
}

/// Flips one label, or swaps a chosen one for another, as long as that helps. The smallest gain
/// that counts is above rounding, so that this ends.
void improve(JaccardObjective& objective, BestAnswer& best) {
  constexpr double kLeastGain = 1e-13;
  objective.choose(best.labels());
  double current = best.value();
  const auto better = [&] {
    const double value = objective.value();
    if (value > best.runner_up()) best.consider(objective.answer(), value);
    if (value <= current + kLeastGain) return false;
    current = value;
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

/// Decides the undecided labels, the last one first, wherever that can still beat the runner-up.
void branch(JaccardObjective& objective, std::vector<std::size_t>& undecided, BestAnswer& best) {
  if (objective.bound(undecided) <= best.runner_up()) return;
  if (undecided.empty()) {
    best.consider(objective.answer(), objective.value());
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
  const SizeMarginals marginals = size_marginals(distribution);
  JaccardObjective objective(distribution, marginals, convention);
  BestAnswer best(LabelSet(), objective.value());
  for (const LabelSet& answer : candidate_answers(distribution, marginals)) {
    consider(objective, answer, best);
  }
  improve(objective, best);
  const bool is_exact = marginals.labels.size() <= kMaxExactJaccard;
  if (is_exact) {
    objective.choose({});
    std::vector<std::size_t> undecided;
    for (std::size_t i = 0; i < objective.num_labels(); ++i) undecided.push_back(i);
    std::sort(undecided.begin(), undecided.end(), [&](std::size_t a, std::size_t b) {
      return objective.marginal(a) < objective.marginal(b);
    });
    branch(objective, undecided, best);
  }
  Decision decision = best.decision(marginals.unseen);
  decision.certified = decision.certified && is_exact;
  return decision;
}

}  // namespace labelbeam::decoders
