#include <labelbeam/error.h>
#include <labelbeam/output_file.h>
#include <labelbeam/pipeline/train_config.h>

#include <stdexcept>

#include "catch.h"
#include "temporary_folder.h"

using namespace labelbeam;
using namespace labelbeam::pipeline;

TEST_CASE("A configuration read from what was written is the same") {
  TrainConfig config;
  config.model.system = models::System::sigmoid;
  config.model.hidden_size = 33;
  config.model.loss = models::SigmoidLoss::adaptive_threshold;
  config.train.learning_rate = 0.1 + 0.2;
  config.train.seed = 0xFFFFFFFFFFFFFFFF;
  config.tokenizer.lower_case = false;
  config.empty_set = EmptySet::forbid;
  config.label_order = OrderChoice::arborescence;
  config.label_embeddings = EmbeddingChoice::pmi;
  config.vectors = {"a file, with comma.txt"};
  config.device = "cuda:1";
  TrainConfig read;
  apply_json(to_json(config), read);
  CHECK((read == config));
}

TEST_CASE("A configuration overrides only the fields it names") {
  TrainConfig config;
  apply_json(R"({"train": {"max_epochs": 3}, "max_tokens": 50})", config);
  TrainConfig expected;
  expected.train.max_epochs = 3;
  expected.max_tokens = 50;
  CHECK((config == expected));
}

TEST_CASE("A configuration that makes no sense is refused by field") {
  struct Case {
    const char* text;
    const char* reason;
  };
  const Case cases[] = {
      {"{", "not valid JSON"},
      {"[]", "the configuration is not a JSON object"},
      {R"({"trains": {}})", "the field \"trains\" is not known"},
      {R"({"train": {"epochs": 3}})", "the field \"train.epochs\" is not known"},
      {R"({"train": 3})", "the field \"train.\" is not a JSON object"},
      {R"({"train": {"max_epochs": "three"}})",
       "the field \"train.max_epochs\" is wrong: \"three\" is not a whole number"},
      {R"({"train": {"max_epochs": 2.5}})", "2.5 is not a whole number"},
      {R"({"train": {"max_epochs": 0}})", "max_epochs must be at least 1, got 0"},
      {R"({"max_tokens": -1})", "-1 is negative"},
      {R"({"max_tokens": 0})", "\"max_tokens\" must be at least 1"},
      {R"({"model": {"system": "both"}})", "none of sigmoid, decoder, joint"},
      {R"({"model": {"loss": "hinge"}})", "\"hinge\" is none of bce"},
      {R"({"model": {"system": "decoder", "loss": "focal"}})",
       "the loss focal is of a sigmoid head"},
      {R"({"model": {"encoder_dropout": 1.5}})", "encoder_dropout must be at least 0 and below 1"},
      {R"({"label_order": "random"})",
       "\"random\" is none of frequency, tree, arborescence, topological"},
      {R"({"label_embeddings": 3})", "\"label_embeddings\" has a value of the wrong type"},
      {R"({"empty_set": "maybe"})", "\"maybe\" is none of learn, allow, forbid"},
      {R"({"tokenizer": {"lower_case": 1}})",
       "the field \"tokenizer.lower_case\" has a value of the wrong type: 1"},
      {R"({"vectors": "file.txt"})", "the field \"vectors\" has a value of the wrong type"},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    TrainConfig config;
    CHECK_THROWS_AS(apply_json(c.text, config), std::invalid_argument);
    CHECK_THROWS_WITH(apply_json(c.text, config), contains_text(c.reason));
  }
}

TEST_CASE("A name of a compared system says system and loss") {
  for (const std::string& name : compared_systems()) {
    models::ModelOptions options;
    options.loss = models::SigmoidLoss::focal;
    choose_system(name, options);
    std::string chosen = models::system_name(options.system);
    if (options.loss != models::SigmoidLoss::bce) {
      chosen.push_back(':');
      chosen += models::loss_name(options.loss);
    }
    CHECK((name == kTreeSystem ? chosen == "sigmoid" : chosen == name));
  }
  CHECK(compared_systems().size() == loss_names().size() + 3);
}

TEST_CASE("A configuration file is named in its error") {
  const TemporaryFolder folder;
  const std::string file = folder / "config.json";
  write_file_atomically(file, R"({"trains": {}})");
  CHECK_THROWS_WITH(read_train_config(file), file + ": the field \"trains\" is not known");
  CHECK_THROWS_AS(read_train_config(folder / "none.json"), MissingFileError);
}
