#include "report_statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

namespace labelbeam::eval {

const char* const kIntervalHelp =
    "Intervals: 95 %, bias-corrected and accelerated bootstrap over test rows, of the mean over "
    "seeds. They say how far other rows would move the figure, not other seeds: for those see the "
    "standard deviation over seeds.";

const char* const kTestHelp =
    "Each metric's best system on test against the next, both represented by their best decision "
    "on "
    "valid; a positive difference favours the first. p: two-sided, by paired bootstrap and by "
    "paired "
    "permutation; adjusted: of the permutation test, by Holm over all metrics; McNemar: exact, on "
    "exact matches.";

const char* const kSetNllGainHelp =
    "By how much the set NLL of the first system is lower than that of the second, in nats a "
    "document: the mean over the test rows of the line, of the mean over seeds; above 0 the first "
    "is better. Seen: the true label set occurs in train. Intervals: 95 %, bias-corrected and "
    "accelerated bootstrap over these rows; they say how far other rows would move the gain, not "
    "other seeds. p: two-sided, of the gain over all rows, by paired permutation; adjusted: by "
    "Holm over the pairs of systems.";

const char* const kStrategyHelp =
    "Of each protocol: the metric on the rows that were tuned on, the same thresholds on test, and "
    "optimism: how much better the first looks. The network was fitted to train: thresholds tuned "
    "there too meet scores that test does not have. The oracle is tuned on test itself and is no "
    "result. Threshold: the mean over the labels that are predicted at all, and the mean of their "
    "standard deviation over folds of valid, of the first seed.";

namespace {

/// From here on a threshold says that its label is never predicted.
constexpr double kNeverReached = 1e300;

std::string format_p(double p) { return p < 0.0001 ? "<0.0001" : fmt::format("{:.4f}", p); }

std::string format_interval(const Interval& interval) {
  return fmt::format("{} to {}", format_value(interval.lower), format_value(interval.upper));
}

template <typename Values>
auto find_or_null(const Values& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? nullptr : &found->second;
}

std::string seed_value(const ResultRow& row, std::uint64_t seed, const std::string& metric) {
  for (const SeedResult& result : row.seeds) {
    const double* value = result.seed == seed ? find_or_null(result.metrics, metric) : nullptr;
    if (value) return format_value(*value);
  }
  return "-";
}

}  // namespace

std::string verdict(const PairedTest& test) {
  if (!is_better(test)) return "not distinguishable";
  return fmt::format("better (p = {:.2g})", test.p_adjusted);
}

std::string verdict(const ComparisonReport& report, const std::string& metric) {
  const PairedTest* const test = find_test(report, metric);
  return test ? verdict(*test) : "";
}

std::string claim_help(const ComparisonReport& report) {
  const auto is_tested = [](const MetricStatistics& item) { return item.test.has_value(); };
  if (std::none_of(report.statistics.begin(), report.statistics.end(), is_tested)) {
    return "Differences are not tested for significance: the winner is the higher mean, no more.";
  }
  return fmt::format(
      "The winner is the higher mean. It is said to be better only where the paired permutation "
      "test against the next system has p < {} after Holm's correction over all metrics.",
      kBetterLevel);
}

PlainTable interval_table(const ComparisonReport& report, const ReportView& view) {
  PlainTable table{{"metric", "system"}, 2, {}};
  std::set<std::uint64_t> seeds;
  for (const Headline& item : view.headlines) {
    for (const Representative& best : item.representatives) {
      for (const SeedResult& seed : report.results[best.row].seeds) seeds.insert(seed.seed);
    }
  }
  table.titles.insert(table.titles.end(), {"test", "95 % interval"});
  if (seeds.size() > 1) {
    table.titles.emplace_back("sd of seeds");
    for (const std::uint64_t seed : seeds) table.titles.push_back(fmt::format("seed {}", seed));
  }
  for (const Headline& item : view.headlines) {
    const MetricStatistics* const found = find_statistics(report, item.metric);
    if (!found) continue;
    for (const Representative& best : item.representatives) {
      const Interval* const interval = find_or_null(found->intervals, best.system);
      std::vector<std::string> row = {item.metric, best.system, format_value(best.test),
                                      interval ? format_interval(*interval) : "-"};
      if (seeds.size() > 1) {
        const double* const sd = find_or_null(found->seed_sd, best.system);
        row.push_back(sd ? format_value(*sd) : "-");
        for (const std::uint64_t seed : seeds) {
          row.push_back(seed_value(report.results[best.row], seed, item.metric));
        }
      }
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

PlainTable test_table(const ComparisonReport& report) {
  PlainTable table{{"metric", "system", "against", "verdict", "difference", "95 % interval",
                    "p bootstrap", "p permutation", "p adjusted", "p McNemar"},
                   4,
                   {}};
  for (const MetricStatistics& item : report.statistics) {
    if (!item.test) continue;
    const PairedTest& test = *item.test;
    table.rows.push_back(
        {item.metric, test.system, test.opponent, verdict(test), format_value(test.difference),
         format_interval(test.interval), format_p(test.p_bootstrap), format_p(test.p_permutation),
         format_p(test.p_adjusted), test.p_mcnemar ? format_p(*test.p_mcnemar) : "-"});
  }
  return table;
}

PlainTable set_nll_gain_table(const ComparisonReport& report) {
  PlainTable table{{"system", "over", "true set", "rows", "gain", "95 % interval", "p permutation",
                    "p adjusted"},
                   3,
                   {}};
  const auto format_optional = [](const std::optional<double>& p) {
    return p ? format_p(*p) : "-";
  };
  for (const SetNllGain& gain : report.set_nll_gains) {
    const auto add = [&](const char* name, const NllGainPart& part, const std::string& p,
                         const std::string& adjusted) {
      table.rows.push_back({gain.system, gain.opponent, name, std::to_string(part.rows),
                            format_value(part.gain),
                            part.interval ? format_interval(*part.interval) : "-", p, adjusted});
    };
    add("all", gain.all, format_optional(gain.p_permutation), format_optional(gain.p_adjusted));
    add("seen", gain.seen, "", "");
    add("unseen", gain.unseen, "", "");
  }
  return table;
}

PlainTable strategy_table(const ComparisonReport& report) {
  PlainTable table{{"strategy", "metric", "valid: tuned", "valid: test", "valid: optimism",
                    "train+valid: tuned", "train+valid: test", "train+valid: optimism",
                    "oracle: test", "threshold: mean", "threshold: sd", "seconds"},
                   2,
                   {}};
  const auto mean = [](const std::vector<double>& values) {
    double sum = 0.0;
    std::size_t counted = 0;
    for (const double value : values) {
      if (!(std::abs(value) < kNeverReached)) continue;
      sum += value;
      ++counted;
    }
    return counted == 0 ? std::string("-") : format_value(sum / static_cast<double>(counted));
  };
  for (const StrategyOutcome& outcome : report.strategies) {
    std::vector<std::string> row = {outcome.system == report.systems.front().name
                                        ? outcome.strategy
                                        : outcome.system + ", " + outcome.strategy,
                                    outcome.metric};
    const auto add = [&](const char* tuned_on, bool with_optimism) {
      const auto found =
          std::find_if(outcome.protocols.begin(), outcome.protocols.end(),
                       [&](const ProtocolScore& score) { return score.tuned_on == tuned_on; });
      const bool is_there = found != outcome.protocols.end();
      if (with_optimism) row.push_back(is_there ? format_value(found->tuned) : "-");
      row.push_back(is_there ? format_value(found->test) : "-");
      if (with_optimism) row.push_back(is_there ? format_value(optimism(outcome, *found)) : "-");
    };
    add(outcome.protocols.front().tuned_on == "nothing" ? "nothing" : "valid", true);
    add("train and valid", true);
    add("test (oracle)", false);
    row.push_back(mean(outcome.thresholds));
    row.push_back(mean(outcome.deviations));
    row.push_back(fmt::format("{:.2g}", outcome.seconds));
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace labelbeam::eval
