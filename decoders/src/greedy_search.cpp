#include <labelbeam/decoders/greedy_search.h>

#include <algorithm>
#include <cmath>

#include "log_math.h"
#include "mass_ledger.h"
#include "prefix_expander.h"
#include "ranking.h"
#include "set_bounds.h"
#include "step_documents.h"
#include "top_children.h"

namespace labelbeam::decoders {
namespace {

struct GreedyWorkspace {
  GreedyWorkspace(const SetSemantics& semantics, const Constraints* constraints)
      : expander(semantics, constraints, "GreedySearch"), children(semantics) {}

  PrefixExpander expander;
  TopChildren children;
  std::vector<float> logits;
};

class GreedyDocument {
 public:
  GreedyDocument(const SetSemantics& semantics, const Constraints* constraints)
      : semantics_(semantics), ledger_(semantics, constraints) {}

  /// The prefix, or none once it has ended.
  std::span<const Child> live() const { return {&prefix_, live_ ? 1u : 0u}; }

  void step(std::span<const float> logits, std::size_t document, GreedyWorkspace& workspace) {
    const auto [id, end_log_prob] = workspace.expander.expand(ledger_, parent_, prefix_.position,
                                                              prefix_.log_prob, logits, document);
    parent_ = id;
    workspace.children.reset(2);
    workspace.children.add_row(workspace.expander.row(), prefix_.log_prob, 0);
    choose(workspace.children.sorted(), end_log_prob);
  }

  SetDistribution finish() const {
    SetDistribution result;
    result.marginals = ledger_.marginals();
    result.valid = ledger_.valid();
    result.num_scored = ledger_.num_expanded();
    result.truncated = truncated_;
    if (answer_log_prob_ > kMinusInfinity) {
      result.sets.push_back({ledger_.label_set(parent_), answer_log_prob_, answer_log_prob_, 1.0});
    }
    rank_sets(result, 1);
    if (!semantics_.order.is_fixed()) {
      bound_sets(result, ledger_, passed_end_);
    } else if (!result.sets.empty()) {
      result.certified = answer_log_prob_ >= std::max(largest_open_, passed_end_);
    }
    return result;
  }

 private:
  // `best`: the two best labels. What is not chosen is passed over and bounds the unseen sets.
  void choose(const std::vector<Child>& best, double end_log_prob) {
    const bool full = ledger_.num_expanded() > semantics_.max_size;
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
    prefix_ = best[0];
  }

  void pass_over(double log_prob) { largest_open_ = std::max(largest_open_, log_prob); }

  const SetSemantics& semantics_;
  MassLedger ledger_;
  PrefixId parent_ = kNoPrefix;
  Child prefix_ = {0.0, 0, 0, 0};
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
  const Constraints* constraints = options_.constraints.get();
  std::vector<GreedyDocument> documents(model.num_documents(),
                                        GreedyDocument(semantics, constraints));
  GreedyWorkspace workspace(semantics, constraints);
  step_documents(model, documents, workspace);
  std::vector<SetDistribution> results;
  for (const GreedyDocument& document : documents) results.push_back(document.finish());
  return results;
}

}  // namespace labelbeam::decoders
