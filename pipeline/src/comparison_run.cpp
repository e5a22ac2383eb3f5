#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <labelbeam/eval/report_writers.h>
#include <labelbeam/output_file.h>
#include <labelbeam/pipeline/comparison_run.h>
#include <labelbeam/pipeline/decisions.h>
#include <labelbeam/pipeline/threshold_strategies.h>
#include <torch/version.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>
#include <utility>

#include "compared_system.h"
#include "comparison_calibration.h"
#include "comparison_pictures.h"
#include "comparison_statistics.h"
#include "comparison_strategies.h"
#include "inference.h"
#include "manifest_json.h"

namespace labelbeam::pipeline {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// The table under construction: rows by system, decision and target, one `SeedResult` a seed.
class Table {
 public:
  void add(const std::string& system, const std::string& decision, eval::DecisionKind kind,
           const std::string& target, eval::TunedOn tuned_on, std::uint64_t seed,
           const std::vector<eval::MetricValue>& valid,
           const std::vector<eval::MetricValue>& test) {
    const auto same = [&](const eval::ResultRow& row) {
      return row.system == system && row.decision == decision && row.target == target;
    };
    auto at = std::find_if(rows_.begin(), rows_.end(), same);
    if (at == rows_.end()) {
      eval::ResultRow row;
      row.system = system;
      row.decision = decision;
      row.kind = kind;
      row.target = target;
      row.tuned_on = tuned_on;
      row.convention = test.front().convention;
      at = rows_.insert(rows_.end(), std::move(row));
    }
    eval::SeedResult result;
    result.seed = seed;
    for (const eval::MetricValue& value : valid)
      result.metrics_valid[eval::metric_name(value.metric)] = value.value;
    for (const eval::MetricValue& value : test) {
      const std::string name = eval::metric_name(value.metric);
      result.metrics[name] = value.value;
      at->undefined[name] += value.undefined;
    }
    at->seeds.push_back(std::move(result));
  }

  std::vector<eval::ResultRow> finish() {
    for (eval::ResultRow& row : rows_) eval::average_seeds(row);
    return std::move(rows_);
  }

