#include <signal.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "catch.h"
#include "program.h"
#include "temporary_folder.h"

using nlohmann::json;

namespace {

/// Synthetic data, the settings of a tiny model, and such a model after two epochs.
class Workshop {
 public:
  Workshop() {
    REQUIRE(call({"import", "synthetic", "--rows", "300", "--out", data()}).code == 0);
    const Outcome printed = call({"train", "--print-config"});
    REQUIRE(printed.code == 0);
    json settings = json::parse(printed.out);
    settings["model"]["embedding_size"] = 8;
    settings["model"]["hidden_size"] = 8;
    settings["model"]["label_embedding_size"] = 4;
    settings["model"]["decoder_hidden_size"] = 8;
    folder_.file("config.json", settings.dump());
    const Outcome trained = train(model(), {"--epochs", "2", "--json"});
    INFO(trained.err);
    REQUIRE(trained.code == 0);
    summary = json::parse(trained.out);
  }

  std::string data() const { return folder_ / "data"; }
  std::string config() const { return folder_ / "config.json"; }
  std::string model() const { return folder_ / "model"; }

  Arguments training(const std::string& out, Arguments more = {}) const {
    more.insert(more.begin(),
                {"train", "--data", data(), "--config", config(), "--threads", "1", "--out", out});
    return more;
  }
  Outcome train(const std::string& out, const Arguments& more = {}) const {
    return call(training(out, more));
  }

  json summary;

 private:
  TemporaryFolder folder_;
};

/// Made once: training takes seconds.
const Workshop& workshop() {
  static const Workshop made;
  return made;
}

std::vector<json> lines_of(const std::string& text) {
  std::vector<json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
  return lines;
}

}  // namespace

TEST_CASE("training says what it reached and keeps notes off standard output") {
  const json& summary = workshop().summary;
  CHECK(summary["system"] == "joint");
  CHECK(summary["loss"] == "bce");
  CHECK(summary["valid_head_loss"].is_null());
  CHECK(summary["epochs"] == 2);
  CHECK(summary["valid_set_nll"]["sigmoid"].get<double>() > 0.0);
  CHECK(summary["valid_set_nll"]["decoder"].get<double>() > 0.0);
}

