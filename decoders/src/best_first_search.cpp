#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/best_first_search.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>
#include <stdexcept>

#include "check_options.h"
#include "finished_sets.h"
#include "held_states.h"
#include "log_math.h"
#include "mass_ledger.h"
#include "prefix_expander.h"
#include "top_children.h"

namespace labelbeam::decoders {
namespace {

using Slot = HeldStates::Slot;

constexpr const char* kBestFirstSearch = "BestFirstSearch";
/// Log share of the best head that another must have: less probable ones are often not needed once
/// the best is scored.
constexpr double kLeastHead = -std::numbers::ln2;

/// An open prefix; `parent` is a `PrefixId`.
struct OpenPrefix {
  Child child;
  std::size_t depth;  // labels
};

// The orders of the heaps: their first is the best. Prefixes of one length leave the heap in the
// order of `better` as a beam has it, ties included: the parents did, and ids rise with that.

bool worse_child(const Child& a, const Child& b) { return better(b, a); }

bool worse(const OpenPrefix& a, const OpenPrefix& b) { return worse_child(a.child, b.child); }

/// A prefix that is to be scored.
struct Head {
  std::size_t document;
  OpenPrefix prefix;
  Slot state;  // the parent's until the child's is made
};

/// The n largest of numbers that come one by one.
class Largest {
 public:
  explicit Largest(std::size_t n) : n_(n) {}

  void add(double value) {
    if (value <= least()) return;
    if (heap_.size() == n_) {
      std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
      heap_.pop_back();
    }
    heap_.push_back(value);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }

  /// The n-th largest; -inf where there are fewer.
  double least() const { return heap_.size() < n_ ? kMinusInfinity : heap_.front(); }

 private:
  std::size_t n_;
  std::vector<double> heap_;
};

class BestFirstDocument {
 public:
  BestFirstDocument(const SetSemantics& semantics, const BestFirstOptions& options)
      : semantics_(semantics),
        options_(options),
        ledger_(semantics, options.constraints.get()),
        finished_(semantics.order.is_fixed()),
        best_log_probs_(options.num_sets),
        num_taken_(options.beam_size > 0 ? semantics.max_size + 1 : 0) {}

  /// Scores a head of this document. `logits`: [V].
  void expand(const Head& head, std::span<const float> logits, PrefixExpander& expander,
              TopChildren& children, HeldStates& states) {
    const auto& [prefix, depth] = head.prefix;
    const auto [id, end_log_prob] = expander.expand(ledger_, prefix.parent, prefix.position,
                                                    prefix.log_prob, logits, head.document);
    finished_.add(id, end_log_prob, ledger_);
    best_log_probs_.add(end_log_prob);
    const double children_mass = std::exp(prefix.log_prob) * expander.row().label_prob();
    nodes_.push_back({{}, HeldStates::kNone, depth});
    if (depth == semantics_.max_size) {
      children.reset(1);
      children.add_row(expander.row(), prefix.log_prob, id);
      for (const Child& lost : children.unsorted()) lose(lost.log_prob);
      truncated_ = truncated_ || !children.unsorted().empty();
      truncated_mass_ += children_mass;
    } else {
      children.reset(most_children(), least_of_use());
      children.add_row(expander.row(), prefix.log_prob, id);
      nodes_.back().children = children.unsorted();
    }
    if (prefix.parent != kNoPrefix) open_mass_ -= std::exp(prefix.log_prob);
    open_mass_ += children_mass;
    if (nodes_.back().children.empty()) {
      states.drop(head.state);
      return;
    }
    nodes_.back().state = head.state;
    std::make_heap(nodes_.back().children.begin(), nodes_.back().children.end(), worse_child);
    open(nodes_.back());
  }

  /// Appends what is to be scored next, and to `spent` the states that are not needed after.
  /// Nothing to score: the search of this document is over, and all of its states are spent.
  void take_heads(std::size_t document, std::vector<Head>& heads, std::vector<Slot>& spent) {
    const std::size_t first = heads.size();
    if (semantics_.order.is_fixed() || !sums_are_known()) take_best(document, heads, spent);
    if (heads.size() > first) return;
    for (Node& node : nodes_) give_up_state(node, spent);
    nodes_ = {};
  }

  SetDistribution finish() {
    SetDistribution result = finished_.best(options_.num_sets, ledger_);
    result.truncated = truncated_;
    if (!result.sets.empty()) bound(result);
    return result;
  }

 private:
  struct Node {
    std::vector<Child> children;  // a heap of those that may still be scored
    Slot state;
    std::size_t depth;
  };

  /// Of one prefix, those that the budget or a beam still reaches, and one more to bound the rest.
  std::size_t most_children() const {
    const std::size_t left = options_.max_scored - ledger_.num_expanded();
    return 1 + (options_.beam_size > 0 ? std::min(left, options_.beam_size) : left);
  }

