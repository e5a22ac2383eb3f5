#include <benchmark/benchmark.h>
#include <labelbeam/random.h>
#include <labelbeam/split.h>
#include <labelbeam/split_quality.h>

#include <cmath>
#include <string>
#include <vector>

namespace labelbeam::bench {
namespace {

/// Labels of falling frequency, about 5.6 of 100 a row.
Dataset random_rows(std::size_t num_rows) {
  constexpr LabelId kNumLabels = 100;
  CounterRng random(1);
  Dataset data;
  for (LabelId l = 0; l < kNumLabels; ++l) data.labels.add("label" + std::to_string(l));
  data.rows.resize(num_rows);
  for (std::size_t i = 0; i < num_rows; ++i) {
    data.rows[i].id = "row" + std::to_string(i);
    for (LabelId l = 0; l < kNumLabels; ++l) {
      if (random.uniform() < 0.3 / std::sqrt(l + 1.0)) data.rows[i].labels.insert(l);
    }
  }
  return data;
}

void assign_ten_folds(benchmark::State& state, SplitMethod method) {
  const Dataset data = random_rows(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(assign_folds(data, 10, method));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK_CAPTURE(assign_ten_folds, stratified, SplitMethod::stratified)
    ->RangeMultiplier(10)
    ->Range(1000, 100000)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(assign_ten_folds, stratified_pairs, SplitMethod::stratified_pairs)
    ->RangeMultiplier(10)
    ->Range(1000, 100000)
    ->Unit(benchmark::kMillisecond);

void measure_ten_folds(benchmark::State& state) {
  const Dataset data = random_rows(static_cast<std::size_t>(state.range(0)));
  const auto folds = assign_folds(data, 10, SplitMethod::hash);
  const std::vector<double> shares(10, 0.1);
  for (auto _ : state) benchmark::DoNotOptimize(split_quality(data, folds, shares));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(measure_ten_folds)
    ->RangeMultiplier(10)
    ->Range(1000, 100000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace labelbeam::bench