TEST_CASE("settings come from the defaults, then the file, then the options") {
  const Workshop& shop = workshop();
  const auto printed = [&](const Arguments& more) {
    Arguments arguments{"train", "--print-config"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = call(arguments);
    REQUIRE(outcome.code == 0);
    return json::parse(outcome.out);
  };
  CHECK(printed({"--config", shop.config()})["model"]["hidden_size"] == 8);
  const json chosen = printed({"--config", shop.config(), "--epochs", "3", "--system", "sigmoid",
                               "--seed", "9", "--vectors", "x", "--vectors", "y"});
  CHECK(chosen["model"]["system"] == "sigmoid");
  CHECK(chosen["model"]["loss"] == "bce");
  CHECK(printed({"--loss", "focal"})["model"]["loss"] == "focal");
  CHECK(chosen["label_order"] == "frequency");
  const json started = printed({"--label-order", "tree", "--label-embeddings", "spectral"});
  CHECK(started["label_order"] == "tree");
  CHECK(started["label_embeddings"] == "spectral");
  CHECK(chosen["train"]["max_epochs"] == 3);
  CHECK(chosen["train"]["seed"] == 9);
  CHECK(chosen["vectors"] == json({"x", "y"}));
}

TEST_CASE("predictions are a JSON object a line, from files, standard input or lines of text") {
  const Workshop& shop = workshop();
  const TemporaryFolder folder;
  const Outcome rows = call({"predict", "--model", shop.model(), shop.data() + "/test.jsonl.gz"});
  INFO(rows.err);
  REQUIRE(rows.code == 0);
  const std::vector<json> answers = lines_of(rows.out);
  REQUIRE(answers.size() == 30);
  for (const json& answer : answers) {
    CHECK(answer["scores"].size() == 12);
    CHECK(answer["sets"][0]["labels"] == answer["labels"]);
    CHECK(answer["residual"].get<double>() >= 0.0);
  }

  CallOptions typed;
  typed.input = "{\"id\":\"x\",\"text\":\"word\"}\n";
  const std::vector<json> from_input =
      lines_of(call({"predict", "--model", shop.model()}, typed).out);
  REQUIRE(from_input.size() == 1);
  CHECK(from_input[0]["id"] == "x");
  typed.input = "word\n\nanother word\n";
  const std::vector<json> from_lines =
      lines_of(call({"predict", "--model", shop.model(), "--text-lines"}, typed).out);
  REQUIRE(from_lines.size() == 3);
  CHECK(from_lines[2]["id"] == "3");
  // Another batch, another order of rounding.
  for (const auto& [label, score] : from_lines[0]["scores"].items()) {
    CHECK(score.get<double>() == Approx(from_input[0]["scores"][label].get<double>()).margin(1e-5));
  }
}

TEST_CASE("every search answers, and says what is proven") {
  const Workshop& shop = workshop();
  const std::string test = shop.data() + "/test.jsonl.gz";
  const auto predict = [&](const Arguments& more) {
    Arguments arguments{"predict", "--model", shop.model(), test};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = call(arguments);
    INFO(outcome.err);
    REQUIRE(outcome.code == 0);
    return lines_of(outcome.out);
  };
  const std::vector<json> exact = predict({"--search", "best-first", "--n-best", "4", "--certify"});
  const std::vector<json> narrow = predict({"--beam", "1", "--n-best", "4", "--certify"});
  const std::vector<json> merged = predict({"--search", "merge", "--beam", "4096"});
  const auto sample = [&](const char* seed, const char* batch_size) {
    return predict({"--search", "sample", "--samples", "500", "--rule", "hamming_loss", "--seed",
                    seed, "--batch-size", batch_size});
  };
  const std::vector<json> drawn = sample("3", "64");
  REQUIRE(exact.size() == 30);
  for (std::size_t i = 0; i < exact.size(); ++i) {
    CHECK(exact[i]["sets"].size() == 4);
    CHECK(exact[i]["certificate"]["best_set"] == true);
    CHECK(narrow[i]["certificate"]["best_set"] == true);
    CHECK(narrow[i]["labels"] == exact[i]["labels"]);
    CHECK(merged[i]["labels"] == exact[i]["labels"]);
    CHECK(merged[i].contains("certificate") == false);
    CHECK(drawn[i]["scores"].size() == 12);
  }
  CHECK(drawn == sample("3", "64"));
  CHECK(drawn != sample("4", "64"));
  const std::vector<json> alone = sample("3", "1");  // rounds otherwise, and draws the same
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    for (const auto& [label, score] : drawn[i]["scores"].items()) {
      CHECK(alone[i]["scores"][label].get<double>() == Approx(score.get<double>()).margin(0.01));
    }
  }
}

TEST_CASE("answers satisfy constraints and what is known") {
  const Workshop& shop = workshop();
  const TemporaryFolder folder;
  const std::string test = shop.data() + "/test.jsonl.gz";
  const std::string rules =
      folder.file("rules.json", R"({"exclusions": [["label00", "label01", "label02"]],
                                    "implications": [{"if": ["label05"], "then": ["label06"]}],
                                    "min_size": 2, "max_size": 4})");
  const auto has = [](const json& labels, const char* name) {
    return std::find(labels.begin(), labels.end(), name) != labels.end();
  };
  for (const char* rule : {"subset_accuracy", "f1_samples", "hamming_loss", "jaccard_samples"}) {
    for (const char* search : {"beam", "best-first", "sample"}) {
      const Outcome outcome =
          call({"predict", "--model", shop.model(), test, "--constraints", rules, "--present",
                "label05", "--absent", "label03", "--absent", "label04", "--rule", rule, "--search",
                search, "--n-best", "32"});
      INFO(outcome.err);
      REQUIRE(outcome.code == 0);
      for (const json& answer : lines_of(outcome.out)) {
        const json& labels = answer["labels"];
        CHECK(labels.size() >= 2);
        CHECK(labels.size() <= 4);
        CHECK(has(labels, "label05"));
        CHECK(has(labels, "label06"));
        CHECK_FALSE(has(labels, "label03"));
        CHECK_FALSE(has(labels, "label04"));
        CHECK(has(labels, "label00") + has(labels, "label01") + has(labels, "label02") <= 1);
        CHECK(answer["scores"]["label05"].get<double>() == Approx(1.0));
        CHECK(answer["scores"]["label03"].get<double>() == 0.0);
      }
    }
  }
}

