#include "comparison_statistics.h"

#include <labelbeam/decoders/independent.h>
#include <labelbeam/eval/comparison_statistics.h>

#include <algorithm>
#include <limits>

namespace labelbeam::pipeline {
namespace {

constexpr std::size_t kNumPairs = 20;

}  // namespace

StatisticsCollector::StatisticsCollector(std::vector<LabelSet> truth, std::size_t num_labels,
                                         std::vector<bool> known,
                                         std::unordered_set<LabelSet> support)
    : truth_(std::move(truth)),
      num_labels_(num_labels),
      known_(std::move(known)),
      support_(std::move(support)) {}

void StatisticsCollector::add_answers(const std::string& system, const std::string& decision,
                                      const std::string& target, std::vector<LabelSet> answers) {
  answers_[{system, decision, target}].push_back(std::move(answers));
}

void StatisticsCollector::add_set_nll(const std::string& system, std::vector<double> nll) {
  nll_[system].push_back(std::move(nll));
}

void StatisticsCollector::add_distributions(const std::string& system,
                                            std::span<const DocumentDistribution> documents,
                                            const ScoreMatrix& marginals, EmptySet empty_set) {
  Product product{std::vector<double>(truth_.size()), std::vector<bool>(truth_.size())};
  // A marginal of 0 is one that rounding or the search has lost; log loss clips it alike.
  constexpr double kSmallest = std::numeric_limits<double>::epsilon();
  std::vector<double> row(marginals.num_labels);
  for (std::size_t i = 0; i < truth_.size(); ++i) {
    pairs_[system].add(documents[i].sets);
    if (!known_[i]) continue;
    for (std::size_t label = 0; label < row.size(); ++label) {
      const double p = marginals.row(i)[label];
      const bool is_true = truth_[i].contains(static_cast<LabelId>(label));
      if ((is_true ? p : 1.0 - p) < kSmallest) product.clipped[i] = true;
      row[label] = std::clamp(p, kSmallest, 1.0 - kSmallest);
    }
    product.nll[i] = -decoders::independent_log_prob(row, truth_[i], empty_set);
  }
  products_[system].push_back(std::move(product));
}

eval::DependenceSummary StatisticsCollector::summarise(const std::string& system,
                                                       const std::string& baseline,
                                                       const LabelVocab& labels) const {
  eval::DependenceAccumulator rows = pairs_.at(system);
  const std::vector<Product>& products = products_.at(system);
  const auto independent = nll_.find(baseline);
  for (std::size_t seed = 0; seed < products.size(); ++seed) {
    for (std::size_t i = 0; i < truth_.size(); ++i) {
      if (!known_[i]) continue;
      eval::RowSetNll row;
      row.joint = nll_.at(system)[seed][i];
      row.product = products[seed].nll[i];
      row.clipped = products[seed].clipped[i];
      row.seen = support_.contains(truth_[i]);
      if (independent != nll_.end()) row.baseline = independent->second[seed][i];
      rows.add(row);
    }
  }
  eval::DependenceSummary summary = rows.summary(labels, kNumPairs);
  summary.system = system;
  if (independent != nll_.end()) summary.baseline = baseline;
  return summary;
}

eval::SetNllGains StatisticsCollector::measure_gains(
    const std::vector<eval::SystemSummary>& systems, const eval::ResamplingOptions& options) const {
  std::vector<bool> seen;
  for (std::size_t i = 0; i < truth_.size(); ++i) {
    if (known_[i]) seen.push_back(support_.contains(truth_[i]));
  }
  std::vector<eval::SystemSetNll> measured;
  for (const eval::SystemSummary& system : systems) {
    const auto found = nll_.find(system.name);
    if (found == nll_.end()) continue;
    eval::SystemSetNll& rows = measured.emplace_back();
    rows.system = system.name;
    for (const std::vector<double>& nll : found->second) {
      std::vector<double>& of_seed = rows.seeds.emplace_back();
      for (std::size_t i = 0; i < truth_.size(); ++i) {
        if (known_[i]) of_seed.push_back(nll[i]);
      }
    }
  }
  return eval::set_nll_gains(measured, seen, options);
}

void StatisticsCollector::finish(eval::ComparisonReport& report, const std::string& baseline,
                                 const LabelVocab& labels, const RunHooks& hooks) const {
  for (const eval::SystemSummary& system : report.systems) {
    if (!products_.contains(system.name)) continue;
    report.dependence.push_back(summarise(system.name, baseline, labels));
  }
  std::vector<std::vector<std::vector<LabelSet>>> answers;
  for (const eval::ResultRow& row : report.results) {
    answers.push_back(answers_.at({row.system, row.decision, row.target}));
  }
  eval::ResamplingOptions options;
  options.num_threads = 0;
  options.progress = [&](const Progress& progress) {
    if (hooks.should_stop && hooks.should_stop())
      throw RunStopped("stopped; the trained models are kept");
    if (hooks.progress) hooks.progress(progress);
  };
  eval::ComparisonStatistics statistics =
      eval::comparison_statistics(report, {truth_, num_labels_, answers}, options);
  report.statistics = std::move(statistics.metrics);
  eval::SetNllGains gains = measure_gains(report.systems, options);
  report.set_nll_gains = std::move(gains.gains);
  for (const std::vector<std::string>& warnings : {statistics.warnings, gains.warnings}) {
    report.warnings.insert(report.warnings.end(), warnings.begin(), warnings.end());
  }
}

}  // namespace labelbeam::pipeline
