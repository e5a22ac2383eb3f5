#include <labelbeam/models/sigmoid_loss.h>
#include <labelbeam/random.h>
#include <torch/nn/functional/loss.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "catch.h"
#include "model_fixtures.h"

using namespace labelbeam;
using namespace labelbeam::models;

namespace {

using Row = std::vector<double>;
using Rows = std::vector<Row>;

torch::Tensor tensor_of(const Rows& rows) {
  torch::Tensor tensor = torch::empty(
      {static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(rows.front().size())},
      torch::kFloat64);
  double* to = tensor.data_ptr<double>();
  for (const Row& row : rows) to = std::copy(row.begin(), row.end(), to);
  return tensor;
}

std::vector<double> values_of(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.detach().to(torch::kFloat64).contiguous();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

double sigmoid(double z) { return 1.0 / (1.0 + std::exp(-z)); }

const Row kWeights{3.0, 0.5, 10.0, 1.0, 2.0};

/// The losses of one row, written down from their definitions.
double by_definition(SigmoidLoss loss, const Row& z, const Row& y) {
  const auto labels = static_cast<double>(z.size());
  double sum = 0.0, positives = 0.0;
  for (double t : y) positives += t;
  switch (loss) {
    case SigmoidLoss::bce:
    case SigmoidLoss::multilabel_soft_margin:
    case SigmoidLoss::bce_balanced:
      for (std::size_t l = 0; l < z.size(); ++l) {
        const double weight = loss == SigmoidLoss::bce_balanced ? kWeights[l] : 1.0;
        sum -= y[l] * weight * std::log(sigmoid(z[l])) + (1.0 - y[l]) * std::log(sigmoid(-z[l]));
      }
      return sum / labels;
    case SigmoidLoss::multilabel_margin:
      for (std::size_t p = 0; p < z.size(); ++p) {
        for (std::size_t n = 0; n < z.size(); ++n)
          sum += y[p] * (1.0 - y[n]) * std::max(0.0, 1.0 - (z[p] - z[n]));
      }
      return sum / labels;
    case SigmoidLoss::softmax: {
      double all = 0.0;
      for (double logit : z) all += std::exp(logit);
      for (std::size_t l = 0; l < z.size(); ++l)
        sum -= y[l] / std::max(positives, 1.0) * std::log(std::exp(z[l]) / all);
      return sum;
    }
    case SigmoidLoss::focal:
      for (std::size_t l = 0; l < z.size(); ++l) {
        const double q = y[l] > 0.5 ? sigmoid(z[l]) : sigmoid(-z[l]);
        sum -= (1.0 - q) * (1.0 - q) * std::log(q);
      }
      return sum / labels;
    case SigmoidLoss::asymmetric:
      for (std::size_t l = 0; l < z.size(); ++l) {
        const double q = std::max(sigmoid(z[l]) - 0.05, 0.0);
        sum -= y[l] > 0.5 ? std::log(sigmoid(z[l])) : q * q * q * q * std::log(1.0 - q);
      }
      return sum / labels;
    case SigmoidLoss::adaptive_threshold: {
      double above = 1.0, below = 1.0;
      for (std::size_t l = 0; l < z.size(); ++l) (y[l] > 0.5 ? above : below) += std::exp(z[l]);
      for (std::size_t l = 0; l < z.size(); ++l) sum -= y[l] * std::log(std::exp(z[l]) / above);
      return sum - std::log(1.0 / below);
    }
  }
  throw std::logic_error("no such loss");
}

struct Case {
  Row logits, targets;
};

/// Random rows, small logits and large ones, and rows with no label and with all.
std::vector<Case> random_cases() {
  CounterRng random(42);
  std::vector<Case> cases;
  for (double scale : {1.0, 8.0, 30.0}) {
    for (double share : {0.0, 0.2, 0.5, 0.8, 1.0}) {
      for (int repeat = 0; repeat < 4; ++repeat) {
        Case& made = cases.emplace_back();
        for (std::size_t l = 0; l < kWeights.size(); ++l) {
          made.logits.push_back(scale * (2.0 * random.uniform() - 1.0));
          made.targets.push_back(random.uniform() < share ? 1.0 : 0.0);
        }
      }
    }
  }
  return cases;
}

torch::Tensor loss_of(SigmoidLoss loss, const torch::Tensor& logits, const torch::Tensor& targets) {
  return sigmoid_loss(loss, logits, targets,
                      tensor_of({kWeights}).squeeze(0).to(logits.scalar_type()));
}

torch::Tensor gradient_of(SigmoidLoss loss, torch::Tensor logits, const torch::Tensor& targets) {
  logits = logits.detach().clone().requires_grad_();
  loss_of(loss, logits, targets).sum().backward();
  return logits.grad();
}

}  // namespace

TEST_CASE("Every loss is what its definition says, row by row") {
  const std::vector<Case> cases = random_cases();
  Rows logits, targets;
  for (const Case& c : cases) {
    logits.push_back(c.logits);
    targets.push_back(c.targets);
  }
  for (SigmoidLoss loss : sigmoid_losses()) {
    INFO(loss_name(loss));
    const torch::Tensor values = loss_of(loss, tensor_of(logits), tensor_of(targets));
    REQUIRE(values.sizes() == torch::IntArrayRef({static_cast<std::int64_t>(cases.size())}));
    const std::vector<double> found = values_of(values);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      INFO("row " << i);
      const double expected = by_definition(loss, cases[i].logits, cases[i].targets);
      CHECK(found[i] == Approx(expected).epsilon(1e-9).margin(1e-9));
    }
  }
}