TEST_CASE("constraints that cannot be met, or not here, are refused in a sentence") {
  const Workshop& shop = workshop();
  const TemporaryFolder folder;
  const std::string test = shop.data() + "/test.jsonl.gz";
  const std::string rules =
      folder.file("rules.json", R"({"implications": [{"if": ["label05"], "then": ["label06"]}]})");
  const auto refused = [&](const Arguments& more, const std::string& part) {
    Arguments arguments{"predict", "--model", shop.model(), test};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = call(arguments);
    INFO(outcome.err);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK(is_one_sentence(outcome.err));
    CHECK(outcome.err.find(part) != std::string::npos);
  };
  refused({"--constraints", rules, "--present", "label05", "--absent", "label06"}, "label06");
  refused({"--present", "nowhere"}, "--present: the model has no label \"nowhere\"");
  refused({"--present", "label05", "--rule", "f1_macro"}, "does not go with constraints");
  refused({"--present", "label05", "--rule", "precision@3"}, "does not go with constraints");
  refused({"--present", "label05", "--rule", "fixed"}, "thresholds do not go with constraints");
  refused({"--search", "luck"}, "the searches are beam, best-first, merge and sample");
  refused({"--search", "sample", "--certify"}, "samples cannot be certified");
  const std::string single =
      folder.file("single.json", R"({"min_size": 11, "max_size": 12})");  // in no training row
  refused({"--constraints", single, "--rule", "support"},
          "no label set of the training data satisfies the constraints");
}

TEST_CASE("a model without a decoder is searched under constraints and refuses the same options") {
  const Workshop& shop = workshop();
  const TemporaryFolder folder;
  REQUIRE(shop.train(folder / "sigmoid", {"--system", "sigmoid", "--epochs", "1"}).code == 0);
  const std::string test = shop.data() + "/test.jsonl.gz";
  const Outcome constrained =
      call({"predict", "--model", folder / "sigmoid", test, "--present", "label07", "--certify",
            "--rule", "f1_samples", "--n-best", "8", "--batch-size", "7"});
  INFO(constrained.err);
  REQUIRE(constrained.code == 0);
  const std::vector<json> answers = lines_of(constrained.out);
  REQUIRE(answers.size() == 30);
  for (const json& answer : answers) {
    CHECK(std::find(answer["labels"].begin(), answer["labels"].end(), "label07") !=
          answer["labels"].end());
    CHECK(answer["certificate"]["best_set"] == true);
    CHECK(answer["certificate"]["expected_utility"].is_number());
  }
  const Outcome thresholds =
      call({"predict", "--model", folder / "sigmoid", test, "--certify", "--decision", "fixed"});
  REQUIRE(thresholds.code == 0);
  CHECK(lines_of(thresholds.out)[0]["certificate"]["margin"].is_null());
  CHECK(call({"predict", "--model", folder / "sigmoid", test, "--search", "luck"}).code == 2);
}

