#include <labelbeam/error.h>
#include <labelbeam/graph/label_orders.h>
#include <labelbeam/input_file.h>
#include <labelbeam/output_file.h>
#include <labelbeam/pipeline/predictor.h>
#include <labelbeam/pipeline/threshold_strategies.h>
#include <labelbeam/pipeline/train_run.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>

#include "catch.h"
#include "synthetic_folder.h"
#include "temporary_folder.h"

using namespace labelbeam;
using namespace labelbeam::pipeline;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> texts_of(const Dataset& data) {
  std::vector<std::string> texts;
  for (const Example& row : data.rows) texts.push_back(*row.text);
  return texts;
}

std::vector<LabelSet> answers_of(const Predictor& predictor, const std::vector<std::string>& texts,
                                 const PredictOptions& options) {
  std::vector<LabelSet> answers;
  for (const DocumentPrediction& answer : predictor.predict(texts, options))
    answers.push_back(answer.labels);
  return answers;
}

}  // namespace

TEST_CASE("A trained model answers with sets, probabilities and marginals that fit together") {
  const TemporaryFolder folder;
  const DataFolder data = synthetic_folder(400, 100, 60);
  for (models::System system :
       {models::System::sigmoid, models::System::decoder, models::System::joint}) {
    const std::string model_folder = folder / models::system_name(system);
    const TrainSummary summary = train_model(data, quick_config(system), model_folder, false, {});
    CHECK(summary.epochs >= 1);
    CHECK_FALSE(fs::exists(model_folder + "/training-state.safetensors"));
    const Predictor predictor(model_folder);
    CHECK(predictor.system() == models::system_name(system));
    CHECK((predictor.labels() == data.train.labels));
    PredictOptions options;
    options.beam_size = options.num_sets = 16;
    for (const DocumentPrediction& answer : predictor.predict(texts_of(data.test), options)) {
      REQUIRE(answer.scores.size() == 4);
      REQUIRE_FALSE(answer.distribution.sets.empty());
      CHECK((answer.labels == answer.distribution.sets.front().labels));
      double mass = 0.0;
      std::vector<double> marginals(4, 0.0);
      for (const ScoredSet& set : answer.distribution.sets) {
        mass += std::exp(set.log_prob);
        for (LabelId label : set.labels) marginals[label] += std::exp(set.log_prob);
      }
      CHECK(mass + answer.distribution.residual == Approx(1.0).epsilon(1e-9));
      for (std::size_t label = 0; label < 4; ++label)
        CHECK(answer.scores[label] == Approx(marginals[label]).margin(2e-3));
    }
  }
}

TEST_CASE("The label graph of the training data orders labels and starts their embeddings") {
  const TemporaryFolder folder;
  const DataFolder data = synthetic_folder(200, 60, 25);
  TrainConfig config = quick_config();
  config.train.max_epochs = 1;
  const auto train = [&](const std::string& name) {
    const std::string path = folder / name;
    const TrainSummary summary = train_model(data, config, path, false, {});
    const auto model = nlohmann::json::parse(read_all(path + "/model.json", 1u << 20));
    return std::pair(summary.valid_set_nll_decoder.value(),
                     model.at("semantics").at("order").get<std::vector<LabelId>>());
  };
  const LabelCounts counts = count_labels(data.train);
  const auto [plain_nll, plain_order] = train("plain");
  CHECK(plain_order == frequency_order(counts).by_rank());
  config.label_order = OrderChoice::arborescence;
  const auto [ordered_nll, order] = train("ordered");
  CHECK(order == arborescence_order(counts).by_rank());
  CHECK(order != plain_order);
  CHECK(ordered_nll != plain_nll);
  config.label_order = OrderChoice::frequency;
  config.label_embeddings = EmbeddingChoice::pmi;
  const auto [started_nll, started_order] = train("started");
  CHECK(started_order == plain_order);
  CHECK(started_nll != plain_nll);
}

TEST_CASE("A sigmoid alone has no order and no embeddings of labels to start from") {
  const TemporaryFolder folder;
  const DataFolder data = synthetic_folder(20, 10, 10);
  TrainConfig config = quick_config(models::System::sigmoid);
  config.label_order = OrderChoice::tree;
  CHECK_THROWS_WITH(train_model(data, config, folder / "model", false, {}),
                    "label_order is of a label decoder, which the system sigmoid does not have: "
                    "leave it out, or train decoder or joint");
  config.label_order = OrderChoice::frequency;
  config.label_embeddings = EmbeddingChoice::spectral;
  CHECK_THROWS_WITH(train_model(data, config, folder / "model", false, {}),
                    contains_text("label_embeddings is of a label decoder"));
  CHECK_FALSE(fs::exists(folder / "model"));
}

