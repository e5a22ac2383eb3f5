#include <benchmark/benchmark.h>
#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/merging_beam_search.h>

#include <cstddef>
#include <ctime>
#include <vector>

#include "pooled_model.h"

namespace {

using labelbeam::LabelOrder;
using labelbeam::SetDistribution;
using labelbeam::decoders::BeamSearch;
using labelbeam::decoders::MergingBeamSearch;
using labelbeam::decoders::bench::PooledModel;

constexpr std::size_t kDocuments = 64;

/// Processor time and scored states of a search over several runs.
struct Cost {
  double seconds = 0.0;
  std::size_t num_scored = 0;

  template <typename Search>
  void add(const Search& search, PooledModel& model) {
    const std::clock_t start = std::clock();
    const std::vector<SetDistribution> found = search.search(model);
    seconds += static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    for (const SetDistribution& distribution : found) num_scored += distribution.num_scored;
  }
  double microseconds_a_state() const { return 1e6 * seconds / static_cast<double>(num_scored); }
};

/// What merging costs a scored state, beside a beam of as many states: run by run in turn, so that
/// other work on the machine slows both.
void merging_overhead(benchmark::State& state) {
  const auto beam_size = static_cast<std::size_t>(state.range(1));
  const auto states_per_set = static_cast<std::size_t>(state.range(2));
  const BeamSearch plain({.beam_size = beam_size, .stop_mass = 0.0});
  const MergingBeamSearch merging({.beam_size = beam_size / states_per_set,
                                   .states_per_set = states_per_set,
                                   .num_sets = beam_size,
                                   .stop_mass = 0.0});
  PooledModel model(static_cast<std::size_t>(state.range(0)), kDocuments, LabelOrder::free());
  Cost plain_cost;
  Cost merging_cost;
  for (auto _ : state) {
    plain_cost.add(plain, model);
    merging_cost.add(merging, model);
  }
  state.counters["plain_us"] = plain_cost.microseconds_a_state();
  state.counters["merging_us"] = merging_cost.microseconds_a_state();
  state.counters["ratio"] = merging_cost.microseconds_a_state() / plain_cost.microseconds_a_state();
}
BENCHMARK(merging_overhead)
    ->ArgNames({"labels", "beam", "states_per_set"})
    ->ArgsProduct({{11, 130, 1000}, {4, 16, 64}, {1, 4}})
    ->Unit(benchmark::kMillisecond);

}  // namespace