TEST_CASE("a rule for collections sees the whole input, however it is batched") {
  const Workshop& shop = workshop();
  const TemporaryFolder folder;
  const std::string test = shop.data() + "/test.jsonl.gz";
  for (const char* rule : {"f1_macro", "f1_micro"}) {
    const Outcome predicted = call({"predict", "--model", shop.model(), test, "--decision", rule,
                                    "--batch-size", "2", "--out", folder / "predicted.jsonl"});
    INFO(predicted.err);
    REQUIRE(predicted.code == 0);
    REQUIRE(call({"decide", "--pred", folder / "predicted.jsonl", "--decision", rule, "--from",
                  "scores", "--out", folder / "decided.jsonl"})
                .code == 0);
    CHECK(bytes_of(folder / "decided.jsonl") == bytes_of(folder / "predicted.jsonl"));
  }
}

TEST_CASE("support answers with label sets of the training data") {
  const Workshop& shop = workshop();
  const TemporaryFolder folder;
  const std::string test = shop.data() + "/test.jsonl.gz";
  const Outcome predicted =
      call({"predict", "--model", shop.model(), test, "--decision", "support", "--beam", "64"});
  INFO(predicted.err);
  REQUIRE(predicted.code == 0);
  std::ofstream(folder / "predicted.jsonl") << predicted.out;
  REQUIRE(call({"decide", "--pred", folder / "predicted.jsonl", "--decision", "support",
                "--support", shop.data() + "/train.jsonl.gz", "--out", folder / "decided.jsonl"})
              .code == 0);
  CHECK(bytes_of(folder / "decided.jsonl") == predicted.out);
}