TEST_CASE("Every gradient is that of the definition, by central differences in double") {
  constexpr double kStep = 1e-5;
  for (SigmoidLoss loss : sigmoid_losses()) {
    INFO(loss_name(loss));
    for (const Case& c : random_cases()) {
      const std::vector<double> found =
          values_of(gradient_of(loss, tensor_of({c.logits}), tensor_of({c.targets})));
      for (std::size_t l = 0; l < c.logits.size(); ++l) {
        Row up = c.logits, down = c.logits;
        up[l] += kStep;
        down[l] -= kStep;
        const double slope =
            (by_definition(loss, up, c.targets) - by_definition(loss, down, c.targets)) /
            (2.0 * kStep);
        CHECK(found[l] == Approx(slope).epsilon(1e-6).margin(1e-6));
      }
    }
  }
}

TEST_CASE("Losses and gradients stay finite at extreme logits, in single precision too") {
  for (SigmoidLoss loss : sigmoid_losses()) {
    INFO(loss_name(loss));
    for (torch::Dtype type : {torch::kFloat32, torch::kFloat64}) {
      for (double size : {50.0, 200.0, 1e4}) {
        const torch::Tensor logits = tensor_of({{size, -size, size, -size, 0.0},
                                                {-size, size, -size, size, 0.0},
                                                {size, size, size, size, size},
                                                {-size, -size, -size, -size, -size}})
                                         .to(type);
        for (const Row& row : Rows{{1, 0, 1, 0, 0}, {0, 0, 0, 0, 0}, {1, 1, 1, 1, 1}}) {
          const torch::Tensor targets = tensor_of({row}).expand({4, 5}).to(type).contiguous();
          CHECK(loss_of(loss, logits, targets).isfinite().all().item<bool>());
          CHECK(gradient_of(loss, logits, targets).isfinite().all().item<bool>());
          CHECK((loss_of(loss, logits, targets) >= 0.0).all().item<bool>());
        }
      }
    }
  }
}

TEST_CASE("Closed forms at hand") {
  const torch::Tensor zero = tensor_of({{0.0, 0.0, 0.0, 0.0}});
  const torch::Tensor two = tensor_of({{1.0, 1.0, 0.0, 0.0}});
  const double log2 = std::log(2.0);
  const auto value = [](const torch::Tensor& loss) { return loss.item<double>(); };
  CHECK(value(independent_nll(zero, two)) == Approx(4.0 * log2));
  CHECK(value(bce_loss(zero, two)) == Approx(log2));
  CHECK(value(bce_loss(zero, two, tensor_of({{3.0, 5.0, 7.0, 9.0}}).squeeze(0))) ==
        Approx((3.0 + 5.0 + 1.0 + 1.0) / 4.0 * log2));
  CHECK(value(margin_loss(zero, two)) == Approx(4.0 / 4.0));
  CHECK(value(margin_loss(tensor_of({{2.0, 3.0, 1.0, 0.0}}), two)) == Approx(0.0));
  CHECK(value(softmax_loss(zero, two)) == Approx(std::log(4.0)));
  CHECK(value(focal_loss(zero, two)) == Approx(log2 / 4.0));
  CHECK(value(asymmetric_loss(zero, two)) ==
        Approx((2.0 * log2 - 2.0 * std::pow(0.45, 4.0) * std::log(0.55)) / 4.0));
  // Negatives that are easy enough cost nothing and pull at nothing.
  const torch::Tensor easy = tensor_of({{-3.0, -4.0, -5.0, -6.0}});
  CHECK(value(asymmetric_loss(easy, torch::zeros_like(easy))) == 0.0);
  CHECK(value(adaptive_threshold_loss(zero, two)) == Approx(2.0 * std::log(3.0) + std::log(3.0)));
}

