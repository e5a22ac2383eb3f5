#include <labelbeam/eval/comparison.h>

#include <cmath>
#include <limits>

#include "catch.h"

namespace labelbeam::eval {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

ResultRow row_of(const std::string& system, const std::string& decision, MetricMap valid,
                 MetricMap test) {
  ResultRow row;
  row.system = system;
  row.decision = decision;
  row.metrics_valid = std::move(valid);
  row.metrics = std::move(test);
  return row;
}

ComparisonReport two_systems() {
  ComparisonReport report;
  report.systems = {{"sigmoid", ""}, {"joint", ""}};
  return report;
}

TEST_CASE("a system is represented by its best row on valid, never by its best on test") {
  ComparisonReport report = two_systems();
  report.results = {row_of("sigmoid", "fixed", {{"f1_micro", 0.5}}, {{"f1_micro", 0.9}}),
                    row_of("joint", "subset_accuracy", {{"f1_micro", 0.4}}, {{"f1_micro", 0.99}}),
                    row_of("sigmoid", "global", {{"f1_micro", 0.6}}, {{"f1_micro", 0.55}}),
                    row_of("joint", "f1_samples", {{"f1_micro", 0.7}}, {{"f1_micro", 0.58}})};
  const Headline item = headline(report, "f1_micro");
  CHECK(item.metric == "f1_micro");
  REQUIRE(item.representatives.size() == 2);
  CHECK(item.representatives[0].system == "sigmoid");
  CHECK(item.representatives[0].row == 2);
  CHECK(item.representatives[0].valid == 0.6);
  CHECK(item.representatives[0].test == 0.55);
  CHECK(item.representatives[1].row == 3);
  REQUIRE(item.winner.has_value());
  CHECK(*item.winner == 1);
  CHECK(item.lead == Approx(0.03));
}

TEST_CASE("the lower Hamming loss wins") {
  ComparisonReport report = two_systems();
  report.results = {row_of("sigmoid", "fixed", {{"hamming_loss", 0.3}}, {{"hamming_loss", 0.1}}),
                    row_of("sigmoid", "global", {{"hamming_loss", 0.2}}, {{"hamming_loss", 0.25}}),
                    row_of("joint", "mode", {{"hamming_loss", 0.5}}, {{"hamming_loss", 0.35}})};
  const Headline item = headline(report, "hamming_loss");
  CHECK(item.representatives[0].row == 1);
  REQUIRE(item.winner.has_value());
  CHECK(*item.winner == 0);
  CHECK(item.lead == Approx(0.1));
}

TEST_CASE("the lead is over the second of three systems") {
  ComparisonReport report = two_systems();
  report.systems.push_back({"decoder", ""});
  report.results = {row_of("sigmoid", "a", {{"f1_micro", 1.0}}, {{"f1_micro", 0.5}}),
                    row_of("joint", "b", {{"f1_micro", 1.0}}, {{"f1_micro", 0.8}}),
                    row_of("decoder", "c", {{"f1_micro", 1.0}}, {{"f1_micro", 0.7}})};
  CHECK(headline(report, "f1_micro").lead == Approx(0.1));
  CHECK(*headline(report, "f1_micro").winner == 1);
}

TEST_CASE("equals are a tie, and equal rows on valid are represented by the first") {
  ComparisonReport report = two_systems();
  report.results = {row_of("sigmoid", "a", {{"f1_micro", 0.5}}, {{"f1_micro", 0.5}}),
                    row_of("sigmoid", "b", {{"f1_micro", 0.5}}, {{"f1_micro", 0.6}}),
                    row_of("joint", "c", {{"f1_micro", 0.5}}, {{"f1_micro", 0.5}})};
  const Headline item = headline(report, "f1_micro");
  CHECK(item.representatives[0].row == 0);
  CHECK_FALSE(item.winner.has_value());
  CHECK(item.lead == 0.0);
}

TEST_CASE("rows without a value on valid or test represent nobody") {
  ComparisonReport report = two_systems();
  report.results = {row_of("sigmoid", "a", {{"f1_micro", kNaN}}, {{"f1_micro", 0.9}}),
                    row_of("sigmoid", "b", {}, {{"f1_micro", 0.9}}),
                    row_of("sigmoid", "c", {{"f1_micro", 0.1}}, {{"f1_micro", 0.2}}),
                    row_of("joint", "d", {{"f1_micro", 0.9}}, {{"f1_micro", kNaN}})};
  const Headline item = headline(report, "f1_micro");
  REQUIRE(item.representatives.size() == 1);
  CHECK(item.representatives[0].row == 2);
  CHECK_FALSE(item.winner.has_value());
  CHECK(headline(report, "f1_macro").representatives.empty());
  CHECK_THROWS_AS(headline(report, "accuracy"), std::invalid_argument);
}

TEST_CASE("metrics of a row are the means over its seeds") {
  ResultRow row;
  row.seeds = {{1, {{"f1_micro", 0.2}, {"f1_macro", 0.5}}, {{"f1_micro", 0.1}}},
               {2, {{"f1_micro", 0.4}}, {{"f1_micro", kNaN}}}};
  average_seeds(row);
  CHECK(row.metrics.at("f1_micro") == Approx(0.3));
  CHECK(std::isnan(row.metrics.at("f1_macro")));
  CHECK(std::isnan(row.metrics_valid.at("f1_micro")));
  row.seeds.clear();
  average_seeds(row);
  CHECK(row.metrics.empty());
}

TEST_CASE("columns are the standard metrics in their order, then others") {
  ComparisonReport report = two_systems();
  report.results = {
      row_of("sigmoid", "a", {{"recall_macro", 0.0}},
             {{"fbeta_samples:2", 0.0}, {"f1_micro", 0.0}, {"subset_accuracy", 0.0}})};
  CHECK(metric_columns(report) ==
        std::vector<std::string>{"subset_accuracy", "f1_micro", "recall_macro", "fbeta_samples:2"});
}

}  // namespace
}  // namespace labelbeam::eval