TEST_CASE("predictions are evaluated and decided, and a rule decides as in predict") {
  const Workshop& shop = workshop();
  const TemporaryFolder folder;
  const std::string test = shop.data() + "/test.jsonl.gz";
  const auto predict = [&](const std::string& out, const Arguments& more) {
    Arguments arguments{"predict",    "--model",    shop.model(), test,     "--out",
                        folder / out, "--num-sets", "4096",       "--beam", "4096"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = call(arguments);
    INFO(outcome.err);
    REQUIRE(outcome.code == 0);
  };
  predict("mode.jsonl", {});
  predict("f1.jsonl", {"--decision", "f1_samples"});
  REQUIRE(call({"decide", "--pred", folder / "mode.jsonl", "--decision", "f1_samples", "--from",
                "sets", "--out", folder / "decided.jsonl"})
              .code == 0);
  CHECK(bytes_of(folder / "decided.jsonl") == bytes_of(folder / "f1.jsonl"));
  const Outcome evaluated =
      call({"evaluate", "--truth", test, "--pred", folder / "mode.jsonl", "--json"});
  REQUIRE(evaluated.code == 0);
  const json evaluation = json::parse(evaluated.out);
  CHECK(evaluation["rows"] == 30);
  CHECK(evaluation["set_nll"]["lower_bound"] == false);
  for (const std::string decision : {"fixed", "per_label", "global:f1_micro", "sensitivity:0.8"}) {
    CHECK(call({"predict", "--model", shop.model(), test, "--decision", decision}).code == 0);
  }
}

TEST_CASE("a signal stops training, and resuming gives the model of an uninterrupted run") {
  const Workshop& shop = workshop();
  const TemporaryFolder folder;
  const Arguments epochs{"--epochs", "25"};
  REQUIRE(shop.train(folder / "whole", epochs).code == 0);
  RunningProgram program(shop.training(folder / "stopped", epochs));
  REQUIRE(program.wait_for("epoch 2"));
  program.signal(SIGINT);
  REQUIRE(program.wait(6.0) == 128 + SIGINT);
  CHECK_FALSE(std::filesystem::exists(folder / "stopped/model.json"));
  Arguments resume = epochs;
  resume.push_back("--resume");
  REQUIRE(shop.train(folder / "stopped", resume).code == 0);
  const json whole = json::parse(bytes_of(folder / "whole/model.json"));
  const json stopped = json::parse(bytes_of(folder / "stopped/model.json"));
  CHECK(bytes_of(folder / "whole" + "/" + whole["weights"].get<std::string>()) ==
        bytes_of(folder / "stopped" + "/" + stopped["weights"].get<std::string>()));
}

TEST_CASE("a comparison leaves three reports and prints one of them") {
  const Workshop& shop = workshop();
  const TemporaryFolder folder;
  const Outcome outcome =
      call({"compare", "--data", shop.data(), "--config", shop.config(), "--epochs", "1",
            "--threads", "1", "--sample", "60", "--out", folder / "c", "--json"});
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
  const json report = json::parse(outcome.out);
  CHECK(report == json::parse(bytes_of(folder / "c/report.json")));
  CHECK(report["data"]["synthetic"] == true);
  CHECK(report["data"]["splits"][0]["rows"] == 60);
  CHECK(std::filesystem::exists(folder / "c/report.md"));
  CHECK(std::filesystem::exists(folder / "c/report.html"));
}

TEST_CASE("a comparison is repeated from its manifest, figure by figure") {
  const Workshop& shop = workshop();
  const TemporaryFolder folder;
  std::filesystem::copy(shop.data(), folder / "data");
  const Outcome first = call({"compare", "--data", folder / "data", "--config", shop.config(),
                              "--epochs", "1", "--threads", "1", "--sample", "60", "--systems",
                              "sigmoid,joint", "--hide-texts", "--out", folder / "c", "--json"});
  INFO(first.err);
  REQUIRE(first.code == 0);
  const json manifest = json::parse(bytes_of(folder / "c/manifest.json"));
  CHECK(manifest["command"] == "compare");
  CHECK(manifest["options"]["systems"] == json({"sigmoid", "joint"}));
  CHECK(manifest["options"]["hide-texts"] == json::array());
  CHECK_FALSE(manifest["options"].contains("out"));
  CHECK(manifest["inputs"].size() == 4);  // train, valid, test, config
  CHECK(manifest == json::parse(first.out)["manifest"]);

  const auto rerun = [&](const Arguments& more) {
    Arguments arguments{"rerun", folder / "c/manifest.json", "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return call(arguments);
  };
  const Outcome same = rerun({"--json"});
  INFO(same.err);
  CHECK(same.code == 0);
  const json equal = json::parse(same.out);
  CHECK(equal["equal"] == true);
  CHECK(equal["differences"].empty());
  CHECK(equal["figures"].get<int>() > 500);
  CHECK(std::filesystem::exists(folder / "c-rerun/report.html"));
  CHECK_THAT(rerun({}).out, contains_text("figures are equal to the first run's"));

  json changed = json::parse(first.out);
  const double value = changed["results"][0]["metrics"]["f1_micro"].get<double>();
  changed["results"][0]["metrics"]["f1_micro"] = value + 0.25;
  changed["data"]["splits"][0]["rows"] = 61;
  changed.erase("protocol");
  folder.file("c/report.json", changed.dump());
  const Outcome other = rerun({"--json"});
  CHECK(other.code == 1);
  CHECK_THAT(other.err, contains_text("differs from the first in 3 places"));
  const json differences = json::parse(other.out)["differences"];
  REQUIRE(differences.size() == 3);
  CHECK(differences[0]["where"] == "/protocol");
  CHECK(differences[0]["first"].is_null());
  CHECK(differences[1]["size"] == 1.0);
  CHECK(differences[2]["where"] == "/results/0/metrics/f1_micro");
  CHECK(differences[2]["second"].get<double>() == value);
  CHECK(differences[2]["size"].get<double>() == Approx(0.25));
  CHECK_THAT(rerun({}).out, contains_text("/results/0/metrics/f1_micro"));
  folder.file("c/report.json", first.out);

  std::filesystem::rename(folder / "data", folder / "moved");
  const Outcome missing = rerun({});
  CHECK(missing.code == 66);
  CHECK_THAT(missing.err, contains_text("data/train.jsonl.gz"));
  CHECK(rerun({"--data", folder / "moved"}).code == 0);

  std::filesystem::remove(folder / "moved/test.jsonl.gz");
  std::filesystem::copy_file(folder / "moved/valid.jsonl.gz", folder / "moved/test.jsonl.gz");
  std::filesystem::remove_all(folder / "c-rerun");
  const Outcome refused = rerun({"--data", folder / "moved"});
  CHECK(refused.code == 65);
  CHECK(is_one_sentence(refused.err));
  CHECK_THAT(refused.err, contains_text("moved/test.jsonl.gz: is not the file of the first run"));
  CHECK_FALSE(std::filesystem::exists(folder / "c-rerun"));
}

TEST_CASE("what is no manifest of a comparison cannot be repeated") {
  const TemporaryFolder folder;
  const std::string manifest =
      R"({"format":"labelbeam.manifest","version":1,"command":"train","options":{},"inputs":[],)"
      R"("threads":1,"labelbeam":"0","libtorch":"0"})";
  struct Case {
    std::string file;
    int code;
    std::string message;
  };
  json own = json::parse(manifest);
  own["command"] = "";
  json next = json::parse(manifest);
  next["version"] = 2;
  const std::vector<Case> cases = {
      {folder / "absent.json", 66, "absent.json"},
      {folder.file("text.json", "no"), 65, "is not valid JSON"},
      {folder.file("empty.json", "{}"), 65, "is not a manifest"},
      {folder.file("next.json", next.dump()), 65, "is not a manifest of a version"},
      {folder.file("own.json", own.dump()), 65, "was not made by a command"},
      {folder.file("train.json", manifest), 65, "only runs of compare are repeated"},
  };
  for (const Case& bad : cases) {
    const Outcome outcome = call({"rerun", bad.file});
    INFO(outcome.err);
    CHECK(outcome.code == bad.code);
    CHECK(is_one_sentence(outcome.err));
    CHECK_THAT(outcome.err, contains_text(bad.message));
  }
  own["command"] = "compare";
  std::filesystem::create_directory(folder / "run");
  const std::string lonely = folder.file("run/manifest.json", own.dump());
  CHECK(call({"rerun", lonely}).code == 66);  // there is no report to compare with
  folder.file("run/report.json", "{}");
  CHECK_THAT(call({"rerun", lonely, "--out", folder / "run/"}).err,
             contains_text("needs a folder of its own"));
  own["options"]["guess"] = json::array();
  folder.file("run/manifest.json", own.dump());
  const Outcome unknown = call({"rerun", lonely});
  CHECK(unknown.code == 65);
  CHECK_THAT(unknown.err, contains_text("options that this version does not take"));
}

TEST_CASE("bad calls of commands with models are one sentence") {
  const Workshop& shop = workshop();
  const TemporaryFolder folder;
  const std::string rows = folder.file("rows.jsonl", "{\"id\":\"1\"}\n");
  const std::string fine = folder.file("fine.txt", "fine\n");
  const std::string lines = folder.file("lines.txt", "fine\n\xff\xfe\n");
  folder.file("bad.json", "{\"train\":{\"epochs\":1}}");
  folder.file("vectors.txt", "word 1 2 3\n");
  struct Case {
    Arguments arguments;
    int code;
    std::string message;
  };
  const auto training = [&](const Arguments& more) {
    Arguments arguments{"train", "--data", shop.data(), "--threads", "1", "--out", folder / "m"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  const std::vector<Case> cases = {
      {{"train", "--out", folder / "m"}, 2, "--data is required"},
      {{"train", "--data", shop.data()}, 2, "--out is required"},
      {{"train", "--data", folder / "absent", "--out", folder / "m"}, 66, "absent"},
      {training({"--system", "guess"}), 2, "guess"},
      {training({"--label-order", "rare"}), 2, "--label-order"},
      {training({"--label-order", "tree", "--system", "sigmoid"}), 2,
       "label_order is of a label decoder, which the system sigmoid does not have"},
      {training({"--label-embeddings", "word2vec"}), 2, "--label-embeddings"},
      {training({"--config", folder / "absent.json"}), 66, "absent.json"},
      {training({"--config", folder / "bad.json"}), 65, "bad.json"},
      {training({"--vectors", folder / "absent.txt"}), 66, "absent.txt"},
      {training({"--vectors", folder / "vectors.txt"}), 65, "vectors.txt"},
      {training({"--epochs", "-1"}), 2, "--epochs"},
      {training({"--device", "abacus"}), 2, "abacus"},
      {{"predict", "--model", folder / "absent", rows}, 66, "absent"},
      {{"predict", "--model", shop.data(), rows}, 66, "data"},
      {{"predict", "--model", shop.model(), rows}, 65, "rows.jsonl:1: the row \"1\" has no text"},
      {{"predict", "--model", shop.model(), "--text-lines", lines, "--out", folder / "out"},
       65,
       "lines.txt:2: is not valid UTF-8"},
      {{"predict", "--model", shop.model(), "--decision", "guess", fine, "--text-lines"},
       2,
       "guess"},
      {{"predict", "--model", shop.model(), "--json", lines}, 2, "--json needs --out"},
      {{"predict", "--model", shop.model(), "--beam", "0", "--text-lines", fine}, 2, "beam"},
      {{"predict", "--model", shop.model(), shop.data() + "/test.jsonl.gz", "--out",
        folder / "no/out"},
       74,
       "no/out"},
      {{"compare", "--data", shop.data(), "--out", folder / "m", "--systems", "guess"}, 2, "guess"},
      {{"compare", "--data", shop.data(), "--out", folder / "m", "--seeds", "0"}, 2, "seeds"},
  };
  for (const Case& bad : cases) {
    Arguments arguments = bad.arguments;
    arguments.push_back("--quiet");
    const Outcome outcome = call(arguments);
    std::string line;
    for (const std::string& argument : arguments) line += argument + " ";
    INFO(line << "-> " << outcome.err);
    CHECK(outcome.code == bad.code);
    CHECK(is_one_sentence(outcome.err));
    CHECK_THAT(outcome.err, contains_text(bad.message));
    CHECK_FALSE(std::filesystem::exists(folder / "out"));
    CHECK_FALSE(std::filesystem::exists(folder / "m/model.json"));
  }
}

TEST_CASE("labels that train lacks are counted, left out or refused") {
  const Workshop& shop = workshop();
  const TemporaryFolder folder;
  for (const std::string split : {"train", "valid", "test"}) {
    std::filesystem::copy_file(shop.data() + "/" + split + ".jsonl.gz",
                               folder / (split + ".jsonl.gz"));
  }
  std::filesystem::remove(folder / "valid.jsonl.gz");
  folder.file("valid.jsonl",
              "{\"id\":\"v1\",\"text\":\"w\",\"labels\":[\"label00\",\"odd\"]}\n"
              "{\"id\":\"v2\",\"text\":\"w\",\"labels\":[\"label01\"]}\n");
  const auto train = [&](const std::string& treatment) {
    return call({"train", "--data", folder.path(), "--config", shop.config(), "--epochs", "1",
                 "--threads", "1", "--out", folder / ("m-" + treatment), "--unknown-labels",
                 treatment});
  };
  const Outcome missed = train("miss");
  CHECK(missed.code == 0);
  CHECK_THAT(missed.err,
             contains_text("warning: valid has 1 labels that train lacks (odd), 1 times "
                           "in 1 rows: they count as missed"));
  CHECK_THAT(train("ignore").err, contains_text("they are left out"));
  const Outcome refused = train("error");
  CHECK(refused.code == 65);
  CHECK_THAT(refused.err, contains_text("valid.jsonl:1: the label \"odd\" is not among"));
}