TEST_CASE("Rows without a label, or with all, teach the losses of order nothing") {
  const torch::Tensor logits = tensor_of({{1.0, -2.0, 0.5}});
  for (double all : {0.0, 1.0}) {
    const torch::Tensor targets = torch::full_like(logits, all);
    CHECK(margin_loss(logits, targets).item<double>() == 0.0);
    if (all == 0.0) CHECK(softmax_loss(logits, targets).item<double>() == 0.0);
  }
  // The others learn from an empty row that labels should be less likely.
  for (SigmoidLoss loss : {SigmoidLoss::bce, SigmoidLoss::bce_balanced, SigmoidLoss::focal,
                           SigmoidLoss::asymmetric, SigmoidLoss::adaptive_threshold}) {
    const Row row{1.0, -2.0, 0.5, 0.1, 2.0};
    const torch::Tensor gradient =
        gradient_of(loss, tensor_of({row}), torch::zeros({1, 5}, torch::kFloat64));
    CHECK((gradient >= 0.0).all().item<bool>());
    CHECK(gradient.sum().item<double>() > 0.0);
  }
}

TEST_CASE("Cross-entropy averaged over labels is MultiLabelSoftMarginLoss") {
  Rows logits, targets;
  for (const Case& c : random_cases()) {
    logits.push_back(c.logits);
    targets.push_back(c.targets);
  }
  namespace F = torch::nn::functional;
  const torch::Tensor theirs = F::multilabel_soft_margin_loss(
      tensor_of(logits), tensor_of(targets),
      F::MultilabelSoftMarginLossFuncOptions().reduction(torch::kNone));
  const torch::Tensor ours =
      loss_of(SigmoidLoss::multilabel_soft_margin, tensor_of(logits), tensor_of(targets));
  CHECK(torch::allclose(ours, theirs, 1e-12, 1e-12));
  CHECK(torch::equal(ours, bce_loss(tensor_of(logits), tensor_of(targets))));
}

TEST_CASE("Weights of positives are the odds against them, within limits") {
  const std::vector<std::uint64_t> counts{0, 1, 20, 50, 80, 100};
  const std::vector<double> weights = values_of(positive_weights(counts, 100));
  const std::vector<double> expected{10.0, 10.0, 4.0, 1.0, 0.25, 0.1};
  for (std::size_t l = 0; l < counts.size(); ++l) CHECK(weights[l] == Approx(expected[l]));
}

TEST_CASE("A head with a threshold class gives differences from it, and starts at the log-odds") {
  ModelOptions options = tiny_options(System::sigmoid);
  options.loss = SigmoidLoss::adaptive_threshold;
  Noise noise(3, torch::kCPU);
  SetModel model(WordTables{12, 0}, tiny_semantics(), options, noise);
  const std::vector<std::uint64_t> counts{10, 20, 30, 5};
  model->start_biases(counts, 50);
  const Encoding encoding = model->encode(batch_of({{2, 3}, {4}}), nullptr);
  torch::Tensor weight, bias;
  for (const auto& item : model->named_parameters()) {
    if (item.key() == "classifier.weight") weight = item.value();
    if (item.key() == "classifier.bias") bias = item.value();
  }
  REQUIRE(weight.size(0) == 5);
  const torch::Tensor logits = torch::matmul(encoding.summary, weight.t()) + bias;
  const torch::Tensor outputs = model->classifier()->forward(encoding);
  REQUIRE(outputs.size(1) == 4);
  CHECK(torch::allclose(outputs, logits.slice(1, 0, 4) - logits.slice(1, 4, 5), 1e-5, 1e-6));
  CHECK(bias[4].item<double>() == 0.0);
  CHECK(bias[0].item<double>() == Approx(std::log(10.5 / 40.5)));
}

TEST_CASE("Names of losses are read back and others are refused") {
  for (SigmoidLoss loss : sigmoid_losses()) {
    CHECK(parse_loss(loss_name(loss)) == loss);
    CHECK(gives_probabilities(loss) ==
          (loss == SigmoidLoss::bce || loss == SigmoidLoss::multilabel_soft_margin));
  }
  CHECK_THROWS_WITH(parse_loss("hinge"), contains_text("\"hinge\" is none of bce, bce_balanced,"));
  ModelOptions options = tiny_options(System::decoder);
  options.loss = SigmoidLoss::focal;
  CHECK_THROWS_WITH(check(options), contains_text("the loss focal is of a sigmoid head"));
}
