#include <benchmark/benchmark.h>
#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/decision.h>
#include <labelbeam/decoders/merging_beam_search.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

#include "costly_model.h"
#include "unbounded_beam.h"

// What parts of inference cost beside decoding with a model, as the ratio of processor time with
// and without them. The model's own time is told apart from that of the search and counted once a
// state, so that the ratios do not depend on its noise. Runs of both sides alternate.

namespace {

using namespace labelbeam::decoders;
using labelbeam::LabelOrder;
using labelbeam::SetDistribution;
using labelbeam::decoders::bench::CostlyModel;
using labelbeam::decoders::bench::processor_seconds;
using labelbeam::decoders::bench::unbounded_beam;

constexpr std::size_t kDocuments = 16;

/// Sums over several runs of a search.
struct Cost {
  double search = 0.0;  // seconds without the model
  double model = 0.0;
  double num_scored = 0.0;

  template <typename Search>
  auto add(CostlyModel& model_of, const Search& search_of) {
    const double model_before = model_of.seconds();
    const double start = processor_seconds();
    auto found = search_of(model_of);
    const double all = processor_seconds() - start;
    model += model_of.seconds() - model_before;
    search += all - (model_of.seconds() - model_before);
    for (const auto& result : found) num_scored += static_cast<double>(result.num_scored);
    return found;
  }
  double search_a_state() const { return search / num_scored; }
};

/// The costs of a search with and without some part.
void report(benchmark::State& state, const Cost& with, const Cost& without) {
  const double model = (with.model + without.model) / (with.num_scored + without.num_scored);
  state.counters["with_us"] = 1e6 * with.search_a_state();
  state.counters["without_us"] = 1e6 * without.search_a_state();
  state.counters["model_us"] = 1e6 * model;
  state.counters["ratio"] = (with.search_a_state() + model) / (without.search_a_state() + model);
}

LabelOrder order_of(bool is_free, std::size_t num_labels) {
  return is_free ? LabelOrder::free()
                 : LabelOrder::by_frequency(std::vector<std::uint64_t>(num_labels));
}

/// A merging beam beside a plain one that may score as many states, a state.
void merging_overhead_with_model(benchmark::State& state) {
  const auto beam_size = static_cast<std::size_t>(state.range(1));
  CostlyModel model(static_cast<std::size_t>(state.range(0)), kDocuments, LabelOrder::free());
  const BeamSearch plain({.beam_size = beam_size, .stop_mass = 0.0});
  const MergingBeamSearch merging({.beam_size = beam_size, .stop_mass = 0.0});
  Cost with;
  Cost without;
  for (auto _ : state) {
    without.add(model, [&](CostlyModel& given) { return plain.search(given); });
    with.add(model, [&](CostlyModel& given) { return merging.search(given); });
  }
  report(state, with, without);
}
BENCHMARK(merging_overhead_with_model)
    ->ArgNames({"labels", "beam"})
    ->ArgsProduct({{30, 130, 1000}, {4, 16, 64}})
    ->Unit(benchmark::kMillisecond);

/// Bounds, marginals and the certificate of a beam beside a beam without any.
void certificate_overhead_with_model(benchmark::State& state) {
  const auto num_labels = static_cast<std::size_t>(state.range(0));
  const auto beam_size = static_cast<std::size_t>(state.range(1));
  CostlyModel model(num_labels, kDocuments, order_of(state.range(2) != 0, num_labels));
  const BeamSearch search({.beam_size = beam_size, .stop_mass = 0.0});
  Cost with;
  Cost without;
  for (auto _ : state) {
    const auto bare =
        without.add(model, [&](CostlyModel& given) { return unbounded_beam(given, beam_size); });
    const auto found = with.add(model, [&](CostlyModel& given) { return search.search(given); });
    for (std::size_t i = 0; i < found.size(); ++i) {
      const bool same = found[i].num_scored == bare[i].num_scored &&
                        found[i].sets.size() == bare[i].sets.size() &&
                        std::abs(found[i].sets[0].log_prob - bare[i].sets[0].log_prob) < 1e-9;
      if (!same) state.SkipWithError("the two beams differ");
    }
  }
  report(state, with, without);
}
BENCHMARK(certificate_overhead_with_model)
    ->ArgNames({"labels", "beam", "free"})
    ->ArgsProduct({{30, 130, 1000}, {4, 16, 64}, {0, 1}})
    ->Unit(benchmark::kMillisecond);

struct Rule {
  const char* name;
  std::function<Decision(const SetDistribution&)> decide;
};

const std::array<Rule, 8>& rules() {
  static const std::array<Rule, 8> all{{
      {"subset accuracy", [](const auto& found) { return decide_subset_accuracy(found); }},
      {"Hamming", [](const auto& found) { return decide_hamming(found); }},
      {"F1", [](const auto& found) { return decide_fbeta(found, 1.0, EmptyConvention::one); }},
      {"precision@5", [](const auto& found) -> Decision { return decide_precision_at(found, 5); }},
      {"recall@5", [](const auto& found) -> Decision { return decide_recall_at(found, 5); }},
      {"nDCG@5", [](const auto& found) -> Decision { return decide_ndcg_at(found, 5); }},
      {"utility, candidates of its own",
       [](const auto& found) {
         return decide_utility(found, [](const auto& truth, const auto& answer) {
           return static_cast<double>(truth.intersection_size(answer)) /
                  static_cast<double>(1 + truth.size() + answer.size());
         });
       }},
      {"Jaccard", [](const auto& found) { return decide_jaccard(found, EmptyConvention::one); }},
  }};
  return all;
}

/// A decision of a document beside its decoding by a beam.
void rule_overhead_with_model(benchmark::State& state) {
  const Rule& rule = rules()[static_cast<std::size_t>(state.range(0))];
  state.SetLabel(rule.name);
  const auto num_sets = static_cast<std::size_t>(state.range(1));
  constexpr std::size_t kLabels = 130;
  constexpr int kTimes = 20;  // a rule is too quick for the clock
  CostlyModel model(kLabels, kDocuments, order_of(false, kLabels));
  const BeamSearch search({.beam_size = num_sets});
  Cost decoding;
  double deciding = 0.0;
  for (auto _ : state) {
    const std::vector<SetDistribution> found =
        decoding.add(model, [&](CostlyModel& given) { return search.search(given); });
    const double start = processor_seconds();
    for (int i = 0; i < kTimes; ++i) {
      for (const SetDistribution& distribution : found) {
        benchmark::DoNotOptimize(rule.decide(distribution));
      }
    }
    deciding += (processor_seconds() - start) / kTimes;
  }
  const double documents = static_cast<double>(state.iterations()) * kDocuments;
  state.counters["rule_us"] = 1e6 * deciding / documents;
  state.counters["decoding_us"] = 1e6 * (decoding.search + decoding.model) / documents;
  state.counters["ratio"] = 1.0 + deciding / (decoding.search + decoding.model);
}
BENCHMARK(rule_overhead_with_model)
    ->ArgNames({"rule", "sets"})
    ->ArgsProduct({benchmark::CreateDenseRange(0, 7, 1), {16, 64}})
    ->Unit(benchmark::kMillisecond);

}  // namespace
