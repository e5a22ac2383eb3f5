#include <labelbeam/error.h>
#include <labelbeam/models/model_folder.h>
#include <labelbeam/output_file.h>

#include <filesystem>
#include <functional>

#include "catch.h"
#include "model_fixtures.h"
#include "temporary_folder.h"

using namespace labelbeam;
using namespace labelbeam::models;
namespace fs = std::filesystem;

namespace {

/// A folder for a model, with ways to damage what is in it.
class Folder {
 public:
  fs::path path() const { return folder_ / "model"; }
  fs::path weights() const {
    for (const auto& entry : fs::directory_iterator(path())) {
      if (entry.path().extension() == ".safetensors") return entry.path();
    }
    return {};
  }
  void replace(const std::string& from, const std::string& to) const {
    const std::string file = (path() / "model.json").string();
    std::string text = bytes_of(file);
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    write_file_atomically(file, text.replace(at, from.size(), to));
  }

 private:
  TemporaryFolder folder_;
};

ModelDescription description_of(const SetModel& model) {
  ModelDescription description;
  description.options = model->options();
  description.tokenizer.hashtags = false;
  description.max_tokens = 77;
  std::vector<std::string> words;
  for (int i = 0; i < 13; ++i) words.push_back(std::string("w").append(std::to_string(i)));
  words[3] = "\"odd, \xF0\x9F\x98\x80";
  description.words = WordVocab(words);
  description.tables = {12, 3};
  description.labels = LabelVocab(std::vector<std::string>{"joy", "a,b", "<c>", "d\te"});
  description.semantics = model->semantics();
  description.training_sets = {{LabelSet{}, 3}, {LabelSet{0, 2}, 5}};
  description.tuned = {{"global", "f1_micro", Thresholds::uniform(4, 0.375, true)}};
  description.training = R"({"epochs":3})";
  return description;
}

}  // namespace

TEST_CASE("A saved model comes back with its description and its answers") {
  const Folder folder;
  const SetModel model = tiny_model();
  const ModelDescription description = description_of(model);
  save_model(folder.path(), description, model);
  const TrainedModel loaded = load_model(folder.path());
  CHECK((loaded.description.options == description.options));
  CHECK((loaded.description.tokenizer == description.tokenizer));
  CHECK(loaded.description.max_tokens == 77);
  CHECK((loaded.description.words == description.words));
  CHECK((loaded.description.tables == description.tables));
  CHECK((loaded.description.labels == description.labels));
  CHECK((loaded.description.semantics == description.semantics));
  CHECK((loaded.description.training_sets == description.training_sets));
  CHECK((loaded.description.tuned == description.tuned));
  CHECK(loaded.description.training == description.training);
  const auto documents = easy_documents(10, 4);
  CHECK(evaluate_set_nll(loaded.model, documents).decoder ==
        evaluate_set_nll(model, documents).decoder);
  CHECK(evaluate_set_nll(loaded.model, documents).sigmoid ==
        evaluate_set_nll(model, documents).sigmoid);
}

TEST_CASE("A model says what its sigmoid head was trained with, bce where it says nothing") {
  const Folder folder;
  Noise noise(7, torch::kCPU);
  ModelOptions options = tiny_options(System::sigmoid);
  options.loss = SigmoidLoss::adaptive_threshold;
  const SetModel model(WordTables{12, 3}, tiny_semantics(), options, noise);
  save_model(folder.path(), description_of(model), model);
  const TrainedModel loaded = load_model(folder.path());
  CHECK((loaded.description.options == options));
  const Encoding encoding = model->encode(batch_of({{2, 3}}), nullptr);
  CHECK(
      loaded.model->classifier()->forward(encoding).equal(model->classifier()->forward(encoding)));
  save_model(folder.path(), description_of(tiny_model()), tiny_model());
  folder.replace("\"loss\": \"bce\",", "");
  CHECK(load_model(folder.path()).description.options.loss == SigmoidLoss::bce);
}

