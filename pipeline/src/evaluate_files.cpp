#include <fmt/format.h>
#include <labelbeam/error.h>
#include <labelbeam/eval/compensated_sum.h>
#include <labelbeam/eval/confusion_metrics.h>
#include <labelbeam/eval/probability_metrics.h>
#include <labelbeam/eval/ranking_metrics.h>
#include <labelbeam/eval/set_figures.h>
#include <labelbeam/pipeline/evaluate_files.h>
#include <labelbeam/readers/dataset_reader.h>
#include <labelbeam/readers/predictions.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "label_names.h"
#include "listed_distribution.h"
#include "row_ids.h"
#include "text_table.h"

namespace labelbeam::pipeline {
namespace {

/// What evaluation needs of one prediction.
struct PredictedRow {
  LabelSet labels;
  std::vector<std::pair<LabelId, double>> scores;
  bool has_sets = false;
  bool listed = false;    // the true set is among the sets
  double log_prob = 0.0;  // of the true set; where it is not listed, an upper bound
};

/// Reads predictions and puts each beside its row of the truth.
class PredictionMatcher {
 public:
  PredictionMatcher(const Dataset& truth, const std::string& truth_file, bool labels_are_given)
      : truth_(truth),
        ids_(truth, truth_file),
        labels_are_given_(labels_are_given),
        labels_(truth.labels),
        rows_(truth.rows.size()) {}

  void read(const std::string& file) {
    PredictionReader reader(file);
    Prediction prediction;
    while (reader.next(prediction)) {
      add_labels(prediction, file, reader.line_number());
      const std::optional<std::size_t> row = ids_.take(prediction.id);
      if (!row || !truth_.rows[*row].labelled) continue;
      if (!prediction.decided) {
        throw DataError(file, reader.line_number(),
                        "has no \"labels\": decide first (labelbeam decide)");
      }
      rows_[*row] = match(prediction, truth_.rows[*row].labels);
    }
    ids_.refuse_unmatched(file);
  }

  const std::vector<PredictedRow>& rows() const { return rows_; }
  std::size_t num_labels() const { return labels_.size(); }

 private:
  void add_labels(const Prediction& prediction, const std::string& file, std::size_t line) {
    for (const std::string& name : prediction.labels) add_label(name, file, line);
    for (const auto& [name, score] : prediction.scores) add_label(name, file, line);
    for (const PredictedSet& set : prediction.sets) {
      for (const std::string& name : set.labels) add_label(name, file, line);
    }
  }

  void add_label(const std::string& name, const std::string& file, std::size_t line) {
    if (labels_.find(name)) return;
    if (labels_are_given_) {
      throw DataError(file, line, fmt::format("the label \"{}\" is not in the labels file", name));
    }
    labels_.add(name);
  }

  PredictedRow match(const Prediction& prediction, const LabelSet& truth) {
    PredictedRow row;
    row.labels = add_label_set(prediction.labels, labels_);
    for (const auto& [name, score] : prediction.scores) {
      row.scores.emplace_back(labels_.find(name).value(), score);
    }
    row.has_sets = !prediction.sets.empty();
    for (const PredictedSet& set : prediction.sets) {
      if (!row.listed && add_label_set(set.labels, labels_) == truth) {
        row.listed = true;
        row.log_prob = std::min(set.log_prob, 0.0);
      }
    }
    if (!row.listed) row.log_prob = std::log(residual_of(prediction));
    return row;
  }

