#include <labelbeam/eval/convention.h>
#include <labelbeam/eval/metrics.h>

#include <string>
#include <vector>

#include "catch.h"

namespace labelbeam::eval {
namespace {

const std::vector<Convention> kAll = {
    Convention::sklearn(0), Convention::sklearn(1), Convention::mulan(), Convention::meka(),
    Convention::pyramid(),  Convention::boomer(),   Convention::xmc(),   Convention::semeval()};

/// The metric of one row of two labels, and whether it is counted as undefined.
MetricValue one_row(const char* name, const LabelSet& truth, const LabelSet& pred,
                    const Convention& convention) {
  return evaluate(parse_metric(name), std::vector{truth}, std::vector{pred}, 2, convention);
}

/// A row of the table: the values by convention, in the order of `kAll`.
void check_cells(const char* name, const LabelSet& truth, const LabelSet& pred,
                 const std::vector<double>& values) {
  for (std::size_t c = 0; c < kAll.size(); ++c) {
    INFO(name << " under " << kAll[c].name());
    const MetricValue value = one_row(name, truth, pred, kAll[c]);
    CHECK(value.value == values[c]);
    CHECK(value.undefined == 1);
    CHECK(value.convention == kAll[c].name());
  }
}

TEST_CASE("every convention reads back from its name") {
  for (const Convention& convention : kAll) {
    CHECK(Convention::parse(convention.name()) == convention);
  }
  CHECK(Convention::parse("sklearn") == Convention::sklearn());
  CHECK_THROWS_WITH(Convention::parse("weka"),
                    contains_text("'weka'") && contains_text("mulan, meka"));
}

TEST_CASE("empty truth and empty prediction count as each tool says") {
  for (const char* name :
       {"f1_samples", "fbeta_samples:2", "precision_samples", "recall_samples"}) {
    check_cells(name, {}, {}, {0, 1, 1, 0, 1, 1, 0, 0});
  }
  check_cells("jaccard_samples", {}, {}, {0, 1, 1, 1, 1, 1, 0, 1});
  check_cells("f1_micro", {}, {}, {0, 1, 1, 0, 1, 1, 0, 0});
}

TEST_CASE("precision of an empty prediction counts as each tool says") {
  check_cells("precision_samples", {0}, {}, {0, 1, 0, 0, 1, 1, 0, 0});
}

TEST_CASE("recall of an empty truth counts as each tool says") {
  check_cells("recall_samples", {}, {0}, {0, 1, 0, 0, 1, 1, 0, 0});
}

TEST_CASE("F1 and Jaccard are 0 in every tool where only one side is empty") {
  for (const char* name : {"f1_samples", "jaccard_samples", "fbeta_samples:2"}) {
    for (const Convention& convention : kAll) {
      INFO(name << " under " << convention.name());
      for (const MetricValue& value :
           {one_row(name, {0}, {}, convention), one_row(name, {}, {0}, convention)}) {
        CHECK(value.value == 0.0);
        CHECK(value.undefined == 0);
      }
    }
  }
}

TEST_CASE("a label that is absent on both sides counts in macro-F1 as each tool says") {
  const std::vector<double> values = {0, 1, 1, 0, 1, 1, 0, 0};
  for (std::size_t c = 0; c < kAll.size(); ++c) {
    INFO(kAll[c].name());
    const MetricValue macro = one_row("f1_macro", {0}, {0}, kAll[c]);
    CHECK(macro.value == (1.0 + values[c]) / 2.0);
    CHECK(macro.undefined == 1);
    // Labels that are never true weigh nothing.
    CHECK(one_row("f1_weighted", {0}, {0}, kAll[c]).value == 1.0);
    CHECK(one_row("f1_weighted", {}, {0}, kAll[c]).value == values[c] / 2.0);
  }
}

}  // namespace
}  // namespace labelbeam::eval
