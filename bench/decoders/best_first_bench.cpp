#include <benchmark/benchmark.h>
#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/best_first_search.h>

#include <cstdint>
#include <random>
#include <vector>

#include "../../tests/support/label_decoder_model.h"
#include "masked_row.h"
#include "mass_ledger.h"
#include "top_children.h"

namespace {

using namespace labelbeam::decoders;
using labelbeam::test_support::LabelDecoderModel;

constexpr std::size_t kDocuments = 64;

/// The most probable set of 64 documents, with what it took. The time of a state is that of the
/// random numbers of its row and far below a trained model's: compare states and calls first.
template <typename Search>
void find_modes(benchmark::State& state, const Search& search) {
  LabelDecoderModel model(static_cast<std::size_t>(state.range(0)), kDocuments, 1);
  std::size_t scored = 0;
  for (auto _ : state) {
    for (const auto& result : search.search(model)) scored += result.num_scored;
  }
  const auto per_search = benchmark::Counter::kAvgIterations;
  state.counters["states"] = {static_cast<double>(scored) / kDocuments, per_search};
  state.counters["calls"] = {static_cast<double>(model.num_calls()), per_search};
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kDocuments));
}

void mode_by_beam(benchmark::State& state) {
  find_modes(state, BeamSearch({.beam_size = 10, .num_sets = 1, .stop_mass = 1.0}));
}
BENCHMARK(mode_by_beam)
    ->ArgName("labels")
    ->Arg(11)
    ->Arg(30)
    ->Arg(130)
    ->Unit(benchmark::kMillisecond);

void mode_by_best_first(benchmark::State& state) {
  find_modes(state, BestFirstSearch({.heads = static_cast<std::size_t>(state.range(1)),
                                     .beam_size = static_cast<std::size_t>(state.range(2))}));
}
BENCHMARK(mode_by_best_first)
    ->ArgNames({"labels", "heads", "as_beam"})
    ->ArgsProduct({{11, 30, 130}, {1, 4, 8}, {0, 10}})
    ->Unit(benchmark::kMillisecond);

/// What a beam of 10 does with 64 rows of logits: softmax and the best children, without or with
/// the ledger that marginals, bounds and certificates come from.
void expand_rows(benchmark::State& state) {
  constexpr std::size_t kRows = 64;
  labelbeam::SetSemantics semantics;
  semantics.num_labels = static_cast<std::size_t>(state.range(0));
  semantics.max_size = semantics.num_labels;
  semantics.order =
      labelbeam::LabelOrder::by_frequency(std::vector<std::uint64_t>(semantics.num_labels));
  const bool with_ledger = state.range(1) != 0;
  std::vector<float> logits(kRows * semantics.num_tokens());
  std::mt19937 random(1);
  std::normal_distribution<float> logit(0.0f, 3.0f);
  for (float& value : logits) value = logit(random);
  MaskedRow row(semantics, nullptr, "expand_rows");
  TopChildren children(semantics);
  MassLedger ledger(semantics, nullptr);
  for (auto _ : state) {
    children.reset(10);
    ledger.clear();
    for (std::uint32_t r = 0; r < kRows; ++r) {
      row.load(std::span(logits).subspan(r * semantics.num_tokens(), semantics.num_tokens()), {},
               0);
      children.add_row(row, 0.0, r);
      if (with_ledger) ledger.close(ledger.expand(r == 0 ? kNoPrefix : 0, 0, 0.0, row), 0.1);
    }
    benchmark::DoNotOptimize(children.sorted());
    if (with_ledger) benchmark::DoNotOptimize(ledger.marginals());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRows));
}
BENCHMARK(expand_rows)->ArgNames({"labels", "ledger"})->ArgsProduct({{11, 130, 1000}, {0, 1}});

/// One document after another, as a stream would come.
void beam_search_one_document(benchmark::State& state) {
  LabelDecoderModel model(30, 1, 1);
  const BeamSearch search({.beam_size = 10});
  BeamWorkspace kept;
  for (auto _ : state) {
    benchmark::DoNotOptimize(state.range(0) != 0 ? search.search(model, kept)
                                                 : search.search(model));
  }
}
BENCHMARK(beam_search_one_document)->ArgName("kept_workspace")->Arg(0)->Arg(1);

}  // namespace
