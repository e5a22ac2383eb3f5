#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/exhaustive_search.h>
#include <labelbeam/models/torch_step_model.h>

#include <cmath>

#include "catch.h"
#include "model_fixtures.h"

using namespace labelbeam;
using namespace labelbeam::models;

namespace {

TorchStepModel open(const SetModel& model, const Documents& documents) {
  const torch::InferenceMode inference;
  return TorchStepModel(model, model->encode(batch_of(documents), nullptr));
}

}  // namespace

TEST_CASE("Searching the step model gives the probabilities that training computes") {
  for (EmptySet empty_set : {EmptySet::allow, EmptySet::forbid}) {
    const SetModel model = tiny_model(System::joint, empty_set);
    TorchStepModel session = open(model, kDocuments);
    const std::vector<SetDistribution> found = decoders::ExhaustiveSearch().search(session);
    for (std::size_t i = 0; i < kDocuments.size(); ++i) {
      REQUIRE(found[i].sets.size() == (empty_set == EmptySet::allow ? 16 : 15));
      CHECK(found[i].residual == Approx(0.0).margin(1e-9));
      const torch::InferenceMode inference;
      const Encoding encoding = model->encode(batch_of({kDocuments[i]}), nullptr);
      for (const ScoredSet& set : found[i].sets) {
        const LabelSet* pointer = &set.labels;
        const double nll =
            model->decoder()->nll(encoding, std::span(&pointer, 1), nullptr).item<double>();
        CHECK(set.log_prob == Approx(-nll).margin(1e-4));
      }
    }
  }
}

TEST_CASE("A wide beam finds what exhaustive search finds") {
  const SetModel model = tiny_model();
  TorchStepModel first = open(model, kDocuments);
  TorchStepModel second = open(model, kDocuments);
  const auto exact = decoders::ExhaustiveSearch().search(first);
  const auto beam =
      decoders::BeamSearch({.beam_size = 16, .num_sets = 16, .stop_mass = 0.0}).search(second);
  for (std::size_t i = 0; i < exact.size(); ++i) {
    REQUIRE(beam[i].sets.size() == exact[i].sets.size());
    for (std::size_t k = 0; k < exact[i].sets.size(); ++k) {
      CHECK(beam[i].sets[k].log_prob == Approx(exact[i].sets[k].log_prob).margin(1e-5));
    }
  }
}

TEST_CASE("A document is decoded alike alone and in a batch") {
  const SetModel model = tiny_model();
  TorchStepModel together = open(model, kDocuments);
  const auto batch = decoders::BeamSearch({.beam_size = 4}).search(together);
  for (std::size_t i = 0; i < kDocuments.size(); ++i) {
    TorchStepModel alone = open(model, {kDocuments[i]});
    const auto one = decoders::BeamSearch({.beam_size = 4}).search(alone);
    CHECK((one[0].sets.front().labels == batch[i].sets.front().labels));
    CHECK(one[0].sets.front().log_prob == Approx(batch[i].sets.front().log_prob).margin(1e-4));
  }
}

TEST_CASE("States can be stepped in any order, unevenly, and handles are used again") {
  const SetModel model = tiny_model();
  TorchStepModel session = open(model, kDocuments);
  std::vector<StateId> roots(4), children(5), again(1);
  session.start(roots);
  const std::vector<StateId> parents{roots[3], roots[1], roots[3], roots[1], roots[3]};
  const std::vector<LabelId> labels{2, 0, 0, 2, 1};
  session.advance(parents, labels, children);
  std::vector<float> uneven(5 * 5), single(5);
  session.logits(children, uneven);
  for (std::size_t r = 0; r < 5; ++r) {
    session.advance(std::span(&parents[r], 1), std::span(&labels[r], 1), again);
    session.logits(again, single);
    for (std::size_t v = 0; v < 5; ++v) CHECK(single[v] == Approx(uneven[r * 5 + v]).margin(1e-5));
    session.release(again);
  }
  const StateId released = again[0];
  session.advance(std::span(&parents[0], 1), std::span(&labels[0], 1), again);
  CHECK(again[0] == released);
}
