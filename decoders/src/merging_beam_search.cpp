#include <fmt/format.h>
#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/merging_beam_search.h>
#include <labelbeam/random.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "check_options.h"
#include "finished_sets.h"
#include "log_math.h"
#include "mass_ledger.h"
#include "merged_children.h"
#include "prefix_expander.h"
#include "set_bounds.h"
#include "step_documents.h"

namespace labelbeam::decoders {
namespace {

constexpr const char* kMergingBeamSearch = "MergingBeamSearch";

std::vector<std::uint64_t> zobrist_keys(std::size_t num_labels) {
  constexpr std::uint64_t kSeed = 0x6c6162656c626d;
  CounterRng random(kSeed);
  std::vector<std::uint64_t> keys(num_labels);
  for (std::uint64_t& key : keys) key = random();
  return keys;
}

/// A prefix whose state is kept.
struct LiveRow {
  double log_prob;       // the mass it carries
  double excess;         // log of rank mass / carried mass, the same for all prefixes of its set
  std::uint32_t parent;  // row of the last step
  LabelId label;
};

/// What the documents of a search share while they step.
struct MergingWorkspace {
  MergingWorkspace(const SetSemantics& semantics, const Constraints* constraints)
      : expander(semantics, constraints, kMergingBeamSearch),
        children(semantics, zobrist_keys(semantics.num_labels)) {}

  PrefixExpander expander;
  MergedChildren children;
  std::vector<double> child_log_probs;  // [rows, L], of the rank mass
  std::vector<Member> members;
  std::vector<float> logits;
};

class MergingDocument {
 public:
  MergingDocument(const SetSemantics& semantics, const MergingBeamOptions& options)
      : semantics_(semantics),
        options_(options),
        num_sets_(options.num_sets > 0 ? options.num_sets : options.beam_size),
        ledger_(semantics, options.constraints.get()),
        finished_(true),
        live_sets_{{LabelSet(), 0, 0, 1}},
        live_{{0.0, 0.0, 0, 0}} {}

  /// The live prefixes, those of a set together, the best set first.
  const std::vector<LiveRow>& live() const { return live_; }

  /// Expands every live prefix. `logits`: [live().size(), V].
  void step(std::span<const float> logits, std::size_t document, MergingWorkspace& workspace) {
    const auto first_of_step = static_cast<PrefixId>(ledger_.num_expanded());
    workspace.child_log_probs.resize(live_.size() * semantics_.num_labels);
    for (const LiveSet& set : live_sets_) expand(set, logits, document, workspace);
    first_of_last_step_ = first_of_step;
    if (depth_++ == semantics_.max_size) {
      truncate(workspace.child_log_probs);
    } else {
      keep_best(workspace);
      if (!live_.empty() && may_stop()) live_.clear();
    }
  }

  SetDistribution finish() {
    SetDistribution result = finished_.best(num_sets_, ledger_);
    result.truncated = truncated_;
    bound_sets(result, ledger_, finished_.nth_best(num_sets_ + 1));
    return result;
  }

 private:
  void expand(const LiveSet& set, std::span<const float> logits, std::size_t document,
              MergingWorkspace& workspace) {
    const auto first_of_set = static_cast<PrefixId>(ledger_.num_expanded());
    double end_log_prob = kMinusInfinity;
    for (std::uint32_t row = set.first_row; row < set.first_row + set.num_rows; ++row) {
      const std::size_t num_tokens = semantics_.num_tokens();
      end_log_prob = log_add(
          end_log_prob,
          expand_row(row, logits.subspan(row * num_tokens, num_tokens), document, workspace));
    }
    finished_.add(first_of_set, end_log_prob, ledger_);
  }

  /// Returns the log probability of END after the prefix.
  double expand_row(std::uint32_t index, std::span<const float> logits, std::size_t document,
                    MergingWorkspace& workspace) {
    const LiveRow& prefix = live_[index];
    const PrefixId parent = depth_ > 0 ? first_of_last_step_ + prefix.parent : kNoPrefix;
    const double end_log_prob =
        workspace.expander.expand(ledger_, parent, prefix.label, prefix.log_prob, logits, document)
            .end_log_prob;
    const MaskedRow& row = workspace.expander.row();
    const double ranked = prefix.log_prob - row.log_normaliser() + prefix.excess;
    const std::span<double> children =
        std::span(workspace.child_log_probs)
            .subspan(index * semantics_.num_labels, semantics_.num_labels);
    for (std::size_t i = 0; i < children.size(); ++i) children[i] = ranked + row.scores()[i];
    return end_log_prob;
  }

