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

struct Prefix {
  std::size_t document;
  LabelSet labels;
  double log_prob;
};

class ExhaustiveDocument {
 public:
  explicit ExhaustiveDocument(const SetSemantics& semantics)
      : semantics_(semantics), emitted_(semantics.num_labels), lost_(semantics.num_labels) {}

  void finish(const Prefix& prefix, double end_log_prob) {
    const double log_prob = prefix.log_prob + end_log_prob;
    if (log_prob == kMinusInfinity) return;
    const auto [at, is_new] = sets_.try_emplace(prefix.labels, log_prob);
    if (!is_new) at->second = log_add(at->second, log_prob);
  }

  void emit(LabelId label, double log_prob) { emitted_[label] += std::exp(log_prob); }

  /// A prefix of more than D labels.
  void lose(const LabelSet& labels, double log_prob) {
    largest_lost_ = std::max(largest_lost_, log_prob);
    std::vector<unsigned char> mask(semantics_.num_tokens());
    admissible_tokens(semantics_, labels, mask);
    for (std::size_t l = 0; l < lost_.size(); ++l) {
      if (mask[l]) lost_[l] += std::exp(log_prob);
    }
  }

  SetDistribution result(std::size_t num_sets) const {
    SetDistribution result;
    for (const auto& [labels, sum] : sets_) {
      const double log_prob = std::min(0.0, sum);  // sums may round above 1
      result.sets.push_back({labels, log_prob, log_prob, 0.0});
    }
    rank_sets(result, num_sets);
    for (std::size_t l = 0; l < emitted_.size(); ++l) {
      const double lower = std::min(1.0, emitted_[l]);
      result.marginals.push_back({lower, std::min(1.0, lower + lost_[l]), lower, 0.0});
    }
    result.truncated = largest_lost_ > kMinusInfinity;
    result.certified = !result.sets.empty() && result.sets.front().log_prob >= largest_lost_;
    return result;
  }

 private:
  const SetSemantics& semantics_;
  std::unordered_map<LabelSet, double> sets_;
  std::vector<double> emitted_;  // [L]
  std::vector<double> lost_;     // [L] lost mass from which a label could still have come
  double largest_lost_ = kMinusInfinity;
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
std::vector<double> token_log_probs(const SetSemantics& semantics, const Prefix& prefix,
                                    std::span<const float> logits) {
  std::vector<unsigned char> mask(semantics.num_tokens());
  std::vector<double> log_probs(semantics.num_tokens());
  admissible_tokens(semantics, prefix.labels, mask);
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
  const std::size_t num_tokens = semantics.num_tokens();
  std::vector<ExhaustiveDocument> documents(model.num_documents(), ExhaustiveDocument(semantics));
  std::vector<Prefix> prefixes;
  for (std::size_t i = 0; i < documents.size(); ++i) prefixes.push_back({i, LabelSet(), 0.0});
  LiveStates states(model);
  std::vector<float> logits;
  while (!prefixes.empty()) {
    logits.resize(prefixes.size() * num_tokens);
    model.logits(states.ids(), logits);
    std::vector<Prefix> longer;
    std::vector<std::size_t> rows;
    std::vector<LabelId> labels;
    for (std::size_t r = 0; r < prefixes.size(); ++r) {
      const Prefix& prefix = prefixes[r];
      ExhaustiveDocument& document = documents[prefix.document];
      const std::vector<double> log_probs = token_log_probs(
          semantics, prefix, std::span<const float>(logits).subspan(r * num_tokens, num_tokens));
      document.finish(prefix, log_probs[semantics.end()]);
      for (LabelId label = 0; label < semantics.num_labels; ++label) {
        const double log_prob = prefix.log_prob + log_probs[label];
        if (log_prob == kMinusInfinity) continue;
        Prefix child{prefix.document, prefix.labels, log_prob};
        child.labels.insert(label);
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
