#include <labelbeam/error.h>
#include <labelbeam/pipeline/evaluate_files.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "catch.h"
#include "named_values.h"
#include "temporary_folder.h"

using namespace labelbeam;
using namespace labelbeam::pipeline;
using labelbeam::eval::testing::figure;

namespace {

const std::string kTruth =
    R"({"id":"1","labels":["a","b"]}
{"id":"2","labels":["c"]}
{"id":"3","labels":[]}
)";

const std::string kPredictions =
    R"({"id":"3","labels":[]}
{"id":"1","labels":["b"]}
{"id":"2","labels":["c","d"]}
)";

double value_of(const FileEvaluation& evaluation, const std::string& name) {
  for (const eval::MetricValue& value : evaluation.metrics) {
    if (eval::metric_name(value.metric) == name) return value.value;
  }
  FAIL("no metric " + name);
  return 0.0;
}

bool has_figure(const FileEvaluation& evaluation, const std::string& name) {
  return std::any_of(evaluation.figures.begin(), evaluation.figures.end(),
                     [&](const eval::NamedValue& value) { return value.name == name; });
}

struct EvaluatedFiles {
  TemporaryFolder folder;
  std::string truth;
  std::string predictions;

  explicit EvaluatedFiles(const std::string& truth_text = kTruth,
                          const std::string& prediction_text = kPredictions)
      : truth(folder.file("truth.jsonl", truth_text)),
        predictions(folder.file("pred.jsonl", prediction_text)) {}
  FileEvaluation evaluate(const EvaluateOptions& options = {}) const {
    return evaluate_files(truth, predictions, options);
  }
  std::string error(const EvaluateOptions& options = {}) const {
    try {
      evaluate(options);
    } catch (const DataError& error) {
      return error.what();
    }
    FAIL("no DataError");
    return "";
  }
};

}  // namespace

TEST_CASE("predictions are matched by id, and the labels are those of both files") {
  const FileEvaluation evaluation = EvaluatedFiles().evaluate();
  CHECK(evaluation.rows == 3);
  CHECK(evaluation.num_labels == 4);
  CHECK(evaluation.convention == "sklearn(zero_division=0)");
  CHECK_FALSE(evaluation.weighted);
  CHECK_FALSE(evaluation.set_nll);
  // Worked out by hand: row 1 a,b against b; row 2 c against c,d; row 3 nothing against nothing.
  CHECK(value_of(evaluation, "subset_accuracy") == Approx(1.0 / 3));
  CHECK(value_of(evaluation, "hamming_loss") == Approx(2.0 / 12));
  CHECK(value_of(evaluation, "jaccard_samples") == Approx((0.5 + 0.5 + 0.0) / 3));
  CHECK(value_of(evaluation, "f1_micro") == Approx(4.0 / 6));
  CHECK(evaluation.metrics.size() == eval::standard_metrics().size());
}

TEST_CASE("the convention and the number of undefined cases are told") {
  EvaluateOptions options;
  options.convention = eval::Convention::sklearn(1.0);
  const FileEvaluation evaluation = EvaluatedFiles().evaluate(options);
  CHECK(evaluation.convention == "sklearn(zero_division=1)");
  CHECK(value_of(evaluation, "jaccard_samples") == Approx((0.5 + 0.5 + 1.0) / 3));
  for (const eval::MetricValue& value : evaluation.metrics) {
    if (eval::metric_name(value.metric) == "f1_samples") CHECK(value.undefined == 1);
    if (eval::metric_name(value.metric) == "recall_macro") CHECK(value.undefined == 1);
  }
}

TEST_CASE("a labels file says what labels there are") {
  const EvaluatedFiles files;
  EvaluateOptions options;
  options.labels_file = files.folder.file("labels.txt", "a\nb\nc\nd\n\ne\n");
  CHECK(files.evaluate(options).num_labels == 5);
  options.labels_file = files.folder.file("labels.json", R"( ["d", "c", "b", "a", "e", "f"] )");
  const FileEvaluation evaluation = files.evaluate(options);
  CHECK(evaluation.num_labels == 6);
  CHECK(value_of(evaluation, "hamming_loss") == Approx(2.0 / 18));
  options.labels_file = files.folder.file("few.txt", "a\nb\nc\n");
  CHECK_THAT(files.error(options), contains_text("pred.jsonl:3: the label \"d\" is not in"));
  options.labels_file = files.folder.file("fewer.txt", "a\nb\n");
  CHECK_THAT(files.error(options), contains_text("truth.jsonl:2: the label \"c\" is not among"));
}

