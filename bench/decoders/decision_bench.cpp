#include <benchmark/benchmark.h>
#include <labelbeam/decoders/decision.h>
#include <labelbeam/decoders/independent.h>

#include <cmath>
#include <random>
#include <vector>

namespace {

using namespace labelbeam::decoders;

/// About three labels a set, as sigmoids give them.
std::vector<double> random_probs(std::size_t num_labels) {
  std::mt19937 random(1);
  std::normal_distribution<double> logit(-std::log(static_cast<double>(num_labels) / 2.0), 1.5);
  std::vector<double> probs(num_labels);
  for (double& p : probs) p = 1.0 / (1.0 + std::exp(-logit(random)));
  return probs;
}

std::size_t labels_of(const benchmark::State& state) {
  return static_cast<std::size_t>(state.range(0));
}

void independent_sets(benchmark::State& state) {
  const std::vector<double> probs = random_probs(labels_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(independent_distribution(probs));
}

void independent_f1(benchmark::State& state) {
  const std::vector<double> probs = random_probs(labels_of(state));
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        decide_fbeta(independent_size_marginals(probs), 1.0, EmptyConvention::one));
  }
}

void f1_of_sets(benchmark::State& state) {
  const auto distribution = independent_distribution(random_probs(labels_of(state)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(decide_fbeta(distribution, 1.0, EmptyConvention::one));
  }
}

void jaccard_of_sets(benchmark::State& state) {
  const auto distribution = independent_distribution(random_probs(labels_of(state)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(decide_jaccard(distribution, EmptyConvention::one));
  }
}

void sizes(benchmark::internal::Benchmark* bench) {
  bench->ArgName("labels")->Arg(11)->Arg(130)->Arg(1000)->Unit(benchmark::kMicrosecond);
}
BENCHMARK(independent_sets)->Apply(sizes);
BENCHMARK(independent_f1)->Apply(sizes);
BENCHMARK(f1_of_sets)->Apply(sizes);
BENCHMARK(jaccard_of_sets)->Apply(sizes);

}  // namespace
