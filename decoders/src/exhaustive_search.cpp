#include <fmt/format.h>
#include <labelbeam/decoders/exhaustive_search.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <unordered_map>

#include "live_states.h"
#include "log_math.h"
#include "ranking.h"

namespace labelbeam::decoders {
namespace {

struct ScoredPrefix {
  std::size_t document;
  LabelSet labels;
  double log_prob;
};

bool is_conditional(const Constraints* constraints) {
  return constraints != nullptr && constraints->meaning() == ConstraintMeaning::condition;
}

/// Whether no valid set holds as many labels.
bool is_too_large(const LabelSet& labels, const Constraints* constraints) {
  return constraints != nullptr &&
         labels.size() > constraints->spec().max_size.value_or(kMaxLabels);
}

class ExhaustiveDocument {
 public:
  ExhaustiveDocument(const SetSemantics& semantics, const Constraints* constraints)
      : semantics_(semantics),
        constraints_(constraints),
        emitted_(semantics.num_labels),
        lost_with_(semantics.num_labels),
        lost_towards_(semantics.num_labels) {}

  void expand() { ++num_scored_; }

  void finish(const ScoredPrefix& prefix, double end_log_prob) {
    const double log_prob = prefix.log_prob + end_log_prob;
    if (log_prob == kMinusInfinity) return;
    if (constraints_ != nullptr && !constraints_->is_valid(prefix.labels)) return;
    const auto [at, is_new] = sets_.try_emplace(prefix.labels, log_prob);
    if (!is_new) at->second = log_add(at->second, log_prob);
  }

  void emit(LabelId label, double log_prob) { emitted_[label] += std::exp(log_prob); }

  /// A prefix of more than D labels.
  void lose(const LabelSet& labels, double log_prob) {
    const double mass = std::exp(log_prob);
    largest_lost_ = std::max(largest_lost_, log_prob);
    lost_ += mass;
    std::vector<unsigned char> mask(semantics_.num_tokens());
    admissible_tokens(semantics_, labels, mask);
    for (LabelId l = 0; l < lost_towards_.size(); ++l) {
      if (mask[l]) lost_towards_[l] += mass;
      if (labels.contains(l)) lost_with_[l] += mass;
    }
  }

  SetDistribution result(std::size_t num_sets) const {
    SetDistribution result;
    for (const auto& [labels, sum] : sets_) {
      const double log_prob = std::min(0.0, sum);  // sums may round above 1
      result.sets.push_back({labels, log_prob, log_prob, 0.0});
    }
    if (is_conditional(constraints_)) {
      condition(result);
    } else {
      for (std::size_t l = 0; l < emitted_.size(); ++l) {
        const double lower = std::min(1.0, emitted_[l]);
        result.marginals.push_back({lower, std::min(1.0, lower + lost_towards_[l]), lower, 0.0});
      }
    }
    rank_sets(result, num_sets);
    result.truncated = largest_lost_ > kMinusInfinity;
    result.certified = !result.sets.empty() && beats_lost(result.sets.front());
    result.num_scored = num_scored_;
    return result;
  }

 private:
  /// Under a free order all that is lost may be of one set.
  bool beats_lost(const ScoredSet& best) const {
    return semantics_.order.is_fixed() ? best.log_prob >= largest_lost_
                                       : std::exp(best.log_prob) >= lost_;
  }

  /// p(valid) and the marginals given that, from the valid sets; lost mass may be valid or not.
  void condition(SetDistribution& result) const {
    double total = 0.0;
    std::vector<double> with(emitted_.size());
    for (const ScoredSet& set : result.sets) {
      const double mass = std::exp(set.log_prob);
      total += mass;
      for (LabelId label : set.labels) with[label] += mass;
    }
    result.valid = {std::min(1.0, total), std::min(1.0, total + lost_)};
    for (std::size_t l = 0; l < with.size(); ++l) {
      const double least_without = std::max(0.0, total - with[l]);
      const double most_without = least_without + std::max(0.0, lost_ - lost_with_[l]);
      const double most_with = with[l] + lost_with_[l] + lost_towards_[l];
      Marginal marginal;
      marginal.lower = with[l] > 0.0 ? with[l] / (with[l] + most_without) : 0.0;
      marginal.upper = most_with > 0.0 ? most_with / (most_with + least_without) : 0.0;
      marginal.upper = std::max(marginal.lower, marginal.upper);  // equal but for rounding
      marginal.estimate =
          std::clamp(total > 0.0 ? with[l] / total : 0.0, marginal.lower, marginal.upper);
      result.marginals.push_back(marginal);
    }
  }