TEST_CASE("Training says where embeddings of labels that never go together stay random") {
  const TemporaryFolder folder;
  DataFolder data = synthetic_folder(60, 20, 10);
  for (Example& row : data.train.rows) {
    if (row.labels.size() > 1) row.labels = LabelSet{*row.labels.begin()};
  }
  TrainConfig config = quick_config();
  config.train.max_epochs = 1;
  std::vector<std::string> warnings;
  RunHooks hooks;
  hooks.warning = [&](const std::string& warning) { warnings.push_back(warning); };
  train_model(data, config, folder / "plain", false, hooks);
  CHECK(warnings.empty());
  config.label_embeddings = EmbeddingChoice::spectral;
  train_model(data, config, folder / "model", false, hooks);
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings[0], contains_text("embeddings start from random numbers, not from spectral"));
}

TEST_CASE("Every decision that a model offers gives an answer, alone as in a batch") {
  const TemporaryFolder folder;
  const DataFolder data = synthetic_folder(200, 60, 25);
  train_model(data, quick_config(), folder / "model", false, {});
  const Predictor predictor(folder / "model");
  const std::vector<std::string> texts = texts_of(data.test);
  // All but the strategies that put no threshold on a label.
  std::set<std::string> missing;
  const std::vector<std::string> offered = predictor.decisions();
  for (const ThresholdStrategy& strategy : standard_threshold_strategies()) {
    if (std::ranges::find(offered, strategy.text()) == offered.end()) {
      missing.insert(strategy.text());
    }
  }
  std::set<std::string> without_thresholds;
  for (const ThresholdStrategy& strategy : standard_threshold_strategies())
    if (!strategy.gives_thresholds()) without_thresholds.insert(strategy.text());
  CHECK(missing == without_thresholds);
  for (const std::string& decision : predictor.decisions()) {
    INFO(decision);
    PredictOptions options;
    options.decision = decision;
    const std::vector<LabelSet> together = answers_of(predictor, texts, options);
    options.batch_size = 1;
    CHECK((answers_of(predictor, texts, options) == together));
    const std::optional<Rule> rule = Rule::find(decision);
    if (rule && rule->is_for_collections()) continue;  // a text alone is another collection
    CHECK((predictor.predict(texts.front(), options).labels == together.front()));
  }
  PredictOptions options;
  options.decision = "best";
  CHECK_THROWS_AS(predictor.predict(texts, options), std::invalid_argument);
  options = {};
  options.num_sets = 0;
  CHECK_THROWS_WITH(predictor.predict(texts, options),
                    contains_text("num_sets must be at least 1"));
  CHECK_THROWS_AS(predictor.predict(std::string("broken \xFF text")), std::invalid_argument);
}

TEST_CASE("A model whose loss gives no probabilities answers by thresholds and refuses rules") {
  const TemporaryFolder folder;
  const DataFolder data = synthetic_folder(200, 60, 25);
  TrainConfig config = quick_config(models::System::sigmoid);
  config.model.loss = models::SigmoidLoss::multilabel_margin;
  const TrainSummary summary = train_model(data, config, folder / "model", false, {});
  CHECK(summary.valid_head_loss.has_value());
  CHECK_FALSE(summary.valid_set_nll_sigmoid.has_value());
  const Predictor predictor(folder / "model");
  CHECK_FALSE(predictor.has_distribution());
  CHECK(predictor.decisions().size() > 9);
  for (const std::string& decision : predictor.decisions()) CHECK(is_threshold_strategy(decision));
  const std::vector<std::string> texts = texts_of(data.test);
  for (const std::string& decision : predictor.decisions()) {
    PredictOptions options;
    options.decision = decision;
    for (const DocumentPrediction& answer : predictor.predict(texts, options)) {
      REQUIRE(answer.scores.size() == 4);
      for (double score : answer.scores) CHECK((score > 0.0 && score < 1.0));
      CHECK(answer.distribution.sets.empty());
      if (decision != "fixed") continue;
      for (LabelId label = 0; label < 4; ++label)
        CHECK(answer.labels.contains(label) == (answer.scores[label] >= 0.5));
    }
  }
  CHECK_THROWS_WITH(predictor.predict(texts),
                    contains_text("loss multilabel_margin") && contains_text("global:f1_micro"));
}

