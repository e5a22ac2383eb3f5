// Bounds, constraints, a certificate, the best answer for F1 and the next question to ask, of a
// table of probabilities: three labels in a fixed order.
#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/best_first_search.h>
#include <labelbeam/decoders/completion.h>
#include <labelbeam/decoders/constraints.h>
#include <labelbeam/decoders/decision.h>
#include <labelbeam/decoders/exhaustive_search.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <memory>

using namespace labelbeam;
using namespace labelbeam::decoders;

constexpr LabelId kSport = 0, kFootball = 1, kPolitics = 2;
constexpr std::array<const char*, 3> kNames{"sport", "football", "politics"};

/// A state is the set emitted so far, as bits; its row: sport, football, politics, END.
class TableModel final : public StepModel {
 public:
  const SetSemantics& semantics() const override { return semantics_; }
  std::size_t num_documents() const override { return 1; }
  void start(std::span<StateId> roots) override { roots[0] = 0; }
  void logits(std::span<const StateId> states, std::span<float> out) override {
    for (std::size_t r = 0; r < states.size(); ++r)
      for (std::size_t v = 0; v < 4; ++v) out[4 * r + v] = std::log(kTable[states[r]][v]);
  }
  void advance(std::span<const StateId> parents, std::span<const LabelId> labels,
               std::span<StateId> children) override {
    for (std::size_t r = 0; r < parents.size(); ++r) children[r] = parents[r] | 1u << labels[r];
  }
  void release(std::span<const StateId>) override {}

 private:
  static constexpr std::array<std::array<float, 4>, 8> kTable{{{.55f, .05f, .35f, .05f},
                                                               {0.f, .45f, .20f, .35f},
                                                               {0.f, 0.f, .20f, .80f},
                                                               {0.f, 0.f, .20f, .80f},
                                                               {0.f, 0.f, 0.f, 1.f},
                                                               {0.f, 0.f, 0.f, 1.f},
                                                               {0.f, 0.f, 0.f, 1.f},
                                                               {0.f, 0.f, 0.f, 1.f}}};
  SetSemantics semantics_{3, LabelOrder::fixed({kSport, kFootball, kPolitics}), EmptySet::allow, 3};
};

void print(const LabelSet& labels) {
  std::printf("{");
  for (LabelId label : labels) std::printf(" %s", kNames[label]);
  std::printf(" }");
}

void print(const char* title, const SetDistribution& found) {
  std::printf("%s: %zu states scored, residual %.4f, valid %.4f to %.4f%s\n", title,
              found.num_scored, found.residual, found.valid.lower, found.valid.upper,
              found.certified ? ", best set certified" : "");
  for (const ScoredSet& set : found.sets) {
    std::printf("  p = %.4f  weight %.4f  ", std::exp(set.log_prob), set.weight);
    print(set.labels);
    std::printf("\n");
  }
  for (LabelId label = 0; label < found.marginals.size(); ++label) {
    const Marginal& marginal = found.marginals[label];
    std::printf("  %-8s in %.4f to %.4f\n", kNames[label], marginal.lower, marginal.upper);
  }
}

/// Prints the best answer for F1 and what it rests on.
Decision decide_f1(const SetDistribution& found) {
  const Decision answer = decide_fbeta(found, 1.0, EmptyConvention::zero);
  std::printf("  best for F1: ");
  print(answer.labels);
  std::printf(" expects %.4f, margin %.4f, %s\n", answer.expected_utility, answer.margin,
              answer.certified ? "certified" : "not certified");
  return answer;
}

int main() {
  TableModel model;
  print("Everything", ExhaustiveSearch().search(model).front());
  print("Beam of 2", BeamSearch({.beam_size = 2, .stop_mass = .05}).search(model).front());

  ConstraintSpec spec;
  spec.implications = {{.if_all = {kFootball}, .then_all = {kSport}}};
  spec.min_size = 1;
  const auto rules = std::make_shared<const Constraints>(spec, model.semantics());

  const BestFirstSearch three({.num_sets = 3, .constraints = rules});
  const SetDistribution best = three.search(model).front();
  print("Best-first, 3 sets", best);
  decide_f1(best);

  const BestFirstSearch all({.num_sets = 8, .constraints = rules});
  const SetDistribution found = all.search(model).front();
  print("Best-first, 8 sets", found);
  const Decision answer = decide_f1(found);

  const DecisionRule f1 = [](const SetDistribution& given) {
    return decide_fbeta(given, 1.0, EmptyConvention::zero);
  };
  for (const LabelQuestion& question : rank_questions(found, f1))
    std::printf("Ask about %s: p = %.4f, worth %.4f\n", kNames[question.label], question.prob,
                question.gain);

  const Known known{.present = {}, .absent = {kPolitics}};
  print("A person says: no politics", condition(found, known));
  print("The same, searched", complete(model, known, {.constraints = rules}));
  return answer.certified && answer.labels == LabelSet{kSport, kPolitics} ? 0 : 1;
}
