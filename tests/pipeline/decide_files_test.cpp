#include <labelbeam/error.h>
#include <labelbeam/pipeline/decide_files.h>
#include <labelbeam/pipeline/decisions.h>
#include <labelbeam/pipeline/threshold_strategies.h>
#include <labelbeam/random.h>
#include <labelbeam/writers/predictions.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;
using namespace labelbeam::pipeline;
using Names = std::vector<std::string>;

namespace {

const Names kLabels{"a", "b", "c"};

DecideOptions decide_by(const std::string& decision, DecideFrom from = DecideFrom::automatic) {
  DecideOptions options;
  options.decision = decision;
  options.from = from;
  return options;
}

/// The labels decided for a file of one line.
Names decided(const std::string& line, const DecideOptions& options) {
  const TemporaryFolder folder;
  return decide_file(folder.file("p.jsonl", line + "\n"), options).predictions.at(0).labels;
}

std::string error(const std::string& lines, const DecideOptions& options) {
  const TemporaryFolder folder;
  try {
    decide_file(folder.file("p.jsonl", lines), options);
  } catch (const DataError& error) {
    return error.what();
  }
  FAIL("no DataError");
  return "";
}

/// Expected F1 of an answer (a bit a label) if labels are independent; 0/0 is 0.
double expected_f1(unsigned answer, const std::vector<double>& probs) {
  double sum = 0.0;
  for (unsigned truth = 0; truth < 8; ++truth) {
    double p = 1.0;
    for (unsigned l = 0; l < 3; ++l) p *= truth >> l & 1U ? probs[l] : 1.0 - probs[l];
    const int sizes = __builtin_popcount(truth) + __builtin_popcount(answer);
    if (sizes > 0) sum += p * 2.0 * __builtin_popcount(truth & answer) / sizes;
  }
  return sum;
}

unsigned bits(const Names& names) {
  unsigned set = 0;
  for (const std::string& name : names) set |= 1U << (name[0] - 'a');
  return set;
}

/// Validation rows with noisy scores, as files.
struct Validation {
  std::string truth;
  std::string predictions;
  ScoreMatrix scores{80, 3};
  std::vector<LabelSet> sets;

  Validation() : sets(80) {
    CounterRng rng(11, {});
    for (std::size_t i = 0; i < 80; ++i) {
      Prediction prediction;
      prediction.id = std::to_string(i);
      nlohmann::json row{{"id", prediction.id}, {"labels", nlohmann::json::array()}};
      for (LabelId label = 0; label < 3; ++label) {
        const bool is_true = rng.uniform() < 0.4;
        const double score = 0.3 * (is_true ? 1.0 : 0.0) + 0.5 * rng.uniform();
        scores.row(i)[label] = score;
        prediction.scores.emplace_back(kLabels[label], score);
        if (is_true) {
          sets[i].insert(label);
          row["labels"].push_back(kLabels[label]);
        }
      }
      prediction.decided = false;
      truth = row.dump() + "\n" + truth;  // the other way round, so that ids must match
      predictions += to_json_line(prediction) + "\n";
    }
  }
};

}  // namespace

TEST_CASE("a rule on scores takes the labels to be independent") {
  CounterRng rng(5, {});
  for (int trial = 0; trial < 50; ++trial) {
    const std::vector<double> probs{rng.uniform(), rng.uniform(), rng.uniform()};
    nlohmann::json line{{"id", "1"},
                        {"scores", {{"a", probs[0]}, {"b", probs[1]}, {"c", probs[2]}}}};
    double best = 0.0;
    for (unsigned answer = 0; answer < 8; ++answer)
      best = std::max(best, expected_f1(answer, probs));
    CHECK(expected_f1(bits(decided(line.dump(), decide_by("f1_samples"))), probs) == Approx(best));
    unsigned mode = 0;
    for (unsigned l = 0; l < 3; ++l) mode |= (probs[l] > 0.5 ? 1U : 0U) << l;
    CHECK(bits(decided(line.dump(), decide_by("subset_accuracy"))) == mode);
    CHECK(bits(decided(line.dump(), decide_by("hamming_loss"))) == mode);
  }
}

