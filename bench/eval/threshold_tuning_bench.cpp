#include <benchmark/benchmark.h>
#include <labelbeam/eval/cut_thresholds.h>
#include <labelbeam/eval/optimised_thresholds.h>
#include <labelbeam/eval/roc_thresholds.h>
#include <labelbeam/eval/threshold_tuning.h>

#include <algorithm>
#include <cstdlib>

#include "random_rows.h"

namespace labelbeam::eval::bench {
namespace {

/// LABELBEAM_BENCH_ROWS: the most rows, 100,000 if not set. With 1,000,000 the sweeps over all
/// cells take seconds and about 1 GB each.
std::int64_t max_rows() {
  const char* rows = std::getenv("LABELBEAM_BENCH_ROWS");
  return rows == nullptr ? 100000 : std::max(1000LL, std::atoll(rows));
}

/// The growth of what `tune(scores, truth)` costs with rows of 28 labels.
template <typename Tune>
void tune_rows(benchmark::State& state, Tune tune) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  const ValidTruth truth(random_sets(rows, 1));
  const ScoreMatrix scores = random_scores(rows, 2);
  for (auto _ : state) benchmark::DoNotOptimize(tune(scores, truth));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}

/// Up to `share` of the rows.
template <typename Tune>
void add(const char* name, Tune tune, std::int64_t share = 1) {
  benchmark::RegisterBenchmark(name, [tune](benchmark::State& state) { tune_rows(state, tune); })
      ->RangeMultiplier(10)
      ->Range(1000, std::max<std::int64_t>(max_rows() / share, 1000))
      ->MinTime(0.05)
      ->Complexity(benchmark::oNLogN)
      ->Unit(benchmark::kMillisecond);
}

using Scores = const ScoreMatrix&;

const bool registered = [] {
  const Metric micro = parse_metric("f1_micro");
  const Metric macro = parse_metric("f1_macro");
  const Metric samples = parse_metric("f1_samples");
  add("global:f1_samples", [=](Scores s, TuningTruth t) { return tune_global(s, t, samples); });
  add("global:f1_macro", [=](Scores s, TuningTruth t) { return tune_global(s, t, macro); });
  add("per_label", [](Scores s, TuningTruth t) { return tune_per_label(s, t); });
  add("class_means", [](Scores s, TuningTruth t) { return class_means(s, t); });
  add("youden", [](Scores s, TuningTruth t) { return tune_curve_point(s, t, CurvePoint::youden); });
  add("rcut:f1_samples", [=](Scores s, TuningTruth t) { return tune_top_k(s, t, samples); });
  add("pcut:f1_macro", [=](Scores s, TuningTruth t) { return tune_shares(s, t, macro); });
  add("predicted_count", [](Scores s, TuningTruth t) { return fit_predicted_count(s, t); });
  add("half_f:f1_macro", [=](Scores s, TuningTruth t) { return tune_half_f(s, t, macro); });
  // Those that tune once a fold, or evaluate hundreds of times.
  add(
      "shrunk", [](Scores s, TuningTruth t) { return tune_shrunk(s, t); }, 10);
  add(
      "scut_fbr:1",
      [](Scores s, TuningTruth t) { return tune_scut_fbr(s, t, FbrFallback::top_score); }, 10);
  add(
      "cyclic:f1_micro", [=](Scores s, TuningTruth t) { return tune_cyclic(s, t, micro); }, 10);
  add(
      "basin:f1_micro", [=](Scores s, TuningTruth t) { return tune_smoothed(s, t, micro); }, 100);
  return true;
}();

}  // namespace
}  // namespace labelbeam::eval::bench