  /// No open prefix below can become one of the n best sets.
  double least_of_use() const {
    return semantics_.order.is_fixed() ? best_log_probs_.least() : kMinusInfinity;
  }

  void lose(double log_prob) { largest_lost_ = std::max(largest_lost_, log_prob); }

  void open(const Node& node) {
    open_.push_back({node.children.front(), node.depth + 1});
    std::push_heap(open_.begin(), open_.end(), worse);
  }

  void close_best() {
    std::pop_heap(open_.begin(), open_.end(), worse);
    open_.pop_back();
  }

  static void give_up_state(Node& node, std::vector<Slot>& spent) {
    if (node.state != HeldStates::kNone) spent.push_back(node.state);
    node.state = HeldStates::kNone;
  }

  void take_best(std::size_t document, std::vector<Head>& heads, std::vector<Slot>& spent) {
    std::size_t left = std::min(options_.heads, options_.max_scored - ledger_.num_expanded());
    std::size_t shallowest = semantics_.max_size;
    double least_of_heads = kMinusInfinity;
    while (left > 0 && !open_.empty()) {
      const OpenPrefix best = open_.front();
      if (best.child.log_prob < std::max(least_of_use(), least_of_heads)) return;
      if (options_.beam_size > 0) {
        if (num_taken_[best.depth] == options_.beam_size) {
          discard(best, spent);
          continue;
        }
        // A deeper prefix may still be surpassed by children of those that are being scored.
        if (best.depth > shallowest) return;
        shallowest = best.depth;
        ++num_taken_[best.depth];
      }
      heads.push_back({document, best, take(spent)});
      least_of_heads = std::max(least_of_heads, best.child.log_prob + kLeastHead);
      --left;
    }
  }

  /// The best open prefix leaves the heap and its next sibling enters. Returns the parent's state.
  Slot take(std::vector<Slot>& spent) {
    Node& node = nodes_[open_.front().child.parent];
    const Slot state = node.state;
    close_best();
    std::pop_heap(node.children.begin(), node.children.end(), worse_child);
    node.children.pop_back();
    if (node.children.empty()) {
      give_up_state(node, spent);
    } else {
      open(node);
    }
    return state;
  }

  /// The best open prefix is of a length that is full, and its siblings are no better.
  void discard(const OpenPrefix& best, std::vector<Slot>& spent) {
    lose(best.child.log_prob);
    give_up_state(nodes_[best.child.parent], spent);
    close_best();
  }

  /// Free order: whether no open prefix can change which sets are answered and which is the best.
  bool sums_are_known() {
    if (finished_.found().size() < options_.num_sets || open_mass_ > check_below_) return false;
    const double gap = rivals_lead(options_.num_sets, reachable_mass());
    // Found mass takes at most twice itself from a lead: nothing to see before that much is found.
    check_below_ = open_mass_ - gap / 2;
    return gap <= 0.0;
  }

  /// The open mass that a search without a budget would find.
  double reachable_mass() const {
    return open_.empty() ? 0.0 : std::max(0.0, ledger_.open_mass() - truncated_mass_);
  }

  double reachable_towards(const LabelSet& set, double reachable) const {
    return reachable == 0.0 ? 0.0 : std::min(reachable, ledger_.open_mass_towards(set));
  }

  /// By how much some set may surpass the best one, or a set that is not among the n best the n-th;
  /// 0: none can. `unseen` bounds sets without any sequence.
  double rivals_lead(std::size_t n, double unseen) {
    std::vector<FinishedSets::Found> found = finished_.found();
    if (found.size() < n) return kInfinity;
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.log_prob > b.log_prob; });
    const double best = std::exp(found[0].log_prob);
    const double least = std::exp(found[n - 1].log_prob);
    if (unseen > least) return unseen - least;
    const double reachable = reachable_mass();
    for (std::size_t i = 1; i < found.size(); ++i) {
      const double lower = std::exp(found[i].log_prob);
      const double bar = i < n ? best : least;
      if (lower + reachable <= bar) {
        if (i >= n) break;  // and so are all that follow
        continue;
      }
      const LabelSet labels = ledger_.label_set(found[i].prefix);
      const double lead = lower + reachable_towards(labels, reachable) - bar;
      if (lead > 0.0) return lead;
    }
    return 0.0;
  }

  void bound(SetDistribution& result) {
    if (semantics_.order.is_fixed()) {
      const double largest_open = open_.empty() ? kMinusInfinity : open_.front().child.log_prob;
      result.certified = result.sets.front().log_prob >= std::max(largest_open, largest_lost_);
      return;
    }
    const double reachable = reachable_mass();
    for (ScoredSet& set : result.sets) {
      const double upper = std::exp(set.log_prob) + reachable_towards(set.labels, reachable);
      set.log_upper = std::max(set.log_prob, std::log(std::min(1.0, upper)));
    }
    result.certified = rivals_lead(1, reachable + truncated_mass_) <= 0.0;
  }

