#include <labelbeam/eval/metrics.h>
#include <labelbeam/eval/protocol.h>

#include <concepts>
#include <type_traits>

#include "catch.h"

namespace labelbeam::eval {
namespace {

static_assert(std::is_convertible_v<const TrainTruth&, TuningTruth>);
static_assert(std::is_convertible_v<const ValidTruth&, TuningTruth>);
static_assert(std::is_convertible_v<const OutOfFoldTruth&, TuningTruth>);

static_assert(!std::is_constructible_v<TuningTruth, const TestTruth&>);
static_assert(!std::is_constructible_v<TuningTruth, TestTruth>);
static_assert(!std::is_constructible_v<TuningTruth, std::span<const LabelSet>>);
static_assert(!std::is_constructible_v<TuningTruth, const std::vector<LabelSet>&>);
static_assert(!std::is_constructible_v<ValidTruth, const TestTruth&>);
static_assert(!std::is_convertible_v<std::vector<LabelSet>, ValidTruth>);

template <typename Truth>
concept passes_as_not_test = requires(const Truth& truth) {
  assume_not_test(truth);
};
static_assert(passes_as_not_test<std::vector<LabelSet>>);
static_assert(passes_as_not_test<ValidTruth>);
static_assert(!passes_as_not_test<TestTruth>);

TEST_CASE("truth of any part is measured, and seen as it is where it tunes") {
  const std::vector<LabelSet> rows = {{0}, {}, {0, 2}};
  const ValidTruth valid(rows);
  const TestTruth test(rows);
  CHECK(TuningTruth(valid).rows().data() == valid.rows().data());
  CHECK(oracle_truth(test).rows().data() == test.rows().data());
  CHECK(assume_not_test(rows).rows().data() == rows.data());
  CHECK(test.size() == 3);
  CHECK(test[2] == LabelSet{0, 2});
  CHECK(evaluate(parse_metric("subset_accuracy"), test, rows, 3).value == 1.0);
}

}  // namespace
}  // namespace labelbeam::eval