TEST_CASE("a damaged labels file is refused") {
  const EvaluatedFiles files;
  EvaluateOptions options;
  const auto error = [&](const std::string& text) {
    options.labels_file = files.folder.file("labels", text);
    return files.error(options);
  };
  CHECK_THAT(error(""), contains_text("holds no label names"));
  CHECK_THAT(error("a\nb\na\n"), contains_text("labels:3: the label \"a\" is repeated"));
  CHECK_THAT(error("[\"a\", 1]"), contains_text("label names must be strings, got a JSON number"));
  CHECK_THAT(error("[\"a\""), contains_text("is not a JSON array"));
  CHECK_THAT(error("[\"a\", \"\"]"), contains_text("labels: "));
  options.labels_file = files.folder / "absent";
  CHECK_THROWS_AS(files.evaluate(options), MissingFileError);
}

TEST_CASE("ids that only one file has are named") {
  CHECK_THAT(
      EvaluatedFiles(kTruth, "{\"id\":\"1\",\"labels\":[]}\n").error(),
      contains_text("has no prediction for 2 of 3 rows of") && contains_text("\"2\" and \"3\""));
  CHECK_THAT(EvaluatedFiles(kTruth, kPredictions + "{\"id\":\"x\",\"labels\":[]}\n").error(),
             contains_text("has 1 ids that") && contains_text("lacks: \"x\""));
  std::string many = kPredictions;
  for (char c = 'A'; c < 'G'; ++c) many += std::string("{\"id\":\"") + c + "\",\"labels\":[]}\n";
  CHECK_THAT(EvaluatedFiles(kTruth, many).error(), contains_text("\"A\", \"B\", \"C\" and 3 more"));
}

TEST_CASE("a prediction without a decision is refused") {
  CHECK_THAT(EvaluatedFiles("{\"id\":\"1\",\"labels\":[\"a\"]}\n",
                            "{\"id\":\"1\",\"scores\":{\"a\":0.5}}\n")
                 .error(),
             contains_text("pred.jsonl:1: has no \"labels\""));
}

TEST_CASE("rows that say nothing of their labels are left out and counted") {
  const FileEvaluation evaluation =
      EvaluatedFiles(kTruth + "{\"id\":\"4\"}\n{\"id\":\"5\"}\n",
                     kPredictions + "{\"id\":\"5\",\"labels\":[\"a\"]}\n")
          .evaluate();
  CHECK(evaluation.rows == 3);
  CHECK(evaluation.unlabelled == 2);
  CHECK(value_of(evaluation, "subset_accuracy") == Approx(1.0 / 3));
  CHECK_THAT(EvaluatedFiles("{\"id\":\"1\"}\n", "{\"id\":\"1\",\"labels\":[\"a\"]}\n").error(),
             contains_text("no row says what its labels are"));
}

TEST_CASE("rows count by their weights") {
  const EvaluatedFiles files(
      "{\"id\":\"1\",\"labels\":[\"a\"],\"weight\":3}\n{\"id\":\"2\",\"labels\":[\"a\"]}\n",
      "{\"id\":\"1\",\"labels\":[\"a\"],\"sets\":[{\"labels\":[\"a\"],\"log_prob\":-1}]}\n"
      "{\"id\":\"2\",\"labels\":[],\"sets\":[{\"labels\":[\"a\"],\"log_prob\":-2}]}\n");
  const FileEvaluation evaluation = files.evaluate();
  CHECK(evaluation.weighted);
  CHECK(value_of(evaluation, "subset_accuracy") == Approx(0.75));
  CHECK(evaluation.set_nll.value().mean == Approx((3 * 1.0 + 2.0) / 4));
  CHECK_THAT(EvaluatedFiles("{\"id\":\"1\",\"labels\":[\"a\"],\"weight\":0}\n",
                            "{\"id\":\"1\",\"labels\":[\"a\"]}\n")
                 .error(),
             contains_text("the weights of all rows are 0"));
}

TEST_CASE("set NLL counts unlisted sets with the residual and says that it is a bound") {
  const std::string truth =
      "{\"id\":\"1\",\"labels\":[\"a\",\"b\"]}\n{\"id\":\"2\",\"labels\":[\"c\"]}\n";
  const std::string first =
      R"({"id":"1","labels":["a"],"sets":[{"labels":["a"],"log_prob":-0.5},{"labels":["b","a"],"log_prob":-1.5}],"residual":0.17})"
      "\n";
  const auto nll = [&](const std::string& second) {
    return EvaluatedFiles(truth, first + second + "\n").evaluate().set_nll;
  };
  const auto listed = nll(R"({"id":"2","labels":[],"sets":[{"labels":["c"],"log_prob":-0.25}]})");
  REQUIRE(listed);
  CHECK(listed->mean == Approx((1.5 + 0.25) / 2));
  CHECK(listed->unlisted == 0);
  const auto bounded =
      nll(R"({"id":"2","labels":[],"sets":[{"labels":[],"log_prob":-0.25}],"residual":0.2})");
  REQUIRE(bounded);
  CHECK(bounded->mean == Approx((1.5 - std::log(0.2)) / 2));
  CHECK(bounded->unlisted == 1);
  const auto no_residual = nll(R"({"id":"2","labels":[],"sets":[{"labels":[],"log_prob":-0.25}]})");
  CHECK(no_residual.value().mean == Approx((1.5 - std::log(1 - std::exp(-0.25))) / 2));
  const auto impossible =
      nll(R"({"id":"2","labels":[],"sets":[{"labels":[],"log_prob":-0.25}],"residual":0})");
  CHECK(std::isinf(impossible.value().mean));
  CHECK_FALSE(nll(R"({"id":"2","labels":[]})"));
}

