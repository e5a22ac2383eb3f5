#include <labelbeam/error.h>
#include <labelbeam/models/trainer.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "catch.h"
#include "model_fixtures.h"
#include "temporary_folder.h"

using namespace labelbeam;
using namespace labelbeam::models;
namespace fs = std::filesystem;

namespace {

TrainOptions quick_options(std::int64_t epochs) {
  TrainOptions options;
  options.learning_rate = 0.02;
  options.batch_size = 8;
  options.max_epochs = epochs;
  options.patience = epochs;
  return options;
}

std::vector<torch::Tensor> weights_of(const SetModel& model) {
  std::vector<torch::Tensor> weights;
  for (const auto& item : model->named_parameters())
    weights.push_back(item.value().detach().clone());
  return weights;
}

bool same(const std::vector<torch::Tensor>& a, const std::vector<torch::Tensor>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!a[i].equal(b[i])) return false;
  }
  return a.size() == b.size();
}

}  // namespace

TEST_CASE("Every system learns a task whose words name the labels") {
  const auto training = easy_documents(160, 1);
  const auto validation = easy_documents(60, 2);
  for (System system : {System::sigmoid, System::decoder, System::joint}) {
    Noise noise(5, torch::kCPU);
    ModelOptions options = tiny_options(system);
    options.hidden_size = 12;
    options.decoder_hidden_size = 16;
    options.embedding_dropout = options.encoder_dropout = options.decoder_dropout = 0.1;
    SetModel model(WordTables{12, 0}, tiny_semantics(), options, noise);
    const double before = evaluate_set_nll(model, validation).stopping();
    const TrainResult result =
        train(model, training, validation, quick_options(12), std::nullopt, {});
    CHECK(before > 2.0);
    CHECK(result.best_valid.stopping() < 0.5);
    CHECK(evaluate_set_nll(model, validation).stopping() == Approx(result.best_valid.stopping()));
    CHECK(result.best_valid.sigmoid.has_value() == has_sigmoid(system));
    CHECK(result.best_valid.decoder.has_value() == has_decoder(system));
  }
}

TEST_CASE("A head learns the easy task under every loss, and training stops on what it minimises") {
  const auto training = easy_documents(160, 1);
  const auto validation = easy_documents(60, 2);
  for (SigmoidLoss loss : sigmoid_losses()) {
    INFO(loss_name(loss));
    Noise noise(5, torch::kCPU);
    ModelOptions options = tiny_options(System::sigmoid);
    options.hidden_size = 12;
    options.embedding_dropout = options.encoder_dropout = 0.1;
    options.loss = loss;
    SetModel model(WordTables{12, 0}, tiny_semantics(), options, noise);
    const TrainResult result =
        train(model, training, validation, quick_options(12), std::nullopt, {});
    CHECK(result.best_valid.sigmoid.has_value() == gives_probabilities(loss));
    CHECK(result.best_valid.head_loss.has_value() != gives_probabilities(loss));
    CHECK(result.best_valid.stopping() < 0.4 * result.epochs.front().valid.stopping());
    for (const EpochReport& epoch : result.epochs)
      CHECK(epoch.valid.stopping() >= result.best_valid.stopping());
    // A label that a document has outranks one that it has not.
    std::size_t right = 0, pairs = 0;
    for (const EncodedDocument& document : validation) {
      const torch::Tensor outputs =
          model->classifier()->forward(model->encode(batch_of({document.tokens}), nullptr));
      for (LabelId a = 0; a < 4; ++a) {
        for (LabelId b = 0; b < 4; ++b) {
          if (!document.labels.contains(a) || document.labels.contains(b)) continue;
          ++pairs;
          right += (outputs[0][a] > outputs[0][b]).item<bool>() ? 1 : 0;
        }
      }
    }
    CHECK(static_cast<double>(right) > 0.95 * static_cast<double>(pairs));
  }
}

TEST_CASE("A state of another loss is refused, and its values come back") {
  const auto training = easy_documents(40, 1);
  const auto validation = easy_documents(20, 2);
  const TemporaryFolder folder;
  const fs::path state = folder / "state.safetensors";
  const auto model_of = [](SigmoidLoss loss) {
    Noise noise(7, torch::kCPU);
    ModelOptions options = tiny_options(System::sigmoid);
    options.loss = loss;
    return SetModel(WordTables{12, 3}, tiny_semantics(), options, noise);
  };
  SetModel focal = model_of(SigmoidLoss::focal);
  const TrainResult first = train(focal, training, validation, quick_options(2), state, {});
  SetModel again = model_of(SigmoidLoss::focal);
  const TrainResult read = train(again, training, validation, quick_options(2), state, {});
  CHECK(read.best_valid.head_loss == first.best_valid.head_loss);
  SetModel other = model_of(SigmoidLoss::asymmetric);
  CHECK_THROWS_WITH(train(other, training, validation, quick_options(2), state, {}),
                    contains_text("started with other options or other data"));
}

