#include "open_mass_sampling.h"

#include <labelbeam/random.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "path_bundle.h"
#include "positions.h"
#include "random_streams.h"
#include "step_documents.h"
#include "token_sampler.h"

namespace labelbeam::decoders {
namespace {

/// Open mass that may be rounding alone.
constexpr double kNegligibleMass = 1e-12;

struct OpenMassWorkspace {
  OpenMassWorkspace(const SetSemantics& semantics, const OpenMassOptions& options)
      : row(semantics, options.constraints, options.search) {}

  MaskedRow row;
  TokenSampler open;  // children of a prefix that were not expanded
  TokenSampler all;
  std::vector<float> logits;
};

class OpenMassDocument {
 public:
  OpenMassDocument(const SetSemantics& semantics, const MassLedger& ledger,
                   const OpenMassOptions& options, std::uint64_t key)
      : semantics_(semantics),
        open_mass_(ledger.open_mass()),
        expanded_(ledger.num_expanded()),
        paths_(semantics, open_mass_ > kNegligibleMass ? options.num_samples : 0) {
    if (open_mass_ > kNegligibleMass) place(ledger, options, key);
  }

  bool has_paths() const { return !starts_.empty(); }
  const std::vector<SharedPrefix>& live() const { return paths_.live(); }

  void step(std::span<const float> logits, std::size_t document, OpenMassWorkspace& workspace) {
    num_scored_ += live().size();
    paths_.step(logits, document, workspace.row,
                [&](const SharedPrefix& prefix, const MaskedRow& row, std::span<LabelId> next) {
                  choose(prefix, row, workspace, next);
                });
  }

  void apply(SetDistribution& result) const {
    result.num_scored += num_scored_;
    if (!has_paths()) return;
    const auto n = static_cast<double>(starts_.size());
    std::vector<double> hits(semantics_.num_labels);        // [L] by position
    std::vector<double> deviations(semantics_.num_labels);  // [L] variance of the hits
    add_strata(hits, deviations);
    for (std::size_t i = 0; i < hits.size(); ++i) {
      Marginal& marginal = result.marginals[label_at(semantics_, i)];
      const double most = (marginal.upper - marginal.lower) / 2.0;
      marginal.estimate =
          std::clamp(marginal.lower + open_mass_ * hits[i] / n, marginal.lower, marginal.upper);
      marginal.std_error = std::min(most, open_mass_ / n * std::sqrt(deviations[i]));
    }
  }

 private:
  /// Where a path leaves the expanded prefixes.
  struct Start {
    PrefixId prefix;
    std::vector<LabelId> emitted;  // its positions, the first label first
    double point;                  // in [0, 1) of the open mass after it
    CounterRng random;
  };

  void place(const MassLedger& ledger, const OpenMassOptions& options, std::uint64_t key) {
    for (PrefixId id = 1; id < ledger.num_expanded(); ++id) {
      expanded_[ledger.parent(id)].push_back(ledger.position(id));
    }
    hits_.resize(options.num_samples);
    const double part = open_mass_ / static_cast<double>(options.num_samples);
    PrefixId id = 0;
    PrefixId last = 0;  // that has open mass
    double before = 0.0;
    for (std::size_t i = 0; i < options.num_samples; ++i) {
      CounterRng random(options.seed, {kOpenMassPath, key, i});
      const double target = part * (static_cast<double>(i) + random.uniform());
      while (id < ledger.num_expanded() && before + ledger.open_mass(id) <= target) {
        if (ledger.open_mass(id) > 0.0) last = id;
        before += ledger.open_mass(id++);
      }
      const bool is_past = id == ledger.num_expanded();  // rounded up to the sum
      Start start{is_past ? last : id, {}, 0.0, random};
      if (!is_past) start.point = std::min((target - before) / ledger.open_mass(id), 1.0);
      ledger.append_positions(start.prefix, start.emitted);
      std::reverse(start.emitted.begin(), start.emitted.end());
      starts_.push_back(std::move(start));
    }
  }

  void choose(const SharedPrefix& prefix, const MaskedRow& row, OpenMassWorkspace& workspace,
              std::span<LabelId> next) {
    const std::size_t size = prefix.emitted.size();
    bool open_is_loaded = false;
    bool all_is_loaded = false;
    for (std::size_t i = 0; i < next.size(); ++i) {
      const std::uint32_t path = prefix.paths[i];
      Start& start = starts_[path];
      if (size < start.emitted.size()) {
        next[i] = start.emitted[size];
      } else if (size == start.emitted.size()) {
        if (!open_is_loaded) workspace.open.load_labels(row, expanded_[start.prefix]);
        open_is_loaded = true;
        if (workspace.open.sum() > 0.0) next[i] = workspace.open.draw(start.point);
      } else {
        if (!all_is_loaded) workspace.all.load(row);
        all_is_loaded = true;
        if (workspace.all.sum() > 0.0) next[i] = workspace.all.draw(start.random.uniform());
        if (next[i] != kEndPosition) hits_[path].push_back(next[i]);
      }
    }
  }

  /// Sums over the samples, and the variance of the sums from neighbouring strata.
  void add_strata(std::vector<double>& hits, std::vector<double>& variance) const {
    std::vector<double> count(hits.size());  // in one group
    for (std::size_t first = 0; first < hits_.size();) {
      const std::size_t left = hits_.size() - first;
      const std::size_t size = left == 3 ? 3 : 2;
      for (std::size_t i = first; i < first + size; ++i) {
        for (LabelId position : hits_[i]) count[position] += 1.0;
      }
      const auto group = static_cast<double>(size);
      for (std::size_t i = first; i < first + size; ++i) {
        for (LabelId position : hits_[i]) {
          hits[position] += count[position];
          variance[position] += count[position] * (group - count[position]) / (group - 1.0);
          count[position] = 0.0;
        }
      }
      first += size;
    }
  }

  const SetSemantics& semantics_;
  double open_mass_;
  std::vector<std::vector<LabelId>> expanded_;  // positions of the expanded children of a prefix
  PathBundle paths_;
  std::vector<Start> starts_;               // of each path
  std::vector<std::vector<LabelId>> hits_;  // of each path: positions below its open prefix
  std::size_t num_scored_ = 0;
};

}  // namespace

void sample_open_mass(StepModel& model, std::span<const MassLedger* const> ledgers,
                      std::span<const std::uint64_t> document_keys, const OpenMassOptions& options,
                      std::span<SetDistribution> results) {
  std::vector<OpenMassDocument> documents;
  bool has_paths = false;
  for (std::size_t i = 0; i < ledgers.size(); ++i) {
    documents.emplace_back(model.semantics(), *ledgers[i], options, document_keys[i]);
    has_paths = has_paths || documents.back().has_paths();
  }
  if (!has_paths) return;
  OpenMassWorkspace workspace(model.semantics(), options);
  step_documents(model, documents, workspace);
  for (std::size_t i = 0; i < documents.size(); ++i) documents[i].apply(results[i]);
}

}  // namespace labelbeam::decoders