  const Dataset& truth_;
  RowIds ids_;
  bool labels_are_given_;
  LabelVocab labels_;
  std::vector<PredictedRow> rows_;
};

Dataset read_truth(const std::string& file, const EvaluateOptions& options) {
  if (options.labels_file.empty()) return read_dataset(file, options.read);
  return read_dataset(file, options.read, read_label_names(options.labels_file),
                      UnknownLabels::error)
      .data;
}

void append(std::vector<eval::NamedValue>& values, const std::vector<eval::NamedValue>& more) {
  values.insert(values.end(), more.begin(), more.end());
}

void add_set_figures(FileEvaluation& evaluation, const eval::MetricAccumulator& rows) {
  for (const char* name :
       {"jaccard_weighted", "f1_weighted", "precision_weighted", "recall_weighted"}) {
    evaluation.figures.push_back(eval::named(rows.result(eval::parse_metric(name))));
  }
  append(evaluation.figures, eval::confusion_metrics(rows.label_confusions(), rows.convention()));
  append(evaluation.figures, eval::set_figures(rows));
}

/// Metrics of the scores, where all compared rows have them.
void add_score_figures(FileEvaluation& evaluation, const Dataset& truth,
                       const std::vector<PredictedRow>& rows, const eval::Convention& convention) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!truth.rows[i].labelled) continue;
    if (rows[i].scores.size() != evaluation.num_labels) ++evaluation.unranked;
    for (const auto& [label, score] : rows[i].scores) {
      evaluation.has_scores = true;
      if (!(score >= 0.0 && score <= 1.0)) ++evaluation.improbable;
    }
  }
  if (evaluation.unranked > 0) return;
  eval::RankingOptions options;
  options.convention = convention;
  eval::RankingAccumulator ranking(evaluation.num_labels, options);
  eval::ProbabilityAccumulator probability(evaluation.num_labels);
  std::vector<double> scores(evaluation.num_labels);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Example& row = truth.rows[i];
    if (!row.labelled) continue;
    for (const auto& [label, score] : rows[i].scores) scores[label] = score;
    ranking.add(row.labels, scores, row.weight);
    if (evaluation.improbable == 0) probability.add(row.labels, scores, row.weight);
  }
  append(evaluation.figures, ranking.results());
  if (evaluation.improbable == 0) append(evaluation.figures, probability.results());
}

std::optional<FileSetNll> set_nll(const Dataset& truth, const std::vector<PredictedRow>& rows) {
  FileSetNll nll;
  eval::CompensatedSum sum;
  eval::CompensatedSum weights;
  bool infinite = false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Example& example = truth.rows[i];
    if (!example.labelled) continue;
    if (!rows[i].has_sets) return std::nullopt;
    ++nll.rows;
    nll.unlisted += rows[i].listed ? 0 : 1;
    if (example.weight == 0.0) continue;
    weights.add(example.weight);
    if (std::isinf(rows[i].log_prob)) {
      infinite = true;  // a compensated sum would turn it into NaN
    } else {
      sum.add(-rows[i].log_prob * example.weight);
    }
  }
  nll.mean = infinite ? std::numeric_limits<double>::infinity() : sum.value() / weights.value();
  return nll;
}

}  // namespace

FileEvaluation evaluate_files(const std::string& truth_file, const std::string& prediction_file,
                              const EvaluateOptions& options) {
  const Dataset truth = read_truth(truth_file, options);
  PredictionMatcher matcher(truth, truth_file, !options.labels_file.empty());
  matcher.read(prediction_file);
  if (matcher.num_labels() == 0) {
    throw DataError(truth_file, 0, "has no label, and neither have the predictions");
  }

  FileEvaluation evaluation;
  eval::MetricAccumulator metrics(matcher.num_labels(), options.convention);
  double weight = 0.0;
  for (std::size_t i = 0; i < truth.rows.size(); ++i) {
    const Example& row = truth.rows[i];
    if (!row.labelled) {
      ++evaluation.unlabelled;
      continue;
    }
    metrics.add(row.labels, matcher.rows()[i].labels, row.weight);
    weight += row.weight;
    evaluation.weighted = evaluation.weighted || row.weight != 1.0;
  }
  evaluation.rows = metrics.num_rows();
  if (evaluation.rows == 0) throw DataError(truth_file, 0, "no row says what its labels are");
  if (weight == 0.0) throw DataError(truth_file, 0, "the weights of all rows are 0");
  evaluation.num_labels = matcher.num_labels();
  evaluation.convention = options.convention.name();
  for (const eval::Metric& metric : eval::standard_metrics()) {
    evaluation.metrics.push_back(metrics.result(metric));
  }
  add_set_figures(evaluation, metrics);
  add_score_figures(evaluation, truth, matcher.rows(), options.convention);
  evaluation.set_nll = set_nll(truth, matcher.rows());
  return evaluation;
}

