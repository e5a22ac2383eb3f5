#include <labelbeam/decoders/greedy_search.h>

#include <algorithm>
#include <cmath>

#include "live_states.h"
#include "log_math.h"
#include "masked_row.h"
#include "mass_ledger.h"
#include "ranking.h"
#include "top_children.h"

namespace labelbeam::decoders {
namespace {

class GreedyDocument {
 public:
  GreedyDocument(const SetSemantics& semantics, const Constraints* constraints)
      : semantics_(semantics), ledger_(semantics, constraints) {}

  bool live() const { return live_; }
  LabelId next_label() const { return next_label_; }

  void step(std::span<const float> logits, std::size_t document, MaskedRow& row,
            TopChildren& children) {
    emitted_.clear();
    if (parent_ != kNoPrefix) {
      emitted_.push_back(position_);
      ledger_.append_positions(parent_, emitted_);
    }
    row.load(logits, emitted_, document);
    parent_ = ledger_.expand(parent_, position_, log_prob_, row);
    children.reset(2);
    children.add_row(row, log_prob_, 0);
    const double end_log_prob = log_prob_ - row.log_normaliser() + row.end_score();
    ledger_.close(parent_, std::exp(end_log_prob));
    choose(children.sorted(), end_log_prob);
  }

  SetDistribution finish() const {
    SetDistribution result;
    result.marginals = ledger_.marginals();
    result.valid = ledger_.valid();
    result.num_scored = ledger_.num_expanded();
    result.truncated = truncated_;
    if (answer_log_prob_ > kMinusInfinity) {
      result.sets.push_back({ledger_.label_set(parent_), answer_log_prob_, answer_log_prob_, 1.0});
      bound_answer(result);
    }
    rank_sets(result, 1);
    return result;
  }

 private:
  // `best`: the two best labels. What is not chosen is passed over and bounds the unseen sets.
  void choose(const std::vector<Child>& best, double end_log_prob) {
    const bool full = emitted_.size() == semantics_.max_size;
    truncated_ = truncated_ || (full && !best.empty());
    const bool ends = full || best.empty() || end_log_prob > best[0].log_prob;
    if (ends) {
      answer_log_prob_ = end_log_prob;
      live_ = false;
      if (!best.empty()) pass_over(best[0].log_prob);
      return;
    }
    passed_end_ = std::max(passed_end_, end_log_prob);
    if (best.size() > 1) pass_over(best[1].log_prob);
    log_prob_ = best[0].log_prob;
    position_ = best[0].position;
    next_label_ = best[0].label;
  }

  void pass_over(double log_prob) { largest_open_ = std::max(largest_open_, log_prob); }

  void bound_answer(SetDistribution& result) const {
    if (semantics_.order.is_fixed()) {
      result.certified = answer_log_prob_ >= std::max(largest_open_, passed_end_);
      return;
    }
    ScoredSet& answer = result.sets.front();
    const double found = std::exp(answer.log_prob);
    const double upper = std::min(1.0, found + ledger_.open_mass_towards(answer.labels));
    answer.log_upper = std::max(answer.log_prob, std::log(upper));
    result.certified = found >= ledger_.open_mass() + std::exp(passed_end_);
  }

  const SetSemantics& semantics_;
  MassLedger ledger_;
  std::vector<LabelId> emitted_;
  PrefixId parent_ = kNoPrefix;
  LabelId position_ = 0;
  LabelId next_label_ = 0;
  double log_prob_ = 0.0;
  double answer_log_prob_ = kMinusInfinity;
  double largest_open_ = kMinusInfinity;
  double passed_end_ = kMinusInfinity;  // the most probable set that was closed and passed over
  bool live_ = true;
  bool truncated_ = false;
};

}  // namespace

std::vector<SetDistribution> GreedySearch::search(StepModel& model) const {
  const SetSemantics& semantics = model.semantics();
  check(semantics);
  const std::size_t num_tokens = semantics.num_tokens();
  const Constraints* constraints = options_.constraints.get();
  std::vector<GreedyDocument> documents(model.num_documents(),
                                        GreedyDocument(semantics, constraints));
  std::vector<std::size_t> live;  // the document of each row
  for (std::size_t i = 0; i < documents.size(); ++i) live.push_back(i);
  LiveStates states(model);
  MaskedRow row(semantics, constraints, "GreedySearch");
  TopChildren children(semantics);
  std::vector<float> logits;
  while (!live.empty()) {
    logits.resize(live.size() * num_tokens);
    model.logits(states.ids(), logits);
    std::vector<std::size_t> still_live;
    std::vector<std::size_t> rows;
    std::vector<LabelId> labels;
    for (std::size_t r = 0; r < live.size(); ++r) {
      GreedyDocument& document = documents[live[r]];
      document.step(std::span(logits).subspan(r * num_tokens, num_tokens), live[r], row, children);
      if (!document.live()) continue;
      still_live.push_back(live[r]);
      rows.push_back(r);
      labels.push_back(document.next_label());
    }
    states.step(rows, labels);
    live.swap(still_live);
  }
  std::vector<SetDistribution> results;
  for (const GreedyDocument& document : documents) results.push_back(document.finish());
  return results;
}

}  // namespace labelbeam::decoders