TEST_CASE("a rule on sets sees their joint distribution") {
  const std::string line =
      R"({"id":"1","scores":{"a":0.9,"b":0.9,"c":0.9},"sets":[{"labels":["b"],"log_prob":-1.6},)"
      R"({"labels":["a"],"log_prob":-0.8},{"labels":["b","c"],"log_prob":-1.2}],"residual":0.04})";
  CHECK(decided(line, decide_by("subset_accuracy")) == Names{"a"});
  CHECK(decided(line, decide_by("subset_accuracy", DecideFrom::scores)) == kLabels);
  // Marginals are the scores where there are any.
  CHECK(decided(line, decide_by("hamming_loss")) == kLabels);
  const std::string without_scores =
      R"({"id":"1","sets":[{"labels":["b"],"log_prob":-1.6},{"labels":["a"],"log_prob":-0.8},)"
      R"({"labels":["b","c"],"log_prob":-1.2}]})";
  CHECK(decided(without_scores, decide_by("hamming_loss")) == Names{"b"});
}

TEST_CASE("improbable sets still have weights") {
  CHECK(
      decided(
          R"({"id":"1","sets":[{"labels":["b"],"log_prob":-900},{"labels":["a"],"log_prob":-901}]})",
          decide_by("hamming_loss")) == Names{"b"});
}

TEST_CASE("thresholds are put on scores, or on the marginals of sets") {
  const std::string scores =
      R"({"id":"1","scores":{"a":0.6,"b":0.4},"sets":[{"labels":["b"],"log_prob":0}]})";
  CHECK(decided(scores, decide_by("fixed")) == Names{"a"});
  CHECK(decided(scores, decide_by("fixed", DecideFrom::sets)) == Names{"b"});
  DecideOptions lower = decide_by("fixed");
  lower.fixed_threshold = 0.4;
  CHECK(decided(scores, lower) == Names{"a", "b"});
  lower.fixed_threshold = 0.7;
  CHECK(decided(scores, lower).empty());
  lower.top1_if_empty = true;
  CHECK(decided(scores, lower) == Names{"a"});
}

TEST_CASE("a label without a score has score 0") {
  const TemporaryFolder folder;
  const std::string file = folder.file(
      "p.jsonl", "{\"id\":\"1\",\"scores\":{\"a\":0.6}}\n{\"id\":\"2\",\"scores\":{\"b\":0.7}}\n");
  const DecidedFile decided_file = decide_file(file, decide_by("fixed"));
  CHECK(decided_file.predictions[0].labels == Names{"a"});
  CHECK(decided_file.predictions[1].labels == Names{"b"});
  CHECK(decided_file.summary.num_labels == 2);
  CHECK(decided_file.summary.cardinality == 1.0);
}

TEST_CASE("a tuned strategy sees the validation files only") {
  const Validation valid;
  const TemporaryFolder folder;
  DecideOptions options;
  options.valid_truth = folder.file("truth.jsonl", valid.truth);
  options.valid_predictions = folder.file("valid.jsonl", valid.predictions);
  const std::string test =
      folder.file("test.jsonl", "{\"id\":\"x\",\"scores\":{\"a\":0.41,\"b\":0.2,\"c\":0.7}}\n");
  for (const ThresholdStrategy& strategy : standard_threshold_strategies()) {
    if (!strategy.is_tuned()) continue;
    INFO(strategy.text());
    options.decision = strategy.text();
    const DecidedFile file = decide_file(test, options);
    const TunedStrategy expected =
        strategy.tune(valid.scores, eval::ValidTruth(valid.sets), {}, false);
    if (expected.thresholds() == nullptr) {
      CHECK(file.summary.thresholds_json.empty());
      continue;
    }
    const auto json = nlohmann::json::parse(file.summary.thresholds_json);
    for (std::size_t label = 0; label < 3; ++label) {
      CHECK(json["thresholds"][kLabels[label]].get<double>() ==
            expected.thresholds()->values[label]);
    }
    DecideOptions again;
    again.decision = "thresholds";
    again.thresholds_file = folder.file("thresholds.json", file.summary.thresholds_json);
    CHECK(decide_file(test, again).predictions == file.predictions);
  }
}

