#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <labelbeam/decoders/beam_search.h>
#include <labelbeam/decoders/independent.h>
#include <labelbeam/error.h>
#include <labelbeam/eval/curves.h>
#include <labelbeam/eval/report_writers.h>
#include <labelbeam/models/model_folder.h>
#include <labelbeam/output_file.h>
#include <labelbeam/pipeline/comparison_run.h>
#include <labelbeam/pipeline/decisions.h>
#include <labelbeam/pipeline/threshold_strategies.h>
#include <labelbeam/stable_hash.h>
#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>
#include <utility>

#include "comparison_calibration.h"
#include "comparison_statistics.h"
#include "comparison_strategies.h"
#include "encode.h"
#include "inference.h"
#include "manifest_json.h"

namespace labelbeam::pipeline {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kBeamSize = 16;
constexpr std::size_t kNumSets = 64;
constexpr std::size_t kBatchSize = 64;
constexpr std::size_t kTopSets = 3;

/// One split as the comparison sees it.
template <eval::Part part>
struct Split {
  std::vector<models::EncodedDocument> documents;  // labels that the model knows
  eval::PartTruth<part> known_truth;               // those labels
  eval::PartTruth<part> truth;  // all labels, also those that no model can predict
  std::size_t num_labels = 0;   // of `truth`
};
using ValidSplit = Split<eval::Part::valid>;
using TestSplit = Split<eval::Part::test>;

/// What a model says of a split.
struct Outputs {
  std::vector<DocumentDistribution> documents;  // none without a distribution
  ScoreMatrix scores;                           // p(label in set | x), or what ranks labels
  std::vector<double> row_nll;  // -log p(set | x), of the labels that the model knows
  double set_nll = 0.0;
};

/// A trained system, its outputs, and its answers by decision; kept for the pictures.
struct SystemOutputs {
  Outputs valid, test;
  std::map<std::string, std::vector<LabelSet>> test_answers;  // by `decision` and `target`
};

std::string answer_key(const std::string& decision, const std::string& target) {
  return decision + " " + target;
}

template <eval::Part part>
Split<part> make_split(const Dataset& data, const TextEncoder& encoder,
                       std::size_t num_model_labels) {
  Split<part> split;
  split.documents = encoder.encode(data, num_model_labels);
  split.num_labels = std::max(num_model_labels, data.labels.size());
  std::vector<LabelSet> truth;
  for (const Example& row : data.rows) truth.push_back(row.labels);
  std::vector<LabelSet> known;
  for (const models::EncodedDocument& document : split.documents) known.push_back(document.labels);
  split.truth = eval::PartTruth<part>(std::move(truth));
  split.known_truth = eval::PartTruth<part>(std::move(known));
  return split;
}

/// Progress of inference over `total` documents under one headline.
Done report_progress(const RunHooks& hooks, const std::string& stage, std::size_t total) {
  if (!hooks.progress && !hooks.should_stop) return {};
  const auto start = std::chrono::steady_clock::now();
  return [=](std::size_t done) {
    if (hooks.should_stop && hooks.should_stop())
      throw RunStopped("stopped; the trained models are kept");
    if (!hooks.progress) return;
    Progress progress;
    progress.stage = stage;
    progress.unit = "documents";
    progress.done = done;
    progress.total = total;
    progress.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    progress.finished = done == total;
    hooks.progress(progress);
  };
}

/// Mean set NLL over the rows all of whose labels the model knows; the others have probability 0.
template <eval::Part part>
double mean_known_nll(const std::vector<double>& nll, const Split<part>& split) {
  double sum = 0.0;
  std::size_t rows = 0;
  for (std::size_t i = 0; i < nll.size(); ++i) {
    if (split.truth[i].size() != split.known_truth[i].size()) continue;
    sum += nll[i];
    ++rows;
  }
  return rows == 0 ? std::nan("") : sum / static_cast<double>(rows);
}

template <eval::Part part>
Outputs run_model(const models::SetModel& model, const Split<part>& split, const Done& done) {
  Outputs outputs;
  const SetSemantics& semantics = model->semantics();
  if (!models::has_decoder(model->options().system)) {
    outputs.scores = sigmoid_scores(model, split.documents, kBatchSize, done);
    if (!models::has_distribution(model->options())) return outputs;
    for (std::size_t i = 0; i < split.documents.size(); ++i) {
      const std::span<const double> row = std::as_const(outputs.scores).row(i);
      outputs.documents.push_back(
          {decoders::independent_distribution(row, {kNumSets, semantics.empty_set}),
           decoders::independent_size_marginals(row, semantics.empty_set)});
    }
    outputs.row_nll = sigmoid_set_nll(model, split.documents, kBatchSize);
    outputs.set_nll = mean_known_nll(outputs.row_nll, split);
    return outputs;
  }
  outputs.scores = ScoreMatrix(split.documents.size(), semantics.num_labels);
  const decoders::BeamSearch search({.beam_size = kBeamSize, .num_sets = kNumSets});
  std::vector<SetDistribution> found = decode(
      model, split.documents,
      [&](StepModel& session, std::span<const std::size_t>) { return search.search(session); },
      kBatchSize, done);
  for (std::size_t i = 0; i < found.size(); ++i) {
    copy_marginals(found[i], outputs.scores.row(i));
    outputs.documents.push_back({std::move(found[i]), std::nullopt});
  }
  outputs.row_nll = decoder_set_nll(model, split.documents, kBatchSize);
  outputs.set_nll = mean_known_nll(outputs.row_nll, split);
  return outputs;
}

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

/// Whether a model was trained as `config` says. Fields that its record lacks, since it is older
/// than they are, count as their defaults.
bool has_config(const json& record, const TrainConfig& config) {
  TrainConfig recorded;
  try {
    apply_json(record.value("config", json()).dump(), recorded);
  } catch (const std::invalid_argument&) {
    return false;
  }
  return recorded == config;
}

/// One model's folder, trained or found.
models::TrainedModel obtain_model(const std::string& system, const DataFolder& data,
                                  const TrainConfig& config, const fs::path& folder,
                                  const RunHooks& hooks) {
  if (fs::exists(folder / "model.json")) {
    const models::ModelDescription description = models::load_description(folder);
    const json record = json::parse(description.training);
    if (!has_config(record, config) ||
        record.value("data_fingerprint", json()) != data_fingerprint(data)) {
      throw DataError((folder / "model.json").string(), 0,
                      "this model was trained with other options or other data; "
                      "give another output folder, or remove this model's folder");
    }
    if (hooks.message) hooks.message("using the model in " + folder.string());
  } else {
    const TrainSummary summary = train_model(data, config, folder.string(), /*resume=*/true, hooks);
    if (hooks.message) {
      hooks.message(fmt::format("trained {} in {}: best of {} epochs is {}", system,
                                format_duration(summary.seconds), summary.epochs,
                                summary.best_epoch));
    }
  }
  return models::load_model(folder, parse_device(config.device));
}

void add_decisions(const std::string& system, std::uint64_t seed,
                   const models::ModelDescription& model, const ValidSplit& valid,
                   const TestSplit& test, SystemOutputs& outputs, Table& table,
                   StatisticsCollector& statistics, const StrategyJudge* judge,
                   eval::ComparisonReport& report) {
  const std::unordered_set<LabelSet> support = training_support(model);
  const RuleContext context{eval::Convention{}, &support};
  const bool top1_if_empty = model.semantics.empty_set == EmptySet::forbid;
  const auto add = [&](const std::string& decision, eval::DecisionKind kind,
                       const std::string& target, eval::TunedOn tuned_on,
                       const std::vector<LabelSet>& valid_answers,
                       std::vector<LabelSet> test_answers) {
    table.add(system, decision, kind, target, tuned_on, seed,
              measure(valid.truth, valid_answers, valid.num_labels),
              measure(test.truth, test_answers, test.num_labels));
    statistics.add_answers(system, decision, target, test_answers);
    outputs.test_answers[answer_key(decision, target)] = std::move(test_answers);
  };
  for (const Rule& rule : standard_rules()) {
    if (!models::has_distribution(model.options)) break;
    add(rule.name(), eval::DecisionKind::rule, eval::metric_name(rule.target().value()),
        eval::TunedOn::none, rule.decide(outputs.valid.documents, context),
        rule.decide(outputs.test.documents, context));
  }
  if (models::has_decoder(model.options.system)) return;
  std::map<std::string, std::vector<std::string>> warned;  // what is said of several strategies
  for (const ThresholdStrategy& strategy : standard_threshold_strategies()) {
    const TunedStrategy tuned =
        strategy.tune(outputs.valid.scores, valid.known_truth, eval::Convention{}, top1_if_empty);
    add(strategy.name, eval::DecisionKind::threshold,
        strategy.target ? eval::metric_name(*strategy.target) : "",
        strategy.is_tuned() ? eval::TunedOn::valid : eval::TunedOn::none,
        tuned.apply(outputs.valid.scores), tuned.apply(outputs.test.scores));
    for (const std::string& warning : tuned.warnings) warned[warning].push_back(strategy.text());
    judge->judge(strategy, tuned, report.strategies);
  }
  for (const auto& [warning, strategies] : warned) {
    report.warnings.push_back(
        fmt::format("{}, seed {}, {}: {}", system, seed, fmt::join(strategies, ", "), warning));
  }
}

std::vector<std::string> label_names(const LabelSet& set, const LabelVocab& labels) {
  std::vector<std::string> names;
  for (LabelId label : set) names.push_back(labels.name(label));
  return names;
}

/// The answers of a system's row that is best on valid for a metric.
const std::vector<LabelSet>& representative_answers(const eval::ComparisonReport& report,
                                                    const std::string& metric,
                                                    const std::string& system,
                                                    const SystemOutputs& outputs) {
  for (const eval::Representative& representative :
       eval::headline(report, metric).representatives) {
    if (representative.system != system) continue;
    const eval::ResultRow& row = report.results[representative.row];
    return outputs.test_answers.at(answer_key(row.decision, row.target));
  }
  throw std::logic_error("comparison: no result of the system " + system);
}

eval::LabelChart draw_labels(const eval::ComparisonReport& report,
                             const std::map<std::string, SystemOutputs>& outputs,
                             const std::vector<std::string>& systems, const TestSplit& test,
                             const Dataset& train) {
  eval::LabelChart chart;
  const std::vector<std::uint64_t> counts = label_counts(train);
  for (std::size_t label = 0; label < counts.size(); ++label) {
    chart.bars.push_back({train.labels.name(static_cast<LabelId>(label)), counts[label], {}});
  }
  for (std::size_t s = 0; s < 2; ++s) {
    chart.systems[s] = systems[s];
    const std::vector<LabelSet>& answers =
        representative_answers(report, "f1_macro", systems[s], outputs.at(systems[s]));
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
std::vector<eval::ExampleRow> pick_examples(const std::map<std::string, SystemOutputs>& outputs,
                                            const std::vector<std::string>& systems,
                                            const Dataset& test, const ComparisonOptions& options) {
  const std::string decision = "subset_accuracy";
  std::vector<std::pair<std::uint64_t, std::size_t>> candidates;
  const auto answer = [&](const std::string& system, std::size_t i) -> const LabelSet& {
    return outputs.at(system).test_answers.at(answer_key(decision, decision))[i];
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
    example.truth = label_names(test.rows[i].labels, test.labels);
    for (const std::string& system : systems) {
      eval::SystemAnswer& shown = example.answers.emplace_back();
      shown.system = system;
      shown.decision = decision;
      shown.labels = label_names(answer(system, i), test.labels);
      const std::vector<ScoredSet>& sets = outputs.at(system).test.documents[i].sets.sets;
      for (std::size_t k = 0; k < std::min(kTopSets, sets.size()); ++k) {
        shown.top_sets.push_back(
            {label_names(sets[k].labels, test.labels), std::exp(sets[k].log_prob)});
      }
    }
  }
  return examples;
}

void add_pictures(eval::ComparisonReport& report,
                  const std::map<std::string, SystemOutputs>& outputs, const DataFolder& data,
                  const TestSplit& test, const ComparisonOptions& options) {
  if (options.systems.size() >= 2) {
    report.label_chart = draw_labels(report, outputs, options.systems, test, data.train);
  }
  report.set_sizes.push_back({"truth", eval::set_size_counts(test.truth)});
  std::vector<std::string> with_sets;
  for (const std::string& system : options.systems) {
    const SystemOutputs& of_system = outputs.at(system);
    report.precision_recall.push_back(
        {system, eval::precision_recall_points(of_system.test.scores, test.known_truth)});
    for (eval::RocCurve& curve : eval::roc_curves(of_system.test.scores, test.known_truth)) {
      curve.system = system;
      report.roc.push_back(std::move(curve));
    }
    if (of_system.test.documents.empty()) continue;
    with_sets.push_back(system);
    report.reliability.push_back(
        {system, eval::reliability_bins(of_system.test.scores, test.known_truth)});
    report.set_sizes.push_back({system, eval::set_size_counts(of_system.test_answers.at(
                                            answer_key("subset_accuracy", "subset_accuracy")))});
  }
  report.examples = pick_examples(outputs, with_sets, data.test, options);
}

eval::SplitSummary summarise(const std::string& name, const Dataset& data) {
  std::size_t labels = 0;
  for (const Example& row : data.rows) labels += row.labels.size();
  return {name, data.rows.size(),
          static_cast<double>(labels) /
              static_cast<double>(std::max<std::size_t>(data.rows.size(), 1))};
}

/// "sigmoid:focal" -> "sigmoid-focal-seed1"
std::string model_folder_name(std::string system, std::uint64_t seed) {
  std::replace(system.begin(), system.end(), ':', '-');
  return fmt::format("{}-seed{}", system, seed);
}

std::string describe_sigmoid(const std::string& system) {
  models::ModelOptions options;
  choose_system(system, options);
  return fmt::format("the same encoder with one sigmoid a label, trained with the loss {}{}",
                     models::loss_name(options.loss),
                     models::gives_probabilities(options.loss)
                         ? ", which is binary cross-entropy"
                         : ": its sigmoids are scores, not probabilities, so that there are "
                           "thresholds but no rules and no set NLL");
}

std::string describe_system(const std::string& system) {
  if (system == "sigmoid")
    return "BiLSTM encoder with one sigmoid a label, trained with binary cross-entropy: labels are "
           "independent given the text";
  if (system.starts_with("sigmoid:")) return describe_sigmoid(system);
  if (system == "decoder")
    return "the same encoder with an LSTM label decoder that emits the set label by label, decoded "
           "by beam search";
  return "the same encoder with the label decoder and a sigmoid head trained together; answers "
         "come from the decoder by beam search";
}

std::string manifest(const DataFolder& data, const ComparisonOptions& options) {
  std::vector<std::uint64_t> seeds;
  for (std::size_t s = 0; s < options.num_seeds; ++s) seeds.push_back(options.first_seed + s);
  const std::size_t beam_size = kBeamSize, num_sets = kNumSets;
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
  std::vector<bool> known;
  for (std::size_t i = 0; i < test.truth.size(); ++i)
    known.push_back(test.truth[i].size() == test.known_truth[i].size());
  std::unordered_set<LabelSet> support;
  for (const Example& row : train.rows) support.insert(row.labels);
  return {test.truth.rows(), test.num_labels, std::move(known), std::move(support)};
}

void add_to_statistics(StatisticsCollector& statistics, const std::string& system,
                       const models::ModelOptions& model, const Outputs& test, EmptySet empty_set) {
  statistics.add_set_nll(system, test.row_nll);
  if (models::has_decoder(model.system))
    statistics.add_distributions(system, test.documents, test.scores, empty_set);
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
      "system's row for a "
      "metric; test is read once, for the figures shown. All systems share the encoder, the "
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
  std::map<std::string, SystemOutputs> first_outputs;
  TestSplit first_test;
  std::optional<StatisticsCollector> statistics;
  for (std::size_t s = 0; s < options.num_seeds; ++s) {
    const std::uint64_t seed = options.first_seed + s;
    for (const std::string& system : options.systems) {
      TrainConfig config = options.config;
      choose_system(system, config.model);
      config.train.seed = seed;
      const fs::path model_folder = fs::path(folder) / "models" / model_folder_name(system, seed);
      const models::TrainedModel trained = obtain_model(system, data, config, model_folder, hooks);
      const std::size_t num_labels = trained.description.labels.size();
      const TextEncoder encoder(config.tokenizer, trained.description.words, config.max_tokens);
      const auto valid = make_split<eval::Part::valid>(data.valid, encoder, num_labels);
      const auto test = make_split<eval::Part::test>(data.test, encoder, num_labels);
      SystemOutputs outputs;
      outputs.valid = run_model(
          trained.model, valid,
          report_progress(hooks, "decoding valid with " + system, valid.documents.size()));
      outputs.test =
          run_model(trained.model, test,
                    report_progress(hooks, "decoding test with " + system, test.documents.size()));
      const double share = 1.0 / static_cast<double>(options.num_seeds);
      if (!statistics) statistics = collect_statistics(test, data.train);
      const bool has_distribution = models::has_distribution(config.model);
      if (has_distribution) {
        report.set_nll[system] += share * outputs.test.set_nll;
        report.set_nll_valid[system] += share * outputs.valid.set_nll;
        add_to_statistics(*statistics, system, config.model, outputs.test,
                          trained.description.semantics.empty_set);
      }
      std::optional<StrategyJudge> judge;
      Split<eval::Part::train> train;
      ScoreMatrix train_scores;
      if (!models::has_decoder(config.model.system)) {
        train = make_split<eval::Part::train>(data.train, encoder, num_labels);
        train_scores = sigmoid_scores(
            trained.model, train.documents, kBatchSize,
            report_progress(hooks, "scoring train with " + system, train.documents.size()));
        const ScoredParts parts{train_scores,      train.known_truth,   outputs.valid.scores,
                                valid.known_truth, outputs.test.scores, test.known_truth};
        judge.emplace(system, s, options.num_seeds, parts,
                      trained.description.semantics.empty_set == EmptySet::forbid);
      }
      add_decisions(system, seed, trained.description, valid, test, outputs, table, *statistics,
                    judge ? &*judge : nullptr, report);
      if (s == 0) {
        if (has_distribution) {
          report.set_calibration.push_back(measure_calibration(
              system,
              {data.valid, outputs.valid.documents, outputs.valid.scores, valid.known_truth},
              {data.test, outputs.test.documents, outputs.test.scores, test.known_truth},
              report.warnings));
        }
        first_outputs[system] = std::move(outputs);
        first_test = test;
      }
    }
  }
  report.results = table.finish();
  statistics->finish(report, "sigmoid", data.train.labels, hooks);
  add_pictures(report, first_outputs, data, first_test, options);

  const fs::path out(folder);
  write_file_atomically((out / "report.json").string(), eval::to_json(report));
  write_file_atomically((out / "report.md").string(), eval::to_markdown(report));
  write_file_atomically((out / "report.html").string(), eval::to_html(report));
  write_file_atomically((out / "manifest.json").string(), report.manifest_json + '\n');
  return report;
}

}  // namespace labelbeam::pipeline