  const SetSemantics& semantics_;
  const Constraints* constraints_;
  std::unordered_map<LabelSet, double> sets_;
  std::vector<double> emitted_;  // [L]
  double lost_ = 0.0;
  std::vector<double> lost_with_;     // [L] lost mass of prefixes that hold the label
  std::vector<double> lost_towards_;  // [L] lost mass from which it could still have come
  double largest_lost_ = kMinusInfinity;
  std::size_t num_scored_ = 0;
};

void check_size(const SetSemantics& semantics) {
  const bool fixed = semantics.order.is_fixed();
  const std::size_t limit = fixed ? kMaxExhaustiveFixed : kMaxExhaustiveFree;
  if (semantics.num_labels <= limit) return;
  throw std::invalid_argument(
      fmt::format("ExhaustiveSearch: at most {} labels under a {} order, got {}", limit,
                  fixed ? "fixed" : "free", semantics.num_labels));
}

/// log p(token | prefix): [V], by the definitions of `lib`.
std::vector<double> token_log_probs(const SetSemantics& semantics, const Constraints* constraints,
                                    const ScoredPrefix& prefix, std::span<const float> logits) {
  std::vector<unsigned char> mask(semantics.num_tokens());
  std::vector<double> log_probs(semantics.num_tokens());
  admissible_tokens(semantics, prefix.labels, mask);
  if (constraints != nullptr && !is_conditional(constraints)) {
    constraints->restrict(prefix.labels, mask);
  }
  try {
    masked_log_softmax(logits, mask, log_probs);
  } catch (const std::invalid_argument& fault) {
    throw std::invalid_argument(
        fmt::format("ExhaustiveSearch: document {}: {}", prefix.document, fault.what()));
  }
  return log_probs;
}

}  // namespace

std::vector<SetDistribution> ExhaustiveSearch::search(StepModel& model) const {
  const SetSemantics& semantics = model.semantics();
  check(semantics);
  check_size(semantics);
  const Constraints* constraints = options_.constraints.get();
  if (constraints != nullptr && constraints->semantics() != semantics) {
    throw std::invalid_argument(
        "ExhaustiveSearch: the constraints were made for other set semantics");
  }
  const std::size_t num_tokens = semantics.num_tokens();
  std::vector<ExhaustiveDocument> documents(model.num_documents(),
                                            ExhaustiveDocument(semantics, constraints));
  std::vector<ScoredPrefix> prefixes;
  for (std::size_t i = 0; i < documents.size(); ++i) prefixes.push_back({i, LabelSet(), 0.0});
  LiveStates states(model);
  std::vector<float> logits;
  while (!prefixes.empty()) {
    logits.resize(prefixes.size() * num_tokens);
    model.logits(states.ids(), logits);
    std::vector<ScoredPrefix> longer;
    std::vector<std::size_t> rows;
    std::vector<LabelId> labels;
    for (std::size_t r = 0; r < prefixes.size(); ++r) {
      const ScoredPrefix& prefix = prefixes[r];
      ExhaustiveDocument& document = documents[prefix.document];
      const std::vector<double> log_probs =
          token_log_probs(semantics, constraints, prefix,
                          std::span<const float>(logits).subspan(r * num_tokens, num_tokens));
      document.expand();
      document.finish(prefix, log_probs[semantics.end()]);
      for (LabelId label = 0; label < semantics.num_labels; ++label) {
        const double log_prob = prefix.log_prob + log_probs[label];
        if (log_prob == kMinusInfinity) continue;
        ScoredPrefix child{prefix.document, prefix.labels, log_prob};
        child.labels.insert(label);
        if (is_too_large(child.labels, constraints)) continue;
        document.emit(label, log_prob);
        if (child.labels.size() > semantics.max_size) {
          document.lose(child.labels, log_prob);
          continue;
        }
        longer.push_back(std::move(child));
        rows.push_back(r);
        labels.push_back(label);
      }
    }
    states.step(rows, labels);
    prefixes.swap(longer);
  }
  std::vector<SetDistribution> results;
  for (const ExhaustiveDocument& document : documents) {
    results.push_back(document.result(options_.num_sets));
  }
  return results;
}

}  // namespace labelbeam::decoders
