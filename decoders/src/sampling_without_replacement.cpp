#include <labelbeam/decoders/sampling.h>
#include <labelbeam/random.h>

#include <algorithm>
#include <cmath>

#include "check_options.h"
#include "gumbel_children.h"
#include "log_math.h"
#include "positions.h"
#include "prefix_expander.h"
#include "random_streams.h"
#include "sampled_tree.h"
#include "sampling_documents.h"
#include "token_sampler.h"

namespace labelbeam::decoders {
namespace {

constexpr const char* kSamplingWithoutReplacement = "SamplingWithoutReplacement";

/// A leaf that is no closed sequence, in place of a position.
constexpr LabelId kDeadEndPosition = kEndPosition - 1;

/// A leaf, or a prefix to expand.
struct Candidate {
  double perturbed;        // log q + Gumbel noise
  double log_prob;         // log p
  double log_proposal;     // log q: log p but under constraints
  PrefixId prefix;         // a leaf's own; a prefix's parent
  LabelId position;        // of the last label; `kEndPosition` or `kDeadEndPosition`: a leaf
  std::uint64_t path_key;  // of its stream of random numbers

  bool is_leaf() const { return position == kEndPosition || position == kDeadEndPosition; }
};

bool larger(const Candidate& a, const Candidate& b) {
  if (a.perturbed != b.perturbed) return a.perturbed > b.perturbed;
  return a.prefix != b.prefix ? a.prefix < b.prefix : a.position < b.position;
}

struct LivePrefix {
  std::uint32_t parent;  // a row of the last step
  LabelId label;
};

struct GumbelWorkspace {
  GumbelWorkspace(const SetSemantics& semantics, const Constraints* constraints)
      : expander(semantics, constraints, kSamplingWithoutReplacement) {}

  PrefixExpander expander;
  GumbelChildren children;
  std::vector<float> logits;
};

/// log(1 - exp(-exp(x))): of the probability that a Gumbel variable is above -x.
double log_inclusion(double x) {
  constexpr double kTiny = -36.0;  // below, it is x to the precision of a double
  return x < kTiny ? x : std::log(-std::expm1(-std::exp(x)));
}

class GumbelDocument {
 public:
  GumbelDocument(const SetSemantics& semantics, const SamplingOptions& options, std::uint64_t key)
      : semantics_(semantics),
        capacity_(options.num_samples + 1),
        seed_(options.seed),
        key_(key),
        tree_(semantics, options.constraints.get()),
        live_(1) {
    CounterRng random = stream(0);
    random.seek(2 * semantics.num_tokens());  // past what the root's children use
    beam_.push_back({random.gumbel(), 0.0, 0.0, kNoPrefix, 0, 0});
  }

  const std::vector<LivePrefix>& live() const { return live_; }

  void step(std::span<const float> logits, std::size_t document, GumbelWorkspace& workspace) {
    const std::size_t num_tokens = semantics_.num_tokens();
    const auto first_of_step = static_cast<PrefixId>(tree_.ledger().num_expanded());
    std::vector<Candidate> prefixes;
    const auto first_prefix = std::stable_partition(
        beam_.begin(), beam_.end(), [](const Candidate& candidate) { return candidate.is_leaf(); });
    prefixes.assign(first_prefix, beam_.end());
    beam_.erase(first_prefix, beam_.end());
    threshold_ = kMinusInfinity;
    for (std::size_t i = 0; i < prefixes.size(); ++i) {
      expand(prefixes[i], logits.subspan(i * num_tokens, num_tokens), document, workspace);
    }
    if (beam_.size() > capacity_) cut();
    keep_live(first_of_step);
  }

  SetDistribution finish() const {
    std::vector<Candidate> leaves = beam_;
    std::sort(leaves.begin(), leaves.end(), larger);
    double kappa = kMinusInfinity;
    if (leaves.size() == capacity_) {
      kappa = leaves.back().perturbed;
      leaves.pop_back();
    }
    SampledTree tree = tree_;
    for (const Candidate& leaf : leaves) {
      const double log_included = log_inclusion(leaf.log_proposal - kappa);
      const double weight = std::exp(leaf.log_prob - log_included);
      // Given kappa, leaves are drawn independently of each other.
      const double variance = weight * weight * -std::expm1(log_included);
      if (leaf.position == kEndPosition) {
        tree.draw_closed(leaf.prefix, weight, variance);
      } else {
        tree.draw_dead_end(leaf.prefix, weight, variance);
      }
    }
    return tree.finish();
  }

 private:
  CounterRng stream(std::uint64_t path_key) const {
    return CounterRng(seed_, {kGumbelPrefix, key_, path_key});
  }

  void expand(const Candidate& prefix, std::span<const float> logits, std::size_t document,
              GumbelWorkspace& workspace) {
    const MaskedRow& row =
        workspace.expander.load(tree_.ledger(), prefix.prefix, prefix.position, logits, document);
    const PrefixId id = tree_.expand(prefix.prefix, prefix.position, prefix.log_prob, row);
    CounterRng random = stream(prefix.path_key);
    const auto& children =
        workspace.children.draw(row, semantics_, prefix.log_proposal, prefix.perturbed, random);
    if (children.empty()) {
      add({prefix.perturbed, prefix.log_prob, prefix.log_proposal, id, kDeadEndPosition, 0});
    }
    for (const GumbelChildren::Child& child : children) {
      if (child.perturbed < threshold_) continue;
      Candidate candidate{child.perturbed,
                          prefix.log_prob + child.score - row.log_normaliser(),
                          prefix.log_proposal + child.log_share,
                          id,
                          child.position,
                          0};
      if (!candidate.is_leaf()) {
        random.seek(semantics_.num_tokens() + label_at(semantics_, child.position));
        candidate.path_key = random();
      }
      add(candidate);
    }
  }

  void add(const Candidate& candidate) {
    beam_.push_back(candidate);
    if (beam_.size() / 2 >= capacity_) cut();
  }

  void cut() {
    const auto last = beam_.begin() + static_cast<std::ptrdiff_t>(capacity_ - 1);
    std::nth_element(beam_.begin(), last, beam_.end(), larger);
    threshold_ = last->perturbed;
    beam_.resize(capacity_);
  }

  // In one order whatever `nth_element` left, so that rows and ids are too.
  void keep_live(PrefixId first_of_step) {
    std::sort(beam_.begin(), beam_.end(), larger);
    live_.clear();
    for (const Candidate& candidate : beam_) {
      if (candidate.is_leaf()) continue;
      live_.push_back({candidate.prefix - first_of_step, label_at(semantics_, candidate.position)});
    }
  }

  const SetSemantics& semantics_;
  std::size_t capacity_;  // one more than are drawn: its perturbed log probability is kappa
  std::uint64_t seed_;
  std::uint64_t key_;
  SampledTree tree_;
  std::vector<Candidate> beam_;
  std::vector<LivePrefix> live_;  // the prefixes of the beam, in its order
  double threshold_ = kMinusInfinity;
};

}  // namespace

SamplingWithoutReplacement::SamplingWithoutReplacement(const SamplingOptions& options)
    : options_(options) {
  check_between(kSamplingWithoutReplacement, "num_samples", options_.num_samples, 1, kMaxSamples);
}

std::vector<SetDistribution> SamplingWithoutReplacement::search(
    StepModel& model, std::span<const std::uint64_t> document_keys) const {
  return search_documents<GumbelDocument, GumbelWorkspace>(model, document_keys, options_,
                                                           kSamplingWithoutReplacement);
}

}  // namespace labelbeam::decoders
