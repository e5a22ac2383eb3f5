#include <labelbeam/set_semantics.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "catch.h"

using namespace labelbeam;

namespace {

std::vector<int> mask_of(const SetSemantics& semantics, const LabelSet& emitted) {
  std::vector<unsigned char> mask(semantics.num_tokens());
  admissible_tokens(semantics, emitted, mask);
  return {mask.begin(), mask.end()};
}

}  // namespace

TEST_CASE("Fixed order admits labels of higher rank only") {
  const SetSemantics semantics{4, LabelOrder::fixed({2, 0, 3, 1}), EmptySet::allow, 4};
  CHECK(mask_of(semantics, {}) == std::vector<int>{1, 1, 1, 1, 1});
  CHECK(mask_of(semantics, {0}) == std::vector<int>{0, 1, 0, 1, 1});
  CHECK(mask_of(semantics, {2, 1}) == std::vector<int>{0, 0, 0, 0, 1});
}

TEST_CASE("Free order admits labels that are not yet emitted") {
  const SetSemantics semantics{3, LabelOrder::free(), EmptySet::allow, 3};
  CHECK(mask_of(semantics, {1}) == std::vector<int>{1, 0, 1, 1});
}

TEST_CASE("A forbidden empty set masks END at the root only") {
  const SetSemantics semantics{2, LabelOrder::free(), EmptySet::forbid, 2};
  CHECK(mask_of(semantics, {}) == std::vector<int>{1, 1, 0});
  CHECK(mask_of(semantics, {0}) == std::vector<int>{0, 1, 1});
}

TEST_CASE("The masked softmax sums to one and gives masked tokens no mass") {
  const std::vector<float> logits{1.0f, 200.0f, -3.0f, -std::numeric_limits<float>::infinity()};
  const std::vector<unsigned char> mask{1, 0, 1, 1};
  std::vector<double> log_probs(4);
  masked_log_softmax(logits, mask, log_probs);
  double sum = 0.0;
  for (double lp : log_probs) sum += std::exp(lp);
  CHECK(sum == Approx(1.0).epsilon(1e-15));
  CHECK(std::isinf(log_probs[1]));
  CHECK(std::isinf(log_probs[3]));
  CHECK(log_probs[0] - log_probs[2] == Approx(4.0).epsilon(1e-12));
}

TEST_CASE("The masked softmax refuses NaN and survives impossible rows") {
  const std::vector<unsigned char> mask{1, 1};
  std::vector<double> log_probs(2);
  const float inf = std::numeric_limits<float>::infinity();
  CHECK_THROWS_AS(masked_log_softmax(std::vector<float>{std::nanf(""), 0.f}, mask, log_probs),
                  std::invalid_argument);
  CHECK_THROWS_AS(masked_log_softmax(std::vector<float>{inf, 0.f}, mask, log_probs),
                  std::invalid_argument);
  masked_log_softmax(std::vector<float>{-inf, -inf}, mask, log_probs);
  CHECK(std::isinf(log_probs[0]));
}

TEST_CASE("Semantics that contradict themselves are refused with the numbers in the message") {
  CHECK_THROWS_WITH(check(SetSemantics{0, LabelOrder::free(), EmptySet::allow, 1}),
                    contains_text("num_labels must be between 1"));
  CHECK_THROWS_WITH(check(SetSemantics{3, LabelOrder::free(), EmptySet::allow, 4}),
                    contains_text("max_size must be between 1 and num_labels = 3, got 4"));
  CHECK_THROWS_AS(check(SetSemantics{3, LabelOrder::fixed({0, 1}), EmptySet::allow, 3}),
                  std::invalid_argument);
  CHECK_THROWS_AS(check(SetSemantics{3, LabelOrder::free(), EmptySet::learn, 3}),
                  std::invalid_argument);
  CHECK_NOTHROW(check(SetSemantics{3, LabelOrder::free(), EmptySet::forbid, 3}));
  CHECK(resolve(EmptySet::learn, true) == EmptySet::allow);
  CHECK(resolve(EmptySet::learn, false) == EmptySet::forbid);
  CHECK(resolve(EmptySet::allow, false) == EmptySet::allow);
}
