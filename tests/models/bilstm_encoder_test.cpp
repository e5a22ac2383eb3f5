#include <labelbeam/models/bilstm_encoder.h>
#include <labelbeam/vocabulary.h>

#include <functional>
#include <limits>

#include "catch.h"
#include "model_fixtures.h"

using namespace labelbeam;
using namespace labelbeam::models;

// The well-known faults of a first BiLSTM. Each law below is checked on the encoder, which must
// keep it, and on an encoder with the fault, which must be caught.

namespace {

using Encode = std::function<torch::Tensor(const Documents&)>;  // summaries [B, 6H]

/// The largest difference between a document's summary in a batch and on its own.
double batch_dependence(const Encode& encode) {
  const torch::Tensor together = encode(kDocuments);
  double worst = 0.0;
  for (std::size_t i = 0; i < kDocuments.size(); ++i) {
    const torch::Tensor alone = encode({kDocuments[i]});
    worst = std::max(
        worst, (together[static_cast<std::int64_t>(i)] - alone[0]).abs().max().item<double>());
  }
  return worst;
}

/// The largest difference between two calls on the same batch.
double call_dependence(const Encode& encode) {
  const torch::Tensor first = encode(kDocuments);
  return (encode(kDocuments) - first).abs().max().item<double>();
}

/// The largest difference when the rows of the batch are given in another order.
double order_dependence(const Encode& encode) {
  const torch::Tensor first = encode(kDocuments);
  const torch::Tensor reversed = encode(Documents(kDocuments.rbegin(), kDocuments.rend()));
  return (first - reversed.flip(0)).abs().max().item<double>();
}

SetModel& model() {
  static SetModel shared = tiny_model();
  return shared;
}

torch::Tensor correct(const Documents& documents) {
  const torch::NoGradGuard no_grad;
  return model()->encode(batch_of(documents), nullptr).summary;
}

constexpr std::int64_t kHidden = 4;

/// A one-directional pass over the padded batch with the encoder's own weights: [B, T, H].
torch::Tensor run_padded(const torch::Tensor& inputs, const std::string& direction,
                         const torch::Tensor& start) {
  const auto parameters = model()->named_parameters();
  const auto weight = [&](const char* name) {
    return parameters["encoder.layer0_" + direction + "_" + name];
  };
  return std::get<0>(torch::lstm(
      inputs, {start, torch::zeros_like(start)},
      {weight("input"), weight("recurrent"), weight("input_bias"), weight("recurrent_bias")}, true,
      1, 0.0, false, false, true));
}

torch::Tensor embed(const TokenBatch& batch) {
  const torch::Tensor table =
      torch::cat({model()->encoder()->trained_words(), model()->encoder()->fixed_words()});
  return torch::embedding(table, batch.ids);
}

torch::Tensor zeros(std::int64_t rows) { return torch::zeros({1, rows, kHidden}); }

/// Fault: the final forward output is read at the padded end instead of the last real token.
torch::Tensor reads_padded_end(const Documents& documents) {
  const torch::NoGradGuard no_grad;
  const TokenBatch batch = batch_of(documents);
  return run_padded(embed(batch), "forward", zeros(batch.size())).select(1, -1);
}

/// Fault: the backward direction runs over the padded row reversed as a whole and is read at T - 1.
torch::Tensor reads_backward_at_end(const Documents& documents) {
  const torch::NoGradGuard no_grad;
  const TokenBatch batch = batch_of(documents);
  return run_padded(embed(batch).flip(1), "backward", zeros(batch.size())).flip(1).select(1, -1);
}

/// Fault: the hidden state of the last call starts the next one.
torch::Tensor carries_state(const Documents& documents) {
  const torch::NoGradGuard no_grad;
  static torch::Tensor state;
  const TokenBatch batch = batch_of(documents);
  if (!state.defined() || state.size(1) != batch.size()) state = zeros(batch.size());
  const torch::Tensor outputs = run_padded(embed(batch), "forward", state);
  state = outputs.select(1, -1).unsqueeze(0).clone();
  return outputs.gather(1, (batch.lengths - 1).view({-1, 1, 1}).expand({-1, 1, kHidden}))
      .squeeze(1);
}

/// Fault: rows are sorted by length for the network and not put back.
torch::Tensor leaves_rows_sorted(const Documents& documents) {
  Documents sorted = documents;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return correct(sorted);
}

}  // namespace

TEST_CASE("A document's encoding does not depend on the documents beside it") {
  CHECK(batch_dependence(correct) < 1e-6);
  CHECK(batch_dependence(reads_padded_end) > 1e-3);
  CHECK(batch_dependence(reads_backward_at_end) > 1e-3);
}

