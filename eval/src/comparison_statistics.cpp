#include <fmt/format.h>
#include <labelbeam/eval/comparison_statistics.h>
#include <labelbeam/eval/compensated_sum.h>
#include <labelbeam/eval/significance.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "reported_interval.h"

namespace labelbeam::eval {
namespace {

/// What resampling says of one metric of one row of the table.
struct Replicates {
  double value = 0.0;
  std::vector<double> bootstrap;
  std::vector<double> jackknife;  ///< empty for a single row
};

class Comparison {
 public:
  Comparison(const ComparisonReport& report, const TestAnswers& answers,
             const ResamplingOptions& options)
      : report_(report), answers_(answers), options_(options) {
    if (answers.answers.size() != report.results.size()) {
      throw std::invalid_argument(fmt::format("comparison_statistics: {} results but answers of {}",
                                              report.results.size(), answers.answers.size()));
    }
    for (const std::string& metric : metric_columns(report)) {
      Headline item = headline(report, metric);
      if (!item.representatives.empty()) headlines_.push_back(std::move(item));
    }
    resample();
  }

  ComparisonStatistics finish() {
    ComparisonStatistics statistics;
    std::vector<double> p;
    ProgressStage progress(options_.progress, "paired tests", "metrics", headlines_.size());
    for (const Headline& item : headlines_) {
      MetricStatistics& of_metric = statistics.metrics.emplace_back();
      of_metric.metric = item.metric;
      for (const Representative& best : item.representatives) {
        const Replicates& own = replicates_.at({best.row, item.metric});
        of_metric.intervals[best.system] = reported_interval(
            own.value, own.bootstrap, own.jackknife,
            fmt::format("{} of {}", item.metric, best.system), statistics.warnings);
        if (report_.results[best.row].seeds.size() > 1) {
          of_metric.seed_sd[best.system] = seed_sd(report_.results[best.row], item.metric);
        }
      }
      if (item.representatives.size() >= 2) {
        of_metric.test = paired_test(item, statistics.warnings);
        p.push_back(of_metric.test->p_permutation);
      }
      progress.advance();
    }
    progress.finish();
    const std::vector<double> adjusted = holm(p);
    auto next = adjusted.begin();
    for (MetricStatistics& of_metric : statistics.metrics) {
      if (of_metric.test) of_metric.test->p_adjusted = *next++;
    }
    return statistics;
  }

 private:
  ResampledAnswer resampled(std::size_t row, const std::vector<std::string>& metrics) const {
    const ResultRow& result = report_.results[row];
    if (answers_.answers[row].size() != result.seeds.size()) {
      throw std::invalid_argument(
          fmt::format("comparison_statistics: a result has {} seeds but answers of {}",
                      result.seeds.size(), answers_.answers[row].size()));
    }
    std::vector<Metric> parsed;
    for (const std::string& metric : metrics) parsed.push_back(parse_metric(metric));
    return ResampledAnswer(answers_.truth, answers_.answers[row], answers_.num_labels,
                           std::move(parsed), Convention::parse(result.convention));
  }

  void resample() {
    std::map<std::size_t, std::vector<std::string>> metrics_of;
    for (const Headline& item : headlines_) {
      for (const Representative& best : item.representatives) {
        metrics_of[best.row].push_back(item.metric);
      }
    }
    std::vector<ResampledAnswer> answers;
    for (const auto& [row, metrics] : metrics_of) answers.push_back(resampled(row, metrics));
    auto all = bootstrap(answers, options_);
    std::size_t a = 0;
    for (const auto& [row, metrics] : metrics_of) {
      const std::vector<double> values = answers[a].values();
      for (std::size_t m = 0; m < metrics.size(); ++m) {
        if (!(std::abs(values[m] - report_.results[row].metrics.at(metrics[m])) <= 1e-9)) {
          throw std::invalid_argument(
              fmt::format("comparison_statistics: {} of the answers is {}, of the result {}",
                          metrics[m], values[m], report_.results[row].metrics.at(metrics[m])));
        }
        Replicates& own = replicates_[{row, metrics[m]}];
        own.value = values[m];
        own.bootstrap = std::move(all[a][m]);
        if (answers_.truth.size() > 1) own.jackknife = answers[a].jackknife(m);
      }
      ++a;
    }
  }

