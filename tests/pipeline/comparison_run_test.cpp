#include <labelbeam/eval/metrics.h>
#include <labelbeam/output_file.h>
#include <labelbeam/pipeline/comparison_run.h>
#include <labelbeam/pipeline/decisions.h>
#include <labelbeam/pipeline/manifest.h>
#include <labelbeam/pipeline/threshold_strategies.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "synthetic_folder.h"
#include "temporary_folder.h"

using namespace labelbeam;
using namespace labelbeam::pipeline;
namespace fs = std::filesystem;

namespace {

ComparisonOptions quick_comparison() {
  ComparisonOptions options;
  options.name = "synthetic";
  options.synthetic = true;
  options.num_seeds = 2;
  options.config = quick_config();
  return options;
}

const eval::ResultRow& row_of(const eval::ComparisonReport& report, const std::string& system,
                              const std::string& decision, const std::string& target) {
  for (const eval::ResultRow& row : report.results) {
    if (row.system == system && row.decision == decision && row.target == target) return row;
  }
  throw std::runtime_error("no row " + system + " " + decision);
}

bool is_tuned(const std::string& decision) {
  const auto& strategies = standard_threshold_strategies();
  const auto found = std::ranges::find(strategies, decision, &ThresholdStrategy::name);
  REQUIRE(found != strategies.end());
  return found->is_tuned();
}

/// What a model file says of thresholds.
std::string tuned_part(const std::string& model_json) {
  return nlohmann::json::parse(model_json).at("tuned").dump();
}

/// What a comparison tells while it runs.
std::vector<std::string> messages_of(const DataFolder& data, const ComparisonOptions& options,
                                     const std::string& folder) {
  std::vector<std::string> messages;
  RunHooks hooks;
  hooks.message = [&](const std::string& message) { messages.push_back(message); };
  run_comparison(data, options, folder, hooks);
  return messages;
}

/// Replaces a text in a file; how often it was there.
int replace_in(const std::string& file, const std::string& from, const std::string& to) {
  std::string text = bytes_of(file);
  int replaced = 0;
  for (std::size_t at; (at = text.find(from)) != std::string::npos; ++replaced)
    text.replace(at, from.size(), to);
  write_file_atomically(file, text);
  return replaced;
}

}  // namespace

TEST_CASE("A comparison holds every rule of all systems and every threshold of the baseline") {
  const TemporaryFolder folder;
  const DataFolder data = synthetic_folder(200, 60, 40);
  const eval::ComparisonReport report =
      run_comparison(data, quick_comparison(), folder / "out", {});
  CHECK(report.results.size() ==
        standard_rules().size() * 3 + standard_threshold_strategies().size());
  for (const eval::ResultRow& row : report.results) {
    CHECK(row.seeds.size() == 2);
    CHECK(row.metrics.contains("subset_accuracy"));
    CHECK(row.metrics.contains("fbeta_samples:2"));
    CHECK(row.metrics.size() == row.metrics_valid.size());
    CHECK((row.tuned_on == eval::TunedOn::valid) ==
          (row.kind == eval::DecisionKind::threshold && is_tuned(row.decision)));
  }
  for (const char* system : {"sigmoid", "tree", "joint"}) {
    CHECK(report.set_nll.at(system) > 0.0);
    CHECK(std::isfinite(report.set_nll_valid.at(system)));
  }
  REQUIRE(report.graphs.size() == 6);
  for (std::size_t i = 0; i < report.graphs.size(); ++i) {
    const eval::GraphComparison& graph = report.graphs[i];
    CHECK(graph.system == report.systems[i / 2].name);
    CHECK(graph.rows == report.data.splits[2].rows);
    CHECK(graph.labels.size() >= report.data.num_labels);
    CHECK(graph.truth_pairs == report.graphs[0].truth_pairs);
    const bool is_expected = graph.counted == eval::CountedSets::distributions;
    CHECK(is_expected == (i % 2 == 1));
    CHECK(graph.found_mass.has_value() == is_expected);
    if (!is_expected) continue;
    CHECK(*graph.found_mass > 0.5);
    CHECK(*graph.found_mass < 1.0 + 1e-9);
    CHECK(graph.phi_difference != report.graphs[i - 1].phi_difference);
  }
  REQUIRE(report.set_calibration.size() == 3);
  for (const eval::SetCalibration& calibration : report.set_calibration) {
    CHECK(calibration.label_errors_after.size() == 4);
    CHECK(calibration.top_set_error >= 0.0);
    CHECK(calibration.temperature > 0.0);
    CHECK(std::isfinite(calibration.nll_after));
    CHECK(calibration.regions.size() == 6);
  }
  for (const char* file : {"report.json", "report.md", "report.html", "manifest.json"}) {
    CHECK(fs::file_size(folder / ("out/" + std::string(file))) > 1000);
  }
  for (const char* system : {"sigmoid", "joint"}) {
    for (const char* rule : {"f1_macro", "f1_micro"}) {
      const eval::ResultRow& row = row_of(report, system, rule, rule);
      CHECK(row.kind == eval::DecisionKind::rule);
      CHECK(row.tuned_on == eval::TunedOn::none);
      CHECK(row.metrics.at(rule) > 0.0);
    }
    CHECK(row_of(report, system, "support", "subset_accuracy").metrics.at("subset_accuracy") > 0.0);
  }
  // The thresholds of one half are the marginals' rule for Hamming loss: labels are independent.
  CHECK(row_of(report, "sigmoid", "fixed", "").metrics.at("hamming_loss") ==
        row_of(report, "sigmoid", "hamming_loss", "hamming_loss").metrics.at("hamming_loss"));
}

