#include <benchmark/benchmark.h>
#include <labelbeam/eval/threshold_tuning.h>

#include "random_rows.h"

namespace labelbeam::eval::bench {
namespace {

void tune_global_for(benchmark::State& state, const char* metric) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  const ValidTruth truth(random_sets(rows, 1));
  const ScoreMatrix scores = random_scores(rows, 2);
  for (auto _ : state) {
    benchmark::DoNotOptimize(tune_global(scores, truth, parse_metric(metric)));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK_CAPTURE(tune_global_for, f1_samples, "f1_samples")
    ->RangeMultiplier(10)
    ->Range(1000, 100000)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(tune_global_for, f1_macro, "f1_macro")
    ->RangeMultiplier(10)
    ->Range(1000, 100000)
    ->Unit(benchmark::kMillisecond);

void tune_per_label_rows(benchmark::State& state) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  const ValidTruth truth(random_sets(rows, 1));
  const ScoreMatrix scores = random_scores(rows, 2);
  for (auto _ : state) benchmark::DoNotOptimize(tune_per_label(scores, truth));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(tune_per_label_rows)
    ->RangeMultiplier(10)
    ->Range(1000, 100000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace labelbeam::eval::bench