TEST_CASE("figures of sets come with the convention asked for") {
  EvaluateOptions options;
  options.convention = eval::Convention::mulan();
  const FileEvaluation evaluation = EvaluatedFiles().evaluate(options);
  CHECK(evaluation.convention == "mulan");
  CHECK(value_of(evaluation, "f1_samples") == Approx((2.0 / 3 + 2.0 / 3 + 1.0) / 3));
  CHECK(figure(evaluation.figures, "zero_one_loss").value == Approx(2.0 / 3));
  CHECK(figure(evaluation.figures, "empty_set_recall").value == 1.0);
  CHECK(figure(evaluation.figures, "specificity_micro").value == Approx(8.0 / 9));
  CHECK(evaluation.unranked == 3);
  CHECK_FALSE(has_figure(evaluation, "coverage_error"));
}

TEST_CASE("scores of every label are measured as rankings and as probabilities") {
  const std::string truth =
      "{\"id\":\"1\",\"labels\":[\"a\"]}\n{\"id\":\"2\",\"labels\":[\"b\"]}\n";
  const auto evaluate = [&](const std::string& scores_of_1, const std::string& scores_of_2,
                            const EvaluateOptions& options = {}) {
    return EvaluatedFiles(truth, "{\"id\":\"2\",\"labels\":[],\"scores\":" + scores_of_2 +
                                     "}\n{\"id\":\"1\",\"labels\":[],\"scores\":" + scores_of_1 +
                                     "}\n")
        .evaluate(options);
  };
  const FileEvaluation probabilities = evaluate(R"({"b":0.25,"a":0.5})", R"({"a":0.75,"b":0.25})");
  CHECK(probabilities.unranked == 0);
  CHECK(figure(probabilities.figures, "coverage_error").value == 1.5);
  CHECK(figure(probabilities.figures, "label_ranking_loss").value == 0.5);
  CHECK(figure(probabilities.figures, "roc_auc_macro").value == 0.25);  // a: 0, b: a tie
  CHECK(figure(probabilities.figures, "brier_score_loss_macro").value ==
        Approx((0.25 + 0.0625 + 0.5625 + 0.5625) / 4));

  EvaluateOptions mulan;
  mulan.convention = eval::Convention::mulan();
  const FileEvaluation scores = evaluate(R"({"b":-2,"a":3})", R"({"a":0.75,"b":0.25})", mulan);
  CHECK(figure(scores.figures, "coverage_error").value == 0.5);
  CHECK(figure(scores.figures, "coverage_error").convention == "mulan");
  CHECK(figure(scores.figures, "ndcg_at_3").convention == "sklearn(zero_division=0)");
  CHECK_THAT(to_text(scores),
             contains_text("\nndcg_at_3 *") &&
                 contains_text("* as sklearn(zero_division=0): mulan has no rule"));
  CHECK_FALSE(has_figure(scores, "log_loss_macro"));

  const FileEvaluation partial = evaluate(R"({"b":0.25})", R"({"a":0.75,"b":0.25})");
  CHECK(partial.unranked == 1);
  CHECK_FALSE(has_figure(partial, "coverage_error"));
  CHECK_THAT(to_text(partial), contains_text("1 rows do not score every label"));
}

TEST_CASE("an evaluation is a table and a JSON document") {
  const FileEvaluation evaluation = EvaluatedFiles().evaluate();
  CHECK_THAT(to_text(evaluation), contains_text("3 rows, 4 labels, sklearn(zero_division=0)") &&
                                      contains_text("\nsubset_accuracy ") &&
                                      contains_text(" 0.3333"));
  const auto json = nlohmann::json::parse(to_json(evaluation));
  CHECK(json["metrics"]["f1_micro"].get<double>() == value_of(evaluation, "f1_micro"));
  CHECK(json["undefined"]["f1_samples"] == 1);
  CHECK(json["figures"]["zero_one_loss"]["value"].get<double>() == Approx(2.0 / 3));
  CHECK(json["figures"]["zero_one_loss"]["undefined"] == 0);
  CHECK(json["unranked"] == 3);
  CHECK(json["set_nll"].is_null());
}