TEST_CASE("A seed repeats a run bit for bit and another seed does not") {
  const auto training = easy_documents(60, 1);
  const auto validation = easy_documents(20, 2);
  const auto run = [&](std::uint64_t seed) {
    SetModel model = tiny_model(System::joint, EmptySet::allow, seed);
    TrainOptions options = quick_options(3);
    options.seed = seed;
    train(model, training, validation, options, std::nullopt, {});
    return weights_of(model);
  };
  const auto first = run(11);
  CHECK(same(first, run(11)));
  CHECK_FALSE(same(first, run(12)));
}

TEST_CASE("A run stopped at any batch and resumed ends as if it had never stopped") {
  const auto training = easy_documents(60, 1);
  const auto validation = easy_documents(20, 2);
  SetModel whole = tiny_model();
  const TrainResult uninterrupted =
      train(whole, training, validation, quick_options(4), std::nullopt, {});
  for (int stop_after : {1, 8, 9, 17, 30}) {
    const TemporaryFolder folder;
    const fs::path state = folder / "state.safetensors";
    TrainHooks hooks;
    int batches = 0;
    hooks.should_stop = [&] { return ++batches == stop_after; };
    SetModel stopped = tiny_model();
    CHECK_THROWS_AS(train(stopped, training, validation, quick_options(4), state, hooks),
                    TrainStopped);
    SetModel resumed = tiny_model();
    const TrainResult result = train(resumed, training, validation, quick_options(4), state, {});
    CHECK(same(weights_of(resumed), weights_of(whole)));
    REQUIRE(result.epochs.size() == uninterrupted.epochs.size());
    for (std::size_t e = 0; e < result.epochs.size(); ++e) {
      CHECK(result.epochs[e].train_loss == uninterrupted.epochs[e].train_loss);
      CHECK(result.epochs[e].valid.stopping() == uninterrupted.epochs[e].valid.stopping());
    }
  }
}

TEST_CASE("A training state of other options, other data or other bytes is refused") {
  const auto training = easy_documents(40, 1);
  const auto validation = easy_documents(20, 2);
  const TemporaryFolder folder;
  const fs::path state = folder / "state.safetensors";
  SetModel model = tiny_model();
  train(model, training, validation, quick_options(1), state, {});
  SetModel other = tiny_model();
  TrainOptions options = quick_options(1);
  options.learning_rate *= 2;
  CHECK_THROWS_WITH(train(other, training, validation, options, state, {}),
                    contains_text("started with other options or other data"));
  CHECK_THROWS_AS(train(other, easy_documents(41, 1), validation, quick_options(1), state, {}),
                  DataError);
  fs::resize_file(state, fs::file_size(state) / 2);
  CHECK_THROWS_AS(train(other, training, validation, quick_options(1), state, {}), DataError);
}

TEST_CASE("A loss that is not finite stops training and names epoch and rows") {
  const auto training = easy_documents(8, 1);
  SetModel model = tiny_model();
  {
    const torch::NoGradGuard no_grad;
    model->encoder()->trained_words().fill_(std::numeric_limits<float>::quiet_NaN());
  }
  CHECK_THROWS_WITH(train(model, training, training, quick_options(1), std::nullopt, {}),
                    contains_text("in epoch 1, in the batch of training rows"));
}

TEST_CASE(
    "Training stops when validation has not improved for `patience` epochs and keeps the best") {
  const auto training = easy_documents(30, 1);
  auto validation = easy_documents(30, 9);
  for (EncodedDocument& document : validation) document.tokens = {2};  // cannot be learnt
  TrainOptions options = quick_options(40);
  options.patience = 3;
  SetModel model = tiny_model();
  const TrainResult result = train(model, training, validation, options, std::nullopt, {});
  CHECK(static_cast<std::int64_t>(result.epochs.size()) == result.best_epoch + 3);
  CHECK(evaluate_set_nll(model, validation).stopping() == Approx(result.best_valid.stopping()));
  CHECK(result.epochs.back().learning_rate < result.epochs.front().learning_rate);
}

TEST_CASE("Training refuses empty data and options out of range") {
  SetModel model = tiny_model();
  const auto some = easy_documents(4, 1);
  CHECK_THROWS_WITH(train(model, {}, some, quick_options(1), std::nullopt, {}),
                    "train: there are no training documents");
  CHECK_THROWS_WITH(train(model, some, {}, quick_options(1), std::nullopt, {}),
                    "train: there are no validation documents");
  TrainOptions options;
  options.learning_rate = 0.0;
  CHECK_THROWS_WITH(check(options), contains_text("learning_rate must be above 0, got 0"));
  options = {};
  options.batch_size = 0;
  CHECK_THROWS_WITH(check(options), contains_text("batch_size must be at least 1"));
}

TEST_CASE("Weights of rows count in the objective") {
  auto documents = easy_documents(20, 3);
  const SetModel model = tiny_model();
  const double all = evaluate_set_nll(model, documents).stopping();
  for (std::size_t i = 0; i < 10; ++i) documents[i].weight = 0.0;
  const double second_half = evaluate_set_nll(model, std::span(documents).subspan(10)).stopping();
  CHECK(evaluate_set_nll(model, documents).stopping() == Approx(second_half));
  CHECK(all != Approx(second_half));
}
