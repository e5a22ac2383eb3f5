#include <benchmark/benchmark.h>
#include <labelbeam/eval/metrics.h>

#include "random_rows.h"

namespace labelbeam::eval::bench {
namespace {

void evaluate_rows(benchmark::State& state) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  const std::vector<LabelSet> truth = random_sets(rows, 1);
  const std::vector<LabelSet> pred = random_sets(rows, 2);
  for (auto _ : state) benchmark::DoNotOptimize(evaluate(truth, pred, kNumLabels));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(evaluate_rows)->RangeMultiplier(10)->Range(1000, 100000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace labelbeam::eval::bench
