#include <labelbeam/eval/ranking_metrics.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "catch.h"
#include "named_values.h"
#include "random_scores.h"

namespace labelbeam::eval {
namespace {

using testing::figure;
using testing::identical;
using testing::random_scored_rows;
using testing::ScoredRows;
using testing::TestRandom;

RankingOptions under(const Convention& convention) {
  RankingOptions options;
  options.convention = convention;
  return options;
}

/// The figure of rows with the given scores.
NamedValue ranked(const std::string& name, const Convention& convention,
                  const std::vector<LabelSet>& truth,
                  const std::vector<std::vector<double>>& scores) {
  RankingAccumulator rows(scores.front().size(), under(convention));
  for (std::size_t i = 0; i < truth.size(); ++i) rows.add(truth[i], scores[i]);
  return figure(rows.results(), name);
}

const Convention kSklearn = Convention::sklearn();

TEST_CASE("ranking metrics of one row are as computed by hand") {
  // Ranks: label 2 first, then 0, 3, 1; true are 0 and 1.
  RankingAccumulator rows(4);
  rows.add({0, 1}, std::vector{0.5, 0.1, 0.9, 0.3});
  const std::vector<NamedValue> values = rows.results();
  CHECK(figure(values, "coverage_error").value == 4.0);
  CHECK(figure(values, "label_ranking_average_precision").value == (1.0 / 2.0 + 2.0 / 4.0) / 2.0);
  CHECK(figure(values, "label_ranking_loss").value == 3.0 / 4.0);
  CHECK(figure(values, "one_error").value == 1.0);
  CHECK(figure(values, "precision_at_1").value == 0.0);
  CHECK(figure(values, "precision_at_3").value == Approx(1.0 / 3.0).epsilon(1e-15));
  CHECK(figure(values, "precision_at_5").value == 2.0 / 5.0);
  CHECK(figure(values, "recall_at_3").value == 0.5);
  CHECK(figure(values, "r_precision_at_1").value == 0.0);
  CHECK(figure(values, "r_precision_at_3").value == 0.5);
  const double best = 1.0 + 1.0 / std::log2(3.0);
  CHECK(figure(values, "ndcg_at_3").value == Approx(1.0 / std::log2(3.0) / best).epsilon(1e-15));
  CHECK(figure(values, "ndcg").value ==
        Approx((1.0 / std::log2(3.0) + 1.0 / std::log2(5.0)) / best).epsilon(1e-15));
  CHECK(figure(values, "roc_auc_samples").value == 0.25);
  CHECK(figure(values, "average_precision_micro").value == 0.5);
  for (const NamedValue& value : values) {
    if (value.name.find("_macro") == std::string::npos &&
        value.name.find("_weighted") == std::string::npos) {
      INFO(value.name);
      CHECK(value.undefined == 0);
    }
  }
  // One row has one class of each label.
  CHECK(std::isnan(figure(values, "roc_auc_macro").value));
  CHECK(figure(values, "roc_auc_macro").undefined == 4);
  CHECK(figure(values, "average_precision_macro").undefined == 2);
}

TEST_CASE("rankings of empty and full truth count as each tool says") {
  const std::vector<double> scores = {0.1, 0.9, 0.5};
  const std::vector<LabelSet> empty = {{}};
  const std::vector<LabelSet> full = {{0, 1, 2}};
  for (const Convention& convention : {kSklearn, Convention::meka(), Convention::boomer()}) {
    INFO(convention.name());
    const char* lrap = "label_ranking_average_precision";
    CHECK(ranked(lrap, convention, empty, {scores}).value == 1.0);
    CHECK(ranked(lrap, convention, empty, {scores}).undefined == 1);
    CHECK(ranked(lrap, convention, full, {scores}).value == 1.0);
    CHECK(ranked("coverage_error", convention, empty, {scores}).value == 0.0);
    CHECK(ranked("coverage_error", convention, full, {scores}).value == 3.0);
  }
  const Convention mulan = Convention::mulan();
  CHECK(ranked("coverage_error", mulan, empty, {scores}).value == 0.0);
  CHECK(ranked("coverage_error", mulan, empty, {scores}).undefined == 1);
  CHECK(ranked("coverage_error", mulan, full, {scores}).value == 2.0);
  CHECK(ranked("label_ranking_average_precision", mulan, full, {scores}).value == 1.0);
  const NamedValue skipped = ranked("label_ranking_average_precision", mulan, empty, {scores});
  CHECK(std::isnan(skipped.value));
  CHECK(skipped.undefined == 1);
  // The row left out has no part in the mean; where it counts 1, it has.
  const std::vector<LabelSet> mixed = {{}, {0}};
  const NamedValue rest = ranked("label_ranking_average_precision", mulan, mixed, {scores, scores});
  CHECK(rest.value == 1.0 / 3.0);
  CHECK(rest.undefined == 1);
  CHECK(ranked("label_ranking_average_precision", kSklearn, mixed, {scores, scores}).value ==
        (1.0 + 1.0 / 3.0) / 2.0);
  for (const Convention& convention : {kSklearn, mulan, Convention::meka()}) {
    CHECK(ranked("label_ranking_loss", convention, empty, {scores}).value == 0.0);
    CHECK(ranked("label_ranking_loss", convention, empty, {scores}).undefined == 1);
    CHECK(ranked("label_ranking_loss", convention, full, {scores}).value == 0.0);
  }
}

TEST_CASE("equal scores count as each tool says") {
  const std::vector<double> equal = {0.5, 0.5};
  const std::vector<LabelSet> low = {{0}};
  const std::vector<LabelSet> high = {{1}};
  // scikit-learn: a tie is an error and has the worst rank, whichever label is true.
  for (const auto& truth : {low, high}) {
    CHECK(ranked("label_ranking_loss", kSklearn, truth, {equal}).value == 1.0);
    CHECK(ranked("coverage_error", kSklearn, truth, {equal}).value == 2.0);
    CHECK(ranked("label_ranking_average_precision", kSklearn, truth, {equal}).value == 0.5);
  }
  // Mulan and MEKA: the higher label comes first.
  for (const Convention& convention : {Convention::mulan(), Convention::meka()}) {
    INFO(convention.name());
    CHECK(ranked("label_ranking_loss", convention, low, {equal}).value == 1.0);
    CHECK(ranked("label_ranking_loss", convention, high, {equal}).value == 0.0);
    CHECK(ranked("label_ranking_average_precision", convention, low, {equal}).value == 0.5);
    CHECK(ranked("label_ranking_average_precision", convention, high, {equal}).value == 1.0);
  }
  CHECK(ranked("coverage_error", Convention::mulan(), low, {equal}).value == 1.0);
  CHECK(ranked("coverage_error", Convention::mulan(), high, {equal}).value == 0.0);
  CHECK(ranked("coverage_error", Convention::meka(), high, {equal}).value == 2.0);
  CHECK(ranked("one_error", Convention::mulan(), high, {equal}).value == 0.0);
  CHECK(ranked("one_error", Convention::meka(), low, {equal}).value == 0.0);
  CHECK(ranked("one_error", kSklearn, low, {equal}).value == 0.0);
  // nDCG: equal scores share their gains, but not in the scripts of extreme classification.
  const double second = 1.0 / std::log2(3.0);
  CHECK(ranked("ndcg", kSklearn, high, {equal}).value ==
        Approx((1.0 + second) / 2.0).epsilon(1e-15));
  CHECK(ranked("ndcg", Convention::xmc(), low, {equal}).value == 1.0);
  CHECK(ranked("ndcg", Convention::xmc(), high, {equal}).value == Approx(second).epsilon(1e-15));
}

TEST_CASE("figures at k of an empty truth count as recall does, and are counted") {
  const std::vector<LabelSet> empty = {{}};
  const std::vector<double> scores = {0.1, 0.9};
  const std::vector<std::pair<Convention, double>> cases = {
      {Convention::sklearn(0), 0.0}, {Convention::sklearn(1), 1.0}, {Convention::mulan(), 0.0},
      {Convention::meka(), 0.0},     {Convention::pyramid(), 1.0},  {Convention::boomer(), 1.0},
      {Convention::xmc(), 0.0},      {Convention::semeval(), 0.0}};
  for (const auto& [convention, value] : cases) {
    INFO(convention.name());
    for (const char* name : {"recall_at_1", "r_precision_at_3"}) {
      const NamedValue found = ranked(name, convention, empty, {scores});
      CHECK(found.value == value);
      CHECK(found.undefined == 1);
      CHECK(found.convention == convention.name());
    }
    CHECK(ranked("ndcg_at_1", convention, empty, {scores}).value == 0.0);
    CHECK(ranked("ndcg_at_1", convention, empty, {scores}).undefined == 1);
    CHECK(ranked("precision_at_1", convention, empty, {scores}).value == 0.0);
    CHECK(ranked("precision_at_1", convention, empty, {scores}).undefined == 0);
  }
}

TEST_CASE("a figure names scikit-learn's convention where the tool has no rule of its own") {
  const auto convention_of = [](const char* name, const Convention& convention) {
    return ranked(name, convention, {{0}}, {{0.5, 0.1}}).convention;
  };
  const std::string sklearn = "sklearn(zero_division=0)";
  CHECK(convention_of("coverage_error", Convention::mulan()) == "mulan");
  CHECK(convention_of("coverage_error", Convention::meka()) == sklearn);
  CHECK(convention_of("label_ranking_loss", Convention::meka()) == "meka");
  CHECK(convention_of("label_ranking_loss", Convention::boomer()) == sklearn);
  CHECK(convention_of("ndcg_at_3", Convention::xmc()) == "xmc");
  CHECK(convention_of("ndcg_at_3", Convention::mulan()) == sklearn);
  CHECK(convention_of("roc_auc_macro", Convention::pyramid()) == sklearn);
  CHECK(convention_of("roc_auc_macro", Convention::sklearn(1)) == "sklearn(zero_division=1)");
}

TEST_CASE("laws of rankings hold on random rows") {
  TestRandom random(21);
  for (std::size_t trial = 0; trial < 300; ++trial) {
    ScoredRows rows = random_scored_rows(trial, random);
    const auto value_of = [&](const char* name, const Convention& convention) {
      return figure(evaluate_ranking(rows.scores, rows.truth, under(convention), rows.weights),
                    name)
          .value;
    };
    const auto same_under_growth = evaluate_ranking(rows.scores, rows.truth, {}, rows.weights);
    CHECK(value_of("label_ranking_loss", kSklearn) >=
          value_of("label_ranking_loss", Convention::mulan()) - 1e-15);
    CHECK(value_of("coverage_error", Convention::mulan()) <=
          value_of("coverage_error", kSklearn) + 1e-15);
    CHECK(value_of("one_error", kSklearn) ==
          Approx(1.0 - value_of("precision_at_1", kSklearn)).margin(1e-15));
    CHECK(value_of("r_precision_at_3", kSklearn) >= value_of("recall_at_3", kSklearn) - 1e-15);
    CHECK(value_of("recall_at_5", kSklearn) >= value_of("recall_at_3", kSklearn) - 1e-15);
    // Only the order of scores counts.
    for (double& score : rows.scores.values) score = std::exp(3.0 * score) - 7.0;
    CHECK(
        identical(evaluate_ranking(rows.scores, rows.truth, {}, rows.weights), same_under_growth));
  }
}

TEST_CASE("the area of a label is the share of pairs in order, ties half") {
  TestRandom random(22);
  for (int trial = 0; trial < 100; ++trial) {
    const std::size_t n = 2 + random.below(20);
    RankingAccumulator rows(1);
    std::vector<std::pair<double, bool>> cases;
    for (std::size_t i = 0; i < n; ++i) {
      cases.emplace_back(std::floor(random.uniform() * 6.0), random.below(2) == 0);
      rows.add(cases.back().second ? LabelSet{0} : LabelSet{}, std::vector{cases.back().first});
    }
    double ordered = 0.0;
    double pairs = 0.0;
    for (const auto& [score, positive] : cases) {
      for (const auto& [other, other_positive] : cases) {
        if (!positive || other_positive) continue;
        pairs += 1.0;
        ordered += score > other ? 1.0 : (score == other ? 0.5 : 0.0);
      }
    }
    const LabelAreas area = rows.label_areas().front();
    CHECK(area.has_one_class == (pairs == 0.0));
    if (pairs > 0.0) CHECK(area.roc_auc == Approx(ordered / pairs).epsilon(1e-14));
  }
}

TEST_CASE("rankings of few and of many true labels are what their definitions say") {
  // How many labels are true decides how their places are found.
  constexpr std::size_t kLabels = 40;
  TestRandom random(23);
  for (std::size_t num_true = 1; num_true < kLabels; ++num_true) {
    for (const double steps : {6.0, 1e6}) {
      std::vector<double> scores(kLabels);
      for (double& score : scores) score = std::floor(random.uniform() * steps);
      LabelSet truth;
      while (truth.size() < num_true) truth.insert(static_cast<LabelId>(random.below(kLabels)));
      const auto count = [&](const auto& counts) {
        double number = 0.0;
        for (LabelId l = 0; l < kLabels; ++l) number += counts(l) ? 1.0 : 0.0;
        return number;
      };
      // Where a label stands, from 0, the lowest label first or the highest.
      const auto place = [&](LabelId label, bool lowest) {
        return count([&](LabelId other) {
          return scores[other] > scores[label] ||
                 (scores[other] == scores[label] && (lowest ? other < label : other > label));
        });
      };
      double coverage = 0.0, precisions = 0.0, misordered = 0.0, in_order = 0.0, among_five = 0.0;
      double mulan_coverage = 0.0, mulan_precisions = 0.0;
      for (const LabelId label : truth) {
        const auto reaches = [&](LabelId other) { return scores[other] >= scores[label]; };
        const auto is_true = [&](LabelId other) { return truth.contains(other); };
        const double rank = count(reaches);
        const double true_there = count([&](LabelId l) { return reaches(l) && is_true(l); });
        const double above =
            count([&](LabelId l) { return !is_true(l) && scores[l] > scores[label]; });
        const double tied = rank - true_there - above;
        coverage = std::max(coverage, rank);
        precisions += true_there / rank;
        misordered += rank - true_there;
        in_order += static_cast<double>(kLabels - num_true) - above - 0.5 * tied;
        among_five += place(label, true) < 5.0 ? 1.0 : 0.0;
        const double parted = place(label, false);
        mulan_coverage = std::max(mulan_coverage, parted);
        mulan_precisions +=
            count([&](LabelId l) { return is_true(l) && place(l, false) <= parted; }) /
            (parted + 1.0);
      }
      const double T = static_cast<double>(num_true);
      const double pairs = T * static_cast<double>(kLabels - num_true);
      const auto check = [&](const char* name, const Convention& convention, double expected) {
        INFO(name << " with " << num_true << " true labels");
        CHECK(ranked(name, convention, {truth}, {scores}).value ==
              Approx(expected).margin(1e-14).epsilon(1e-14));
      };
      check("coverage_error", kSklearn, coverage);
      check("label_ranking_average_precision", kSklearn, precisions / T);
      check("label_ranking_loss", kSklearn, misordered / pairs);
      check("roc_auc_samples", kSklearn, in_order / pairs);
      check("precision_at_5", kSklearn, among_five / 5.0);
      check("coverage_error", Convention::mulan(), mulan_coverage);
      check("label_ranking_average_precision", Convention::mulan(), mulan_precisions / T);
    }
  }
}

TEST_CASE("areas of equal weights are those without weights") {
  TestRandom random(24);
  for (std::size_t trial = 0; trial < 200; ++trial) {
    const ScoredRows rows = random_scored_rows(trial, random);
    const std::vector<double> twice(rows.truth.size(), 2.0);
    const auto plain = evaluate_ranking(rows.scores, rows.truth);
    const auto weighted = evaluate_ranking(rows.scores, rows.truth, {}, twice);
    for (std::size_t v = 0; v < plain.size(); ++v) {
      INFO(plain[v].name);
      CHECK(plain[v].undefined == weighted[v].undefined);
      if (std::isnan(plain[v].value)) {
        CHECK(std::isnan(weighted[v].value));
      } else {
        CHECK(plain[v].value == Approx(weighted[v].value).margin(1e-14).epsilon(1e-14));
      }
    }
  }
}

TEST_CASE("shards of rankings in any order give exactly the whole") {
  TestRandom random(23);
  for (const Convention& convention : {kSklearn, Convention::mulan(), Convention::xmc()}) {
    for (const bool weighted : {false, true}) {
      RankingAccumulator whole(5, under(convention));
      std::vector<RankingAccumulator> shards(4, RankingAccumulator(5, under(convention)));
      for (int i = 0; i < 200; ++i) {
        const LabelSet truth = random.set(5, 0.4);
        std::vector<double> scores(5);
        for (double& score : scores) score = std::round(random.uniform() * 20.0) / 20.0;
        const double weight = weighted ? 5.0 * random.uniform() : 1.0;
        whole.add(truth, scores, weight);
        shards[random.below(4)].add(truth, scores, weight);
      }
      RankingAccumulator merged(5, under(convention));
      for (std::size_t s = shards.size(); s > 0; --s) merged.merge(shards[s - 1]);
      CHECK(merged.num_rows() == 200);
      CHECK(identical(merged.results(), whole.results()));
      const double once = figure(whole.results(), "label_ranking_loss").value;
      whole.merge(whole);
      CHECK(whole.num_rows() == 400);
      CHECK(figure(whole.results(), "label_ranking_loss").value == once);
    }
  }
}

TEST_CASE("without areas no scores are kept and none are given") {
  RankingOptions options;
  options.areas = false;
  options.cutoffs = {2};
  RankingAccumulator rows(3, options);
  rows.add({0}, std::vector{0.3, 0.2, 0.1});
  CHECK(rows.results().size() == 9);
  CHECK(figure(rows.results(), "precision_at_2").value == 0.5);
  CHECK_THROWS_WITH(rows.label_areas(), contains_text("were not kept"));
}

TEST_CASE("rankings of wrong shapes, scores, weights and options are refused") {
  const std::vector<double> two = {0.5, 0.1};
  RankingAccumulator rows(2);
  CHECK_THROWS_WITH(rows.results(), contains_text("no rows"));
  CHECK_THROWS_WITH(rows.add({}, std::vector{0.5}), contains_text("1 scores"));
  CHECK_THROWS_WITH(rows.add({2}, two), contains_text("has label 2"));
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    CHECK_THROWS_WITH(rows.add({}, std::vector{0.5, bad}), contains_text("must be finite"));
    CHECK_THROWS_WITH(rows.add({}, two, bad), contains_text("a weight must be finite"));
  }
  CHECK_THROWS_AS(rows.add({}, two, -1.0), std::invalid_argument);
  CHECK(rows.num_rows() == 0);
  rows.add({0}, two, 0.0);
  CHECK_THROWS_WITH(rows.results(), contains_text("weight 0"));
  CHECK_THROWS_AS(rows.merge(RankingAccumulator(3)), std::invalid_argument);
  CHECK_THROWS_AS(rows.merge(RankingAccumulator(2, under(Convention::meka()))),
                  std::invalid_argument);
  RankingOptions options;
  options.cutoffs = {0};
  CHECK_THROWS_AS(RankingAccumulator(2, options), std::invalid_argument);
  options.cutoffs = {3, 3};
  CHECK_THROWS_WITH(RankingAccumulator(2, options), contains_text("must rise"));
  CHECK_THROWS_AS(RankingAccumulator(0), std::invalid_argument);
  CHECK_THROWS_AS(RankingAccumulator(2, under(Convention{0.5})), std::invalid_argument);
  const ScoreMatrix scores(2, 2);
  CHECK_THROWS_WITH(evaluate_ranking(scores, std::vector<LabelSet>(3)),
                    contains_text("2 rows of scores but 3 rows of truth"));
  CHECK_THROWS_WITH(evaluate_ranking(scores, std::vector<LabelSet>(2), {}, std::vector{1.0}),
                    contains_text("1 weights"));
  CHECK_THROWS_WITH(evaluate_ranking(ScoreMatrix(0, 2), {}), contains_text("no rows"));
}

}  // namespace
}  // namespace labelbeam::eval