TEST_CASE("A comparison says how sure its differences are, over every seed") {
  const TemporaryFolder folder;
  const DataFolder data = synthetic_folder(200, 60, 40);
  std::vector<std::string> stages;
  RunHooks hooks;
  hooks.progress = [&](const Progress& progress) {
    if (progress.finished) stages.push_back(progress.stage);
  };
  const eval::ComparisonReport report =
      run_comparison(data, quick_comparison(), folder / "out", hooks);
  REQUIRE(report.statistics.size() == eval::metric_columns(report).size());
  for (const eval::MetricStatistics& item : report.statistics) {
    for (const eval::Representative& best : eval::headline(report, item.metric).representatives) {
      const Interval& interval = item.intervals.at(best.system);
      CHECK(interval.lower <= interval.upper);
      CHECK(item.seed_sd.at(best.system) >= 0.0);
    }
    REQUIRE(item.test.has_value());
    CHECK(item.test->system != item.test->opponent);
    CHECK(item.test->difference >= 0.0);
    CHECK(item.test->p_adjusted >= item.test->p_permutation);
    CHECK(item.test->p_mcnemar.has_value() == (item.metric == "subset_accuracy"));
  }
  CHECK(std::count(stages.begin(), stages.end(), "bootstrap") == 1);
  CHECK(std::count(stages.begin(), stages.end(), "paired tests") == 1);

  REQUIRE(report.dependence.size() == 2);
  const eval::DependenceSummary& tree = report.dependence.front();
  CHECK(tree.system == "tree");
  CHECK(tree.all.joint == Approx(report.set_nll.at("tree")));
  const eval::DependenceSummary& joint = report.dependence.back();
  CHECK(joint.system == "joint");
  CHECK(joint.baseline == "sigmoid");
  CHECK(joint.all.rows == 2 * data.test.rows.size());
  CHECK(joint.all.rows == joint.seen.rows + joint.unseen.rows);
  CHECK(joint.all.joint == Approx(report.set_nll.at("joint")));
  CHECK(joint.all.baseline.value() == Approx(report.set_nll.at("sigmoid")));
  // Set NLL, its gains and what is said of dependence are of the same rows.
  REQUIRE(report.set_nll_gains.size() == 3);
  for (const eval::SetNllGain& gain : report.set_nll_gains) {
    CHECK(gain.all.gain ==
          Approx(report.set_nll.at(gain.opponent) - report.set_nll.at(gain.system)));
    REQUIRE(gain.all.interval.has_value());
    CHECK(gain.all.interval->lower < gain.all.gain);
    CHECK(gain.all.interval->upper > gain.all.gain);
    CHECK(gain.all.rows == data.test.rows.size());
    CHECK(2 * gain.seen.rows == joint.seen.rows);  // which counts every seed
    CHECK(gain.seen.rows + gain.unseen.rows == gain.all.rows);
    CHECK(gain.p_adjusted.value() >= gain.p_permutation.value());
  }
  const eval::SetNllGain& over_sigmoid = report.set_nll_gains[1];
  CHECK(over_sigmoid.system == "joint");
  CHECK(over_sigmoid.opponent == "sigmoid");
  CHECK(over_sigmoid.seen.gain == Approx(joint.seen.baseline.value() - joint.seen.joint));
  CHECK(joint.pair_information > 0.0);
  CHECK(joint.found_mass > 0.5);
  CHECK(joint.found_mass < 1.0 + 1e-9);
  CHECK_FALSE(joint.pairs.empty());
}