  void truncate(std::span<const double> child_log_probs) {
    truncated_ = std::any_of(child_log_probs.begin(), child_log_probs.end(),
                             [](double log_prob) { return log_prob > kMinusInfinity; });
    live_.clear();
  }

  void keep_best(MergingWorkspace& workspace) {
    const std::vector<Child>& best =
        workspace.children.best(live_sets_, workspace.child_log_probs, options_.beam_size);
    std::vector<LiveSet> sets;
    std::vector<LiveRow> rows;
    const std::size_t kept = std::min(options_.beam_size, best.size());
    for (std::size_t i = 0; i < kept; ++i) {
      const LiveSet& parent = live_sets_[best[i].parent];
      const auto first_row = static_cast<std::uint32_t>(rows.size());
      keep_members(best[i], workspace, rows);
      sets.push_back({parent.labels, parent.key ^ workspace.children.key(best[i].label), first_row,
                      static_cast<std::uint32_t>(rows.size()) - first_row});
      sets.back().labels.insert(best[i].label);
    }
    live_sets_.swap(sets);
    live_.swap(rows);
  }

  void keep_members(const Child& child, MergingWorkspace& workspace, std::vector<LiveRow>& rows) {
    std::vector<Member>& members = workspace.members;
    members.clear();
    workspace.children.append_members(child, members);
    for (Member& member : members) member.log_prob -= live_[member.row].excess;
    std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
      return a.log_prob != b.log_prob ? a.log_prob > b.log_prob : a.row < b.row;
    });
    const std::size_t kept = std::min(options_.states_per_set, members.size());
    if (options_.set_states) {
      for (std::size_t i = kept; i < members.size(); ++i) merge(members[i], members.front());
      rows.push_back({child.log_prob, 0.0, members.front().row, members.front().label});
      return;
    }
    double carried = kMinusInfinity;
    for (std::size_t i = 0; i < kept; ++i) carried = log_add(carried, members[i].log_prob);
    for (std::size_t i = 0; i < kept; ++i) {
      rows.push_back(
          {members[i].log_prob, child.log_prob - carried, members[i].row, members[i].label});
    }
    for (std::size_t i = kept; i < members.size(); ++i) {
      ledger_.set_aside(first_of_last_step_ + members[i].row, members[i].label,
                        std::exp(members[i].log_prob));
    }
  }

  void merge(const Member& from, const Member& into) {
    ledger_.merge(first_of_last_step_ + from.row, from.label, first_of_last_step_ + into.row,
                  into.label, std::exp(from.log_prob));
  }

  // All that lives may end in one set.
  bool may_stop() {
    double live_mass = 0.0;
    for (const LiveRow& prefix : live_) live_mass += std::exp(prefix.log_prob);
    return live_mass <= options_.stop_mass && std::exp(finished_.nth_best(num_sets_)) > live_mass;
  }

  const SetSemantics& semantics_;
  const MergingBeamOptions& options_;
  std::size_t num_sets_;
  MassLedger ledger_;
  FinishedSets finished_;
  std::vector<LiveSet> live_sets_;
  std::vector<LiveRow> live_;
  PrefixId first_of_last_step_ = 0;
  std::size_t depth_ = 0;
  bool truncated_ = false;
};

}  // namespace

MergingBeamSearch::MergingBeamSearch(const MergingBeamOptions& options) : options_(options) {
  check_between(kMergingBeamSearch, "beam_size", options_.beam_size, 1, kMaxBeamSize);
  check_between(kMergingBeamSearch, "states_per_set", options_.states_per_set, 1, kMaxBeamSize);
  check_between(kMergingBeamSearch, "num_sets", options_.num_sets, 0, kMaxBeamSize);
  check_share(kMergingBeamSearch, "stop_mass", options_.stop_mass);
  if (options_.set_states && options_.states_per_set != 1) {
    throw std::invalid_argument(
        fmt::format("MergingBeamSearch: states_per_set must be 1 where set_states is set, got {}",
                    options_.states_per_set));
  }
}

std::vector<SetDistribution> MergingBeamSearch::search(StepModel& model) const {
  const SetSemantics& semantics = model.semantics();
  check(semantics);
  if (semantics.order.is_fixed()) {
    throw std::invalid_argument(
        "MergingBeamSearch: under a fixed order no two sequences are one set; use BeamSearch");
  }
  std::vector<MergingDocument> documents;
  for (std::size_t i = 0; i < model.num_documents(); ++i) {
    documents.emplace_back(semantics, options_);
  }
  MergingWorkspace workspace(semantics, options_.constraints.get());
  step_documents(model, documents, workspace);
  std::vector<SetDistribution> results;
  for (MergingDocument& document : documents) results.push_back(document.finish());
  return results;
}

}  // namespace labelbeam::decoders
