#include <labelbeam/models/label_decoder.h>

#include <cmath>
#include <functional>

#include "catch.h"
#include "model_fixtures.h"

using namespace labelbeam;
using namespace labelbeam::models;

namespace {

LabelSet set_of(unsigned bits) {
  LabelSet set;
  for (LabelId label = 0; label < 4; ++label) {
    if (bits >> label & 1u) set.insert(label);
  }
  return set;
}

/// The largest relative difference between a parameter's gradient and central differences, over a
/// few entries of every parameter.
double gradient_error(SetModel& model, const std::function<torch::Tensor()>& loss) {
  model->zero_grad();
  loss().backward();
  double worst = 0.0;
  constexpr double kStep = 1e-6;
  for (const auto& item : model->named_parameters()) {
    torch::Tensor values = item.value().detach().view(-1);
    const torch::Tensor gradient = item.value().grad().view(-1);
    for (std::int64_t i = 0; i < values.numel();
         i += std::max<std::int64_t>(1, values.numel() / 5)) {
      const torch::NoGradGuard no_grad;
      const double original = values[i].item<double>();
      values[i] = original + kStep;
      const double above = loss().item<double>();
      values[i] = original - kStep;
      const double below = loss().item<double>();
      values[i] = original;
      const double expected = (above - below) / (2 * kStep);
      const double difference = std::abs(gradient[i].item<double>() - expected);
      worst = std::max(worst, difference / std::max(1.0, std::abs(expected)));
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("The probabilities of all sets sum to one, with and without the empty set") {
  for (EmptySet empty_set : {EmptySet::allow, EmptySet::forbid}) {
    const torch::NoGradGuard no_grad;
    SetModel model = tiny_model(System::decoder, empty_set);
    model->to(torch::kFloat64);
    const Encoding encoding = model->encode(batch_of({{2, 3, 4, 5}}), nullptr);
    double sum = 0.0;
    for (unsigned bits = 0; bits < 16; ++bits) {
      const LabelSet set = set_of(bits);
      const LabelSet* pointer = &set;
      const double log_prob =
          -model->decoder()->nll(encoding, std::span(&pointer, 1), nullptr).item<double>();
      if (set.empty() && empty_set == EmptySet::forbid) {
        CHECK(std::isinf(log_prob));
      } else {
        sum += std::exp(log_prob);
      }
    }
    CHECK(sum == Approx(1.0).epsilon(1e-12));
  }
}

TEST_CASE("The NLL of a batch is that of each document on its own") {
  const torch::NoGradGuard no_grad;
  SetModel model = tiny_model();
  const std::vector<std::vector<WordId>> documents{{2, 3}, {4, 5, 6, 7}, {8}, {9, 2, 3}};
  const std::vector<LabelSet> sets{{1}, {0, 1, 2, 3}, {}, {3, 0}};
  std::vector<const LabelSet*> pointers;
  for (const LabelSet& set : sets) pointers.push_back(&set);
  const torch::Tensor together =
      model->decoder()->nll(model->encode(batch_of(documents), nullptr), pointers, nullptr);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const torch::Tensor alone = model->decoder()->nll(
        model->encode(batch_of({documents[i]}), nullptr), std::span(&pointers[i], 1), nullptr);
    CHECK(together[static_cast<std::int64_t>(i)].item<double>() ==
          Approx(alone.item<double>()).epsilon(1e-5));
  }
}

TEST_CASE("Gradients of both heads and the encoder agree with central differences in double") {
  SetModel model = tiny_model();
  model->to(torch::kFloat64);
  const TokenBatch batch = batch_of({{2, 3, 4}, {10, 6}, {5, 1, 7, 8, 9}});
  const std::vector<LabelSet> sets{{1, 2}, {}, {0, 1, 3}};
  const std::vector<const LabelSet*> pointers{&sets[0], &sets[1], &sets[2]};
  const torch::Tensor targets =
      torch::tensor({{0., 1., 1., 0.}, {0., 0., 0., 0.}, {1., 1., 0., 1.}}, torch::kFloat64);
  const auto loss = [&] {
    const Encoding encoding = model->encode(batch, nullptr);
    return model->decoder()->nll(encoding, pointers, nullptr).sum() +
           torch::binary_cross_entropy_with_logits(model->classifier()->forward(encoding), targets);
  };
  CHECK(gradient_error(model, loss) < 1e-6);
}

TEST_CASE("Biases start at the frequencies of labels and of the end") {
  SetModel model = tiny_model();
  const std::vector<std::uint64_t> counts{10, 0, 30, 20};
  {
    // Without the other weights only the biases speak.
    const torch::NoGradGuard no_grad;
    for (const auto& item : model->named_parameters()) {
      if (item.key() == "decoder.output_weight" || item.key() == "classifier.weight")
        item.value().zero_();
    }
  }
  model->start_biases(counts, 40);
  const torch::NoGradGuard no_grad;
  const Encoding encoding = model->encode(batch_of({{2}}), nullptr);
  const torch::Tensor odds = torch::sigmoid(model->classifier()->forward(encoding))[0];
  CHECK(odds[2].item<double>() == Approx(30.5 / 41.0).epsilon(1e-5));
  CHECK(odds[1].item<double>() == Approx(0.5 / 41.0).epsilon(1e-5));
  const LabelSet none;
  const LabelSet* pointer = &none;
  const double end =
      std::exp(-model->decoder()->nll(encoding, std::span(&pointer, 1), nullptr).item<double>());
  CHECK(end == Approx(40.5 / (60 + 40 + 2.5)).epsilon(1e-5));
  CHECK_THROWS_AS(model->start_biases(std::vector<std::uint64_t>{1}, 1), std::invalid_argument);
}

TEST_CASE("Label embeddings start from others, at the scale of the random ones") {
  SetModel model = tiny_model();
  const torch::NoGradGuard no_grad;
  const auto embeddings_of = [](SetModel& of) {
    return of->named_parameters()["decoder.label_embeddings"].clone();  // [5, 3]
  };
  const torch::Tensor random = embeddings_of(model);
  // Label 1 is at zero; the third column has no counterpart.
  const LabelEmbeddings given{4, 2, {3.0, 4.0, 0.0, 0.0, -6.0, 0.0, 0.0, 5.0}, {1.0, 0.5}};
  model->start_label_embeddings(given);
  const torch::Tensor started = embeddings_of(model);
  // The mean square of 3, 4, -6, 0, 0 and 5 is 43 / 3; that of uniform numbers up to 0.1 is 0.01
  // / 3.
  const double scale = 0.1 / std::sqrt(43.0);
  for (const std::int64_t label : {0, 2, 3}) {
    for (const std::int64_t column : {0, 1}) {
      const double value = given.values[static_cast<std::size_t>(label * 2 + column)];
      CHECK(started[label][column].item<double>() == Approx(scale * value).epsilon(1e-6));
    }
    CHECK(started[label][2].equal(random[label][2]));
  }
  CHECK(started[1].equal(random[1]));
  CHECK(started[4].equal(random[4]));

  // More columns than the decoder has: the first ones are taken.
  LabelEmbeddings wide{4, 5, std::vector<double>(20, 9.0), {1.0, 1.0, 1.0, 1.0, 1.0}};
  for (std::size_t label = 0; label < 4; ++label) wide.values[label * 5] = 1.0;
  model->start_label_embeddings(wide);
  CHECK(embeddings_of(model)[0][1].item<double>() ==
        Approx(9.0 * embeddings_of(model)[0][0].item<double>()).epsilon(1e-6));

  SetModel other = tiny_model();
  other->start_label_embeddings({4, 2, std::vector<double>(8, 0.0), {0.0, 0.0}});
  CHECK(embeddings_of(other).equal(random));
  CHECK_THROWS_WITH(other->start_label_embeddings({3, 2, std::vector<double>(6, 1.0), {1.0, 1.0}}),
                    contains_text("3 labels for 4"));
  CHECK_THROWS_WITH(other->start_label_embeddings({4, 2, std::vector<double>(7, 1.0), {1.0, 1.0}}),
                    contains_text("another number of values"));
  SetModel sigmoid = tiny_model(System::sigmoid);
  CHECK_NOTHROW(sigmoid->start_label_embeddings(given));
}

TEST_CASE("A head that a system does not have is refused by name") {
  CHECK_THROWS_WITH(tiny_model(System::sigmoid)->decoder(), contains_text("no label decoder"));
  CHECK_THROWS_WITH(tiny_model(System::decoder)->classifier(), contains_text("no sigmoid head"));
}

TEST_CASE("Dropout changes training passes, keeps the mean and leaves inference alone") {
  Noise noise(3, torch::kCPU);
  const torch::Tensor ones = torch::ones({200, 200});
  const torch::Tensor dropped = dropout(ones, 0.5, &noise);
  CHECK(dropped.mean().item<double>() == Approx(1.0).epsilon(0.03));
  CHECK((dropped == 0).any().item<bool>());
  CHECK(dropout(ones, 0.5, nullptr).is_same(ones));
  noise.reseed(3);
  CHECK(dropout(ones, 0.5, &noise).equal(dropped));
  const torch::Tensor odd = torch::full({3, 333, 47}, 2.0, torch::kFloat64);
  const torch::Tensor rarely = dropout(odd, 0.1, &noise);
  const torch::Tensor zero = rarely == 0;
  CHECK(zero.to(torch::kFloat64).mean().item<double>() == Approx(0.1).epsilon(0.05));
  CHECK(rarely.masked_select(~zero).mean().item<double>() == Approx(2.0 / 0.9).epsilon(1e-4));
  CHECK((dropout(odd, 0.99999, &noise).isfinite()).all().item<bool>());
}
