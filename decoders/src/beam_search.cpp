#include <fmt/format.h>
#include <labelbeam/clustered_step_model.h>
#include <labelbeam/decoders/beam_search.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <stdexcept>
#include <utility>

#include "finished_sets.h"
#include "live_states.h"
#include "log_math.h"
#include "mass_ledger.h"
#include "open_mass_sampling.h"
#include "random_streams.h"
#include "ranking.h"
#include "row_source.h"
#include "top_children.h"

namespace labelbeam::decoders {
namespace {

class BeamDocument {
 public:
  BeamDocument(const SetSemantics& semantics, const Constraints* constraints)
      : semantics_(semantics),
        ledger_(semantics, constraints),
        finished_(semantics.order.is_fixed()) {}

  /// Before the first step of a search.
  void reset(const BeamOptions& options) {
    beam_size_ = options.beam_size;
    num_sets_ = options.num_sets > 0 ? options.num_sets : options.beam_size;
    stop_mass_ = options.stop_mass;
    ledger_.clear();
    finished_.clear();
    live_.assign(1, {0.0, 0, 0, 0});
    first_of_last_step_ = 0;
    depth_ = 0;
    largest_open_ = kMinusInfinity;
    truncated_ = false;
  }

  /// The live prefixes, best first; `parent` is a row of the last step.
  const std::vector<Child>& live() const { return live_; }
  const MassLedger& ledger() const { return ledger_; }

  /// Expands every live prefix; their rows begin at `first_row`.
  void step(std::size_t first_row, std::size_t document, RowSource& source, TopChildren& children) {
    const bool full = depth_ == semantics_.max_size;
    const auto first_of_step = static_cast<PrefixId>(ledger_.num_expanded());
    children.reset(full ? 1 : beam_size_ + 1);
    for (std::size_t i = 0; i < live_.size(); ++i) {
      const Child& prefix = live_[i];
      const PrefixId parent = depth_ > 0 ? first_of_last_step_ + prefix.parent : kNoPrefix;
      const auto [id, end_log_prob] =
          source.expand(first_row + i, {parent, prefix.position, prefix.log_prob}, document,
                        ledger_, children, static_cast<std::uint32_t>(i));
      finished_.add(id, end_log_prob, ledger_);
    }
    first_of_last_step_ = first_of_step;
    ++depth_;
    keep(children.sorted(), full);
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
  std::size_t beam_size_ = 0;
  std::size_t num_sets_ = 0;
  double stop_mass_ = 0.0;
  MassLedger ledger_;
  FinishedSets finished_;
  std::vector<Child> live_;
  PrefixId first_of_last_step_ = 0;
  std::size_t depth_ = 0;
  double largest_open_ = kMinusInfinity;  // stopping early leaves less probable ones than found
  bool truncated_ = false;
};

}  // namespace

/// Everything a search works in, for models of one meaning; vectors keep their memory.
struct BeamWorkspace::Buffers {
  Buffers(const SetSemantics& meaning, std::shared_ptr<const Constraints> rules)
      : semantics(meaning), constraints(std::move(rules)), children(semantics) {}

  void reset(StepModel& model, const BeamOptions& options) {
    if (!source || !source->serves(model)) {
      source = make_row_source(model, semantics, constraints.get(), "BeamSearch");
    }
    const std::size_t num_documents = model.num_documents();
    while (documents.size() < num_documents) documents.emplace_back(semantics, constraints.get());
    live.clear();
    for (std::size_t i = 0; i < num_documents; ++i) {
      documents[i].reset(options);
      live.push_back(i);
    }
  }

  void step(StepModel& model, LiveStates& live_states);