  static double seed_sd(const ResultRow& row, const std::string& metric) {
    const double mean = row.metrics.at(metric);
    CompensatedSum squares;
    for (const SeedResult& seed : row.seeds) {
      const double deviation = seed.metrics.at(metric) - mean;
      squares.add(deviation * deviation);
    }
    return std::sqrt(squares.value() / static_cast<double>(row.seeds.size() - 1));
  }

  PairedTest paired_test(const Headline& item, std::vector<std::string>& warnings) const {
    const Metric metric = parse_metric(item.metric);
    const double sign = higher_is_better(metric) ? 1.0 : -1.0;
    std::vector<Representative> ranked = item.representatives;
    std::stable_sort(ranked.begin(), ranked.end(),
                     [&](const Representative& a, const Representative& b) {
                       return sign * a.test > sign * b.test;
                     });
    const Replicates& best = replicates_.at({ranked[0].row, item.metric});
    const Replicates& next = replicates_.at({ranked[1].row, item.metric});
    const auto differences = [&](const std::vector<double>& of_best,
                                 const std::vector<double>& of_next) {
      std::vector<double> result(of_best.size());
      for (std::size_t i = 0; i < result.size(); ++i) result[i] = sign * (of_best[i] - of_next[i]);
      return result;
    };
    PairedTest test;
    test.system = ranked[0].system;
    test.opponent = ranked[1].system;
    test.difference = sign * (best.value - next.value);
    const std::vector<double> replicates = differences(best.bootstrap, next.bootstrap);
    test.interval = reported_interval(
        test.difference, replicates, differences(best.jackknife, next.jackknife),
        fmt::format("{} of {} over {}", item.metric, test.system, test.opponent), warnings);
    test.p_bootstrap = bootstrap_p(test.difference, replicates);
    ResamplingOptions quiet = options_;
    quiet.progress = {};
    test.p_permutation = permutation_p(resampled(ranked[0].row, {item.metric}),
                                       resampled(ranked[1].row, {item.metric}), quiet)
                             .front();
    if (metric.kind == MetricKind::subset_accuracy) {
      test.p_mcnemar = mcnemar(answers_.answers[ranked[0].row], answers_.answers[ranked[1].row]);
    }
    return test;
  }

  double mcnemar(std::span<const std::vector<LabelSet>> a,
                 std::span<const std::vector<LabelSet>> b) const {
    std::uint64_t only_a = 0;
    std::uint64_t only_b = 0;
    const auto times_right = [&](std::span<const std::vector<LabelSet>> seeds, std::size_t i) {
      return std::count_if(seeds.begin(), seeds.end(), [&](const std::vector<LabelSet>& answers) {
        return answers[i] == answers_.truth[i];
      });
    };
    for (std::size_t i = 0; i < answers_.truth.size(); ++i) {
      const auto right_a = times_right(a, i);
      const auto right_b = times_right(b, i);
      if (right_a > right_b) ++only_a;
      if (right_b > right_a) ++only_b;
    }
    return mcnemar_p(only_a, only_b);
  }

  const ComparisonReport& report_;
  const TestAnswers& answers_;
  const ResamplingOptions& options_;
  std::vector<Headline> headlines_;
  std::map<std::pair<std::size_t, std::string>, Replicates> replicates_;  // by row and metric
};

}  // namespace

ComparisonStatistics comparison_statistics(const ComparisonReport& report,
                                           const TestAnswers& answers,
                                           const ResamplingOptions& options) {
  check_resampling(options);
  return Comparison(report, answers, options).finish();
}

}  // namespace labelbeam::eval
