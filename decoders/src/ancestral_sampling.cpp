#include <labelbeam/decoders/sampling.h>
#include <labelbeam/random.h>

#include <utility>

#include "check_options.h"
#include "path_bundle.h"
#include "random_streams.h"
#include "sampled_tree.h"
#include "sampling_documents.h"
#include "step_documents.h"
#include "token_sampler.h"

namespace labelbeam::decoders {
namespace {

constexpr const char* kAncestralSampling = "AncestralSampling";

struct AncestralWorkspace {
  AncestralWorkspace(const SetSemantics& semantics, const Constraints* constraints)
      : row(semantics, constraints, kAncestralSampling) {}

  MaskedRow row;
  TokenSampler sampler;
  std::vector<float> logits;
};

class AncestralDocument {
 public:
  AncestralDocument(const SetSemantics& semantics, const SamplingOptions& options,
                    std::uint64_t key)
      : tree_(semantics, options.constraints.get()), paths_(semantics, options.num_samples) {
    for (std::size_t i = 0; i < options.num_samples; ++i) {
      random_.emplace_back(options.seed,
                           std::initializer_list<std::uint64_t>{kAncestralPath, key, i});
    }
    weights_.assign(options.num_samples, 1.0 / static_cast<double>(options.num_samples));
  }

  const std::vector<SharedPrefix>& live() const { return paths_.live(); }

  void step(std::span<const float> logits, std::size_t document, AncestralWorkspace& workspace) {
    const auto first_of_step = static_cast<PrefixId>(tree_.ledger().num_expanded());
    paths_.step(logits, document, workspace.row,
                [&](const SharedPrefix& prefix, const MaskedRow& row, std::span<LabelId> next) {
                  const PrefixId id = expand(prefix, row);
                  workspace.sampler.load(row);
                  draw(prefix, id, row, workspace.sampler, next);
                });
    first_of_last_step_ = first_of_step;
  }

  SetDistribution finish() const { return tree_.finish(); }

 private:
  PrefixId expand(const SharedPrefix& prefix, const MaskedRow& row) {
    const bool is_root = prefix.emitted.empty();
    const PrefixId parent = is_root ? kNoPrefix : first_of_last_step_ + prefix.parent;
    return tree_.expand(parent, prefix.position, prefix.log_prob, row);
  }

  void draw(const SharedPrefix& prefix, PrefixId id, const MaskedRow& row,
            const TokenSampler& sampler, std::span<LabelId> next) {
    const bool is_dead_end = sampler.sum() == 0.0;
    // p over q of the token: below 1 where constraints took some of the mass of the row.
    const double ratio = is_dead_end ? 1.0 : sampler.sum() / row.weight_sum();
    for (std::size_t i = 0; i < next.size(); ++i) {
      const std::uint32_t path = prefix.paths[i];
      double& weight = weights_[path];
      if (is_dead_end) {
        tree_.draw_dead_end(id, weight, weight * weight);
        continue;
      }
      weight *= ratio;
      next[i] = sampler.draw(random_[path].uniform());
      if (next[i] == kEndPosition) tree_.draw_closed(id, weight, weight * weight);
    }
  }

  SampledTree tree_;
  PathBundle paths_;
  std::vector<CounterRng> random_;  // of each path
  std::vector<double> weights_;     // of each path
  PrefixId first_of_last_step_ = 0;
};

}  // namespace

AncestralSampling::AncestralSampling(const SamplingOptions& options) : options_(options) {
  check_between(kAncestralSampling, "num_samples", options_.num_samples, 1, kMaxSamples);
}

std::vector<SetDistribution> AncestralSampling::search(
    StepModel& model, std::span<const std::uint64_t> document_keys) const {
  return search_documents<AncestralDocument, AncestralWorkspace>(model, document_keys, options_,
                                                                 kAncestralSampling);
}

}  // namespace labelbeam::decoders
