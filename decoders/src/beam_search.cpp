#include <fmt/format.h>
#include <labelbeam/decoders/beam_search.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "finished_sets.h"
#include "live_states.h"
#include "log_math.h"
#include "masked_row.h"
#include "mass_ledger.h"
#include "ranking.h"
#include "top_children.h"

namespace labelbeam::decoders {
namespace {

/// What the documents of a search share while they step.
struct Workspace {
  Workspace(const SetSemantics& semantics, const Constraints* constraints)
      : row(semantics, constraints, "BeamSearch"), children(semantics) {}

  MaskedRow row;
  TopChildren children;
  std::vector<LabelId> emitted;
  std::vector<float> logits;
};

class BeamDocument {
 public:
  BeamDocument(const SetSemantics& semantics, const BeamOptions& options)
      : semantics_(semantics),
        beam_size_(options.beam_size),
        num_sets_(options.num_sets > 0 ? options.num_sets : options.beam_size),
        stop_mass_(options.stop_mass),
        ledger_(semantics, options.constraints.get()),
        finished_(semantics.order.is_fixed()),
        live_{{0.0, 0, 0, 0}} {}

  /// The live prefixes, best first; `parent` is a row of the last step.
  const std::vector<Child>& live() const { return live_; }

  /// Expands every live prefix. `logits`: [live().size(), V].
  void step(std::span<const float> logits, std::size_t document, Workspace& workspace) {
    const std::size_t num_tokens = semantics_.num_tokens();
    const bool full = depth_ == semantics_.max_size;
    const auto first_of_step = static_cast<PrefixId>(ledger_.num_expanded());
    workspace.children.reset(full ? 1 : beam_size_ + 1);
    for (std::size_t i = 0; i < live_.size(); ++i) {
      expand(live_[i], logits.subspan(i * num_tokens, num_tokens), document, workspace);
      workspace.children.add_row(workspace.row, live_[i].log_prob, static_cast<std::uint32_t>(i));
    }
    first_of_last_step_ = first_of_step;
    ++depth_;
    keep(workspace.children.sorted(), full);
  }

  SetDistribution finish() {
    SetDistribution result;
    result.sets = finished_.best(num_sets_, ledger_);
    result.marginals = ledger_.marginals();
    result.valid = ledger_.valid();
    result.num_scored = ledger_.num_expanded();
    result.truncated = truncated_;
    rank_sets(result, num_sets_);
    if (!result.sets.empty()) bound(result);
    return result;
  }

 private:
  void expand(const Child& prefix, std::span<const float> logits, std::size_t document,
              Workspace& workspace) {
    PrefixId parent = kNoPrefix;
    workspace.emitted.clear();
    if (depth_ > 0) {
      parent = first_of_last_step_ + prefix.parent;
      workspace.emitted.push_back(prefix.position);
      if (workspace.row.needs_whole_prefix()) ledger_.append_positions(parent, workspace.emitted);
    }
    workspace.row.load(logits, workspace.emitted, document);
    const PrefixId id = ledger_.expand(parent, prefix.position, prefix.log_prob, workspace.row);
    const double end_log_prob =
        prefix.log_prob - workspace.row.log_normaliser() + workspace.row.end_score();
    ledger_.close(id, std::exp(end_log_prob));
    finished_.add(id, end_log_prob, ledger_);
  }

  // One child more than the beam holds is among `best`: the largest of the pruned.
  void keep(const std::vector<Child>& best, bool full) {
    const std::size_t kept = full ? 0 : std::min(beam_size_, best.size());
    truncated_ = truncated_ || (full && !best.empty());
    if (best.size() > kept) largest_open_ = std::max(largest_open_, best[kept].log_prob);
    live_.assign(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(kept));
    if (!live_.empty() && may_stop()) live_.clear();
  }

  bool may_stop() {
    if (finished_.nth_best(num_sets_) <= live_.front().log_prob) return false;
    double live_mass = 0.0;
    for (const Child& prefix : live_) live_mass += std::exp(prefix.log_prob);
    return live_mass <= stop_mass_;
  }

