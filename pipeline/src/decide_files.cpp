#include <fmt/format.h>
#include <labelbeam/decoders/independent.h>
#include <labelbeam/decoders/size_marginals.h>
#include <labelbeam/decoders/thresholding.h>
#include <labelbeam/error.h>
#include <labelbeam/pipeline/decide_files.h>
#include <labelbeam/pipeline/decisions.h>
#include <labelbeam/pipeline/threshold_strategies.h>
#include <labelbeam/readers/dataset_reader.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <unordered_set>

#include "label_names.h"
#include "listed_distribution.h"
#include "row_ids.h"
#include "thresholds_file.h"

namespace labelbeam::pipeline {
namespace {

constexpr std::size_t kFewDocuments = 20;

/// A predictions file, and where its rows stand in it.
struct PredictionFile {
  std::string name;
  std::vector<Prediction> rows;
  std::vector<std::size_t> lines;

  [[noreturn]] void fail(std::size_t row, const std::string& reason) const {
    throw DataError(name, lines[row], reason);
  }
};

PredictionFile read_file(const std::string& path) {
  PredictionFile file{path, {}, {}};
  PredictionReader reader(path);
  Prediction prediction;
  while (reader.next(prediction)) {
    file.rows.push_back(std::move(prediction));
    file.lines.push_back(reader.line_number());
  }
  if (file.rows.empty()) throw DataError(path, 0, "is empty: it has no predictions");
  return file;
}

void collect_names(const PredictionFile& file, std::set<std::string>& names) {
  for (const Prediction& row : file.rows) {
    names.insert(row.labels.begin(), row.labels.end());
    for (const auto& [name, score] : row.scores) names.insert(name);
    for (const PredictedSet& set : row.sets) names.insert(set.labels.begin(), set.labels.end());
  }
}

/// Sorted, so that ties do not depend on the order of rows.
LabelVocab sorted_vocab(const std::set<std::string>& names) {
  return LabelVocab(std::vector<std::string>(names.begin(), names.end()));
}

std::vector<double> scores_of(const Prediction& row, const LabelVocab& labels) {
  std::vector<double> scores(labels.size());
  for (const auto& [name, score] : row.scores) scores[labels.find(name).value()] = score;
  return scores;
}

std::vector<double> marginals_of(const std::vector<ScoredSet>& sets, std::size_t num_labels) {
  std::vector<double> marginals(num_labels);
  for (const ScoredSet& set : sets) {
    for (const LabelId label : set.labels) marginals[label] += set.weight;
  }
  for (double& marginal : marginals) marginal = std::min(marginal, 1.0);
  return marginals;
}

/// The listed sets, with marginals.
SetDistribution distribution_of(const Prediction& row, const LabelVocab& labels) {
  SetDistribution distribution = listed_distribution(row, labels);
  const double found = std::min(distribution.weight_sum, 1.0);
  const bool from_scores = !row.scores.empty();
  const std::vector<double> marginals =
      from_scores ? scores_of(row, labels) : marginals_of(distribution.sets, labels.size());
  for (const double estimate : marginals) {
    const double room = from_scores ? 0.0 : distribution.residual;
    distribution.marginals.push_back(
        {from_scores ? estimate : estimate * found, std::min(estimate + room, 1.0), estimate, 0.0});
  }
  return distribution;
}

void refuse_improbable_scores(const PredictionFile& file, std::size_t row,
                              const std::string& decision = "a decision rule") {
  for (const auto& [name, score] : file.rows[row].scores) {
    if (score < 0.0 || score > 1.0) {
      file.fail(row, fmt::format("the score of \"{}\" is {}, but {} needs probabilities between 0 "
                                 "and 1",
                                 name, score, decision));
    }
  }
}

/// Whether a row's sets are used, as against its scores. Says so where it has neither.
bool uses_sets(const PredictionFile& file, std::size_t row, DecideFrom from, bool prefer_sets) {
  const bool has_sets = !file.rows[row].sets.empty();
  const bool has_scores = !file.rows[row].scores.empty();
  if (from == DecideFrom::sets && !has_sets) file.fail(row, "lists no \"sets\"");
  if (from == DecideFrom::scores && !has_scores) file.fail(row, "gives no \"scores\"");
  if (!has_sets && !has_scores) {
    file.fail(row, "has neither \"scores\" nor \"sets\" to decide from");
  }
  if (from != DecideFrom::automatic) return from == DecideFrom::sets;
  return prefer_sets ? has_sets : !has_scores;
}

/// What thresholds are put on.
std::vector<double> threshold_scores(const PredictionFile& file, std::size_t row, DecideFrom from,
                                     const LabelVocab& labels) {
  const Prediction& prediction = file.rows[row];
  if (!uses_sets(file, row, from, false)) return scores_of(prediction, labels);
  return marginals_of(listed_distribution(prediction, labels).sets, labels.size());
}

DocumentDistribution document_of(const PredictionFile& file, std::size_t row,
                                 const LabelVocab& labels, const DecideOptions& options) {
  const bool from_sets = uses_sets(file, row, options.from, true);
  refuse_improbable_scores(file, row);
  if (from_sets) return {distribution_of(file.rows[row], labels), std::nullopt};
  const std::vector<double> probs = scores_of(file.rows[row], labels);
  decoders::IndependentOptions independent;
  independent.num_sets = options.num_sets;
  return {decoders::independent_distribution(probs, independent),
          decoders::independent_size_marginals(probs)};
}

/// p(label in set) of every row: [n, L].
ScoreMatrix marginals_of(const PredictionFile& file, const LabelVocab& labels, DecideFrom from) {
  ScoreMatrix marginals(file.rows.size(), labels.size());
  for (std::size_t i = 0; i < marginals.num_rows; ++i) {
    const bool from_sets = uses_sets(file, i, from, true);
    refuse_improbable_scores(file, i);
    if (from_sets) {
      copy_marginals(distribution_of(file.rows[i], labels), marginals.row(i));
    } else {
      std::ranges::copy(scores_of(file.rows[i], labels), marginals.row(i).begin());
    }
  }
  return marginals;
}

std::vector<LabelSet> decide_by_rule(const Rule& rule, const PredictionFile& file,
                                     const LabelVocab& labels, const RuleContext& context,
                                     const DecideOptions& options) {
  if (rule.is_for_collections()) return rule.decide(marginals_of(file, labels, options.from));
  std::vector<LabelSet> answers;
  for (std::size_t i = 0; i < file.rows.size(); ++i) {
    answers.push_back(rule.decide(document_of(file, i, labels, options), context).labels);
  }
  return answers;
}

std::unordered_set<LabelSet> support_of(const Dataset& truth, const LabelVocab& labels) {
  std::unordered_set<LabelSet> support;
  for (const Example& row : truth.rows) {
    if (row.labelled) support.insert(ids_of(names_of(row.labels, truth.labels), labels));
  }
  return support;
}

/// The strategy of a decision, if it is one; `fixed` has the threshold that the options give it.
std::optional<ThresholdStrategy> strategy_of(const DecideOptions& options) {
  if (!is_threshold_strategy(options.decision)) return std::nullopt;
  if (options.decision == "fixed" && options.fixed_threshold != 0.5) {
    return ThresholdStrategy::parse(fmt::format("fixed:{}", options.fixed_threshold));
  }
  return ThresholdStrategy::parse(options.decision);
}

void check(const DecideOptions& options) {
  if (!std::isfinite(options.fixed_threshold)) {
    throw std::invalid_argument("a fixed threshold must be a finite number");
  }
  const std::optional<ThresholdStrategy> strategy = strategy_of(options);
  const bool is_tuned = strategy && strategy->is_tuned();
  const bool has_file = !options.thresholds_file.empty();
  if (has_file != (options.decision == "thresholds")) {
    throw std::invalid_argument(
        has_file ? fmt::format("a file of thresholds does not go with the decision \"{}\"",
                               options.decision)
                 : std::string("the decision \"thresholds\" needs a file of thresholds"));
  }
  if (options.support_truth.empty() == (options.decision == "support")) {
    throw std::invalid_argument(
        options.support_truth.empty()
            ? std::string("the decision \"support\" needs rows whose label sets are the support")
            : fmt::format("{} takes no label sets as support", options.decision));
  }
  if (options.valid_truth.empty() != options.valid_predictions.empty()) {
    throw std::invalid_argument("validation data are a truth file and a predictions file");
  }
  if (is_tuned && options.valid_truth.empty()) {
    throw std::invalid_argument(
        fmt::format("{} is tuned: it needs the truth and the predictions of validation rows",
                    options.decision));
  }
  if (!is_tuned && !options.valid_truth.empty()) {
    throw std::invalid_argument(
        fmt::format("{} is not tuned: validation data have no use", options.decision));
  }
}

/// The validation rows that a strategy is tuned on.
struct ValidationFiles {
  Dataset truth;
  PredictionFile predictions;
};

TunedStrategy tune(const ThresholdStrategy& strategy, const ValidationFiles& valid,
                   const LabelVocab& labels, const DecideOptions& options) {
  std::vector<std::vector<double>> rows;
  std::vector<LabelSet> truth;
  RowIds ids(valid.truth, options.valid_truth);
  for (std::size_t i = 0; i < valid.predictions.rows.size(); ++i) {
    const std::optional<std::size_t> row = ids.take(valid.predictions.rows[i].id);
    if (!row || !valid.truth.rows[*row].labelled) continue;
    if (strategy.needs_probabilities()) {
      refuse_improbable_scores(valid.predictions, i, options.decision);
    }
    rows.push_back(threshold_scores(valid.predictions, i, options.from, labels));
    truth.push_back(ids_of(names_of(valid.truth.rows[*row].labels, valid.truth.labels), labels));
  }
  ids.refuse_unmatched(options.valid_predictions);
  if (rows.empty()) {
    throw DataError(options.valid_truth, 0, "no row says what its labels are");
  }
  ScoreMatrix scores(rows.size(), labels.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::copy(rows[i].begin(), rows[i].end(), scores.row(i).begin());
  }
  return strategy.tune(scores, eval::assume_not_test(truth), options.convention,
                       options.top1_if_empty);
}

TunedStrategy choose_from_scores(const std::optional<ValidationFiles>& valid,
                                 const LabelVocab& labels, const DecideOptions& options,
                                 std::vector<std::string>& warnings) {
  if (options.decision == "thresholds") {
    Thresholds thresholds = read_thresholds(options.thresholds_file, labels);
    thresholds.top1_if_empty = thresholds.top1_if_empty || options.top1_if_empty;
    TunedStrategy given;
    given.rule = std::move(thresholds);
    return given;
  }
  const ThresholdStrategy strategy = strategy_of(options).value();
  if (!strategy.is_tuned()) {
    TunedStrategy untuned;
    untuned.rule = strategy.untuned_rule(labels.size(), options.top1_if_empty);
    return untuned;
  }
  TunedStrategy tuned = tune(strategy, valid.value(), labels, options);
  warnings = tuned.warnings;
  return tuned;
}

std::vector<LabelSet> decide_by_scores(const TunedStrategy& chosen, const PredictionFile& file,
                                       const LabelVocab& labels, const DecideOptions& options) {
  const std::optional<ThresholdStrategy> strategy = strategy_of(options);
  ScoreMatrix scores(file.rows.size(), labels.size());
  for (std::size_t i = 0; i < file.rows.size(); ++i) {
    if (strategy && strategy->needs_probabilities()) {
      refuse_improbable_scores(file, i, options.decision);
    }
    std::ranges::copy(threshold_scores(file, i, options.from, labels), scores.row(i).begin());
  }
  return chosen.apply(scores);
}

void summarise(const std::vector<LabelSet>& answers, DecideSummary& summary) {
  std::size_t labels = 0;
  for (const LabelSet& answer : answers) {
    labels += answer.size();
    summary.empty += answer.empty() ? 1 : 0;
  }
  summary.rows = answers.size();
  summary.cardinality = static_cast<double>(labels) / static_cast<double>(answers.size());
}

}  // namespace

DecidedFile decide_file(const std::string& prediction_file, const DecideOptions& options) {
  check(options);
  const bool by_scores =
      options.decision == "thresholds" || is_threshold_strategy(options.decision);
  const std::optional<Rule> rule =
      by_scores ? std::nullopt : std::make_optional(Rule::parse(options.decision));
  PredictionFile file = read_file(prediction_file);
  std::set<std::string> names;
  collect_names(file, names);
  std::optional<ValidationFiles> valid;
  if (!options.valid_truth.empty()) {
    valid = ValidationFiles{read_dataset(options.valid_truth, options.read),
                            read_file(options.valid_predictions)};
    collect_names(valid->predictions, names);
    names.insert(valid->truth.labels.names().begin(), valid->truth.labels.names().end());
  }
  std::optional<Dataset> support_rows;
  if (!options.support_truth.empty()) {
    support_rows = read_dataset(options.support_truth, options.read);
    names.insert(support_rows->labels.names().begin(), support_rows->labels.names().end());
  }
  const LabelVocab labels = sorted_vocab(names);
  if (labels.size() == 0) throw DataError(prediction_file, 0, "names no label");

  DecidedFile decided;
  std::vector<LabelSet> answers;
  if (rule) {
    const std::unordered_set<LabelSet> support =
        support_rows ? support_of(*support_rows, labels) : std::unordered_set<LabelSet>{};
    if (support_rows && support.empty()) {
      throw DataError(options.support_truth, 0, "no row says what its labels are");
    }
    answers = decide_by_rule(*rule, file, labels, {options.convention, &support}, options);
    if (rule->is_for_collections() && answers.size() < kFewDocuments) {
      decided.summary.warnings.push_back(fmt::format(
          "{} decides for the file as a collection, and {} rows are few: it maximises the ratio of "
          "expected counts, which comes close to the expected ratio as rows increase",
          rule->name(), answers.size()));
    }
  } else {
    const TunedStrategy chosen =
        choose_from_scores(valid, labels, options, decided.summary.warnings);
    if (const Thresholds* thresholds = chosen.thresholds()) {
      decided.summary.thresholds_json = to_json(*thresholds, labels);
    }
    answers = decide_by_scores(chosen, file, labels, options);
  }
  summarise(answers, decided.summary);
  decided.summary.num_labels = labels.size();
  decided.predictions = std::move(file.rows);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    decided.predictions[i].labels = names_of(answers[i], labels);
    decided.predictions[i].decided = true;
  }
  return decided;
}

std::string to_json(const DecideSummary& summary, const DecideOptions& options) {
  nlohmann::ordered_json json;
  json["command"] = "decide";
  json["decision"] = options.decision;
  json["rows"] = summary.rows;
  json["labels"] = summary.num_labels;
  json["empty"] = summary.empty;
  json["cardinality"] = summary.cardinality;
  json["thresholds"] = nullptr;
  if (!summary.thresholds_json.empty()) {
    json["thresholds"] = nlohmann::ordered_json::parse(summary.thresholds_json);
  }
  json["warnings"] = summary.warnings;
  return json.dump(2) + '\n';
}

}  // namespace labelbeam::pipeline