TEST_CASE("A comparison says what every strategy promised and kept, by protocol") {
  const TemporaryFolder folder;
  ComparisonOptions options = quick_comparison();
  options.systems = {"sigmoid"};
  const eval::ComparisonReport report =
      run_comparison(synthetic_folder(200, 60, 40), options, folder / "out", {});
  REQUIRE(report.strategies.size() == standard_threshold_strategies().size());
  for (const ThresholdStrategy& strategy : standard_threshold_strategies()) {
    const auto found = std::find_if(
        report.strategies.begin(), report.strategies.end(),
        [&](const eval::StrategyOutcome& outcome) { return outcome.strategy == strategy.text(); });
    REQUIRE(found != report.strategies.end());
    CHECK(found->system == "sigmoid");
    CHECK(found->protocols.size() == (strategy.is_tuned() ? 3 : 1));
    const std::string target = strategy.target ? eval::metric_name(*strategy.target) : "";
    const eval::ResultRow& row = row_of(report, "sigmoid", strategy.name, target);
    if (row.metrics.contains(found->metric)) {
      if (!strategy.is_tuned())
        CHECK(found->protocols[0].tuned == Approx(row.metrics_valid.at(found->metric)));
      CHECK(found->protocols[0].test == Approx(row.metrics.at(found->metric)));
    }
    CHECK(eval::optimism(*found, found->protocols[0]) ==
          Approx((found->metric == "hamming_loss" ? -1.0 : 1.0) *
                 (found->protocols[0].tuned - found->protocols[0].test)));
    if (strategy.name != "global") continue;
    REQUIRE(found->thresholds.size() == report.data.num_labels);
    CHECK(found->deviations.size() == found->thresholds.size());
    // Of all global thresholds the oracle is the best one on test.
    const eval::ProtocolScore& oracle = found->protocols[2];
    CHECK(oracle.tuned_on == "test (oracle)");
    CHECK(oracle.tuned == oracle.test);
    const double sign = found->metric == "hamming_loss" ? -1.0 : 1.0;
    for (const eval::ProtocolScore& score : found->protocols)
      CHECK(sign * score.test <= sign * oracle.test + 1e-12);
  }
}

TEST_CASE("The tree has the model of the sigmoid, its marginals, and other sets") {
  const TemporaryFolder folder;
  const DataFolder data = synthetic_folder(400, 60, 40);
  ComparisonOptions options = quick_comparison();
  options.num_seeds = 1;
  options.systems = {"tree", "sigmoid"};
  const eval::ComparisonReport report = run_comparison(data, options, folder / "out", {});
  CHECK(fs::exists(folder / "out/models/sigmoid-seed1/model.json"));
  CHECK_FALSE(fs::exists(folder / "out/models/tree-seed1"));
  CHECK(report.precision_recall.size() == 1);
  CHECK(report.set_sizes.size() == 3);
  CHECK(row_of(report, "tree", "hamming_loss", "hamming_loss").metrics ==
        row_of(report, "sigmoid", "hamming_loss", "hamming_loss").metrics);
  CHECK(report.set_nll.at("tree") != report.set_nll.at("sigmoid"));
}

TEST_CASE("A comparison can be stopped while it resamples") {
  const TemporaryFolder folder;
  const DataFolder data = synthetic_folder(120, 40, 20);
  ComparisonOptions options = quick_comparison();
  options.num_seeds = 1;
  bool resampling = false;
  RunHooks hooks;
  hooks.progress = [&](const Progress& progress) { resampling = progress.stage == "bootstrap"; };
  hooks.should_stop = [&] { return resampling; };
  CHECK_THROWS_AS(run_comparison(data, options, folder / "out", hooks), RunStopped);
  CHECK(fs::exists(folder / "out/models/joint-seed1/model.json"));
  CHECK_FALSE(fs::exists(folder / "out/report.json"));
}