TEST_CASE("Saving again replaces the model and leaves one weights file") {
  const Folder folder;
  save_model(folder.path(), description_of(tiny_model()), tiny_model());
  const fs::path first = folder.weights();
  const SetModel other = tiny_model(System::joint, EmptySet::allow, 99);
  save_model(folder.path(), description_of(other), other);
  CHECK(folder.weights() != first);
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 2);
}

TEST_CASE("Damaged model folders are refused in one sentence that names the file") {
  const Folder folder;
  const SetModel model = tiny_model();
  save_model(folder.path(), description_of(model), model);
  struct Damage {
    const char* name;
    std::function<void()> apply;
    const char* reason;
  };
  const auto truncate_weights = [&] {
    const fs::path file = folder.weights();
    fs::resize_file(file, fs::file_size(file) - 5);
  };
  const std::vector<Damage> damages{
      {"no description", [&] { fs::remove(folder.path() / "model.json"); }, "model.json"},
      {"no weights", [&] { fs::remove(folder.weights()); }, "weights-"},
      {"truncated weights", truncate_weights, "weights-"},
      {"not JSON", [&] { folder.replace("{", "<"); }, "not valid JSON"},
      {"another format", [&] { folder.replace("labelbeam-model", "something"); },
       "does not describe a labelbeam model"},
      {"a later version", [&] { folder.replace("\"version\": 1", "\"version\": 2"); },
       "model version 2 is not known"},
      {"a missing field", [&] { folder.replace("\"max_tokens\"", "\"max_token\""); },
       "a field is missing"},
      {"a wrong type", [&] { folder.replace("\"max_tokens\": 77", "\"max_tokens\": \"many\""); },
       "wrong type"},
      {"an unknown system", [&] { folder.replace("\"joint\"", "\"both\""); },
       "none of sigmoid, decoder, joint"},
      {"an unknown loss", [&] { folder.replace("\"bce\"", "\"hinge\""); },
       "\"hinge\" is none of bce"},
      {"a huge size", [&] { folder.replace("\"hidden_size\": 4", "\"hidden_size\": 60000"); },
       "does not fit the model's description"},
      {"a size over the limit",
       [&] { folder.replace("\"hidden_size\": 4", "\"hidden_size\": 400000000"); }, "is over"},
      {"another shape", [&] { folder.replace("\"num_layers\": 1", "\"num_layers\": 2"); },
       "does not fit"},
      {"more layers than tensors",
       [&] { folder.replace("\"num_layers\": 1", "\"num_layers\": 60000"); }, "60000 layers"},
      {"too few words", [&] { folder.replace("\"w12\"", "\"w11\""); }, "repeated"},
      {"word counts that disagree",
       [&] { folder.replace("\"fixed_words\": 3", "\"fixed_words\": 4"); }, "words in all"},
      {"an order that is none",
       [&] { folder.replace("\"order\": [\n   2,", "\"order\": [\n   0,"); }, "repeated"},
      {"thresholds of another length", [&] { folder.replace("0.375,", ""); },
       "3 thresholds for 4 labels"},
      {"weights outside the folder",
       [&] { folder.replace("\"weights\": \"", "\"weights\": \"../"); },
       "does not name a file in the model's folder"},
      {"a label id out of range",
       [&] { folder.replace("\"labels\": [\n    0,\n    2", "\"labels\": [\n    0,\n    9"); },
       "label id 9 of 4"},
      {"an empty set choice that is none",
       [&] { folder.replace("\"empty_set\": \"allow\"", "\"empty_set\": \"maybe\""); },
       "not allow or forbid"},
  };
  for (const Damage& damage : damages) {
    INFO(damage.name);
    save_model(folder.path(), description_of(model), model);
    damage.apply();
    CHECK_THROWS_AS(load_model(folder.path()), DataError);
    CHECK_THROWS_WITH(load_model(folder.path()),
                      contains_text(damage.reason) && contains_text(folder.path().string()));
  }
}

TEST_CASE("A folder that cannot be made is a write error") {
  CHECK_THROWS_AS(save_model("/proc/no/model", description_of(tiny_model()), tiny_model()),
                  WriteError);
}