  void bound(SetDistribution& result) {
    const double best = result.sets.front().log_prob;
    if (semantics_.order.is_fixed()) {
      result.certified = best >= largest_open_;
      return;
    }
    const double open = ledger_.open_mass();
    double rival = open + std::exp(finished_.nth_best(num_sets_ + 1));  // sets not returned
    for (ScoredSet& set : result.sets) {
      const double towards = std::min(open, ledger_.open_mass_towards(set.labels));
      const double upper = std::min(1.0, std::exp(set.log_prob) + towards);
      set.log_upper = std::max(set.log_prob, std::log(upper));
      if (&set != &result.sets.front()) rival = std::max(rival, upper);
    }
    result.certified = std::exp(best) >= rival;
  }

  const SetSemantics& semantics_;
  std::size_t beam_size_;
  std::size_t num_sets_;
  double stop_mass_;
  MassLedger ledger_;
  FinishedSets finished_;
  std::vector<Child> live_;
  PrefixId first_of_last_step_ = 0;
  std::size_t depth_ = 0;
  double largest_open_ = kMinusInfinity;  // stopping early leaves less probable ones than found
  bool truncated_ = false;
};

/// One step of every document that still has rows: `live` are their indices.
void step_documents(StepModel& model, LiveStates& states, std::vector<BeamDocument>& documents,
                    std::vector<std::size_t>& live, Workspace& workspace) {
  const std::size_t num_tokens = model.semantics().num_tokens();
  workspace.logits.resize(states.size() * num_tokens);
  model.logits(states.ids(), workspace.logits);
  std::vector<std::size_t> still_live;
  std::vector<std::size_t> rows;
  std::vector<LabelId> labels;
  std::size_t first_row = 0;
  for (std::size_t index : live) {
    BeamDocument& document = documents[index];
    const std::size_t num_rows = document.live().size();
    document.step(std::span<const float>(workspace.logits)
                      .subspan(first_row * num_tokens, num_rows * num_tokens),
                  index, workspace);
    for (const Child& child : document.live()) {
      rows.push_back(first_row + child.parent);
      labels.push_back(child.label);
    }
    if (!document.live().empty()) still_live.push_back(index);
    first_row += num_rows;
  }
  states.step(rows, labels);
  live.swap(still_live);
}

}  // namespace

BeamSearch::BeamSearch(const BeamOptions& options) : options_(options) {
  if (options_.beam_size < 1 || options_.beam_size > kMaxBeamSize) {
    throw std::invalid_argument(
        fmt::format("BeamSearch: beam_size must be between 1 and {}, got {}", kMaxBeamSize,
                    options_.beam_size));
  }
  if (options_.num_sets > kMaxBeamSize) {
    throw std::invalid_argument(fmt::format("BeamSearch: num_sets must be at most {}, got {}",
                                            kMaxBeamSize, options_.num_sets));
  }
  if (!(options_.stop_mass >= 0.0 && options_.stop_mass <= 1.0)) {
    throw std::invalid_argument(
        fmt::format("BeamSearch: stop_mass must be between 0 and 1, got {}", options_.stop_mass));
  }
}

std::vector<SetDistribution> BeamSearch::search(StepModel& model) const {
  const SetSemantics& semantics = model.semantics();
  check(semantics);
  std::vector<BeamDocument> documents;
  std::vector<std::size_t> live;
  for (std::size_t i = 0; i < model.num_documents(); ++i) {
    documents.emplace_back(semantics, options_);
    live.push_back(i);
  }
  LiveStates states(model);
  Workspace workspace(semantics, options_.constraints.get());
  while (!live.empty()) step_documents(model, states, documents, live, workspace);
  std::vector<SetDistribution> results;
  for (BeamDocument& document : documents) results.push_back(document.finish());
  return results;
}

}  // namespace labelbeam::decoders