TEST_CASE(
    "The baseline is compared under other losses, by thresholds where they give no probabilities") {
  const TemporaryFolder folder;
  const DataFolder data = synthetic_folder(200, 60, 40);
  ComparisonOptions options = quick_comparison();
  options.systems = {"sigmoid", "sigmoid:multilabel_soft_margin", "sigmoid:adaptive_threshold"};
  options.num_seeds = 1;
  const eval::ComparisonReport report = run_comparison(data, options, folder / "out", {});
  CHECK(report.results.size() ==
        2 * (standard_rules().size() + standard_threshold_strategies().size()) +
            standard_threshold_strategies().size());
  CHECK(report.set_nll.size() == 2);
  CHECK(report.set_nll.at("sigmoid") == report.set_nll.at("sigmoid:multilabel_soft_margin"));
  REQUIRE(report.set_nll_gains.size() == 1);
  CHECK(report.set_nll_gains[0].system == "sigmoid:multilabel_soft_margin");
  CHECK(report.set_nll_gains[0].all.gain == 0.0);
  CHECK_THAT(report.systems[2].description, contains_text("scores, not probabilities"));
  CHECK(report.reliability.size() == 2);
  CHECK(report.precision_recall.size() == 3);
  for (const eval::ResultRow& row : report.results) {
    if (row.system == "sigmoid:adaptive_threshold")
      CHECK(row.kind == eval::DecisionKind::threshold);
  }
  CHECK(fs::exists(folder / "out/models/sigmoid-adaptive_threshold-seed1/model.json"));
}

TEST_CASE("Nothing that is chosen depends on the truth of test") {
  const TemporaryFolder folder;
  DataFolder data = synthetic_folder(200, 60, 40);
  ComparisonOptions options = quick_comparison();
  options.num_seeds = 1;
  const eval::ComparisonReport before = run_comparison(data, options, folder / "out", {});
  for (std::size_t i = 0; i < data.test.rows.size(); ++i) {
    data.test.rows[i].labels = data.test.rows[(i + 7) % data.test.rows.size()].labels;
  }
  // A folder of its own, so that everything is trained and tuned again.
  const eval::ComparisonReport after = run_comparison(data, options, folder / "again", {});
  for (const char* model : {"sigmoid-seed1", "joint-seed1"}) {
    // Holds every strategy's thresholds, in full precision.
    const std::string file = "/models/" + std::string(model) + "/model.json";
    const std::string tuned = tuned_part(bytes_of(folder / ("out" + file)));
    CHECK(tuned.size() > 100);
    CHECK(tuned_part(bytes_of(folder / ("again" + file))) == tuned);
  }
  REQUIRE(after.results.size() == before.results.size());
  bool test_moved = false;
  for (std::size_t r = 0; r < before.results.size(); ++r) {
    CHECK(after.results[r].metrics_valid == before.results[r].metrics_valid);
    test_moved = test_moved || after.results[r].metrics != before.results[r].metrics;
  }
  CHECK(test_moved);
  for (std::size_t s = 0; s < 2; ++s) {
    const eval::SetCalibration& a = before.set_calibration[s];
    const eval::SetCalibration& b = after.set_calibration[s];
    CHECK(a.temperature == b.temperature);
    for (std::size_t r = 0; r < a.regions.size(); ++r) {
      CHECK(a.regions[r].mean_sets == b.regions[r].mean_sets);
    }
    CHECK(a.nll_after != b.nll_after);
  }
  for (const eval::Metric& metric : eval::standard_metrics()) {
    const eval::Headline a = eval::headline(before, eval::metric_name(metric));
    const eval::Headline b = eval::headline(after, eval::metric_name(metric));
    REQUIRE(a.representatives.size() == b.representatives.size());
    for (std::size_t s = 0; s < a.representatives.size(); ++s)
      CHECK(a.representatives[s].row == b.representatives[s].row);
  }
}

