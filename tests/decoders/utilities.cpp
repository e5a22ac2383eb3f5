#include "utilities.h"

#include <algorithm>
#include <cmath>

#include "catch.h"

namespace labelbeam::test_support {

using decoders::EmptyConvention;
using decoders::Utility;

Utility fbeta(double beta, EmptyConvention convention) {
  return [=](const LabelSet& truth, const LabelSet& answer) {
    if (truth.empty() && answer.empty()) return convention == EmptyConvention::one ? 1.0 : 0.0;
    const auto shared = static_cast<double>(truth.intersection_size(answer));
    const double b2 = beta * beta;
    const double denominator =
        b2 * static_cast<double>(truth.size()) + static_cast<double>(answer.size());
    return denominator == 0.0 ? 0.0 : (1.0 + b2) * shared / denominator;
  };
}

Utility jaccard(EmptyConvention convention) {
  return [=](const LabelSet& truth, const LabelSet& answer) {
    if (truth.empty() && answer.empty()) return convention == EmptyConvention::one ? 1.0 : 0.0;
    const std::size_t shared = truth.intersection_size(answer);
    return static_cast<double>(shared) / static_cast<double>(truth.size() + answer.size() - shared);
  };
}

Utility subset_accuracy() {
  return [](const LabelSet& truth, const LabelSet& answer) { return truth == answer ? 1.0 : 0.0; };
}

Utility hamming(std::size_t num_labels) {
  return [=](const LabelSet& truth, const LabelSet& answer) {
    const std::size_t wrong = truth.size() + answer.size() - 2 * truth.intersection_size(answer);
    return 1.0 - static_cast<double>(wrong) / static_cast<double>(num_labels);
  };
}

Utility precision_at(std::size_t k) {
  return [=](const LabelSet& truth, const LabelSet& answer) {
    return static_cast<double>(truth.intersection_size(answer)) / static_cast<double>(k);
  };
}

Utility recall() {
  return [](const LabelSet& truth, const LabelSet& answer) {
    if (truth.empty()) return 0.0;
    return static_cast<double>(truth.intersection_size(answer)) / static_cast<double>(truth.size());
  };
}

double expected(const SetDistribution& distribution, const LabelSet& answer,
                const Utility& utility) {
  double sum = 0.0;
  for (const auto& set : distribution.sets) sum += set.weight * utility(set.labels, answer);
  return sum;
}

LabelSet from_bits(unsigned bits, std::size_t num_labels) {
  LabelSet set;
  for (LabelId l = 0; l < num_labels; ++l) {
    if (bits >> l & 1u) set.insert(l);
  }
  return set;
}

std::vector<LabelSet> all_answers(std::size_t num_labels) {
  std::vector<LabelSet> answers;
  for (unsigned bits = 0; bits < 1u << num_labels; ++bits) {
    answers.push_back(from_bits(bits, num_labels));
  }
  return answers;
}

std::vector<LabelSet> all_answers(std::size_t num_labels, std::size_t size) {
  std::vector<LabelSet> answers = all_answers(num_labels);
  std::erase_if(answers, [&](const LabelSet& answer) { return answer.size() != size; });
  return answers;
}

BestAnswers try_all(const SetDistribution& distribution, const std::vector<LabelSet>& answers,
                    const Utility& utility, const LabelSet& given) {
  BestAnswers best;
  for (const LabelSet& answer : answers) {
    const double value = expected(distribution, answer, utility);
    best.best = std::max(best.best, value);
    if (answer != given) best.best_other = std::max(best.best_other, value);
  }
  return best;
}

void require_optimal(const decoders::Decision& decision, const SetDistribution& distribution,
                     const std::vector<LabelSet>& answers, const Utility& utility) {
  const BestAnswers best = try_all(distribution, answers, utility, decision.labels);
  REQUIRE(std::abs(decision.expected_utility - best.best) <= 1e-12);
  REQUIRE(std::abs(expected(distribution, decision.labels, utility) - best.best) <= 1e-12);
  REQUIRE(decision.margin >= 0.0);
  REQUIRE(std::abs(decision.margin - (best.best - best.best_other)) <= 1e-12);
}

}  // namespace labelbeam::test_support