TEST_CASE("cuts and counts answer from scores, and leave no file of thresholds") {
  const Validation valid;
  const TemporaryFolder folder;
  DecideOptions options;
  options.valid_truth = folder.file("truth.jsonl", valid.truth);
  options.valid_predictions = folder.file("valid.jsonl", valid.predictions);
  const std::string test =
      folder.file("test.jsonl",
                  "{\"id\":\"x\",\"scores\":{\"a\":0.4,\"b\":0.2,\"c\":0.7}}\n"
                  "{\"id\":\"y\",\"scores\":{\"a\":0.3,\"b\":0.9,\"c\":0.8}}\n");
  ScoreMatrix scores(2, 3);
  scores.values = {0.4, 0.2, 0.7, 0.3, 0.9, 0.8};
  for (const char* text : {"rcut:f1_samples", "pcut:f1_micro", "predicted_count", "mcut",
                           "expected_count", "cost:1:3", "f_limit:2", "fixed:0.75"}) {
    INFO(text);
    options.decision = text;
    const ThresholdStrategy strategy = ThresholdStrategy::parse(text);
    if (!strategy.is_tuned()) options.valid_truth = options.valid_predictions = "";
    const DecidedFile file = decide_file(test, options);
    const TunedStrategy expected = strategy.tune(strategy.is_tuned() ? valid.scores : scores,
                                                 eval::ValidTruth(valid.sets), {}, false);
    CHECK(file.summary.thresholds_json.empty() == (expected.thresholds() == nullptr));
    const std::vector<LabelSet> answers = expected.apply(scores);
    for (std::size_t i = 0; i < 2; ++i) {
      Names names;
      for (const LabelId label : answers[i]) names.push_back(kLabels[label]);
      CHECK(file.predictions[i].labels == names);
    }
  }
}

TEST_CASE("strategies for probabilities refuse other scores, and the others do not") {
  const std::string line = R"({"id":"1","scores":{"a":3.5,"b":-2,"c":1}})";
  for (const char* text : {"fixed", "cost:1:2", "f_limit:2", "expected_count"}) {
    CHECK_THAT(error(line, decide_by(text)),
               contains_text("the score of \"a\" is 3.5, but " + std::string(text) + " needs"));
  }
  CHECK(decided(line, decide_by("fixed:0.5")) == Names{"a", "c"});
  CHECK(decided(line, decide_by("mcut")) == Names{"a", "c"});
  DecideOptions margin = decide_by("fixed");
  margin.fixed_threshold = 2.0;
  CHECK(decided(line, margin) == Names{"a"});
}

TEST_CASE("a file of thresholds may have a default, and must cover every label") {
  const TemporaryFolder folder;
  const std::string line = R"({"id":"1","scores":{"a":0.3,"b":0.3}})";
  DecideOptions options = decide_by("thresholds");
  const auto with = [&](const std::string& text) {
    options.thresholds_file = folder.file("t.json", text);
    return options;
  };
  CHECK(decided(line, with(R"({"thresholds":{"a":0.2,"z":1},"default":0.4})")) == Names{"a"});
  CHECK(decided(line, with(R"({"default":0.4,"top1_if_empty":true})")) == Names{"a"});
  CHECK_THAT(error(line, with(R"({"thresholds":{"a":0.2}})")),
             contains_text("t.json: has no threshold for the label \"b\""));
  CHECK_THAT(error(line, with("{\"thresholds\":")), contains_text("is not valid JSON"));
  CHECK_THAT(error(line, with("[]")), contains_text("must hold a JSON object"));
  CHECK_THAT(error(line, with(R"({"thresholds":{"a":"x"}})")),
             contains_text("\"a\" must be a number"));
  CHECK_THAT(error(line, with(R"({"threshold":0.5})")),
             contains_text("the field \"threshold\" is not one"));
}

TEST_CASE("a row keeps everything but its labels") {
  const std::string line =
      R"({"id":"1","labels":["c"],"scores":{"a":0.9},"sets":[{"labels":["a"],"log_prob":-0.1}],"residual":0.09})";
  const TemporaryFolder folder;
  const std::string file = folder.file("p.jsonl", line + "\n");
  Prediction expected = read_predictions(file).at(0);
  expected.labels = {"a"};
  CHECK(decide_file(file).predictions.at(0) == expected);
}

TEST_CASE("a rule for collections takes the file as the collection") {
  CounterRng rng(12, {});
  ScoreMatrix marginals(25, 3);
  std::string lines;
  for (std::size_t i = 0; i < marginals.num_rows; ++i) {
    Prediction prediction;
    prediction.id = std::to_string(i);
    for (LabelId label = 0; label < 3; ++label) {
      marginals.row(i)[label] = rng.uniform() * rng.uniform();
      prediction.scores.emplace_back(kLabels[label], marginals.row(i)[label]);
    }
    lines += to_json_line(prediction) + "\n";
  }
  const TemporaryFolder folder;
  const std::string file = folder.file("p.jsonl", lines);
  for (const char* name : {"f1_macro", "f1_micro", "fbeta_macro:2"}) {
    const std::vector<LabelSet> expected = Rule::parse(name).decide(marginals);
    const DecidedFile decided_file = decide_file(file, decide_by(name));
    CHECK(decided_file.summary.warnings.empty());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      LabelSet answer;
      for (const std::string& label : decided_file.predictions[i].labels) {
        answer.insert(static_cast<LabelId>(label[0] - 'a'));
      }
      CHECK(answer == expected[i]);
    }
  }
  const std::string few = folder.file("few.jsonl", lines.substr(0, lines.find('\n') + 1));
  REQUIRE(decide_file(few, decide_by("f1_macro")).summary.warnings.size() == 1);
  CHECK_THAT(decide_file(few, decide_by("f1_macro")).summary.warnings[0],
             contains_text("1 rows are few"));
}

