#include <labelbeam/clustered_step_model.h>
#include <labelbeam/decoders/beam_search.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <stdexcept>
#include <utility>

#include "check_options.h"
#include "finished_sets.h"
#include "live_states.h"
#include "log_math.h"
#include "mass_ledger.h"
#include "open_mass_sampling.h"
#include "random_streams.h"
#include "row_source.h"
#include "set_bounds.h"
#include "step_documents.h"
#include "top_children.h"

namespace labelbeam::decoders {
namespace {

constexpr const char* kBeamSearch = "BeamSearch";

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
    SetDistribution result = finished_.best(num_sets_, ledger_);
    result.truncated = truncated_;
    if (!semantics_.order.is_fixed()) {
      bound_sets(result, ledger_, finished_.nth_best(num_sets_ + 1));
    } else if (!result.sets.empty()) {
      result.certified = result.sets.front().log_prob >= largest_open_;
    }
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
      source = make_row_source(model, semantics, constraints.get(), kBeamSearch);
    }
    const std::size_t num_documents = model.num_documents();
    while (documents.size() < num_documents) documents.emplace_back(semantics, constraints.get());
    for (std::size_t i = 0; i < num_documents; ++i) documents[i].reset(options);
    live.reset(num_documents);
  }

  const SetSemantics semantics;  // documents and rows refer to it
  const std::shared_ptr<const Constraints> constraints;
  std::unique_ptr<RowSource> source;
  TopChildren children;
  std::deque<BeamDocument> documents;  // as many as the largest batch had
  LiveDocuments live;
  StateBuffers states;
};

BeamWorkspace::BeamWorkspace() = default;
BeamWorkspace::BeamWorkspace(BeamWorkspace&&) noexcept = default;
BeamWorkspace& BeamWorkspace::operator=(BeamWorkspace&&) noexcept = default;
BeamWorkspace::~BeamWorkspace() = default;

BeamSearch::BeamSearch(const BeamOptions& options) : options_(options) {
  check_between(kBeamSearch, "beam_size", options_.beam_size, 1, kMaxBeamSize);
  check_between(kBeamSearch, "num_sets", options_.num_sets, 0, kMaxBeamSize);
  check_share(kBeamSearch, "stop_mass", options_.stop_mass);
  check_samples(kBeamSearch, "marginal_samples", options_.marginal_samples, kMaxBeamSize);
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
      resolve_document_keys(document_keys, model.num_documents(), kBeamSearch);
  std::unique_ptr<BeamWorkspace::Buffers>& buffers = workspace.buffers_;
  if (!buffers || buffers->semantics != semantics || buffers->constraints != options_.constraints) {
    buffers = std::make_unique<BeamWorkspace::Buffers>(semantics, options_.constraints);
  }
  buffers->reset(model, options_);
  LiveStates states(model, buffers->states);
  while (!buffers->live.empty()) {
    buffers->source->fetch(model, states.ids());
    buffers->live.step(buffers->documents, states,
                       [&](BeamDocument& document, std::size_t index, std::size_t first_row) {
                         document.step(first_row, index, *buffers->source, buffers->children);
                       });
  }
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
                      .search = kBeamSearch},
                     results);
  }
  return results;
}

}  // namespace labelbeam::decoders