 private:
  std::vector<eval::ResultRow> rows_;
};

/// Every metric of the table: the standard ones and those that rules serve.
std::vector<eval::MetricValue> measure(std::span<const LabelSet> truth,
                                       std::span<const LabelSet> answers, std::size_t num_labels) {
  std::vector<eval::MetricValue> values = eval::evaluate(truth, answers, num_labels);
  for (const Rule& rule : standard_rules()) {
    const std::optional<eval::Metric> target = rule.target();
    const auto same = [&](const eval::MetricValue& value) { return value.metric == *target; };
    if (target && std::none_of(values.begin(), values.end(), same)) {
      values.push_back(eval::evaluate(*target, truth, answers, num_labels));
    }
  }
  return values;
}

/// Every decision of a run: rows of the table, and the answers on test by `answer_key`.
std::map<std::string, std::vector<LabelSet>> add_decisions(const SystemRun& run, Table& table,
                                                           StatisticsCollector& statistics,
                                                           const StrategyJudge* judge,
                                                           eval::ComparisonReport& report) {
  std::map<std::string, std::vector<LabelSet>> answers;
  const std::unordered_set<LabelSet> support = training_support(run.model);
  const RuleContext context{eval::Convention{}, &support};
  const bool top1_if_empty = run.model.semantics.empty_set == EmptySet::forbid;
  const auto add = [&](const std::string& decision, eval::DecisionKind kind,
                       const std::string& target, eval::TunedOn tuned_on,
                       const std::vector<LabelSet>& on_valid, std::vector<LabelSet> on_test) {
    table.add(run.system, decision, kind, target, tuned_on, run.seed,
              measure(run.valid.truth, on_valid, run.valid.num_labels),
              measure(run.test.truth, on_test, run.test.num_labels));
    statistics.add_answers(run.system, decision, target, on_test);
    answers[answer_key(decision, target)] = std::move(on_test);
  };
  if (run.has_distribution()) {
    for (const Rule& rule : standard_rules()) {
      add(rule.name(), eval::DecisionKind::rule, eval::metric_name(rule.target().value()),
          eval::TunedOn::none, rule.decide(run.on_valid.documents, context),
          rule.decide(run.on_test.documents, context));
    }
  }
  if (!run.has_thresholds()) return answers;
  std::map<std::string, std::vector<std::string>> warned;  // what is said of several strategies
  for (const ThresholdStrategy& strategy : standard_threshold_strategies()) {
    const TunedStrategy tuned = strategy.tune(run.on_valid.scores, run.valid.known_truth,
                                              eval::Convention{}, top1_if_empty);
    add(strategy.name, eval::DecisionKind::threshold,
        strategy.target ? eval::metric_name(*strategy.target) : "",
        strategy.is_tuned() ? eval::TunedOn::valid : eval::TunedOn::none,
        strategy.answers_out_of_fold(run.on_valid.scores, run.valid.known_truth, eval::Convention{},
                                     top1_if_empty),
        tuned.apply(run.on_test.scores));
    for (const std::string& warning : tuned.warnings) warned[warning].push_back(strategy.text());
    judge->judge(strategy, tuned, report.strategies);
  }
  for (const auto& [warning, strategies] : warned) {
    report.warnings.push_back(fmt::format("{}, seed {}, {}: {}", run.system, run.seed,
                                          fmt::join(strategies, ", "), warning));
  }
  return answers;
}

eval::SplitSummary summarise(const std::string& name, const Dataset& data) {
  std::size_t labels = 0;
  for (const Example& row : data.rows) labels += row.labels.size();
  return {name, data.rows.size(),
          static_cast<double>(labels) /
              static_cast<double>(std::max<std::size_t>(data.rows.size(), 1))};
}

std::string manifest(const DataFolder& data, const ComparisonOptions& options) {
  std::vector<std::uint64_t> seeds;
  for (std::size_t s = 0; s < options.num_seeds; ++s) seeds.push_back(options.first_seed + s);
  const std::size_t beam_size = kComparedBeamSize, num_sets = kComparedNumSets;
  json value{{"labelbeam", LABELBEAM_VERSION},
             {"libtorch", TORCH_VERSION},
             {"threads", at::get_num_threads()},
             {"config", json::parse(to_json(options.config))},
             {"systems", options.systems},
             {"seeds", seeds},
             {"beam_size", beam_size},
             {"num_sets", num_sets},
             {"data_fingerprint", data_fingerprint(data)}};
  value.update(to_json(options.provenance));
  return value.dump(2);
}

void check(const ComparisonOptions& options, const DataFolder& data) {
  if (options.systems.empty()) throw std::invalid_argument("compare: there is no system to train");
  if (options.num_seeds < 1)
    throw std::invalid_argument("compare: the number of seeds must be at least 1, got 0");
  for (const std::string& system : options.systems) {
    models::ModelOptions chosen;
    choose_system(system, chosen);
  }
  if (data.test.rows.empty()) throw std::invalid_argument("the test data have no rows");
  for (const Example& row : data.test.rows) {
    if (!row.labelled || !row.text) {
      throw std::invalid_argument("the row \"" + row.id + "\" of the test data has no " +
                                  (row.text ? "labels" : "text"));
    }
  }
}

StatisticsCollector collect_statistics(const TestSplit& test, const Dataset& train) {
  std::unordered_set<LabelSet> support;
  for (const Example& row : train.rows) support.insert(row.labels);
  return {test.truth.rows(), test.num_labels, test.has_probability, std::move(support)};
}

/// Rows without labels where no training row is without.
void warn_of_forbidden(const TestSplit& test, std::vector<std::string>& warnings) {
  std::size_t forbidden = 0;
  for (std::size_t i = 0; i < test.truth.size(); ++i)
    forbidden += test.truth[i].empty() && !test.has_probability[i] ? 1 : 0;
  if (forbidden == 0) return;
  warnings.push_back(
      fmt::format("{} rows of test have no label and no training row is without: no model gives "
                  "that a probability, and those rows are left out of set NLL",
                  forbidden));
}

void warn_of_unknown(const UnknownLabelCounts& unknown, const char* split,
                     std::vector<std::string>& warnings) {
  if (unknown.rows == 0) return;
  warnings.push_back(
      fmt::format("{} labels of {} rows of {} are not in the training data: they count as missed, "
                  "and those rows are left out of set NLL",
                  unknown.labels.size(), unknown.rows, split));
}

}  // namespace

