#include <labelbeam/eval/cut_thresholds.h>

#include <cmath>
#include <map>
#include <numeric>

#include "catch.h"
#include "tuning_data.h"

namespace labelbeam::eval {
namespace {

using namespace testing;

const Metric kMicro{MetricKind::f_beta, Average::micro};
const Metric kMacro{MetricKind::f_beta, Average::macro};

/// A data set whose labels are from common to rare, with scores of more or less use.
Data skewed_data(TestRandom& random, std::size_t rows, std::size_t num_labels, double signal,
                 bool margins) {
  Data data{ScoreMatrix(rows, num_labels), std::vector<LabelSet>(rows)};
  for (std::size_t l = 0; l < num_labels; ++l) {
    const double rate = 0.4 / static_cast<double>((l + 1) * (l + 1));
    for (std::size_t i = 0; i < rows; ++i) {
      const bool is_true = random.uniform() < rate;
      if (is_true) data.truth[i].insert(static_cast<LabelId>(l));
      const double margin = 4.0 * (random.uniform() + random.uniform() + random.uniform() - 1.5) +
                            (is_true ? signal : 0.0) + std::log(rate);
      data.scores.row(i)[l] = margins ? margin : 1.0 / (1.0 + std::exp(-margin));
    }
  }
  return data;
}

double value_of(const Metric& metric, const Thresholds& thresholds, const Data& data) {
  return score_of(thresholds, data.scores, data.truth, metric, {});
}

TEST_CASE("shrunk thresholds lose at most half a point of micro-F1 where they are tuned") {
  TestRandom random(41);
  double worst_of_scut = 0.0;
  for (int trial = 0; trial < 60; ++trial) {
    const bool tiny = trial % 3 == 0;
    const Data data = tiny ? random_data(random)
                           : skewed_data(random, 60 + random.below(200), 2 + random.below(10),
                                         2.0 * random.uniform(), trial % 2 == 0);
    PerLabelOptions options;
    options.min_positives = trial % 5 == 0 ? 20 : 0;
    options.top1_if_empty = trial % 4 == 0;
    const ValidTruth truth(data.truth);
    const double global =
        tune_global(data.scores, truth, kMicro, {}, options.top1_if_empty).validation->value;
    const TunedThresholds tuned = tune_shrunk(data.scores, truth, options);
    INFO("trial " << trial);
    CHECK(value_of(kMicro, tuned.thresholds, data) >= global - 0.005);
    REQUIRE(tuned.validation.has_value());
    CHECK(tuned.validation->value == Approx(value_of(kMacro, tuned.thresholds, data)));
    const TunedThresholds scut = tune_per_label(data.scores, truth, options);
    worst_of_scut = std::max(worst_of_scut, global - value_of(kMicro, scut.thresholds, data));
  }
  CHECK(worst_of_scut > 0.05);  // what the bound is for
}

TEST_CASE(
    "shrunk thresholds lose at most half a point of micro-F1 to the global one in "
    "cross-validation") {
  TestRandom random(42);
  double worst_of_scut = 0.0;
  for (int trial = 0; trial < 12; ++trial) {
    const Data data =
        skewed_data(random, 1000, 12, 0.3 * static_cast<double>(trial % 6), trial % 2 == 0);
    std::map<std::string, MetricAccumulator> sums;
    for (const char* name : {"global", "shrunk", "scut"}) {
      sums.emplace(name, MetricAccumulator(data.scores.num_labels));
    }
    for (std::size_t fold = 0; fold < 4; ++fold) {
      Data tuned_on{ScoreMatrix(750, 12), {}};
      Data held_out{ScoreMatrix(250, 12), {}};
      for (std::size_t i = 0; i < 1000; ++i) {
        Data& part = i % 4 == fold ? held_out : tuned_on;
        std::ranges::copy(data.scores.row(i), part.scores.row(part.truth.size()).begin());
        part.truth.push_back(data.truth[i]);
      }
      const ValidTruth truth(tuned_on.truth);
      const std::map<std::string, Thresholds> thresholds = {
          {"global", tune_global(tuned_on.scores, truth, kMicro).thresholds},
          {"shrunk", tune_shrunk(tuned_on.scores, truth, unguarded()).thresholds},
          {"scut", tune_per_label(tuned_on.scores, truth, unguarded()).thresholds}};
      for (const auto& [name, of_name] : thresholds) {
        const std::vector<LabelSet> sets = apply_thresholds(of_name, held_out.scores);
        for (std::size_t i = 0; i < sets.size(); ++i) {
          sums.at(name).add(held_out.truth[i], sets[i]);
        }
      }
    }
    const auto micro = [&](const char* name) { return sums.at(name).result(kMicro).value; };
    INFO("trial " << trial << " global " << micro("global") << " SCut " << micro("scut"));
    CHECK(micro("shrunk") >= micro("global") - 0.005);
    worst_of_scut = std::max(worst_of_scut, micro("global") - micro("scut"));
  }
  CHECK(worst_of_scut > 0.05);
}

TEST_CASE("shrunk thresholds are between a label's own and the pooled one") {
  TestRandom random(43);
  bool own = false;
  for (int trial = 0; trial < 10; ++trial) {
    const Data data = skewed_data(random, 300, 4, 4.0, true);
    const ValidTruth truth(data.truth);
    const double pooled = tune_global(data.scores, truth, kMicro).thresholds.values[0];
    const TunedThresholds scut = tune_per_label(data.scores, truth, unguarded());
    const TunedThresholds shrunk = tune_shrunk(data.scores, truth, unguarded());
    for (std::size_t l = 0; l < 4; ++l) {
      const double value = shrunk.thresholds.values[l];
      CHECK(value >= std::min(pooled, scut.thresholds.values[l]) - 1e-12);
      CHECK(value <= std::max(pooled, scut.thresholds.values[l]) + 1e-12);
      own = own || value != pooled;
    }
  }
  CHECK(own);
}

TEST_CASE("SCutFBR keeps the SCut threshold of labels at the floor, and no other") {
  TestRandom random(44);
  std::size_t below = 0;
  for (int trial = 0; trial < 200; ++trial) {
    const Data data = random_data(random);
    const ValidTruth truth(data.truth);
    const double floor = random.uniform();
    const TunedThresholds scut = tune_per_label(data.scores, truth, unguarded());
    for (const FbrFallback fallback : {FbrFallback::nothing, FbrFallback::top_score}) {
      const TunedThresholds tuned = tune_scut_fbr(data.scores, truth, fallback, floor, unguarded());
      for (std::size_t l = 0; l < data.scores.num_labels; ++l) {
        const Data column = column_of(data, l);
        const double best = brute_force_global(column.scores, column.truth, kMacro, {}, false);
        const double value = tuned.thresholds.values[l];
        if (std::abs(best - floor) < 1e-9) continue;
        if (best > floor) {
          CHECK(value == scut.thresholds.values[l]);
        } else if (fallback == FbrFallback::nothing) {
          CHECK(value == std::numeric_limits<double>::max());
          ++below;
        } else {
          CHECK(value == *std::ranges::max_element(column.scores.values));
        }
      }
    }
  }
  CHECK(below > 50);
}

TEST_CASE("the floor of SCutFBR is chosen from the rows, and rare labels are pooled") {
  TestRandom random(45);
  const Data data = skewed_data(random, 400, 8, 1.0, true);
  const ValidTruth truth(data.truth);
  for (const FbrFallback fallback : {FbrFallback::nothing, FbrFallback::top_score}) {
    const TunedThresholds tuned = tune_scut_fbr(data.scores, truth, fallback);
    CHECK_FALSE(tuned.pooled_labels.empty());
    CHECK(tuned.warnings.size() == 1);
    const double pooled = tune_global(data.scores, truth, kMicro).thresholds.values[0];
    for (const LabelId label : tuned.pooled_labels) {
      CHECK(tuned.thresholds.values[label] == pooled);
    }
    bool is_a_floor = false;
    for (int tenth = 0; tenth <= 8; ++tenth) {
      const double floor = static_cast<double>(tenth) / 10.0;
      is_a_floor = is_a_floor || tune_scut_fbr(data.scores, truth, fallback, floor).thresholds ==
                                     tuned.thresholds;
    }
    CHECK(is_a_floor);
  }
  CHECK_THROWS_WITH(tune_scut_fbr(data.scores, truth, FbrFallback::nothing, 1.5),
                    contains_text("must be in [0, 1]"));
}

/// The k best labels, written another way: by how many labels come before.
std::vector<LabelSet> best_labels(const ScoreMatrix& scores, std::size_t k) {
  std::vector<LabelSet> sets(scores.num_rows);
  for (std::size_t i = 0; i < scores.num_rows; ++i) {
    for (std::size_t l = 0; l < scores.num_labels; ++l) {
      std::size_t before = 0;
      for (std::size_t other = 0; other < scores.num_labels; ++other) {
        const double gap = scores.row(i)[other] - scores.row(i)[l];
        if (gap > 0.0 || (gap == 0.0 && other < l)) ++before;
      }
      if (before < k) sets[i].insert(static_cast<LabelId>(l));
    }
  }
  return sets;
}

TEST_CASE("the number of labels of RCut is the best of all") {
  TestRandom random(46);
  for (int trial = 0; trial < 150; ++trial) {
    const Data data = random_data(random);
    const Convention convention = Convention::sklearn(trial % 2);
    const bool top1 = random.below(2) == 0;
    for (const char* name : {"f1_samples", "f1_macro", "hamming_loss", "subset_accuracy"}) {
      const Metric metric = parse_metric(name);
      const TunedRule tuned =
          tune_top_k(data.scores, ValidTruth(data.truth), metric, convention, top1);
      const double sign = higher_is_better(metric) ? 1.0 : -1.0;
      double best = -std::numeric_limits<double>::infinity();
      std::size_t best_k = 0;
      for (std::size_t k = top1 ? 1 : 0; k <= data.scores.num_labels; ++k) {
        const double value = sign * evaluate(metric, data.truth, best_labels(data.scores, k),
                                             data.scores.num_labels, convention)
                                        .value;
        if (value > best + 1e-9) {
          best = value;
          best_k = k;
        }
      }
      INFO("trial " << trial << " " << name << " top1 " << top1);
      CHECK(std::get<TopK>(tuned.rule).k == best_k);
      CHECK(sign * tuned.validation->value == Approx(best).margin(1e-12));
    }
  }
}

/// A label's rows are taken from the best-scored down, equal scores together, as long as the middle
/// rank stays within the share.
std::vector<LabelSet> share_cut(const ScoreMatrix& scores, const std::vector<double>& counts) {
  std::vector<LabelSet> sets(scores.num_rows);
  for (std::size_t l = 0; l < scores.num_labels; ++l) {
    for (std::size_t i = 0; i < scores.num_rows; ++i) {
      double above = 0.0;
      double equal = 0.0;
      for (std::size_t other = 0; other < scores.num_rows; ++other) {
        if (scores.row(other)[l] > scores.row(i)[l]) above += 1.0;
        if (scores.row(other)[l] == scores.row(i)[l]) equal += 1.0;
      }
      if (above + equal / 2.0 <= counts[l] + 1e-9) sets[i].insert(static_cast<LabelId>(l));
    }
  }
  return sets;
}

TEST_CASE("the proportion of PCut is the best of all") {
  TestRandom random(47);
  for (int trial = 0; trial < 150; ++trial) {
    const Data data = random_data(random);
    const std::size_t num_labels = data.scores.num_labels;
    std::vector<double> positives(num_labels);
    for (const LabelSet& set : data.truth) {
      for (const LabelId label : set) positives[label] += 1.0;
    }
    std::set<double> proportions{0.0};
    for (const double count : positives) {
      for (std::size_t half = 1; count > 0.0 && half <= 2 * data.truth.size(); ++half) {
        proportions.insert(static_cast<double>(half) / (2.0 * count));
      }
    }
    for (const char* name : {"f1_micro", "f1_macro", "hamming_loss", "jaccard_samples"}) {
      const Metric metric = parse_metric(name);
      const TunedRule tuned = tune_shares(data.scores, ValidTruth(data.truth), metric);
      const double sign = higher_is_better(metric) ? 1.0 : -1.0;
      const auto value_at = [&](double x) {
        std::vector<double> counts;
        for (const double count : positives) counts.push_back(x * count);
        // A label that is never true has no share, however large the proportion.
        std::vector<LabelSet> sets = share_cut(data.scores, counts);
        for (std::size_t l = 0; l < num_labels; ++l) {
          if (positives[l] > 0.0) continue;
          for (LabelSet& set : sets) set.erase(static_cast<LabelId>(l));
        }
        return sign * evaluate(metric, data.truth, sets, num_labels).value;
      };
      double best = -std::numeric_limits<double>::infinity();
      for (const double x : proportions) best = std::max(best, value_at(x));
      INFO("trial " << trial << " " << name);
      CHECK(sign * tuned.validation->value == Approx(best).margin(1e-12));
      // All shares are the same multiple of the label's own, and give what was promised.
      const std::vector<double>& shares = std::get<ShareCut>(tuned.rule).shares;
      const auto rows = static_cast<double>(data.truth.size());
      std::vector<double> counts;
      for (const double share : shares) counts.push_back(share * rows);
      CHECK(sign * evaluate(metric, data.truth, share_cut(data.scores, counts), num_labels).value ==
            Approx(best).margin(1e-12));
      for (std::size_t l = 1; l < num_labels; ++l) {
        CHECK(shares[l] * positives[0] == Approx(shares[0] * positives[l]).margin(1e-12));
      }
    }
  }
}

TEST_CASE("a predicted count is the least-squares count of the row's ranked scores") {
  TestRandom random(48);
  const std::size_t rows = 3000;
  Data data{ScoreMatrix(rows, 4), std::vector<LabelSet>(rows)};
  std::vector<std::vector<double>> ranked;
  for (std::size_t i = 0; i < rows; ++i) {
    // Any real numbers, and a third score that is the same in all rows.
    std::vector<double> row = {10.0 + 5.0 * random.uniform(), 3.0 + 6.0 * random.uniform(), 2.0,
                               -random.uniform()};
    ranked.push_back(row);
    std::ranges::copy(std::vector<double>{row[2], row[0], row[3], row[1]},
                      data.scores.row(i).begin());
    data.truth[i] = random.set(4, (row[1] - 3.0) / 6.0);
  }
  const PredictedCount rule =
      std::get<PredictedCount>(fit_predicted_count(data.scores, ValidTruth(data.truth)).rule);
  REQUIRE(rule.weights.size() == 4);
  CHECK(rule.weights[2] == 0.0);
  CHECK(rule.weights[0] == Approx(0.0).margin(0.05));
  CHECK(rule.weights[1] == Approx(4.0 / 6.0).margin(0.05));
  CHECK(rule.weights[3] == Approx(0.0).margin(0.2));
  // No other coefficients have smaller squares, but for the penalty of one row.
  const auto squares = [&](const PredictedCount& of) {
    double sum = 0.0;
    for (std::size_t i = 0; i < rows; ++i) {
      double count = of.intercept;
      for (std::size_t r = 0; r < 4; ++r) count += of.weights[r] * ranked[i][r];
      sum += std::pow(count - static_cast<double>(data.truth[i].size()), 2);
    }
    return sum;
  };
  const double least = squares(rule);
  for (std::size_t r = 0; r < 4; ++r) {
    for (const double step : {-0.05, 0.05}) {
      PredictedCount other = rule;
      other.weights[r] += step;
      CHECK(squares(other) > least);
    }
  }
}

TEST_CASE("a predicted count of constant scores is the mean number of labels") {
  ScoreMatrix scores(4, 2);
  std::ranges::fill(scores.values, 0.3);
  const ValidTruth truth({{0}, {0, 1}, {}, {0, 1}});
  const TunedRule tuned = fit_predicted_count(scores, truth, true);
  CHECK(std::get<PredictedCount>(tuned.rule) == PredictedCount{1.25, {0.0, 0.0}, true});
  CHECK_FALSE(tuned.validation.has_value());
  CHECK(std::get<PredictedCount>(
            fit_predicted_count(ScoreMatrix(1, 20), ValidTruth(std::vector<LabelSet>{{3}})).rule)
            .weights.size() == 10);
}

}  // namespace
TEST_CASE("One fold is no cross-validation: shrinking and floors still give finite thresholds") {
  const ScoreMatrix scores = [] {
    ScoreMatrix made(12, 2);
    for (std::size_t i = 0; i < made.values.size(); ++i)
      made.values[i] = static_cast<double>(i * 7 % 24) / 24.0;
    return made;
  }();
  std::vector<LabelSet> sets(12);
  for (std::size_t i = 0; i < sets.size(); i += 2) sets[i].insert(static_cast<LabelId>(i / 2 % 2));
  const ValidTruth truth(sets);
  PerLabelOptions options;
  options.min_positives = 0;
  const CrossValidation one{1, 1};
  for (const double value : tune_shrunk(scores, truth, options, one).thresholds.values)
    CHECK(std::isfinite(value));
  CHECK_NOTHROW(tune_scut_fbr(scores, truth, FbrFallback::top_score, std::nullopt, options, one));
}

}  // namespace labelbeam::eval