TEST_CASE("No state is carried from one batch to the next") {
  CHECK(call_dependence(correct) == 0.0);
  CHECK(call_dependence(carries_state) > 1e-3);
}

TEST_CASE("Every row of the batch comes back at its own place") {
  CHECK(order_dependence(correct) < 1e-6);
  CHECK(order_dependence(leaves_rows_sorted) > 1e-3);
}

TEST_CASE(
    "The final states are the forward state at the last token and the backward state at the "
    "first") {
  const torch::NoGradGuard no_grad;
  const TokenBatch batch = batch_of(kDocuments);
  const Encoding encoding = model()->encode(batch, nullptr);
  for (std::size_t i = 0; i < kDocuments.size(); ++i) {
    const TokenBatch alone = batch_of({kDocuments[i]});
    const torch::Tensor ahead = run_padded(embed(alone), "forward", zeros(1))[0][-1];
    const torch::Tensor back = run_padded(embed(alone).flip(1), "backward", zeros(1))[0][-1];
    const torch::Tensor summary = encoding.summary[static_cast<std::int64_t>(i)];
    CHECK((summary.narrow(0, 0, kHidden) - ahead).abs().max().item<double>() < 1e-6);
    CHECK((summary.narrow(0, kHidden, kHidden) - back).abs().max().item<double>() < 1e-6);
  }
}

TEST_CASE("Padding and the unknown word are different words") {
  static_assert(WordVocab::kPadding != WordVocab::kUnknown);
  const auto with_unknown = [](WordId unknown) {
    const torch::NoGradGuard no_grad;
    // Where the two share an id, a mask made from ids takes an unknown word for padding.
    const TokenBatch batch = batch_of({{2, unknown, 4}, {2, 3, 4}});
    return (batch.ids != static_cast<std::int64_t>(WordVocab::kPadding)).equal(batch.mask);
  };
  CHECK(with_unknown(WordVocab::kUnknown));
  CHECK_FALSE(with_unknown(WordVocab::kPadding));
}

TEST_CASE("The padding vector reaches no output") {
  const torch::Tensor before = correct(kDocuments);
  {
    const torch::NoGradGuard no_grad;
    model()->encoder()->trained_words().select(0, 0).fill_(1e3);
  }
  CHECK(correct(kDocuments).equal(before));
}

TEST_CASE("Maximum and attention see real tokens only") {
  const torch::NoGradGuard no_grad;
  const Encoding encoding = model()->encode(batch_of(kDocuments), nullptr);
  for (std::int64_t i = 0; i < 4; ++i) {
    const auto length = static_cast<std::int64_t>(kDocuments[static_cast<std::size_t>(i)].size());
    const torch::Tensor real = encoding.memory[i].narrow(0, 0, length);
    CHECK(std::get<0>(real.max(0)).equal(encoding.summary[i].narrow(0, 2 * kHidden, 2 * kHidden)));
    const torch::Tensor mean = encoding.summary[i].narrow(0, 4 * kHidden, 2 * kHidden);
    CHECK((mean <= std::get<0>(real.max(0)) + 1e-6).all().item<bool>());
    CHECK((mean >= std::get<0>(real.min(0)) - 1e-6).all().item<bool>());
  }
}

TEST_CASE("A document without tokens is one unknown word") {
  CHECK(correct({{}, {2, 3}})[0].equal(correct({{WordVocab::kUnknown}, {2, 3}})[0]));
}

TEST_CASE("Words beyond the trained ones use their fixed vectors") {
  CHECK_FALSE(correct({{12}}).equal(correct({{2}})));
  {
    const torch::NoGradGuard no_grad;
    model()->encoder()->fixed_words()[0].copy_(model()->encoder()->trained_words()[2]);
  }
  CHECK(correct({{12}}).equal(correct({{2}})));
}

TEST_CASE("Options of a model are checked with full sentences") {
  ModelOptions options = tiny_options();
  options.hidden_size = 0;
  CHECK_THROWS_WITH(check(options), "ModelOptions: hidden_size must be at least 1, got 0");
  options = tiny_options();
  options.encoder_dropout = 1.0;
  CHECK_THROWS_WITH(check(options),
                    contains_text("encoder_dropout must be at least 0 and below 1, got 1"));
  CHECK_THROWS_AS(parse_system("both"), std::invalid_argument);
  for (System system : {System::sigmoid, System::decoder, System::joint}) {
    CHECK(parse_system(system_name(system)) == system);
  }
}