TEST_CASE("a rule for collections reads sets where rows have no scores") {
  const std::string line =
      R"({"id":"1","sets":[{"labels":["a","b"],"log_prob":-0.1},{"labels":["c"],"log_prob":-3}]})";
  CHECK(decided(line, decide_by("f1_micro")) == Names{"a", "b"});
}

TEST_CASE("support answers with the label sets of a file only") {
  const TemporaryFolder folder;
  DecideOptions options = decide_by("support");
  options.support_truth = folder.file("train.jsonl",
                                      "{\"id\":\"1\",\"labels\":[\"b\",\"c\"]}\n"
                                      "{\"id\":\"2\",\"labels\":[\"b\"]}\n");
  const std::string line =
      R"({"id":"1","sets":[{"labels":["a"],"log_prob":-0.5},{"labels":["b"],"log_prob":-2}]})";
  CHECK(decided(line, options) == Names{"b"});
  CHECK(decided(R"({"id":"1","scores":{"a":0.9,"b":0.9,"c":0.8}})", options) == Names{"b", "c"});
  CHECK_THROWS_WITH(decided(line, decide_by("support")), contains_text("needs rows"));
  options.decision = "f1_samples";
  CHECK_THROWS_WITH(decided(line, options), contains_text("takes no label sets as support"));
}

TEST_CASE("the k best labels are answered for every row") {
  const std::string line = R"({"id":"1","scores":{"a":0.1,"b":0.2,"c":0.05}})";
  CHECK(decided(line, decide_by("precision@2")) == Names{"a", "b"});
  CHECK(decided(line, decide_by("recall@1")) == Names{"b"});
  CHECK(decided(line, decide_by("ndcg@3")) == kLabels);
}

TEST_CASE("rows that a decision cannot be made from are refused with their line") {
  const std::string good = "{\"id\":\"1\",\"scores\":{\"a\":0.5}}\n";
  CHECK_THAT(error(good + "{\"id\":\"2\",\"labels\":[\"a\"]}\n", decide_by("f1_samples")),
             contains_text("p.jsonl:2: has neither \"scores\" nor \"sets\""));
  CHECK_THAT(error(good + "{\"id\":\"2\",\"scores\":{\"a\":1.5}}\n", decide_by("f1_samples")),
             contains_text("p.jsonl:2: the score of \"a\" is 1.5"));
  CHECK_THAT(error(good, decide_by("f1_samples", DecideFrom::sets)),
             contains_text("p.jsonl:1: lists no"));
  CHECK_THAT(error("{\"id\":\"2\",\"sets\":[{\"labels\":[\"a\"],\"log_prob\":0}]}\n",
                   decide_by("fixed", DecideFrom::scores)),
             contains_text("p.jsonl:1: gives no \"scores\""));
  CHECK_THAT(error("", decide_by("fixed")), contains_text("is empty"));
  CHECK_THAT(
      error("{\"id\":\"2\",\"sets\":[{\"labels\":[],\"log_prob\":0}]}\n", decide_by("fixed")),
      contains_text("names no label"));
}

TEST_CASE("options of a decision must fit together") {
  const TemporaryFolder folder;
  const std::string file = folder.file("p.jsonl", "{\"id\":\"1\",\"scores\":{\"a\":0.5}}\n");
  const auto refused = [&](const DecideOptions& options) {
    CHECK_THROWS_AS(decide_file(file, options), std::invalid_argument);
  };
  refused(decide_by("per_label"));
  refused(decide_by("global"));
  refused(decide_by("best"));
  refused(decide_by("thresholds"));
  DecideOptions options = decide_by("f1_samples");
  options.thresholds_file = "t.json";
  refused(options);
  options = decide_by("f1_samples");
  options.valid_truth = options.valid_predictions = file;
  refused(options);
  options = decide_by("per_label");
  options.valid_truth = file;
  refused(options);
  options = decide_by("fixed");
  options.fixed_threshold = std::nan("");
  refused(options);
}
