#include <fmt/format.h>
#include <labelbeam/decoders/completion.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>

#include "ranking.h"

namespace labelbeam::decoders {
namespace {

LabelSet joined(LabelSet labels, const LabelSet& more) {
  for (LabelId label : more) labels.insert(label);
  return labels;
}

void check_known(const Known& known, std::size_t num_labels) {
  for (const LabelSet* labels : {&known.present, &known.absent}) {
    if (labels->empty() || labels->ids().back() < num_labels) continue;
    throw std::invalid_argument(fmt::format("Known: there is no label {}, but {} labels",
                                            labels->ids().back(), num_labels));
  }
  for (LabelId label : known.present) {
    if (!known.absent.contains(label)) continue;
    throw std::invalid_argument(fmt::format("Known: label {} is both present and absent", label));
  }
}

bool agrees(const LabelSet& set, const Known& known) {
  return known.present.is_subset_of(set) && known.absent.intersection_size(set) == 0;
}

/// p(label | known) where sets of total probability `found` agree, `with` of it with the label, and
/// `residual` more may.
Marginal marginal_of(double with, double found, double estimate, double residual) {
  Marginal marginal;
  if (found + residual > 0.0) {
    const double without = std::max(0.0, found - with);
    marginal.lower = with / (found + residual);
    marginal.upper = (with + residual) / (with + residual + without);
    marginal.upper = std::max(marginal.lower, marginal.upper);  // equal but for rounding
  }
  marginal.estimate = std::clamp(estimate, marginal.lower, marginal.upper);
  return marginal;
}

/// Bayes on the weights; where they underflowed, from the probabilities. `weight * weight_sum`
/// stays what it was.
void apply_bayes(SetDistribution& distribution) {
  std::vector<ScoredSet>& sets = distribution.sets;
  if (sets.empty()) return;
  const auto has_weight = [](const ScoredSet& set) { return set.weight > 0.0; };
  if (std::none_of(sets.begin(), sets.end(), has_weight)) {
    for (ScoredSet& set : sets) set.weight = std::exp(set.log_prob - sets.front().log_prob);
    distribution.weight_sum = std::exp(sets.front().log_prob);
  }
  distribution.weight_sum *= normalise_weights(sets);
}

/// Whether the first set is at least as probable as the others and as any unseen one can be.
bool beats_all(const std::vector<ScoredSet>& sets, double residual) {
  if (sets.empty() || std::exp(sets.front().log_prob) < residual) return false;
  return std::all_of(sets.begin() + 1, sets.end(), [&](const ScoredSet& other) {
    return other.log_upper <= sets.front().log_prob;
  });
}

}  // namespace

SetDistribution complete(StepModel& model, const Known& known, const BeamOptions& options) {
  if (model.num_documents() != 1) {
    throw std::invalid_argument(
        fmt::format("complete: the model must have one document, not {}", model.num_documents()));
  }
  check_known(known, model.semantics().num_labels);
  ConstraintSpec spec;
  ConstraintOptions constraint_options;
  if (options.constraints != nullptr) {
    if (options.constraints->meaning() != ConstraintMeaning::condition) {
      throw std::invalid_argument(
          "complete: the constraints renormalise, but what is known conditions");
    }
    spec = options.constraints->spec();
    constraint_options = options.constraints->options();
  }
  spec.must = joined(std::move(spec.must), known.present);
  spec.never = joined(std::move(spec.never), known.absent);
  BeamOptions completed = options;
  completed.constraints =
      std::make_shared<const Constraints>(std::move(spec), model.semantics(), constraint_options);
  return std::move(BeamSearch(completed).search(model).front());
}

SetDistribution condition(const SetDistribution& distribution, const Known& known) {
  const std::size_t num_labels = distribution.marginals.size();
  check_known(known, num_labels);
  SetDistribution result = distribution;
  std::erase_if(result.sets, [&](const ScoredSet& set) { return !agrees(set.labels, known); });
  apply_bayes(result);
  double found = 0.0;
  std::vector<double> with(num_labels);
  std::vector<double> estimates(num_labels);
  for (const ScoredSet& set : result.sets) {
    const double mass = std::exp(set.log_prob);
    found += mass;
    for (LabelId label : set.labels) {
      with[label] += mass;
      estimates[label] += set.weight;
    }
  }
  for (std::size_t l = 0; l < num_labels; ++l) {
    result.marginals[l] = marginal_of(with[l], found, estimates[l], distribution.residual);
  }
  for (LabelId label : known.present) result.marginals[label] = {1.0, 1.0, 1.0, 0.0};
  for (LabelId label : known.absent) result.marginals[label] = {0.0, 0.0, 0.0, 0.0};
  result.valid = {std::min(1.0, found), std::min(1.0, found + distribution.residual)};
  const bool keeps_best =
      !result.sets.empty() && result.sets.front().labels == distribution.sets.front().labels;
  result.certified =
      (distribution.certified && keeps_best) || beats_all(result.sets, distribution.residual);
  return result;
}

std::vector<LabelQuestion> rank_questions(const SetDistribution& distribution,
                                          const DecisionRule& rule) {
  std::map<LabelId, double> probs;
  std::map<LabelId, std::size_t> holders;
  for (const ScoredSet& set : distribution.sets) {
    for (LabelId label : set.labels) {
      probs[label] += set.weight;
      ++holders[label];
    }
  }
  const auto expected = [&](const Known& known) {
    return rule(condition(distribution, known)).expected_utility;
  };
  const double unasked = expected({});
  std::vector<LabelQuestion> questions;
  for (const auto& [label, prob] : probs) {
    if (holders[label] == distribution.sets.size()) continue;
    const double asked = prob * expected({{label}, {}}) + (1.0 - prob) * expected({{}, {label}});
    questions.push_back({label, prob, asked - unasked});
  }
  std::stable_sort(questions.begin(), questions.end(),
                   [](const LabelQuestion& a, const LabelQuestion& b) { return a.gain > b.gain; });
  return questions;
}

}  // namespace labelbeam::decoders
