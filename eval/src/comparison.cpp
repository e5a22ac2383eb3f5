#include <labelbeam/eval/comparison.h>
#include <labelbeam/eval/compensated_sum.h>
#include <labelbeam/eval/metrics.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace labelbeam::eval {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

double value_or_missing(const MetricMap& metrics, const std::string& name) {
  const auto found = metrics.find(name);
  return found == metrics.end() ? kMissing : found->second;
}

MetricMap mean_over_seeds(const std::vector<SeedResult>& seeds, MetricMap SeedResult::*field) {
  MetricMap means;
  for (const SeedResult& seed : seeds) {
    for (const auto& [name, unused] : seed.*field) means[name] = kMissing;
  }
  for (auto& [name, mean] : means) {
    CompensatedSum sum;
    bool complete = true;
    for (const SeedResult& seed : seeds) {
      const double value = value_or_missing(seed.*field, name);
      // Kept out of the sum, which would turn an infinity into NaN as well.
      if (!std::isfinite(value)) complete = false;
      if (complete) sum.add(value);
    }
    if (complete) mean = sum.value() / static_cast<double>(seeds.size());
  }
  return means;
}

}  // namespace

void average_seeds(ResultRow& row) {
  row.metrics = mean_over_seeds(row.seeds, &SeedResult::metrics);
  row.metrics_valid = mean_over_seeds(row.seeds, &SeedResult::metrics_valid);
}

bool is_better(const PairedTest& test) {
  return test.difference > 0.0 && test.p_adjusted < kBetterLevel;
}

Headline headline(const ComparisonReport& report, const std::string& metric) {
  const double sign = higher_is_better(parse_metric(metric)) ? 1.0 : -1.0;
  Headline result;
  result.metric = metric;
  for (const SystemSummary& system : report.systems) {
    std::optional<Representative> best;
    for (std::size_t r = 0; r < report.results.size(); ++r) {
      const ResultRow& row = report.results[r];
      if (row.system != system.name) continue;
      const double valid = value_or_missing(row.metrics_valid, metric);
      const double test = value_or_missing(row.metrics, metric);
      if (!std::isfinite(valid) || !std::isfinite(test)) continue;
      if (!best || sign * valid > sign * best->valid) {
        best = Representative{system.name, r, valid, test};
      }
    }
    if (best) result.representatives.push_back(*best);
  }
  if (result.representatives.size() < 2) return result;

  std::size_t winner = 0;
  double best = -std::numeric_limits<double>::infinity();
  double second = best;
  for (std::size_t i = 0; i < result.representatives.size(); ++i) {
    const double value = sign * result.representatives[i].test;
    if (value > best) {
      second = best;
      best = value;
      winner = i;
    } else if (value > second) {
      second = value;
    }
  }
  result.lead = best - second;
  if (result.lead > 0.0) result.winner = winner;
  return result;
}

std::vector<std::string> metric_columns(const ComparisonReport& report) {
  std::set<std::string> present;
  for (const ResultRow& row : report.results) {
    for (const auto& [name, unused] : row.metrics) present.insert(name);
    for (const auto& [name, unused] : row.metrics_valid) present.insert(name);
  }
  std::vector<std::string> columns;
  for (const Metric& metric : standard_metrics()) {
    const std::string name = metric_name(metric);
    if (present.erase(name) > 0) columns.push_back(name);
  }
  columns.insert(columns.end(), present.begin(), present.end());
  return columns;
}

std::uint64_t count_pairs(const GraphComparison& comparison, PairFate fate) {
  return static_cast<std::uint64_t>(
      std::count_if(comparison.pairs.begin(), comparison.pairs.end(),
                    [&](const ComparedPair& pair) { return pair.fate == fate; }));
}

double optimism(const StrategyOutcome& outcome, const ProtocolScore& score) {
  const double difference = score.tuned - score.test;
  return higher_is_better(parse_metric(outcome.metric)) ? difference : -difference;
}

}  // namespace labelbeam::eval
