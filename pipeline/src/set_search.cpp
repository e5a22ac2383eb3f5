#include "set_search.h"

#include <fmt/format.h>
#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/best_first_search.h>
#include <labelbeam/decoders/merging_beam_search.h>
#include <labelbeam/decoders/sampling.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace labelbeam::pipeline {
namespace {

using Distributions = std::vector<SetDistribution>;

template <typename Search>
SetSearch by(Search search) {
  return [search = std::move(search)](StepModel& model, std::span<const std::uint64_t>) {
    return search.search(model);
  };
}

decoders::BestFirstSearch best_first(const PredictOptions& options, std::size_t num_sets,
                                     std::shared_ptr<const decoders::Constraints> constraints) {
  return decoders::BestFirstSearch({.num_sets = num_sets,
                                    .max_scored = options.max_scored,
                                    .constraints = std::move(constraints)});
}

/// `proof` finds the best set alone. Where that is the first set found, it is proven, and what was
/// found stays; elsewhere `all` finds the sets anew.
SetSearch certified(SetSearch search, decoders::BestFirstSearch proof,
                    decoders::BestFirstSearch all) {
  return [search = std::move(search), proof = std::move(proof), all = std::move(all)](
             StepModel& model, std::span<const std::uint64_t> keys) {
    Distributions found = search(model, keys);
    const auto is_open = [](const SetDistribution& document) { return !document.certified; };
    if (std::none_of(found.begin(), found.end(), is_open)) return found;
    const Distributions best = proof.search(model);
    std::vector<std::size_t> missed;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (!is_open(found[i]) || !best[i].certified) continue;
      const bool agrees =
          !found[i].sets.empty() && found[i].sets.front().labels == best[i].sets.front().labels;
      if (agrees) {
        found[i].certified = true;
      } else {
        missed.push_back(i);
      }
    }
    if (missed.empty()) return found;
    Distributions proven = all.search(model);
    for (std::size_t i : missed) found[i] = std::move(proven[i]);
    return found;
  };
}

}  // namespace

SetSearch make_search(const PredictOptions& options, const SetSemantics& semantics,
                      std::shared_ptr<const decoders::Constraints> constraints) {
  const std::string& name = options.search;
  const bool merges = name == "merge" && !semantics.order.is_fixed();
  if (name == "sample") {
    if (options.certify) {
      throw std::invalid_argument(
          "samples cannot be certified: certify with the search beam, best-first or merge");
    }
    return [search = decoders::AncestralSampling(
                {options.num_samples, options.seed, std::move(constraints)})](
               StepModel& model, std::span<const std::uint64_t> keys) {
      return search.search(model, keys);
    };
  }
  if (name == "best-first") return by(best_first(options, options.num_sets, constraints));
  SetSearch search;
  if (merges) {
    search = by(decoders::MergingBeamSearch({.beam_size = options.beam_size,
                                             .num_sets = options.num_sets,
                                             .constraints = constraints}));
  } else if (name == "beam" || name == "merge") {
    // Under a fixed order a set is one sequence: there is nothing to merge.
    search = by(decoders::BeamSearch({.beam_size = options.beam_size,
                                      .num_sets = options.num_sets,
                                      .constraints = constraints}));
  } else {
    throw std::invalid_argument(fmt::format(
        "there is no search \"{}\": the searches are beam, best-first, merge and sample", name));
  }
  if (!options.certify) return search;
  return certified(std::move(search), best_first(options, 1, constraints),
                   best_first(options, options.num_sets, constraints));
}

}  // namespace labelbeam::pipeline
