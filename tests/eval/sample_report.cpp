#include "sample_report.h"

#include <labelbeam/eval/curves.h>
#include <labelbeam/eval/metrics.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "random_sets.h"

namespace labelbeam::eval::testing {
namespace {

std::string label_name(std::size_t label) {
  if (label == 1) return "<script>alert('odd & \"quoted\"')</script>";
  if (label == 2) return "a|b *c* _d_ `e` \xC3\xA9t\xC3\xA9";
  if (label == 3) return "not UTF-8: \xFF\xFE";
  return "facet::label-" + std::to_string(label);
}

SeedResult random_seed_result(std::uint64_t seed, double level, TestRandom& random) {
  SeedResult result;
  result.seed = seed;
  for (const Metric& metric : standard_metrics()) {
    const std::string name = metric_name(metric);
    const double scale = higher_is_better(metric) ? level : 0.15 - 0.1 * level;
    result.metrics[name] = scale + 0.05 * random.uniform();
    result.metrics_valid[name] = scale + 0.05 * random.uniform();
  }
  return result;
}

ResultRow random_row(const std::string& system, const std::string& decision, DecisionKind kind,
                     const std::string& target, TestRandom& random) {
  ResultRow row;
  row.system = system;
  row.decision = decision;
  row.kind = kind;
  row.target = target;
  row.tuned_on =
      kind == DecisionKind::threshold && decision != "fixed" ? TunedOn::valid : TunedOn::none;
  const double level = (system == "joint" ? 0.55 : 0.5) + 0.1 * random.uniform();
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    row.seeds.push_back(random_seed_result(seed, level, random));
  }
  average_seeds(row);
  row.undefined = {{"precision_samples", decision == "fixed" ? 37U : 0U}, {"f1_macro", 2U}};
  row.convention = "sklearn(zero_division=0)";
  return row;
}

void add_rows(ComparisonReport& report, TestRandom& random) {
  for (const SystemSummary& system : report.systems) {
    for (const char* rule :
         {"subset_accuracy", "hamming_loss", "f1_samples", "fbeta_samples:2", "jaccard_samples"}) {
      report.results.push_back(random_row(system.name, rule, DecisionKind::rule, rule, random));
    }
    if (system.name != "sigmoid") continue;
    for (const char* strategy : {"fixed", "per_label", "class_means"}) {
      report.results.push_back(
          random_row(system.name, strategy, DecisionKind::threshold, "", random));
    }
    for (const char* target : {"subset_accuracy", "f1_micro"}) {
      report.results.push_back(
          random_row(system.name, "global", DecisionKind::threshold, target, random));
    }
  }
  report.results.back().metrics["f1_macro"] = std::numeric_limits<double>::quiet_NaN();
  report.results.back().metrics.erase("recall_macro");
}

void add_charts(ComparisonReport& report, std::size_t num_labels, TestRandom& random) {
  LabelChart labels{{"sigmoid", "joint"}, {}};
  for (std::size_t l = 0; l < num_labels; ++l) {
    const double f1 = random.uniform();
    labels.bars.push_back(
        {label_name(l), 5000 / (l + 1), {f1, std::min(1.0, f1 + 0.2 * random.uniform())}});
  }
  report.label_chart = labels;
  for (const SystemSummary& system : report.systems) {
    ReliabilityCurve reliability{system.name, {}};
    PrecisionRecallCurve precision_recall{system.name, {}};
    const double level = system.name == "joint" ? 5.0 : 4.0;
    RocCurve pooled{system.name, RocAverage::micro, 1.0 - 0.3 / level, {}};
    RocCurve mean{system.name, RocAverage::macro, 1.0 - 0.5 / level, {}};
    for (int k = 0; k <= 100; ++k) {
      const double x = k / 100.0;
      pooled.points.push_back({x, 1.0 - std::pow(1.0 - x, 3.0 * level)});
      mean.points.push_back({x, 1.0 - std::pow(1.0 - x, level)});
      precision_recall.points.push_back({x, 1.0 - 0.9 * std::pow(x, level)});
    }
    report.roc.push_back(pooled);
    report.roc.push_back(mean);
    for (int bin = 0; bin < 10; ++bin) {
      const double centre = (bin + 0.5) / 10.0;
      reliability.bins.push_back(
          {centre, std::clamp(centre + 0.2 * (random.uniform() - 0.5), 0.0, 1.0), 100});
    }
    report.reliability.push_back(reliability);
    report.precision_recall.push_back(precision_recall);
  }
  for (const char* name : {"truth", "sigmoid", "decoder", "joint"}) {
    report.set_sizes.push_back({name, set_size_counts(random.sets(500, 12, 0.2))});
  }
}

void add_calibration(ComparisonReport& report, TestRandom& random) {
  for (const SystemSummary& system : report.systems) {
    SetCalibration calibration;
    calibration.system = system.name;
    calibration.label_error = 0.1 * random.uniform();
    calibration.label_errors_after = {{"temperature", 0.02}, {"platt", 0.01}};
    if (system.name == "joint") calibration.label_errors_after["isotonic"] = 0.005;
    calibration.top_set_error = 0.0625;
    for (std::uint64_t bin = 0; bin < 10; ++bin) {
      const double centre = 0.05 + 0.1 * static_cast<double>(bin);
      calibration.top_set_bins.push_back(
          {centre, centre * (0.8 + 0.2 * random.uniform()), 40 + 20 * bin});
    }
    calibration.listed_set_error = 0.01;
    calibration.listed_set_bins = {{0.02, 0.01, 9000}, {0.15, 0.14, 400}, {0.8, 0.7, 100}};
    calibration.other_probability = 0.125;
    calibration.other_frequency = 0.25;
    calibration.temperature = 1.5;
    calibration.nll_before = 2.75;
    calibration.nll_after = std::numeric_limits<double>::quiet_NaN();
    calibration.impossible = 3;
    calibration.regions = {{"aps", 0.9, 0.9125, 3.25, 0.5, false},
                           {"lac", 0.95, 1.0, 64.0, 1.0, true}};
    report.set_calibration.push_back(calibration);
  }
}

void add_examples(ComparisonReport& report) {
  for (int e = 0; e < 4; ++e) {
    ExampleRow example;
    example.id = "row-" + std::to_string(e) + "<b>";
    if (e != 1)
      example.text = "Some <i>text</i> & more of it,\nover two lines: https://example.org";
    example.truth = {label_name(0), label_name(1)};
    example.answers = {
        {"sigmoid", "per_label", {label_name(0), label_name(2)}, {}},
        {"joint",
         "subset_accuracy",
         {label_name(0), label_name(1)},
         {{{label_name(0), label_name(1)}, 0.41}, {{}, 0.12}, {{label_name(3)}, 0.05}}}};
    report.examples.push_back(example);
  }
}

void add_statistics(ComparisonReport& report, TestRandom& random) {
  for (const std::string& metric : metric_columns(report)) {
    MetricStatistics& item = report.statistics.emplace_back();
    item.metric = metric;
    const Headline best = headline(report, metric);
    for (const Representative& own : best.representatives) {
      item.intervals[own.system] = {own.test - 0.02, own.test + 0.03};
      item.seed_sd[own.system] = 0.01 * random.uniform();
    }
    item.test = PairedTest{"joint", "sigmoid", 0.03, {0.01, 0.05}, 0.02, 0.03, 0.3, {}};
  }
  report.statistics[0].test->p_permutation = 0.0001;
  report.statistics[0].test->p_adjusted = 0.0014;
  report.statistics[0].test->p_mcnemar = 1e-9;
  report.statistics[1].test.reset();
}

void add_gains(ComparisonReport& report) {
  const NllGainPart none{0, std::numeric_limits<double>::quiet_NaN(), {}};
  report.set_nll_gains = {
      {"decoder",
       "sigmoid",
       {1000, 0.75, Interval{0.5, 0.875}},
       {999, 0.8125, Interval{0.625, 1.0}},
       {1, -0.25, {}},
       0.0625,
       0.125},
      {"joint", "sigmoid", {1000, none.gain, {}}, {1000, none.gain, {}}, none, {}, {}},
      {"joint",
       "decoder",
       {1000, 0.1875, Interval{-0.0625, 0.375}},
       {1000, 0.1875, Interval{-0.0625, 0.375}},
       none,
       0.00003,
       0.25}};
}

void add_strategies(ComparisonReport& report, TestRandom& random) {
  report.strategies = {
      {"sigmoid", "fixed", "f1_micro", {{"nothing", 0.5, 0.48}}, {0.5, 0.5}, {}, 0.0},
      {"sigmoid",
       "global:hamming_loss",
       "hamming_loss",
       {{"valid", 0.12, 0.13}, {"train and valid", 0.05, 0.14}, {"test (oracle)", 0.12, 0.12}},
       {0.4, 0.4},
       {0.02, 0.04},
       0.003}};
  for (const char* strategy :
       {"global:f1_micro", "per_label", "per_label:2", "shrunk", "scut_fbr:0", "rcut:f1_samples",
        "mcut", "class_means", "youden", "sensitivity:0.8", "cyclic:f1_macro"}) {
    const double test = 0.5 + 0.1 * random.uniform();
    const double valid = test + 0.03 * random.uniform();
    const double fitted = test + 0.3 * random.uniform();
    report.strategies.push_back({"sigmoid",
                                 strategy,
                                 "f1_micro",
                                 {{"valid", valid, test},
                                  {"train and valid", fitted, test - 0.02},
                                  {"test (oracle)", test + 0.02, test + 0.02}},
                                 {0.1, 0.4},
                                 {0.01, 0.08},
                                 0.5 * random.uniform()});
  }
}

void add_dependence(ComparisonReport& report) {
  DependenceSummary& summary = report.dependence.emplace_back();
  summary.system = "joint";
  summary.baseline = "sigmoid";
  summary.pair_information = 0.75;
  summary.found_mass = 0.96;
  summary.pairs = {{{label_name(0), label_name(1)}, 0.21, 0.04},
                   {{label_name(2), label_name(3)}, 0.13, -0.02},
                   {{label_name(0), label_name(3)}, 0.02, 0.001}};
  summary.all = {3000, 2.25, 2.75, 3.25};
  summary.seen = {3000, 2.25, 2.75, 3.25};
  summary.unseen = {0, std::numeric_limits<double>::quiet_NaN(),
                    std::numeric_limits<double>::quiet_NaN(), std::nullopt};
  summary.clipped = 2;
}

void add_graphs(ComparisonReport& report) {
  for (const char* system : {"sigmoid", "joint"}) {
    GraphComparison graph;
    graph.system = system;
    graph.rows = 1000;
    graph.labels = {label_name(0), label_name(1), label_name(2)};
    graph.label_counts = {300.0, 200.0, 100.0};
    graph.communities = {0, 0, 1};
    graph.truth_pairs = 2;
    graph.system_pairs = 2;
    graph.phi_correlation = std::numeric_limits<double>::quiet_NaN();
    graph.phi_difference = 0.125;
    graph.npmi_difference = 0.25;
    graph.pairs = {{0, 1, PairFate::kept, 0.5, 0.75, 0.5, 0.5},
                   {0, 2, PairFate::missed, -0.25, 0.0, -1.0, 0.0},
                   {1, 2, PairFate::invented, 0.0, 0.125, 0.0, 0.25}};
    report.graphs.push_back(graph);
    graph.counted = CountedSets::distributions;
    graph.found_mass = 0.9375;
    graph.system_pairs = 1;
    graph.pairs.pop_back();
    report.graphs.push_back(graph);
  }
}

}  // namespace