eval::ComparisonReport run_comparison(const DataFolder& data, const ComparisonOptions& options,
                                      const std::string& folder, const RunHooks& hooks) {
  check(options, data);
  eval::ComparisonReport report;
  report.data.name = options.name;
  report.data.source = options.source;
  report.data.synthetic = options.synthetic;
  report.data.splits = {summarise("train", data.train), summarise("valid", data.valid),
                        summarise("test", data.test)};
  report.data.num_labels = data.train.labels.size();
  for (const std::string& system : options.systems)
    report.systems.push_back({system, describe_system(system)});
  report.protocol =
      "Train fits the weights; valid stops the training, tunes every threshold and chooses each "
      "system's row for a metric, where a tuned strategy counts as it does out of fold: each row "
      "of "
      "valid decided by what was tuned without its fifth of valid; test is read once, for the "
      "figures shown. All systems share the encoder, the "
      "tokens, the word vectors, "
      "the optimiser and its stopping rule. Every rule serves the baseline too, through its "
      "distribution of independent "
      "labels; the rules named f1_macro and f1_micro and the strategy pcut decide for all "
      "documents of "
      "a split at once, "
      "from their "
      "probabilities and without their labels; support answers with label sets of train only. "
      "Where no training row is "
      "without labels, no model gives the empty set a probability and thresholds fall back to the "
      "best-scored label; "
      "hamming_loss, f1_macro and f1_micro may still find that no label is worth answering.";
  report.manifest_json = manifest(data, options);
  warn_of_unknown(data.valid_unknown, "valid", report.warnings);
  warn_of_unknown(data.test_unknown, "test", report.warnings);

  Table table;
  std::map<std::string, FirstRun> first_runs;
  std::optional<StatisticsCollector> statistics;
  for (std::size_t s = 0; s < options.num_seeds; ++s) {
    const std::uint64_t seed = options.first_seed + s;
    for (const std::string& system : options.systems) {
      SystemRun run = run_system(system, seed, data, options.config, folder, hooks);
      if (!statistics) {
        statistics = collect_statistics(run.test, data.train);
        warn_of_forbidden(run.test, report.warnings);
      }
      if (run.has_distribution()) {
        const double share = 1.0 / static_cast<double>(options.num_seeds);
        report.set_nll[system] += share * run.on_test.set_nll;
        report.set_nll_valid[system] += share * run.on_valid.set_nll;
        statistics->add_set_nll(system, run.on_test.row_nll);
        if (run.models_dependence()) {
          statistics->add_distributions(system, run.on_test.documents, run.on_test.scores,
                                        run.model.semantics.empty_set);
        }
      }
      std::optional<StrategyJudge> judge;
      if (run.has_thresholds()) {
        judge.emplace(system, s, options.num_seeds,
                      ScoredParts{run.train_scores, run.train.known_truth, run.on_valid.scores,
                                  run.valid.known_truth, run.on_test.scores, run.test.known_truth},
                      run.model.semantics.empty_set == EmptySet::forbid);
      }
      std::map<std::string, std::vector<LabelSet>> answers =
          add_decisions(run, table, *statistics, judge ? &*judge : nullptr, report);
      if (s > 0) continue;
      if (run.has_distribution()) {
        report.set_calibration.push_back(measure_calibration(
            system,
            {data.valid, run.on_valid.documents, run.on_valid.scores, run.valid.known_truth},
            {data.test, run.on_test.documents, run.on_test.scores, run.test.known_truth},
            report.warnings));
      }
      first_runs.emplace(system, FirstRun{std::move(run), std::move(answers)});
    }
  }
  report.results = table.finish();
  statistics->finish(report, "sigmoid", data.train.labels, hooks);
  add_pictures(report, first_runs, data, options);

  const fs::path out(folder);
  write_file_atomically((out / "report.json").string(), eval::to_json(report));
  write_file_atomically((out / "report.md").string(), eval::to_markdown(report));
  write_file_atomically((out / "report.html").string(), eval::to_html(report));
  write_file_atomically((out / "manifest.json").string(), report.manifest_json + '\n');
  return report;
}

}  // namespace labelbeam::pipeline
