#include "comparison_pictures.h"

#include <labelbeam/eval/curves.h>
#include <labelbeam/eval/metrics.h>
#include <labelbeam/pipeline/comparison_graphs.h>
#include <labelbeam/stable_hash.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include "label_names.h"

namespace labelbeam::pipeline {
namespace {

constexpr std::size_t kTopSets = 3;

/// The answers of a system's row that is best on valid for a metric.
const std::vector<LabelSet>& representative_answers(const eval::ComparisonReport& report,
                                                    const std::string& metric,
                                                    const std::string& system,
                                                    const FirstRun& run) {
  for (const eval::Representative& representative :
       eval::headline(report, metric).representatives) {
    if (representative.system != system) continue;
    const eval::ResultRow& row = report.results[representative.row];
    return run.answers.at(answer_key(row.decision, row.target));
  }
  throw std::logic_error("comparison: no result of the system " + system);
}

/// The first system beside the last.
eval::LabelChart draw_labels(const eval::ComparisonReport& report,
                             const std::map<std::string, FirstRun>& runs,
                             const std::vector<std::string>& systems, const Dataset& train) {
  eval::LabelChart chart;
  const std::vector<std::uint64_t> counts = label_counts(train);
  for (std::size_t label = 0; label < counts.size(); ++label) {
    chart.bars.push_back({train.labels.name(static_cast<LabelId>(label)), counts[label], {}});
  }
  chart.systems = {systems.front(), systems.back()};
  for (std::size_t s = 0; s < 2; ++s) {
    const FirstRun& first = runs.at(chart.systems[s]);
    const TestSplit& test = first.run.test;
    const std::vector<LabelSet>& answers =
        representative_answers(report, "f1_macro", chart.systems[s], first);
    eval::MetricAccumulator accumulator(test.num_labels);
    for (std::size_t i = 0; i < answers.size(); ++i) accumulator.add(test.truth[i], answers[i]);
    const std::vector<eval::MetricValue> f1 =
        accumulator.label_results(eval::parse_metric("f1_macro"));
    for (std::size_t label = 0; label < counts.size(); ++label)
      chart.bars[label].f1[s] = f1[label].value;
  }
  return chart;
}

/// Test rows on which the systems' most probable sets differ: those with the smallest hash of their
/// id, so that nothing but chance chooses them.
std::vector<eval::ExampleRow> pick_examples(const std::map<std::string, FirstRun>& runs,
                                            const std::vector<std::string>& systems,
                                            const Dataset& test, const ComparisonOptions& options) {
  const std::string decision = "subset_accuracy";
  std::vector<std::pair<std::uint64_t, std::size_t>> candidates;
  const auto answer = [&](const std::string& system, std::size_t i) -> const LabelSet& {
    return runs.at(system).answers.at(answer_key(decision, decision))[i];
  };
  for (std::size_t i = 0; i < test.rows.size(); ++i) {
    const bool differ = std::any_of(systems.begin(), systems.end(), [&](const std::string& system) {
      return answer(system, i) != answer(systems.front(), i);
    });
    if (differ) candidates.emplace_back(stable_hash(test.rows[i].id), i);
  }
  std::sort(candidates.begin(), candidates.end());
  if (candidates.size() > options.num_examples) candidates.resize(options.num_examples);
  std::vector<eval::ExampleRow> examples;
  for (const auto& [hash, i] : candidates) {
    eval::ExampleRow& example = examples.emplace_back();
    example.id = test.rows[i].id;
    if (options.example_texts) example.text = test.rows[i].text;
    example.truth = names_of(test.rows[i].labels, test.labels);
    for (const std::string& system : systems) {
      eval::SystemAnswer& shown = example.answers.emplace_back();
      shown.system = system;
      shown.decision = decision;
      shown.labels = names_of(answer(system, i), test.labels);
      const std::vector<ScoredSet>& sets = runs.at(system).run.on_test.documents[i].sets.sets;
      for (std::size_t k = 0; k < std::min(kTopSets, sets.size()); ++k) {
        shown.top_sets.push_back(
            {names_of(sets[k].labels, test.labels), std::exp(sets[k].log_prob)});
      }
    }
  }
  return examples;
}

/// The label graphs of the most probable sets and of the distributions.
void add_graphs(eval::ComparisonReport& report, const SystemRun& run,
                const std::vector<LabelSet>& most_probable, const LabelVocab& labels) {
  const LabelCounts truth = count_labels(run.test.truth, labels.size());
  report.graphs.push_back(
      compare_graphs(run.system, labels, truth, count_labels(most_probable, labels.size())));
  std::vector<SetDistribution> distributions;
  for (const DocumentDistribution& document : run.on_test.documents) {
    distributions.emplace_back().sets = document.sets.sets;
  }
  report.graphs.push_back(compare_graphs(run.system, labels, truth, distributions));
}

}  // namespace

std::string answer_key(const std::string& decision, const std::string& target) {
  return decision + " " + target;
}

void add_pictures(eval::ComparisonReport& report, const std::map<std::string, FirstRun>& runs,
                  const DataFolder& data, const ComparisonOptions& options) {
  if (options.systems.size() >= 2)
    report.label_chart = draw_labels(report, runs, options.systems, data.train);
  report.set_sizes.push_back(
      {"truth", eval::set_size_counts(runs.at(options.systems.front()).run.test.truth)});
  std::vector<std::string> with_sets;
  for (const std::string& system : options.systems) {
    const auto& [run, answers] = runs.at(system);
    const ScoreMatrix& scores = run.on_test.scores;
    if (!run.shares_scores()) {
      report.precision_recall.push_back(
          {system, eval::precision_recall_points(scores, run.test.known_truth)});
      for (eval::RocCurve& curve : eval::roc_curves(scores, run.test.known_truth)) {
        curve.system = system;
        report.roc.push_back(std::move(curve));
      }
    }
    if (!run.has_distribution()) continue;
    with_sets.push_back(system);
    if (!run.shares_scores())
      report.reliability.push_back({system, eval::reliability_bins(scores, run.test.known_truth)});
    const std::vector<LabelSet>& most_probable =
        answers.at(answer_key("subset_accuracy", "subset_accuracy"));
    report.set_sizes.push_back({system, eval::set_size_counts(most_probable)});
    add_graphs(report, run, most_probable, data.test.labels);
  }
  report.examples = pick_examples(runs, with_sets, data.test, options);
}

}  // namespace labelbeam::pipeline