ComparisonReport sample_report(std::size_t num_labels) {
  TestRandom random(num_labels);
  ComparisonReport report;
  report.data = {"made-up <data>",
                 "random numbers",
                 true,
                 {{"train", 8000, 2.5}, {"valid", 1000, 2.4}, {"test", 1000, 2.6}},
                 num_labels};
  report.systems = {{"sigmoid", "independent probabilities and thresholds"},
                    {"decoder", "a label decoder on its own encoder"},
                    {"joint", "one encoder with both heads"}};
  add_rows(report, random);
  report.set_nll = {{"sigmoid", 3.25}, {"decoder", 2.5}, {"joint", 2.0 + 1.0 / 3.0}};
  report.set_nll_valid = {{"sigmoid", 3.2}, {"decoder", std::numeric_limits<double>::infinity()}};
  report.protocol = "Trained on train, stopped and tuned on valid; test was read once.";
  report.manifest_json = R"({"seeds": [1, 2, 3], "note": "</script><b>"})";
  report.warnings = {"The data are synthetic <made up>."};
  add_charts(report, num_labels, random);
  add_calibration(report, random);
  add_examples(report);
  add_statistics(report, random);
  add_gains(report);
  add_strategies(report, random);
  add_dependence(report);
  add_graphs(report);
  return report;
}

}  // namespace labelbeam::eval::testing
