// A program of its own: it replaces the global operator new, to count.
#include <labelbeam/decoders/beam_search.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <random>

#include "catch.h"

namespace {

std::atomic<std::size_t> num_allocations{0};

void* allocate(std::size_t size) noexcept {
  ++num_allocations;
  return std::malloc(std::max<std::size_t>(size, 1));
}

void* allocate_or_throw(std::size_t size) {
  void* memory = allocate(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return allocate_or_throw(size); }
void* operator new[](std::size_t size) { return allocate_or_throw(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace {

using labelbeam::LabelId;
using labelbeam::LabelOrder;
using labelbeam::SetSemantics;
using labelbeam::StateId;
using labelbeam::decoders::BeamOptions;
using labelbeam::decoders::BeamSearch;
using labelbeam::decoders::BeamWorkspace;

/// Allocates nothing: a state is a number, and its logits are random by it. Counts what the search
/// allocates from the end of one call of `logits` to the start of the next.
class CountingModel : public labelbeam::StepModel {
 public:
  CountingModel(SetSemantics semantics, std::size_t num_documents)
      : semantics_(std::move(semantics)), num_documents_(num_documents) {}

  /// Other documents, by number, and counting from the first call of `logits`.
  void set_documents(StateId number) {
    first_state_ = number * 101u;
    num_calls_ = 0;
    between_calls_ = 0;
  }
  std::size_t num_calls() const { return num_calls_; }
  std::size_t between_calls() const { return between_calls_; }

  const SetSemantics& semantics() const override { return semantics_; }
  std::size_t num_documents() const override { return num_documents_; }
  void start(std::span<StateId> roots) override {
    for (std::size_t i = 0; i < roots.size(); ++i) {
      roots[i] = first_state_ + static_cast<StateId>(i);
    }
  }
  void logits(std::span<const StateId> states, std::span<float> out) override {
    if (num_calls_++ > 0) between_calls_ += num_allocations - last_;
    const std::size_t num_tokens = semantics_.num_tokens();
    for (std::size_t r = 0; r < states.size(); ++r) {
      std::minstd_rand random(states[r] + 1);
      for (std::size_t v = 0; v < num_tokens; ++v) {
        out[r * num_tokens + v] = static_cast<float>(random() % 1000) / 200.0f;
      }
    }
    last_ = num_allocations;
  }
  void advance(std::span<const StateId> parents, std::span<const LabelId> labels,
               std::span<StateId> children) override {
    for (std::size_t r = 0; r < parents.size(); ++r) {
      children[r] = (parents[r] * 31u + labels[r]) * 2654435761u % 1000003u;
    }
  }
  void release(std::span<const StateId>) override {}

 private:
  SetSemantics semantics_;
  std::size_t num_documents_;
  StateId first_state_ = 0;
  std::size_t num_calls_ = 0;
  std::size_t between_calls_ = 0;
  std::size_t last_ = 0;
};

SetSemantics twenty_labels(bool fixed_order) {
  SetSemantics semantics;
  semantics.num_labels = 20;
  semantics.max_size = 8;
  if (fixed_order) semantics.order = LabelOrder::by_frequency(std::vector<std::uint64_t>(20));
  return semantics;
}

}  // namespace

TEST_CASE("A beam search in a used workspace allocates nothing between the model's calls") {
  const bool fixed_order = GENERATE(true, false);
  const std::size_t num_documents = GENERATE(std::size_t{1}, std::size_t{5});
  const double stop_mass = GENERATE(0.0, 1.0);
  CountingModel model(twenty_labels(fixed_order), num_documents);
  const BeamSearch beam({.beam_size = 10, .stop_mass = stop_mass});
  BeamWorkspace workspace;
  for (StateId number = 0; number < 20; ++number) {
    model.set_documents(number);
    beam.search(model, workspace);
  }
  // Without early stopping a fixed order expands as many prefixes of any document: others too.
  const StateId last = fixed_order && stop_mass == 0.0 ? 40 : 20;
  for (StateId number = 0; number < last; ++number) {
    model.set_documents(number);
    beam.search(model, workspace);
    CHECK(model.num_calls() > 2);
    CHECK(model.between_calls() == 0);
  }
}

TEST_CASE("What a beam search allocates without a workspace is counted") {
  CountingModel model(twenty_labels(true), 1);
  BeamSearch().search(model);
  CHECK(model.between_calls() > 10);
}

TEST_CASE("A workspace serves models of other meanings and other options, and changes nothing") {
  BeamWorkspace workspace;
  for (std::size_t i = 0; i < 60; ++i) {
    SetSemantics semantics = twenty_labels(i % 2 == 0);
    semantics.max_size = 1 + i % 3;
    CountingModel model(semantics, i % 4);
    const BeamSearch beam({.beam_size = 1 + i % 7, .stop_mass = i % 5 == 0 ? 1.0 : 1e-3});
    const auto reused = beam.search(model, workspace);
    const auto fresh = beam.search(model);
    REQUIRE(reused.size() == fresh.size());
    for (std::size_t d = 0; d < fresh.size(); ++d) {
      CHECK(reused[d].sets == fresh[d].sets);
      CHECK(reused[d].marginals == fresh[d].marginals);
      CHECK(reused[d].residual == fresh[d].residual);
      CHECK(reused[d].certified == fresh[d].certified);
      CHECK(reused[d].truncated == fresh[d].truncated);
    }
  }
}