TEST_CASE("A second comparison uses the models of the first and says the same") {
  const TemporaryFolder folder;
  const DataFolder data = synthetic_folder(120, 40, 20);
  ComparisonOptions options = quick_comparison();
  options.num_seeds = 1;
  run_comparison(data, options, folder / "out", {});
  fs::copy_file(folder / "out/report.json", folder / "first.json");
  const std::vector<std::string> messages = messages_of(data, options, folder / "out");
  CHECK(compare_reports(folder / "first.json", folder / "out/report.json").differences.empty());
  REQUIRE(messages.size() == 3);
  CHECK_THAT(messages[0], contains_text("using the model in"));
  options.config.train.max_epochs = 5;
  CHECK_THROWS_WITH(
      run_comparison(data, options, folder / "out", {}),
      contains_text("model.json") && contains_text("trained with other options or other data"));
}

TEST_CASE("An order of labels is of the decoders of a comparison, its sigmoid stays the same") {
  const TemporaryFolder folder;
  const DataFolder data = synthetic_folder(60, 20, 20);
  ComparisonOptions options = quick_comparison();
  options.systems = {"sigmoid"};
  options.num_seeds = 1;
  run_comparison(data, options, folder / "out", {});
  options.systems = {"sigmoid", "joint"};
  options.config.label_order = OrderChoice::tree;
  const std::vector<std::string> messages = messages_of(data, options, folder / "out");
  REQUIRE_FALSE(messages.empty());
  CHECK_THAT(messages[0], contains_text("using the model in"));
  // Also where its record names the order that was asked of the decoders.
  const std::string file = folder / "out/models/sigmoid-seed1/model.json";
  CHECK(replace_in(file, "\"label_order\": \"frequency\"", "\"label_order\": \"tree\"") == 1);
  CHECK_THAT(messages_of(data, options, folder / "out").at(0), contains_text("using the model in"));
}

TEST_CASE("A model whose record is older than the choice of losses is used as one of bce") {
  const TemporaryFolder folder;
  const DataFolder data = synthetic_folder(60, 20, 20);
  ComparisonOptions options = quick_comparison();
  options.systems = {"sigmoid"};
  options.num_seeds = 1;
  run_comparison(data, options, folder / "out", {});
  const std::string file = folder / "out/models/sigmoid-seed1/model.json";
  CHECK(replace_in(file, "\"loss\": \"bce\",", "") == 2);
  const std::vector<std::string> messages = messages_of(data, options, folder / "out");
  REQUIRE(messages.size() == 1);
  CHECK_THAT(messages[0], contains_text("using the model in"));
  CHECK(replace_in(file, "\"max_epochs\": 4", "\"max_epochs\": 5") == 1);
  CHECK_THROWS_WITH(run_comparison(data, options, folder / "out", {}),
                    contains_text("trained with other options"));
}

TEST_CASE("Labels that only test has count as missed and are reported") {
  const TemporaryFolder folder;
  DataFolder data = synthetic_folder(120, 40, 20);
  data.test.labels.add("never seen");
  data.test.rows[0].labels.insert(4);
  data.test_unknown = {1, 1, {"never seen"}};
  ComparisonOptions options = quick_comparison();
  options.num_seeds = 1;
  const eval::ComparisonReport report = run_comparison(data, options, folder / "out", {});
  REQUIRE_FALSE(report.warnings.empty());
  CHECK_THAT(report.warnings.front(), contains_text("not in the training data"));
  CHECK(std::isfinite(report.set_nll.at("joint")));
  for (const eval::ResultRow& row : report.results) CHECK(row.metrics.at("recall_samples") < 1.0);
}

TEST_CASE("A comparison that cannot be made is refused before anything is trained") {
  const TemporaryFolder folder;
  DataFolder data = synthetic_folder(30, 10, 10);
  ComparisonOptions options = quick_comparison();
  options.systems = {};
  CHECK_THROWS_WITH(run_comparison(data, options, folder / "out", {}), contains_text("no system"));
  for (const char* system : {"forest", "sigmoid:bce", "sigmoid:", "joint:focal"}) {
    options.systems = {system};
    CHECK_THROWS_WITH(run_comparison(data, options, folder / "out", {}),
                      contains_text("is none of sigmoid, sigmoid:bce_balanced,"));
  }
  options = quick_comparison();
  data.test.rows[4].labelled = false;
  CHECK_THROWS_WITH(run_comparison(data, options, folder / "out", {}),
                    contains_text("of the test data has no labels"));
  CHECK_FALSE(fs::exists(folder / "out"));
}
