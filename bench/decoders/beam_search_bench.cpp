#include <benchmark/benchmark.h>
#include <labelbeam/decoders/beam_search.h>

#include <cstdint>
#include <vector>

#include "pooled_model.h"

namespace {

using labelbeam::LabelOrder;
using labelbeam::decoders::bench::PooledModel;

constexpr std::size_t kDocuments = 64;

void beam_search(benchmark::State& state) {
  const labelbeam::decoders::BeamSearch search(
      {.beam_size = static_cast<std::size_t>(state.range(1))});
  const auto num_labels = static_cast<std::size_t>(state.range(0));
  PooledModel model(num_labels, kDocuments,
                    LabelOrder::by_frequency(std::vector<std::uint64_t>(num_labels)));
  for (auto _ : state) benchmark::DoNotOptimize(search.search(model));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kDocuments));
}
BENCHMARK(beam_search)
    ->ArgNames({"labels", "beam"})
    ->ArgsProduct({{11, 130, 1000}, {1, 5, 10, 16}})
    ->Unit(benchmark::kMillisecond);

}  // namespace