TEST_CASE("Where no training row is without labels no answer is empty") {
  const TemporaryFolder folder;
  DataFolder data = synthetic_folder(200, 60, 40);
  for (Example& row : data.train.rows) {
    if (row.labels.empty()) row.labels.insert(0);
  }
  train_model(data, quick_config(), folder / "model", false, {});
  const Predictor predictor(folder / "model");
  for (const char* decision : {"subset_accuracy", "fixed", "per_label", "global:hamming_loss"}) {
    PredictOptions options;
    options.decision = decision;
    for (const LabelSet& answer : answers_of(predictor, texts_of(data.test), options))
      CHECK_FALSE(answer.empty());
  }
}

TEST_CASE("A stopped run resumes to the model of an uninterrupted one") {
  const TemporaryFolder folder;
  const DataFolder data = synthetic_folder(120, 40, 20);
  train_model(data, quick_config(), folder / "whole", false, {});
  RunHooks hooks;
  int batches = 0;
  hooks.should_stop = [&] { return ++batches == 13; };
  CHECK_THROWS_WITH(train_model(data, quick_config(), folder / "resumed", false, hooks),
                    contains_text("--resume"));
  CHECK(fs::exists(folder / "resumed/training-state.safetensors"));
  CHECK_FALSE(fs::exists(folder / "resumed/model.json"));
  train_model(data, quick_config(), folder / "resumed", true, {});
  const std::vector<std::string> texts = texts_of(data.test);
  const auto whole = Predictor(folder / "whole").predict(texts);
  const auto resumed = Predictor(folder / "resumed").predict(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) CHECK(whole[i].scores == resumed[i].scores);
}

TEST_CASE("Word vectors of another dimension and data without text or labels are refused") {
  const TemporaryFolder folder;
  DataFolder data = synthetic_folder(20, 10, 10);
  const std::string vectors = folder / "vectors.txt";
  write_file_atomically(vectors, "the 1 2 3\nof 4 5 6\n");
  TrainConfig config = quick_config();
  config.vectors = {vectors};
  CHECK_THROWS_WITH(
      train_model(data, config, folder / "model", false, {}),
      contains_text(vectors) && contains_text("vectors have 3 numbers, but embedding_size is 12"));
  config = quick_config();
  config.device = "cuda:99";
  CHECK_THROWS_AS(train_model(data, config, folder / "model", false, {}), std::invalid_argument);
  config.device = "gpu";
  CHECK_THROWS_WITH(train_model(data, config, folder / "model", false, {}),
                    contains_text("none of cpu, cuda, cuda:N"));
  data.valid.rows[3].text.reset();
  CHECK_THROWS_WITH(train_model(data, quick_config(), folder / "model", false, {}),
                    contains_text("validation data has no text"));
  data.train.rows[3].labelled = false;
  CHECK_THROWS_WITH(train_model(data, quick_config(), folder / "model", false, {}),
                    contains_text("training data has no labels"));
  data.train.rows.clear();
  CHECK_THROWS_WITH(train_model(data, quick_config(), folder / "model", false, {}),
                    contains_text("training data have no rows"));
  CHECK_FALSE(fs::exists(folder / "model/model.json"));
}

TEST_CASE("Words with vectors are known although training data do not hold them") {
  const TemporaryFolder folder;
  const DataFolder data = synthetic_folder(60, 20, 10);
  const std::string vectors = folder / "vectors.txt";
  std::string lines;
  for (const char* word : {"zebra", "yonder"}) {
    lines += word;
    for (int d = 0; d < 12; ++d) lines += word[0] == 'z' ? " 1.5" : " -1.5";
    lines += '\n';
  }
  write_file_atomically(vectors, lines);
  TrainConfig config = quick_config();
  config.vectors = {vectors};
  train_model(data, config, folder / "model", false, {});
  const Predictor predictor(folder / "model");
  CHECK(predictor.predict(std::string("zebra")).scores !=
        predictor.predict(std::string("yonder")).scores);
  CHECK(predictor.predict(std::string("unheard")).scores ==
        predictor.predict(std::string("of")).scores);
}