  const SetSemantics& semantics_;
  const BestFirstOptions& options_;
  MassLedger ledger_;
  FinishedSets finished_;
  Largest best_log_probs_;                // of finished sequences
  std::vector<Node> nodes_;               // by `PrefixId`
  std::vector<OpenPrefix> open_;          // a heap: the best child of every node that has one
  std::vector<std::size_t> num_taken_;    // beam: [D + 1] prefixes scored, by length
  double largest_lost_ = kMinusInfinity;  // of the prefixes that are never scored
  double truncated_mass_ = 0.0;
  bool truncated_ = false;
  double open_mass_ = 0.0;  // to tell when a check is worth its time; the ledger has the bounds
  double check_below_ = kInfinity;
};

/// All documents of a search, stepped together.
class BestFirstBatch {
 public:
  BestFirstBatch(StepModel& model, const BestFirstOptions& options)
      : model_(model),
        states_(model),
        expander_(model.semantics(), options.constraints.get(), kBestFirstSearch),
        children_(model.semantics()) {
    for (std::size_t i = 0; i < model.num_documents(); ++i) {
      documents_.emplace_back(model.semantics(), options);
      heads_.push_back({i, {{0.0, kNoPrefix, 0, 0}, 0}, static_cast<Slot>(i)});
    }
  }

  std::vector<SetDistribution> search() {
    while (!heads_.empty()) {
      score_heads();
      take_heads();
    }
    std::vector<SetDistribution> results;
    for (BestFirstDocument& document : documents_) results.push_back(document.finish());
    return results;
  }

 private:
  void score_heads() {
    const std::size_t num_tokens = model_.semantics().num_tokens();
    ids_.clear();
    for (const Head& head : heads_) ids_.push_back(states_.id(head.state));
    logits_.resize(heads_.size() * num_tokens);
    model_.logits(ids_, logits_);
    for (std::size_t r = 0; r < heads_.size(); ++r) {
      documents_[heads_[r].document].expand(
          heads_[r], std::span<const float>(logits_).subspan(r * num_tokens, num_tokens), expander_,
          children_, states_);
    }
  }

  /// Of the documents that were scored, the next heads with their states.
  void take_heads() {
    scored_.swap(heads_);
    heads_.clear();
    spent_.clear();
    for (std::size_t r = 0; r < scored_.size(); ++r) {
      const std::size_t document = scored_[r].document;
      if (r > 0 && scored_[r - 1].document == document) continue;
      documents_[document].take_heads(document, heads_, spent_);
    }
    if (!heads_.empty()) make_states();
    for (Slot slot : spent_) states_.drop(slot);
    states_.release_dropped();
  }

  void make_states() {
    parents_.clear();
    labels_.clear();
    for (const Head& head : heads_) {
      parents_.push_back(head.state);
      labels_.push_back(head.prefix.child.label);
    }
    const std::span<const Slot> slots = states_.advance(parents_, labels_);
    for (std::size_t r = 0; r < heads_.size(); ++r) heads_[r].state = slots[r];
  }

  StepModel& model_;
  HeldStates states_;
  PrefixExpander expander_;
  TopChildren children_;
  std::vector<BestFirstDocument> documents_;
  std::vector<Head> heads_;  // by document
  std::vector<Head> scored_;
  std::vector<Slot> spent_;
  std::vector<StateId> ids_;
  std::vector<float> logits_;  // [R, V]
  std::vector<Slot> parents_;
  std::vector<LabelId> labels_;
};

}  // namespace

BestFirstSearch::BestFirstSearch(const BestFirstOptions& options) : options_(options) {
  check_between(kBestFirstSearch, "num_sets", options_.num_sets, 1, kMaxBeamSize);
  check_between(kBestFirstSearch, "max_scored", options_.max_scored, 1, kMaxScored);
  check_between(kBestFirstSearch, "beam_size", options_.beam_size, 0, kMaxBeamSize);
  if (options_.heads < 1) {
    throw std::invalid_argument("BestFirstSearch: heads must be at least 1, got 0");
  }
}

std::vector<SetDistribution> BestFirstSearch::search(StepModel& model) const {
  const SetSemantics& semantics = model.semantics();
  check(semantics);
  if (options_.beam_size > 0 && !semantics.order.is_fixed()) {
    throw std::invalid_argument(
        "BestFirstSearch: beam_size is for models of a fixed order: under a free one the sums of a "
        "beam need all of its prefixes");
  }
  return BestFirstBatch(model, options_).search();
}

}  // namespace labelbeam::decoders