  const SetSemantics semantics;  // documents and rows refer to it
  const std::shared_ptr<const Constraints> constraints;
  std::unique_ptr<RowSource> source;
  TopChildren children;
  std::deque<BeamDocument> documents;  // as many as the largest batch had
  std::vector<std::size_t> live;       // the documents that still have rows
  std::vector<std::size_t> still_live;
  std::vector<std::size_t> rows;  // the parent of each live prefix
  std::vector<LabelId> labels;
  StateBuffers states;
};

/// One step of every document that still has rows.
void BeamWorkspace::Buffers::step(StepModel& model, LiveStates& live_states) {
  source->fetch(model, live_states.ids());
  still_live.clear();
  rows.clear();
  labels.clear();
  std::size_t first_row = 0;
  for (std::size_t index : live) {
    BeamDocument& document = documents[index];
    const std::size_t num_rows = document.live().size();
    document.step(first_row, index, *source, children);
    for (const Child& child : document.live()) {
      rows.push_back(first_row + child.parent);
      labels.push_back(child.label);
    }
    if (!document.live().empty()) still_live.push_back(index);
    first_row += num_rows;
  }
  live_states.step(rows, labels);
  live.swap(still_live);
}

BeamWorkspace::BeamWorkspace() = default;
BeamWorkspace::BeamWorkspace(BeamWorkspace&&) noexcept = default;
BeamWorkspace& BeamWorkspace::operator=(BeamWorkspace&&) noexcept = default;
BeamWorkspace::~BeamWorkspace() = default;

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
  if (options_.marginal_samples == 1 || options_.marginal_samples > kMaxBeamSize) {
    throw std::invalid_argument(
        fmt::format("BeamSearch: marginal_samples must be 0 or between 2 and {}, got {}",
                    kMaxBeamSize, options_.marginal_samples));
  }
  if (options_.marginal_samples > 0 && options_.constraints != nullptr &&
      options_.constraints->meaning() == ConstraintMeaning::condition) {
    throw std::invalid_argument(
        "BeamSearch: marginal_samples cannot be had together with constraints that condition the "
        "distribution; use AncestralSampling or SamplingWithoutReplacement");
  }
}

std::vector<SetDistribution> BeamSearch::search(
    StepModel& model, std::span<const std::uint64_t> document_keys) const {
  BeamWorkspace workspace;
  return search(model, workspace, document_keys);
}

std::vector<SetDistribution> BeamSearch::search(
    StepModel& model, BeamWorkspace& workspace,
    std::span<const std::uint64_t> document_keys) const {
  const SetSemantics& semantics = model.semantics();
  check(semantics);
  const bool samples = options_.marginal_samples > 0;
  if (samples && dynamic_cast<const ClusteredStepModel*>(&model) != nullptr) {
    throw std::invalid_argument(
        "BeamSearch: marginal_samples need every logit, and a clustered model would have to open "
        "every cluster for them");
  }
  const std::vector<std::uint64_t> keys =
      resolve_document_keys(document_keys, model.num_documents(), "BeamSearch");
  std::unique_ptr<BeamWorkspace::Buffers>& buffers = workspace.buffers_;
  if (!buffers || buffers->semantics != semantics || buffers->constraints != options_.constraints) {
    buffers = std::make_unique<BeamWorkspace::Buffers>(semantics, options_.constraints);
  }
  buffers->reset(model, options_);
  LiveStates states(model, buffers->states);
  while (!buffers->live.empty()) buffers->step(model, states);
  std::vector<SetDistribution> results;
  for (std::size_t i = 0; i < model.num_documents(); ++i) {
    results.push_back(buffers->documents[i].finish());
  }
  if (samples) {
    std::vector<const MassLedger*> ledgers;
    for (std::size_t i = 0; i < results.size(); ++i) {
      ledgers.push_back(&buffers->documents[i].ledger());
    }
    sample_open_mass(model, ledgers, keys,
                     {.num_samples = options_.marginal_samples,
                      .seed = options_.seed,
                      .constraints = options_.constraints.get(),
                      .search = "BeamSearch"},
                     results);
  }
  return results;
}

}  // namespace labelbeam::decoders
