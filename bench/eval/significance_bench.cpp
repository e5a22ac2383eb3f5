#include <benchmark/benchmark.h>
#include <labelbeam/eval/resampling.h>

#include "random_rows.h"

namespace labelbeam::eval::bench {
namespace {

constexpr std::size_t kRows = 5000;

/// Answers that are wrong in about one label a row.
std::vector<LabelSet> noisy(std::vector<LabelSet> sets, unsigned seed) {
  std::mt19937 random(seed);
  for (LabelSet& set : sets) {
    const auto label = static_cast<LabelId>(random() % kNumLabels);
    if (!set.erase(label)) set.insert(label);
  }
  return sets;
}

ResampledAnswer answer(const std::vector<LabelSet>& truth, unsigned seed,
                       const std::vector<Metric>& metrics) {
  return ResampledAnswer(truth, std::vector<std::vector<LabelSet>>{noisy(truth, seed)}, kNumLabels,
                         metrics);
}

/// 10,000 resamples of 5,000 rows, all standard metrics of each answer.
void bootstrap_answers(benchmark::State& state) {
  const std::vector<LabelSet> truth = random_sets(kRows, 1);
  std::vector<ResampledAnswer> answers;
  for (unsigned a = 0; a < static_cast<unsigned>(state.range(0)); ++a) {
    answers.push_back(answer(truth, 2 + a, standard_metrics()));
  }
  for (auto _ : state) benchmark::DoNotOptimize(bootstrap(answers));
}
BENCHMARK(bootstrap_answers)->Arg(1)->Arg(60)->Unit(benchmark::kMillisecond)->Iterations(1);

/// 10,000 permutations of 5,000 rows.
void permute(benchmark::State& state, const char* metric) {
  const std::vector<LabelSet> truth = random_sets(kRows, 1);
  const ResampledAnswer a = answer(truth, 2, {parse_metric(metric)});
  const ResampledAnswer b = answer(truth, 3, {parse_metric(metric)});
  for (auto _ : state) benchmark::DoNotOptimize(permutation_p(a, b));
}
BENCHMARK_CAPTURE(permute, f1_samples, "f1_samples")->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK_CAPTURE(permute, f1_macro, "f1_macro")->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace labelbeam::eval::bench
