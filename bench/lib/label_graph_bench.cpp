#include <benchmark/benchmark.h>
#include <labelbeam/graph/chow_liu_tree.h>
#include <labelbeam/graph/communities.h>
#include <labelbeam/graph/label_graph.h>
#include <labelbeam/graph/weighted_graph.h>
#include <labelbeam/random.h>
#include <sys/resource.h>

#include <cmath>
#include <cstddef>
#include <vector>

namespace {

using namespace labelbeam;

/// About five labels a row; label l is as frequent as 1 / (l + 10), and a third of the labels come
/// from a block of 50 that the row takes.
std::vector<LabelSet> random_rows(std::size_t num_rows, std::size_t num_labels) {
  CounterRng random(1);
  const double ratio = static_cast<double>(num_labels + 10) / 10.0;
  const auto draw = [&] {
    const double rank = 10.0 * std::pow(ratio, random.uniform()) - 10.0;
    return std::min(static_cast<std::size_t>(rank), num_labels - 1);
  };
  std::vector<LabelSet> rows(num_rows);
  for (LabelSet& row : rows) {
    const std::size_t block = draw() / 50 * 50;
    const std::size_t size = 1 + random.below(9);
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t label = random.below(3) == 0 ? block + random.below(50) : draw();
      row.insert(static_cast<LabelId>(std::min(label, num_labels - 1)));
    }
  }
  return rows;
}

std::size_t argument(const benchmark::State& state, int index) {
  return static_cast<std::size_t>(state.range(index));
}

double peak_gigabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / (1024.0 * 1024.0);
}

void count(benchmark::State& state, const std::vector<LabelSet>& rows) {
  double occurrences = 0.0;
  for (const LabelSet& row : rows) {
    occurrences += static_cast<double>(row.size() * (row.size() - 1)) / 2.0;
  }
  std::size_t pairs = 0;
  for (auto _ : state) {
    pairs = count_labels(rows, argument(state, 1), 2).num_pairs();
  }
  state.counters["pairs"] = static_cast<double>(pairs);
  state.counters["time_a_pair_seen"] = benchmark::Counter(
      occurrences, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.counters["peak_GB"] = peak_gigabytes();
}

void count_pairs(benchmark::State& state) {
  count(state, random_rows(argument(state, 0), argument(state, 1)));
}

/// Ten labels a row, all equally likely: hardly a pair is seen twice, which takes most memory.
void count_uniform_pairs(benchmark::State& state) {
  CounterRng random(2);
  std::vector<LabelSet> rows(argument(state, 0));
  for (LabelSet& row : rows) {
    while (row.size() < 10) row.insert(static_cast<LabelId>(random.below(argument(state, 1))));
  }
  count(state, rows);
}

void make_graph(benchmark::State& state) {
  const LabelCounts counts =
      count_labels(random_rows(argument(state, 0), argument(state, 1)), argument(state, 1), 2);
  LabelGraphOptions options;
  options.num_threads = 2;
  std::size_t edges = 0;
  for (auto _ : state) edges = LabelGraph(counts, options).edges().size();
  state.counters["edges"] = static_cast<double>(edges);
  state.counters["peak_GB"] = peak_gigabytes();
}

void find_communities_of_graph(benchmark::State& state) {
  const LabelGraph graph(
      count_labels(random_rows(argument(state, 0), argument(state, 1)), argument(state, 1), 2));
  const auto edges = graph.attractions();
  for (auto _ : state) benchmark::DoNotOptimize(find_communities(graph.num_labels(), edges));
}

void measure_centralities(benchmark::State& state) {
  const LabelGraph graph(
      count_labels(random_rows(argument(state, 0), argument(state, 1)), argument(state, 1), 2));
  const auto edges = graph.attractions();
  for (auto _ : state) benchmark::DoNotOptimize(centralities(graph.num_labels(), edges));
  state.counters["edges"] = static_cast<double>(edges.size());
}

void make_tree(benchmark::State& state) {
  const LabelCounts counts =
      count_labels(random_rows(argument(state, 0), argument(state, 1)), argument(state, 1), 2);
  for (auto _ : state) benchmark::DoNotOptimize(ChowLiuTree(counts));
  state.counters["peak_GB"] = peak_gigabytes();
}

void sizes(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"rows", "labels"})->Unit(benchmark::kMillisecond)->UseRealTime();
  bench->Args({10000, 100})->Args({100000, 1000})->Args({100000, 10000})->Args({1000000, 10000});
}
BENCHMARK(count_pairs)->Apply(sizes);
BENCHMARK(make_graph)->Apply(sizes);

BENCHMARK(count_uniform_pairs)
    ->ArgNames({"rows", "labels"})
    ->Args({1000000, 10000})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void small_sizes(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"rows", "labels"})->Unit(benchmark::kMillisecond)->UseRealTime();
  bench->Args({10000, 100})->Args({100000, 1000})->Args({100000, 4000});
}
BENCHMARK(find_communities_of_graph)->Apply(small_sizes);
BENCHMARK(measure_centralities)->Apply(small_sizes);
BENCHMARK(make_tree)->Apply(small_sizes)->Args({100000, 10000});

}  // namespace