std::string to_text(const FileEvaluation& evaluation) {
  std::string text = fmt::format("{} rows, {} labels, {}\n", grouped(evaluation.rows),
                                 grouped(evaluation.num_labels), evaluation.convention);
  if (evaluation.weighted) text += "rows count by their weights\n";
  if (evaluation.unlabelled > 0) {
    text += fmt::format("{} rows of the truth say nothing of their labels and are left out\n",
                        grouped(evaluation.unlabelled));
  }
  TextTable table({"metric", "value", "undefined"});
  for (const eval::MetricValue& metric : evaluation.metrics) {
    table.add({eval::metric_name(metric.metric), decimal(metric.value),
               metric.undefined == 0 ? "" : grouped(metric.undefined)});
  }
  std::string borrowed;  // the convention of the figures for which the one asked for has no rule
  for (const eval::NamedValue& figure : evaluation.figures) {
    const bool is_borrowed = figure.convention != evaluation.convention;
    if (is_borrowed) borrowed = figure.convention;
    table.add({figure.name + (is_borrowed ? " *" : ""), decimal(figure.value),
               figure.undefined == 0 ? "" : grouped(figure.undefined)});
  }
  if (evaluation.set_nll) {
    const std::string bound = evaluation.set_nll->unlisted > 0 ? ">= " : "";
    table.add({"set_nll (nats)", bound + decimal(evaluation.set_nll->mean), ""});
  }
  text += '\n' + table.text();
  if (!borrowed.empty()) {
    text += fmt::format("\n* as {}: {} has no rule of its own.\n", borrowed, evaluation.convention);
  }
  if (evaluation.unranked > 0 && evaluation.has_scores) {
    text += fmt::format(
        "\nThe predictions of {} rows do not score every label, those of the truth included, so "
        "that there are no metrics of scores.\n",
        grouped(evaluation.unranked));
  }
  if (evaluation.improbable > 0) {
    text += fmt::format(
        "\n{} scores are not in [0, 1], so that there are no metrics of probabilities.\n",
        grouped(evaluation.improbable));
  }
  if (evaluation.set_nll && evaluation.set_nll->unlisted > 0) {
    text += fmt::format(
        "\nThe true set of {} rows is not listed: these count with the residual probability, which "
        "is the most that their set can have.\n",
        grouped(evaluation.set_nll->unlisted));
  }
  return text;
}

std::string to_json(const FileEvaluation& evaluation) {
  nlohmann::ordered_json json;
  json["command"] = "evaluate";
  json["rows"] = evaluation.rows;
  json["unlabelled"] = evaluation.unlabelled;
  json["labels"] = evaluation.num_labels;
  json["weighted"] = evaluation.weighted;
  json["convention"] = evaluation.convention;
  auto& metrics = json["metrics"] = nlohmann::ordered_json::object();
  auto& undefined = json["undefined"] = nlohmann::ordered_json::object();
  for (const eval::MetricValue& metric : evaluation.metrics) {
    metrics[eval::metric_name(metric.metric)] = metric.value;
    undefined[eval::metric_name(metric.metric)] = metric.undefined;
  }
  auto& figures = json["figures"] = nlohmann::ordered_json::object();
  for (const eval::NamedValue& figure : evaluation.figures) {
    figures[figure.name] = {{"value", figure.value},
                            {"undefined", figure.undefined},
                            {"convention", figure.convention}};
  }
  json["unranked"] = evaluation.unranked;
  json["set_nll"] = nullptr;
  if (evaluation.set_nll) {
    json["set_nll"] = {{"mean", evaluation.set_nll->mean},
                       {"lower_bound", evaluation.set_nll->unlisted > 0},
                       {"rows", evaluation.set_nll->rows},
                       {"unlisted", evaluation.set_nll->unlisted}};
  }
  return json.dump(2) + '\n';
}

}  // namespace labelbeam::pipeline
